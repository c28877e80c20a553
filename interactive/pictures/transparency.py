"""Pictures that have transparent parts: how they are looked at, and whose what shows there is.

A file may hide any colours under alpha 0. They are given back, but nothing ever sees them: networks
see the picture over a plain grey, and colours are worked out from what is visible alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.protocols import RGB, Alpha

# Greys to look at a picture over, the first where several do: the usual neutral, then paper, night.
_GREYS = (128, 255, 0, 192, 64)
_NEAR = 48  # levels of 255 within which a colour cannot well be told from a grey
_SAMPLES = 200_000  # visible pixels that are asked for their colours
_ROWS = 256  # worked on at a time
_FAINTEST = 0.5 / 255  # what rounds to nothing in a file of 8 bits

Colour = TypeVar("Colour", np.uint8, np.uint16)


def is_visible(alpha: Alpha) -> bool:
    """Whether anything shows of a picture with this alpha, float32 H×W in 0..1."""
    return bool(alpha.max() >= _FAINTEST)


def over_grey(rgb: RGB, alpha: Alpha) -> RGB:
    """A picture laid over the plain grey that its visible colours can best be told from.

    `rgb` is uint8 H×W×3 with straight `alpha`, float32 H×W in 0..1. A new array.
    """
    grey = np.float32(grey_apart(rgb, alpha))
    seen: RGB = np.empty_like(rgb)
    for rows in _strips(len(rgb)):
        share = alpha[rows, :, None]
        seen[rows] = np.rint(rgb[rows] * share + grey * (1 - share))
    return seen


def grey_apart(rgb: RGB, alpha: Alpha) -> int:
    """The grey, 0..255, that the fewest visible pixels come near to."""
    visible = alpha >= 0.5
    if not visible.any():
        visible = alpha > 0
    colours = rgb[visible].astype(np.int16)
    colours = colours[:: max(1, len(colours) // _SAMPLES)]

    def near(grey: int) -> int:
        return int((np.abs(colours - grey).max(axis=1) <= _NEAR).sum())

    return min(_GREYS, key=near)


def shares(alpha: Alpha, own: Alpha) -> Alpha:
    """Which share of what shows in a pixel is the subject's, float32 H×W in 0..1.

    `alpha` is how much of a pixel the subject covers, `own` the picture's own alpha: where they are
    alike the subject is all that shows. Nothing is the subject's where nothing shows. The share
    times `own` is the smaller of both: a soft edge that the file has already is not softened again.
    """
    share: Alpha = np.zeros_like(alpha)
    np.divide(alpha, own, out=share, where=own > 0)
    return np.minimum(share, 1, out=share)


def without_hidden(colours: NDArray[Colour], own: Alpha) -> NDArray[Colour]:
    """The picture, H×W×3, with the nearest visible colour where nothing shows. A new array."""
    hidden = (own <= 0).view(np.uint8)
    if hidden.all() or not hidden.any():
        return colours.copy()
    _, nearest = cv2.distanceTransformWithLabels(
        hidden, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(nearest.max()) + 1, 3), colours.dtype)
    table[nearest[hidden == 0]] = colours[hidden == 0]
    filled: NDArray[Colour] = table[nearest]
    return filled


def averaged(rgba: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A smaller copy of straight RGBA at `size` (height, width), its colours averaged by alpha."""
    weighted = cv2.cvtColor(rgba, cv2.COLOR_RGBA2mRGBA)
    smaller = cv2.resize(weighted, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(smaller, cv2.COLOR_mRGBA2RGBA), np.uint8)


def shrunk(rgb: RGB, own: Alpha, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A copy of a picture with its transparency at a smaller `size`, straight RGBA uint8."""
    rgba = np.dstack([rgb, np.rint(own * np.float32(255)).astype(np.uint8)])
    return rgba if rgba.shape[:2] == size else averaged(rgba, size)


def _strips(height: int) -> Iterator[slice]:
    return (slice(top, top + _ROWS) for top in range(0, height, _ROWS))
