"""Cut-outs to layers that lie one over the other, layers to the picture they show together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pickmatte.interactive.mattes.foreground import BLEED

from .layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


_STRIP = 1 << 18  # pixels worked on at a time


def stack(cutouts: Iterable[tuple[str, NDArray[Any], bool]]) -> Iterator[Layer]:
    """Layers of cut-outs: (name, straight H×W×4 of the whole picture, visible), front to back.

    Where subjects touch, their alphas share a pixel and sum to one. Editors lay layers *over* each
    other, so that a half behind a half would leave a quarter of background, a seam. A layer's
    alpha is therefore its share of what the visible ones in front leave: all layers together show
    exactly the sum. Each is cut to what it shows, with a margin for its colours to run on; one
    that shows nothing is a single transparent pixel. Keeps 1 or 2 bytes per pixel.
    """
    left: NDArray[Any] | None = None
    for name, rgba, visible in cutouts:
        top = np.iinfo(rgba.dtype).max
        if left is None:
            left = np.full(rgba.shape[:2], top, rgba.dtype)
        rows, columns = _box(rgba[..., 3])
        piece = rgba[rows, columns].copy()
        for strip in strips(piece.shape):
            free = left[rows, columns][strip]
            shown = np.minimum(piece[strip][..., 3], free)
            # In whole numbers, so that shares which fill a pixel leave exactly nothing.
            share = (shown.astype(np.uint32) * top + free // 2) // np.maximum(free, 1)
            piece[strip][..., 3] = share
            if visible:
                free -= shown
        layer = Layer(name, piece, (columns.start, rows.start), visible)
        del rgba, piece  # before the next one is asked for
        yield layer
        del layer


class Merged:
    """What layers show together, laid in from the front to the back: `rgba`, straight H×W×4.

    Where only one layer shows, its pixels are there exactly.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.rgba: NDArray[Any] = np.zeros((*size, 4), np.uint8)

    def lay(self, layer: Layer) -> None:
        """Lay a layer behind what is there; a hidden one changes nothing."""
        if self.rgba.dtype != layer.rgba.dtype:  # at the first one: all are of one type
            self.rgba = self.rgba.astype(layer.rgba.dtype)
        if not layer.visible:
            return
        top = np.float32(np.iinfo(layer.rgba.dtype).max)
        there = self.rgba[layer.where]
        for strip in strips(layer.rgba.shape):
            over, under = there[strip], layer.rgba[strip]
            empty = over[..., 3] == 0
            mixed = ~empty & (over[..., 3] < top) & (under[..., 3] > 0)
            np.copyto(over, under, where=empty[..., None])
            front, back = over[mixed].astype(np.float32), under[mixed].astype(np.float32)
            weights = front[:, 3:].copy(), (top - front[:, 3:]) * (back[:, 3:] / top)
            front[:, 3:] += weights[1]
            mix = front[:, :3] * weights[0] + back[:, :3] * weights[1]
            front[:, :3] = mix / front[:, 3:]
            over[mixed] = np.rint(front)


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """Runs of rows, so that what is worked out between them takes little memory."""
    step = max(1, _STRIP // max(1, shape[1]))
    return (slice(top, top + step) for top in range(0, shape[0], step))


def _box(alpha: NDArray[Any]) -> tuple[slice, slice]:
    """Rows and columns that hold everything visible, and `BLEED` pixels more."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return slice(0, 1), slice(0, 1)
    return (
        slice(max(0, int(rows[0]) - BLEED), int(rows[-1]) + 1 + BLEED),
        slice(max(0, int(columns[0]) - BLEED), int(columns[-1]) + 1 + BLEED),
    )
