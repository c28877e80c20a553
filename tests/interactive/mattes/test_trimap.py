from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pickmatte.interactive.mattes.trimap import make_trimap
from pickmatte.models.errors import MaskError
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN


def disc(height: int, width: int, radius: float) -> np.ndarray:
    ys, xs = np.mgrid[:height, :width]
    return np.hypot(ys - height / 2, xs - width / 2) < radius


def widths(trimap: np.ndarray, mask: np.ndarray) -> tuple[int, int]:
    """Unknown pixels inside and outside the mask along the row through the middle, one edge."""
    row = trimap.shape[0] // 2
    right = np.arange(trimap.shape[1]) > trimap.shape[1] // 2
    unknown = (trimap[row] == UNKNOWN) & right
    return int((unknown & mask[row]).sum()), int((unknown & ~mask[row]).sum())


@settings(max_examples=80, deadline=None)
@given(
    arrays(np.bool_, st.tuples(st.integers(1, 30), st.integers(1, 30))),
    st.floats(0.1, 8),
)
def test_any_mask_gives_a_trimap_that_agrees_with_it(mask: np.ndarray, band: float) -> None:
    if not mask.any():
        with pytest.raises(MaskError):
            make_trimap(mask, band=band)
        return
    trimap = make_trimap(mask, band=band)
    assert trimap.shape == mask.shape
    assert trimap.dtype == np.uint8
    assert set(np.unique(trimap)) <= {BACKGROUND, UNKNOWN, FOREGROUND}
    assert mask[trimap == FOREGROUND].all()
    assert not mask[trimap == BACKGROUND].any()
    assert (trimap == FOREGROUND).any()
    assert (trimap == BACKGROUND).any() == (not mask.all())


def test_the_band_follows_the_subjects_size_and_the_slider() -> None:
    small, large = disc(400, 400, 30), disc(1600, 1600, 600)
    assert sum(widths(make_trimap(large), large)) > 2 * sum(widths(make_trimap(small), small))
    thin, wide = (widths(make_trimap(large, band=band), large) for band in (0.5, 2.0))
    assert sum(wide) > 3 * sum(thin)
    assert min(widths(make_trimap(large, band=0), large)) >= 1


def logits_of(mask: np.ndarray, side: int, softness: float) -> np.ndarray:
    """Logits of a disc in a square of `side`, their sign changing over about `softness` pixels."""
    signed = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5) - cv2.distanceTransform(
        (~mask).astype(np.uint8), cv2.DIST_L2, 5
    )
    full = np.clip(signed * 4.4 / softness, -12, 12).astype(np.float32)
    return cv2.resize(full, (side, side), interpolation=cv2.INTER_AREA)


def test_uncertain_logits_widen_the_band_outward_most() -> None:
    mask = disc(1024, 1024, 300)
    crisp = widths(make_trimap(mask, logits=logits_of(mask, 256, 3)), mask)
    soft = widths(make_trimap(mask, logits=logits_of(mask, 256, 24)), mask)
    assert soft[0] > crisp[0]
    assert soft[1] > crisp[1] + 8
    assert soft[1] > soft[0]


def test_only_the_uncertain_side_widens() -> None:
    mask = disc(1024, 1024, 300)
    crisp, soft = logits_of(mask, 256, 3), logits_of(mask, 256, 30)
    mixed = np.where(np.arange(256) < 128, crisp, soft)
    row = make_trimap(mask, logits=mixed)[512] == UNKNOWN
    assert row[512:].sum() > 1.8 * row[:512].sum()


def test_the_band_covers_the_grid_the_mask_came_from() -> None:
    mask = disc(3000, 3000, 900)
    coarse = logits_of(mask, 256, 3)
    inward, outward = widths(make_trimap(mask, logits=coarse), mask)
    cell = 3000 / 256
    assert inward >= cell / 2
    assert outward >= 0.75 * cell
    # The same logits over a crop locate the edge better.
    window = (900, 900, 2100, 2100)
    small = disc(3000, 3000, 400)
    zoomed = logits_of(small[900:2100, 900:2100], 256, 3)
    whole = logits_of(small, 256, 12)
    near = widths(make_trimap(small, logits=zoomed, window=window), small)
    far = widths(make_trimap(small, logits=whole), small)
    assert sum(near) < 0.7 * sum(far)


def test_thin_and_tiny_subjects_keep_their_core() -> None:
    pixel = np.zeros((50, 60), bool)
    pixel[20, 30] = True
    trimap = make_trimap(pixel)
    assert trimap[20, 30] == FOREGROUND
    assert (trimap[18:23, 28:33] == UNKNOWN).any()
    flower = disc(500, 500, 120)
    flower[250:500, 248:253] = True
    trimap = make_trimap(flower, band=2)
    stem = trimap[400:495, 250]
    assert (stem == FOREGROUND).all()


def test_holes_get_bands_and_keep_their_middle() -> None:
    cup = disc(600, 600, 200)
    cup[290:310, 290:310] = False
    trimap = make_trimap(cup, band=3)
    assert trimap[300, 300] == BACKGROUND
    assert trimap[300, 285:315].tolist().count(UNKNOWN) > 4


def test_a_subject_that_fills_the_picture() -> None:
    assert (make_trimap(np.ones((30, 40), bool)) == FOREGROUND).all()
    nearly = np.ones((300, 400), bool)
    nearly[0, 0] = False
    trimap = make_trimap(nearly)
    assert trimap[0, 0] == BACKGROUND
    assert (trimap == UNKNOWN).any()


def test_the_pictures_border_is_no_edge() -> None:
    half = np.zeros((200, 300), bool)
    half[:, :150] = True
    trimap = make_trimap(half)
    assert (trimap[:, 0] == FOREGROUND).all()
    assert (trimap[0] == trimap[100]).all()


def test_several_subjects_and_large_pictures_agree_with_small_ones() -> None:
    mask = np.zeros((1500, 1500), bool)
    mask[100:200, 100:200] = True
    mask[1300:1400, 1250:1400] = True
    trimap = make_trimap(mask)
    for y, x in ((150, 150), (1350, 1320)):
        assert trimap[y, x] == FOREGROUND
    assert trimap[750, 750] == BACKGROUND
    assert trimap[100, 150] == UNKNOWN
    assert trimap[1300, 1320] == UNKNOWN


@pytest.mark.parametrize(
    "mask", [np.zeros((5, 5), bool), np.ones((5, 5), np.uint8), np.ones((5, 5, 1), bool)]
)
def test_masks_that_are_none_are_refused(mask: np.ndarray) -> None:
    with pytest.raises(MaskError):
        make_trimap(mask)
