"""Masks, trimaps and alphas that people bring: what counts as what, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from making import deep_file, exif_block, grey_profile, noise, saved, stored
from PIL import Image

from pickmatte.interactive.pictures.picture import (
    open_alpha,
    open_mask,
    open_trimap,
    trimap_from_array,
)
from pickmatte.models.errors import MaskError, PictureError, TrimapError

SIZE = (30, 40)


def disc() -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.hypot(x - 20, y - 12) < 9


def grey(values: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    return saved(Image.fromarray(values), kind, **options)


# --- masks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("top", [1, 128, 200, 255])
def test_white_is_the_subject_and_so_is_label_1(top: int) -> None:
    assert (open_mask(grey(disc().astype(np.uint8) * top), SIZE) == disc()).all()


def test_masks_in_other_forms() -> None:
    mask = disc()
    assert (open_mask(grey(mask), SIZE) == mask).all()
    assert (
        open_mask(deep_file(mask[..., None].astype(np.uint16) * 65535, ".png"), SIZE) == mask
    ).all()
    red = np.zeros((*SIZE, 3), np.uint8)
    red[mask, 0] = 255
    assert (open_mask(grey(red), SIZE) == mask).all()
    palette = Image.fromarray(mask.astype(np.uint8), "P")
    palette.putpalette(bytes((0, 0, 0, 128, 0, 0)))
    assert (open_mask(saved(palette, "PNG"), SIZE) == mask).all()
    jpeg = grey(mask.astype(np.uint8) * 255, "JPEG", quality=60)
    assert (open_mask(jpeg, SIZE) != mask).mean() < 0.01


def test_a_cut_out_serves_as_a_mask_by_its_transparency() -> None:
    rgba = noise(*SIZE, 4)
    rgba[..., 3] = np.where(disc(), 200, 50)
    assert (open_mask(grey(rgba), SIZE) == disc()).all()
    rgba[..., 3] = 255  # all opaque says nothing: the colours do
    rgba[..., :3] = np.where(disc(), 255, 0)[..., None]
    assert (open_mask(grey(rgba), SIZE) == disc()).all()


def test_a_grey_profile_does_not_move_a_masks_threshold() -> None:
    values = np.full(SIZE, 120, np.uint8)
    values[disc()] = 136
    assert (open_mask(grey(values, icc_profile=grey_profile(1.0)), SIZE) == disc()).all()


def test_a_mask_is_turned_upright_like_a_picture() -> None:
    turned = stored(disc()[..., None], 6)[..., 0].astype(np.uint8) * 255
    assert (open_mask(grey(turned, exif=exif_block(6)), SIZE) == disc()).all()


def test_masks_that_are_refused() -> None:
    with pytest.raises(MaskError, match="40×30 pixels, but the picture is 30×40"):
        open_mask(grey(disc()), (40, 30))
    with pytest.raises(MaskError, match="empty"):
        open_mask(grey(np.zeros(SIZE, np.uint8)), SIZE)
    with pytest.raises(PictureError, match="not a picture"):
        open_mask(b"text", SIZE)


def test_a_full_mask_is_a_mask() -> None:
    assert open_mask(grey(np.full(SIZE, 255, np.uint8)), SIZE).all()


# --- trimaps ---------------------------------------------------------------------------------


def made_trimap() -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    distance = np.hypot(x - 20, y - 12)
    return np.select([distance < 6, distance < 12], [255, 128], 0).astype(np.uint8)


def test_trimaps_come_in_exactly_and_any_grey_between_is_unknown() -> None:
    trimap = made_trimap()
    for middle in (11, 64, 127, 128, 129, 244):
        file = grey(np.where(trimap == 128, middle, trimap).astype(np.uint8))
        assert (open_trimap(file, SIZE) == trimap).all()
    rgba = np.dstack([trimap, trimap, trimap, noise(*SIZE, 1)])
    assert (open_trimap(grey(rgba), SIZE) == trimap).all()


def test_a_jpegs_noise_does_no_harm() -> None:
    trimap = np.kron(np.array([[0, 128, 255]], np.uint8), np.ones((32, 32), np.uint8))
    noisy = np.clip(trimap + np.random.default_rng(0).integers(-6, 7, trimap.shape), 0, 255)
    file = grey(noisy.astype(np.uint8), "JPEG", quality=90)
    assert (open_trimap(file, trimap.shape) == trimap).all()


def test_a_trimap_without_unknown_is_refused() -> None:
    sure = disc().astype(np.uint8) * 255
    with pytest.raises(TrimapError, match="no unknown"):
        open_trimap(grey(sure), SIZE)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.zeros(SIZE, np.uint8), "no foreground"),
        (np.full(SIZE, 128, np.uint8), "no foreground"),
        (np.full(SIZE, 255, np.uint8), "no background"),
        (np.where(made_trimap() == 0, 128, made_trimap()).astype(np.uint8), "no background"),
        ((made_trimap() // 127).astype(np.uint8), "no foreground.*from 0 to 2"),
    ],
)
def test_trimaps_that_say_too_little(values: np.ndarray, says: str) -> None:
    with pytest.raises(TrimapError, match=says):
        open_trimap(grey(values), SIZE)


def test_trimaps_that_do_not_fit() -> None:
    with pytest.raises(TrimapError, match="40×30 pixels, but the picture is 41×30"):
        open_trimap(grey(made_trimap()), (30, 41))
    with pytest.raises(TrimapError, match="float32"):
        trimap_from_array(made_trimap().astype(np.float32), SIZE)
    with pytest.raises(TrimapError, match="H×W"):
        trimap_from_array(np.zeros((3, 3, 3), np.uint8), (3, 3))


# --- alphas ----------------------------------------------------------------------------------


def test_alphas_at_every_depth() -> None:
    eight = noise(*SIZE, 1)[..., 0]
    assert (open_alpha(grey(eight), SIZE) == eight / np.float32(255)).all()
    deep = noise(*SIZE, 1, np.uint16)
    assert (open_alpha(deep_file(deep, ".png"), SIZE) == deep[..., 0] / np.float32(65535)).all()
    assert (open_alpha(deep_file(deep, ".tiff"), SIZE) == deep[..., 0] / np.float32(65535)).all()
    floats = (deep[..., 0] / np.float32(65535)).astype(np.float32)
    alpha = open_alpha(grey(floats, "TIFF"), SIZE)
    assert alpha.dtype == np.float32
    assert np.abs(alpha - floats).max() < 1e-5


def test_a_cut_outs_own_alpha() -> None:
    rgba = noise(*SIZE, 4)
    assert (open_alpha(grey(rgba), SIZE) == rgba[..., 3] / np.float32(255)).all()


def test_alphas_that_do_not_fit() -> None:
    with pytest.raises(MaskError, match="The alpha is 40×30 pixels"):
        open_alpha(grey(disc()), (31, 40))
