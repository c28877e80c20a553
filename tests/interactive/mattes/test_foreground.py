from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pickmatte.interactive.mattes import foreground
from pickmatte.interactive.mattes.foreground import BLEED, compose, estimate_foreground
from pickmatte.models.geometry.cropped_layer import CroppedLayer

FRONT = np.array([220.0, 60, 40])


def portrait(side: int, top: int = 255) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An orange disc with a soft edge before blue stripes: picture, alpha, background."""
    ys, xs = np.mgrid[:side, :side]
    alpha = np.clip(0.5 - (np.hypot(ys - side / 2, xs - side / 2) - side / 4) / 12, 0, 1)
    back = np.array([30.0, 90, 200]) * (0.8 + 0.2 * np.sin(xs / 9))[..., None]
    rgb = alpha[..., None] * FRONT + (1 - alpha[..., None]) * back
    kind = np.uint8 if top == 255 else np.uint16
    scaled = np.rint(rgb * (top / 255)).astype(kind)
    return scaled, alpha.astype(np.float32), back


@pytest.mark.parametrize("side", [200, 1500])  # in one tile; in several
@pytest.mark.parametrize("top", [255, 65535])
def test_the_old_background_is_gone_from_mixed_pixels(side: int, top: int) -> None:
    rgb, alpha, back = portrait(side, top)
    colours = estimate_foreground(rgb, alpha)
    assert colours.dtype == rgb.dtype
    assert colours.shape == rgb.shape
    assert (colours[alpha == 1] == rgb[alpha == 1]).all()
    mixed = (alpha > 0.1) & (alpha < 1)
    assert np.abs(colours[mixed] / (top / 255) - FRONT).mean() < 6
    again = alpha[..., None] * colours / (top / 255) + (1 - alpha[..., None]) * back
    assert np.abs(again - rgb / (top / 255))[mixed].mean() < 4


def test_blocks_change_little(monkeypatch: pytest.MonkeyPatch) -> None:
    rgb, alpha, _ = portrait(400)
    fine = estimate_foreground(rgb, alpha).astype(float)
    monkeypatch.setattr(foreground, "_FINE", 5_000)
    coarse = estimate_foreground(rgb, alpha).astype(float)
    assert (np.abs(fine - coarse).max(axis=2) * alpha).mean() < 0.5


def test_resized_cut_outs_show_no_fringe() -> None:
    rgb, alpha, _ = portrait(600)
    cutout = np.dstack([estimate_foreground(rgb, alpha).astype(np.float32), alpha * 255])
    small = cv2.resize(cutout, (120, 120), interpolation=cv2.INTER_LINEAR)
    blurred = cv2.resize(cutout, (60, 60), interpolation=cv2.INTER_AREA)
    for image in (small, blurred):
        share = image[..., 3:] / 255
        white = image[..., :3] * share + 255 * (1 - share)
        clean = FRONT * share + 255 * (1 - share)
        assert np.abs(white - clean).max() < 12


def test_invisible_pixels_carry_the_subjects_colour_then_a_constant() -> None:
    rgb, alpha, _ = portrait(300)
    colours = estimate_foreground(rgb, alpha)
    near = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((2 * BLEED + 1,) * 2)) > 0
    assert np.abs(colours[near & (alpha == 0)] - FRONT).mean() < 12
    beyond = colours[~near]
    assert (beyond == beyond[0]).all()
    assert np.abs(beyond[0] - FRONT).max() < 12


def test_a_hard_edge_bleeds_too() -> None:
    rgb = np.zeros((60, 60, 3), np.uint8)
    rgb[:, :30] = 200
    alpha = np.zeros((60, 60), np.float32)
    alpha[:, :30] = 1
    colours = estimate_foreground(rgb, alpha)
    assert (colours[:, :30] == rgb[:, :30]).all()
    assert (colours[:, 30:38] > 180).all()


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_alphas_of_one_value(value: float) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    colours = estimate_foreground(rgb, np.full((20, 30), value, np.float32))
    if value == 1:
        assert (colours == rgb).all()
    if value == 0:
        assert (colours == 0).all()


def test_a_wide_veil_keeps_its_colour() -> None:
    rgb = np.zeros((700, 700, 3), np.uint8)
    rgb[:] = FRONT * 0.5 + 20
    alpha = np.full((700, 700), 0.5, np.float32)
    alpha[:100], alpha[-100:] = 1, 0
    rgb[:100], rgb[-100:] = FRONT, 40
    colours = estimate_foreground(rgb, alpha)
    assert np.abs(colours[100:600].astype(float) - FRONT).mean() < 25


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40))
def test_any_alpha_gives_valid_colours(seed: int, height: int, width: int) -> None:
    random = np.random.default_rng(seed)
    rgb = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
    alpha = random.choice([0, 0.003, 0.3, 0.997, 1], (height, width)).astype(np.float32)
    colours = estimate_foreground(rgb, alpha)
    assert colours.dtype == np.uint8
    assert (colours[alpha == 1] == rgb[alpha == 1]).all()


def test_a_cut_out_is_its_colours_and_its_alpha() -> None:
    rng = np.random.default_rng(5)
    for dtype in (np.uint8, np.uint16):
        top = np.iinfo(dtype).max
        rgb = rng.integers(0, top, (90, 120, 3), dtype, endpoint=True)
        alpha = cv2.GaussianBlur(
            np.pad(np.ones((40, 60), np.float32), ((25, 25), (30, 30))), (0, 0), 4
        )
        cutout = compose(rgb, CroppedLayer.of(alpha))
        assert cutout.dtype == dtype
        assert np.array_equal(cutout[..., :3], estimate_foreground(rgb, alpha))
        assert np.array_equal(cutout[..., 3], np.rint(alpha * np.float32(top)).astype(dtype))
