"""Is it a photo, or flat art: drawings, text, gradients? Told by packing a small sample of it.

A search for repetitions makes flat art many times smaller. On photos it finds next to nothing and
takes several times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPARSE = 8  # one row in so many is looked at for places where something happens
_TILES = 4


def sample(pixels: NDArray[Any], side: int) -> NDArray[Any] | None:
    """Tiles of about side × side out of H×W×C, one below the other.

    They are spread over the places where neighbours differ. None where no neighbours do.
    """
    rows = pixels[::_SPARSE]
    changes = np.flatnonzero((rows[:, 1:] != rows[:, :-1]).any(axis=2))
    if not len(changes):
        return None
    tiles = []
    for part in range(_TILES):
        place = int(changes[(2 * part + 1) * len(changes) // (2 * _TILES)])
        row, column = divmod(place, pixels.shape[1] - 1)
        top = max(0, min(_SPARSE * row - side // 2, len(pixels) - side))
        left = max(0, min(column - side // 2, pixels.shape[1] - side))
        tiles.append(pixels[top : top + side, left : left + side])
    return np.concatenate(tiles)
