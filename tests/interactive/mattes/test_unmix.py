"""Colours of several subjects: none has the other's, and together they make up the photo."""

from __future__ import annotations

import numpy as np

from pickmatte.interactive.mattes.foreground import estimate_foreground
from pickmatte.interactive.mattes.unmix import unmix
from pickmatte.models.geometry.cropped_layer import CroppedLayer

HEIGHT, WIDTH = 60, 150
COLOURS = np.array([[200, 60, 40], [30, 90, 200], [120, 180, 90]], np.float32)


def layers() -> tuple[np.ndarray, list[np.ndarray]]:
    """A photo of two that fade into each other and into what is behind them, and their alphas."""
    x = np.arange(WIDTH, dtype=np.float32)
    front = np.clip((70 - x) / 30, 0, 1)
    behind = np.clip((120 - x) / 30, 0, 1) * (1 - front)
    alphas = [np.tile(line, (HEIGHT, 1)).astype(np.float32) for line in (front, behind)]
    stack = np.stack([*alphas, 1 - alphas[0] - alphas[1]])
    return np.rint(np.tensordot(stack, COLOURS, (0, 0))).astype(np.uint8), alphas


def colours_of(rgb: np.ndarray, alphas: list[np.ndarray]) -> list[np.ndarray]:
    """Each subject's colours: its own estimate, and what is unmixed where several mix."""
    mixed = unmix(rgb, [CroppedLayer.of(alpha) for alpha in alphas])
    found = []
    for alpha, colour in zip(alphas, mixed.colours, strict=True):
        estimate = estimate_foreground(rgb, alpha)
        estimate[mixed.where] = colour
        found.append(estimate)
    return found


def test_no_neighbour_s_colour_is_left() -> None:
    rgb, alphas = layers()
    for colour, alpha, truth in zip(colours_of(rgb, alphas), alphas, COLOURS, strict=False):
        assert np.abs(colour[alpha > 0.1] - truth).mean() < 6


def test_taking_both_leaves_no_seam_over_the_true_background() -> None:
    rgb, alphas = layers()
    mixed = (alphas[0] > 0) & (alphas[1] > 0)
    back = (1 - alphas[0] - alphas[1])[..., None] * COLOURS[2]
    for colour, alpha in zip(colours_of(rgb, alphas), alphas, strict=True):
        back = back + alpha[..., None] * colour
    assert np.abs(back - rgb)[mixed].mean() < 2
    assert mixed.any()


def test_a_subject_alone_has_the_colours_it_has_without_others() -> None:
    rgb, alphas = layers()
    nobody = np.zeros_like(alphas[0])
    assert not unmix(rgb, [CroppedLayer.of(alphas[0]), CroppedLayer.of(nobody)]).where.any()


def test_sixteen_bits_are_unmixed_as_eight_are() -> None:
    rgb, alphas = layers()
    parts = [CroppedLayer.of(alpha) for alpha in alphas]
    shallow, deep = unmix(rgb, parts), unmix(rgb.astype(np.uint16) * 257, parts)
    for eight, sixteen in zip(shallow.colours, deep.colours, strict=True):
        assert np.abs(eight.astype(float) - sixteen / 257).max() < 3
