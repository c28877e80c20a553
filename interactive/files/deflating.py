"""Pixels compressed by zlib in pieces, so that all cores help; photos fast, flat art small."""

from __future__ import annotations

import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .flat_art import sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SEARCH, LONG_SEARCH = 6, 8  # zlib's levels
_PIECE = 1 << 20  # bytes of pixels compressed at a time
_SIDE = 32  # of the tiles by which flat art is told
# Measured on 160 of the photos for training, as they are and enlarged twice, and on drawn pictures.
# Pixels that neighbours tell: in tiles of drawings 78 of 100 or more exactly, in those of gradients
# to within 1. Few photos get there (3 and 33 of 100 pieces, enlarged). Then, searching brings tiles
# of drawings to 0.53 and less of what run lengths give, of gradients to 0.46 and less; a photo that
# gets there too (1 and 2 of 100 pieces) is made half as large, which is worth its time.
_UNTOLD = 0.3
_GAIN, _GRADIENTS_GAIN = 0.65, 0.47
_T = TypeVar("_T")


def pieces(pixels: NDArray[Any]) -> tuple[int, list[NDArray[Any]]]:
    """Cut a picture into runs of whole rows of about `_PIECE` bytes: rows each, and the runs."""
    rows = max(1, _PIECE // (pixels.nbytes // len(pixels)))
    return rows, [pixels[top : top + rows] for top in range(0, len(pixels), rows)]


def spread(work: Callable[[NDArray[Any]], _T], pieces: list[NDArray[Any]]) -> list[_T]:
    """Do the pieces on a few threads (zlib lets go of Python's lock), in order."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(work, pieces))


def differences(pixels: NDArray[Any]) -> NDArray[Any]:
    """Each pixel less its left neighbour, channel by channel, modulo the dtype's range."""
    rows = pixels.copy()
    rows[:, 1:] -= pixels[:, :-1]
    return rows


def deflate(data: NDArray[Any], window: int, end: int, search: int = 0) -> bytes:
    """Compress contiguous bytes: by run lengths and Huffman codes alone, or with a search.

    On differences of photo pixels a search for longer matches takes much longer and finds next to
    nothing. `window` and `end` are zlib's: which wrapping, and how the stream stops. `search` is
    0 or zlib's level.
    """
    strategy = zlib.Z_DEFAULT_STRATEGY if search else zlib.Z_RLE
    squeeze = zlib.compressobj(search or 1, zlib.DEFLATED, window, 9, strategy)
    return squeeze.compress(data.data) + squeeze.flush(end)


def is_flat_art(pixels: NDArray[Any]) -> bool:
    """Whether H×W×C pixels come out much smaller when zlib searches, told by a few tiles."""
    tiles = sample(pixels, _SIDE)
    if tiles is None:
        return False
    tiles = np.ascontiguousarray(tiles).view(np.uint8).reshape(*tiles.shape[:2], -1)
    exactly = _untold(tiles, 0) <= _UNTOLD
    if not exactly and _untold(tiles, 1) > _UNTOLD:
        return False
    below = tiles.copy()
    below[1:] -= tiles[:-1]
    searched = min(_packed(tiles, SEARCH), _packed(below, SEARCH))
    return searched < (_GAIN if exactly else _GRADIENTS_GAIN) * _packed(differences(tiles), 0)


def _untold(pixels: NDArray[np.uint8], within: int) -> float:
    """The share of pixels that their neighbours do not tell.

    Those are told that are like the one to the left or above, or lie in the plane of these two and
    the one between.
    """
    here, left, above = pixels[1:, 1:], pixels[1:, :-1], pixels[:-1, 1:]
    if not here.size:
        return 0.0
    off = abs(here.astype(np.int16) - left - above + pixels[:-1, :-1])
    told = (here == left).all(axis=2) | (here == above).all(axis=2) | (off <= within).all(axis=2)
    return 1 - float(told.mean())


def _packed(pixels: NDArray[np.uint8], search: int) -> int:
    return len(deflate(np.ascontiguousarray(pixels).reshape(-1), -15, zlib.Z_FINISH, search))
