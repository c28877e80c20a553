from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.pictures.resize import shrink
from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.service.drawing import coarse_mask, thumbnail, tint, window_around

sizes = st.tuples(st.integers(1, 9000), st.integers(1, 9000))


@given(sizes, st.integers(1, 2000))
def test_a_fitted_size_keeps_proportions_and_never_grows(size: tuple[int, int], side: int) -> None:
    height, width = fit_long_side(size, side)
    assert 1 <= height <= size[0]
    assert 1 <= width <= size[1]
    assert max(height, width) == min(side, max(size))
    assert abs(height * size[1] - width * size[0]) <= max(size)


def test_shrinking_averages_masks_and_leaves_a_fitting_layer_alone() -> None:
    mask = np.zeros((8, 8), bool)
    mask[:, :3] = True
    assert shrink(mask, (4, 4))[0].tolist() == [255, 128, 0, 0]
    alpha = np.full((8, 8), 0.25, np.float32)
    assert (shrink(alpha, (8, 8)) == 64).all()
    rgb = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    assert (shrink(rgb, (5, 7)) == rgb).all()


def test_transparent_colours_do_not_bleed_into_a_small_cutout() -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[..., :3] = (0, 255, 0)
    rgba[:, :3] = (200, 40, 10, 255)
    small = shrink(rgba, (4, 4))
    assert np.abs(small[0, 1] - np.float32([200, 40, 10, 128])).max() <= 1
    assert small[0, 3, 3] == 0


@pytest.mark.parametrize("size", [(60, 80), (30, 40), (120, 160)])
def test_a_tint_covers_the_mask_and_outlines_it(size: tuple[int, int]) -> None:
    mask = np.zeros((60, 80), bool)
    mask[15:45, 20:60] = True
    overlay = tint(mask, size, (9, 8, 7))
    assert overlay.shape == (*size, 4)
    assert (overlay[..., :3] == (9, 8, 7)).all()
    scale = size[0] / 60
    veil = overlay[..., 3]
    assert 70 < veil[round(30 * scale), round(40 * scale)] < 100
    assert veil[round(30 * scale), round(20 * scale)] == 255
    assert veil[2, 2] == 0


def test_a_subject_cut_by_the_frame_is_outlined_at_the_frame() -> None:
    veil = tint(np.ones((40, 40), bool), (40, 40), (0, 0, 0))[..., 3]
    assert (veil[0] == 255).all()
    assert veil[20, 20] < 128


def test_a_thumbnail_keeps_colour_only_where_the_mask_is() -> None:
    view = np.full((30, 40, 3), (200, 20, 20), np.uint8)
    mask = np.zeros((30, 40), bool)
    mask[5:25, 5:20] = True
    thumb = thumbnail(view, mask, (0, 0, 255))
    assert thumb[15, 12].tolist() == [200, 20, 20]
    assert np.ptp(thumb[15, 38]) == 0


@pytest.mark.parametrize("window", [(0, 0, 400, 300), (100, 60, 300, 210), (250, 150, 400, 300)])
def test_a_glimpse_agrees_with_the_full_mask(window: tuple[int, int, int, int]) -> None:
    rng = np.random.default_rng(3)
    logits = cv2.GaussianBlur(rng.normal(size=(64, 64)).astype(np.float32), (0, 0), 6)
    candidate = Candidate(logits, (60, 40, 360, 260), (300, 400), 0.9)
    x0, y0, x1, y1 = window
    size = ((y1 - y0) // 2, (x1 - x0) // 2)
    mask = candidate.mask[y0:y1, x0:x1]
    exact = shrink(mask, size) > 127
    assert (coarse_mask(candidate, window, size) != exact).mean() < 0.01


@st.composite
def pictures_with_boxes(draw: st.DrawFn) -> tuple[tuple[int, int], list[tuple[int, int, int, int]]]:
    height, width = draw(st.tuples(st.integers(1, 3000), st.integers(1, 3000)))
    boxes = []
    for _ in range(draw(st.integers(1, 4))):
        x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        boxes.append((x0, y0, draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height))))
    return (height, width), boxes


@given(pictures_with_boxes())
def test_a_window_shows_every_box_and_stays_in_the_picture(
    case: tuple[tuple[int, int], list[tuple[int, int, int, int]]],
) -> None:
    (height, width), boxes = case
    x0, y0, x1, y1 = window_around(boxes, (height, width))
    assert 0 <= x0 <= min(box[0] for box in boxes)
    assert 0 <= y0 <= min(box[1] for box in boxes)
    assert max(box[2] for box in boxes) <= x1 <= width
    assert max(box[3] for box in boxes) <= y1 <= height
