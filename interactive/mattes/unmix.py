"""Colours of several subjects at once: together with the background they make up the photo.

By itself, each subject's colours come from the multi-level estimate in which all the rest is
background, so a neighbour's jacket is no part of its hair. What the estimates then lack to the
photo's pixel is split in proportion to the shares, as in M. Forte: Approximate Fast Foreground
Colour Estimation, ICIP 2021, here for any number of layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import Alpha, Mask

from .foreground import estimate_foreground

_CHUNK = 1 << 19  # pixels that are worked on at a time
_ROUNDS = 2  # colours that hit black or white leave the rest to the others


@dataclass(frozen=True, eq=False)
class Mixed:
    """The pixels in which several subjects mix, bool H×W, and each one's N×3 colours there."""

    where: Mask
    colours: tuple[NDArray[Any], ...]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.where.nbytes) + sum(int(colour.nbytes) for colour in self.colours)


def unmix(source: NDArray[Any], alphas: Sequence[CroppedLayer]) -> Mixed:
    """What each subject's straight colours are where several mix; empty where none do.

    `source` is uint8 or uint16 H×W×3, the `alphas` of its subjects add up to at most 1. The
    colours and the background, each with its share, give the photo's pixels back. Elsewhere a
    subject's colours are those of `estimate_foreground`.
    """
    size = source.shape[:2]
    count = np.zeros(size, np.uint8)
    for part in alphas:
        count[part.at.slices] += part.pixels > 0
    where = count > 1
    pixels = source[where]
    if not len(pixels):
        return Mixed(where, (pixels,) * len(alphas))
    left: Alpha = np.ones(size, np.float32)
    for part in alphas:
        left[part.at.slices] -= part.pixels
    everywhere = Rectangle.whole(size)
    layers, shares = [], []
    for alpha in (*(part.within(everywhere) for part in alphas), np.maximum(left, 0)):
        layers.append(estimate_foreground(source, alpha, where=where)[where])
        shares.append(alpha[where])
    for start in range(0, len(pixels), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        filled = _filled(
            pixels[chunk], [share[chunk] for share in shares], [layer[chunk] for layer in layers]
        )
        for layer, values in zip(layers, filled, strict=True):
            layer[chunk] = values
    return Mixed(where, tuple(layers[:-1]))


def _filled(
    pixels: NDArray[Any], shares: Sequence[NDArray[np.float32]], layers: Sequence[NDArray[Any]]
) -> NDArray[np.float32]:
    """Layers of N×3 colours, changed as little as it takes to add up to the pixels."""
    top = np.float32(np.iinfo(pixels.dtype).max)
    weights = np.clip(np.stack(shares), 0, 1)[..., None]
    own = np.stack(layers).astype(np.float32)
    norm = np.square(weights).sum(axis=0)
    for _ in range(_ROUNDS):
        lacking = pixels - (weights * own).sum(axis=0)
        own = np.clip(own + weights * lacking / norm, 0, top)
    rounded: NDArray[np.float32] = np.rint(own)
    return rounded
