"""Colours of several subjects at once: together with the background they make up the photo.

By itself, each subject's colours come from the multi-level estimate in which all the rest is
background, so a neighbour's jacket is no part of its hair. What the estimates then lack to the
photo's pixel is split in proportion to the shares, as in M. Forte: Approximate Fast Foreground
Colour Estimation, ICIP 2021, here for any number of layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.protocols import RGB, Alpha

from .foreground import estimate_foreground

_STRIP = 1 << 19  # pixels that are worked on at a time
_ROUNDS = 2  # colours that hit black or white leave the rest to the others


def unmix(rgb: RGB, alphas: Sequence[Alpha]) -> list[NDArray[np.uint8]]:
    """The straight colours of each subject, uint8 H×W×3, from alphas that add up to at most 1.

    Where a subject is alone its colours are those of `estimate_foreground`. Where several mix,
    they and the background, each with its share, give the photo's pixel back.
    """
    colours = [estimate_foreground(rgb, alpha) for alpha in alphas]
    count = np.zeros(rgb.shape[:2], np.uint8)
    for alpha in alphas:
        count += alpha > 0
    rows = np.flatnonzero((count > 1).any(axis=1))
    if not len(rows):
        return colours
    total = np.zeros(rgb.shape[:2], np.float32)
    for alpha in alphas:
        total += alpha
    behind = estimate_foreground(rgb, np.clip(1 - total, 0, 1))
    step = max(1, _STRIP // rgb.shape[1])
    for top in range(int(rows[0]), int(rows[-1]) + 1, step):
        strip = slice(top, top + step)
        mixed = count[strip] > 1
        if mixed.any():
            shares = [alpha[strip][mixed] for alpha in alphas] + [1 - total[strip][mixed]]
            layers = [layer[strip][mixed] for layer in (*colours, behind)]
            for layer, values in zip(
                colours, _filled(rgb[strip][mixed], shares, layers), strict=True
            ):
                layer[strip][mixed] = values
    return colours


def _filled(
    pixels: NDArray[np.uint8],
    shares: Sequence[NDArray[np.float32]],
    layers: Sequence[NDArray[np.uint8]],
) -> list[NDArray[np.uint8]]:
    """Layers of N×3 colours, changed as little as it takes to add up to the pixels."""
    weights = np.clip(np.stack(shares), 0, 1)[..., None]
    own = np.stack(layers).astype(np.float32)
    norm = np.square(weights).sum(axis=0)
    for _ in range(_ROUNDS):
        lacking = pixels - (weights * own).sum(axis=0)
        own = np.clip(own + weights * lacking / norm, 0, 255)
    rounded: NDArray[np.uint8] = np.rint(own).astype(np.uint8)
    return list(rounded[:-1])
