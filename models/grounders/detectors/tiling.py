"""Tile a picture into overlapping windows, for a detector with a small input.

Slicing a picture for small objects follows Akyon, Altinuc, Temizel: Slicing Aided Hyper Inference,
ICIP 2022. An object that a window cuts is left to a window, or the whole, that holds all of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Window: TypeAlias = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels, x1 and y1 exclusive

SHARES = (0.6, 0.4)  # of the picture's sides
_OVERLAP = 0.25  # at least, of a window's side
_SQUARE = 1.6  # a window is at most so much longer than wide: its network sees a square
_LEAST = 60  # pixels; a shorter window shows nothing that a longer one does not
_EDGE = 0.02  # of a window's side: what comes so close to a cut may go on beyond it


def tiles(size: tuple[int, int], shares: Sequence[float] = SHARES) -> list[Window]:
    """Return the whole picture of `size` (height, width) as a window, then windows of these shares.

    Windows are x0, y0, x1, y1 in pixels, x1 and y1 exclusive; `shares` are of the picture's sides.
    """
    height, width = size
    found: list[Window] = [(0, 0, width, height)]
    for share in shares:
        wide, tall = _sides(width * share, height * share)
        wide, tall = min(width, wide), min(height, tall)
        if min(wide, tall) < _LEAST:
            continue
        found += [
            (x, y, x + wide, y + tall) for y in _starts(height, tall) for x in _starts(width, wide)
        ]
    return found


def whole_within(
    boxes: NDArray[np.float64], window: Window, size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return which boxes (N×4 in the picture's pixels) the window does not cut, bool N.

    `size` is the picture's height and width; the picture's own edge cuts nothing.
    """
    x0, y0, x1, y1 = window
    across, down = _EDGE * (x1 - x0), _EDGE * (y1 - y0)
    return (
        ((boxes[:, 0] > x0 + across) | (x0 == 0))
        & ((boxes[:, 1] > y0 + down) | (y0 == 0))
        & ((boxes[:, 2] < x1 - across) | (x1 == size[1]))
        & ((boxes[:, 3] < y1 - down) | (y1 == size[0]))
    )


def _sides(wide: float, tall: float) -> tuple[int, int]:
    return round(max(wide, tall / _SQUARE)), round(max(tall, wide / _SQUARE))


def _starts(length: int, side: int) -> list[int]:
    """Return where windows of one side begin so that they overlap evenly and reach both ends."""
    count = 1 + math.ceil((length - side) / (side * (1 - _OVERLAP)) - 1e-9)
    return [round(at) for at in np.linspace(0, length - side, count)]
