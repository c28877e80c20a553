"""Where a subject ends just before the picture's border, which a segmenter cannot see.

Beside the border a segmenter sees padding, so its outermost cells say inside of whatever comes
near. The picture's own pixels tell better: along the border, where the mask touches it, the colours
of the outermost strip are compared with those of the subject further in and with those of the
background beside the subject. Where most of the contact looks like background up to some depth, the
subject ends there. Colours that leave it open change nothing: most of what comes so near goes on
beyond the border.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.protocols import RGB, Mask

Depths: TypeAlias = NDArray[np.float32]  # pixels from the border, one for each cell along it
Cell: TypeAlias = tuple[int, int]  # column, row

SIDES = ("left", "top", "right", "bottom")
_CELLS = 6  # from the border in which a segmenter may be wrong; as many again show the subject
_FINE = 8  # steps in a cell at which depths are told apart, where it has as many pixels
_BESIDE, _FAR = 6, 24  # cells on each side of a contact that show the background, among so many
_PLENTY = 64  # colours of the background to compare with
# Fitted on crops of photos with true masks: none of the subjects that a crop cut through lost a
# pixel of its contact. In levels of 0..255.
_NEARER = 2.0  # times nearer to the background's colours than to the subject's ...
_CLEARLY = 8.0  # ... and so much beyond that
_AT_MOST = 40.0  # what one pixel can say for or against
_STEP = 40.0  # what it costs that neighbours' depths differ by a cell
_JUMP = 2.5  # cells, beyond which a difference costs no more
_MOST = 0.5  # of a contact that must look like background, or none of it is


@dataclass(frozen=True, eq=False)
class Margins:
    """How many of the picture's pixels along each side of a window are not the subject's.

    One number for each of the grid's cells along that side, from left to right or top to bottom;
    0 where the subject reaches the border, or is not near it.
    """

    left: Depths
    top: Depths
    right: Depths
    bottom: Depths

    def holds(self, x: Any, y: Any, size: tuple[float, float]) -> Mask:
        """Whether points, columns x and rows y of a window of `size` (height, width), lie in one.

        x and y are numbers or arrays, in pixels from the window's corner.
        """
        height, width = size
        at: Any = np.interp
        down = [(np.arange(len(self.left)) + 0.5) * height / len(self.left)]
        along = [(np.arange(len(self.top)) + 0.5) * width / len(self.top)]
        return np.asarray(
            (x < at(y, *down, self.left))
            | (y < at(x, *along, self.top))
            | (width - x < at(y, *down, self.right))
            | (height - y < at(x, *along, self.bottom))
        )

    def cells(self, size: tuple[float, float]) -> Mask:
        """Which cells of the grid of a window of `size` lie wholly in a margin, bool h×w."""
        height, width = len(self.left), len(self.top)
        down, across = (
            (np.arange(1, cells + 1) - 0.01) * side / cells
            for cells, side in zip((height, width), size, strict=True)
        )
        return np.asarray(
            (across <= self.left[:, None])
            | (down[:, None] <= self.top)
            | (across[::-1] <= self.right[:, None])
            | (down[::-1, None] <= self.bottom)
        )

    def wider(self, other: Margins) -> Margins:
        """The larger of both, cell by cell."""
        return Margins(*(np.maximum(getattr(self, side), getattr(other, side)) for side in SIDES))

    def __bool__(self) -> bool:
        return any(bool(getattr(self, side).any()) for side in SIDES)


def measure(
    rgb: RGB, inside: Mask, at_border: Sequence[str], keep: Sequence[Cell], drop: Sequence[Cell]
) -> Margins:
    """The margins between a subject and the sides of a window that are the picture's border.

    `rgb` is the window's pixels, `inside` the subject on the grid of its logits, h×w. A contact
    with the border that holds a cell of `keep` is left as it is; a cell of `drop` shows background.
    """
    found = {}
    for side in SIDES:
        cells = _turned(inside, side)
        depths = np.zeros(cells.shape[1], np.float32)
        if side in at_border and len(cells) > 2 * _CELLS and cells[0].any():
            strip = _turned(rgb, side)
            told = [
                [_place(cell, side, inside.shape) for cell in points] for points in (keep, drop)
            ]
            _Border(strip, cells).measure(depths, *told)
        found[side] = depths
    return Margins(**found)


def together(parts: Sequence[tuple[Margins | None, Mask]]) -> Margins | None:
    """The margins of several subjects as one; with each comes its mask on one and the same grid."""
    if not any(margins for margins, _ in parts):
        return None
    joint = {}
    for side in SIDES:
        depths = [
            getattr(margins, side) if margins else np.zeros(_turned(inside, side).shape[1])
            for margins, inside in parts
        ]
        near = [_turned(inside, side)[:_CELLS].any(axis=0) for _, inside in parts]
        nearest = np.min(np.where(near, depths, np.inf), axis=0)
        widest = np.max(depths, axis=0)
        joint[side] = np.where(np.isinf(nearest), widest, nearest).astype(np.float32)
    return Margins(**joint)


def _turned(layer: NDArray[Any], side: str) -> NDArray[Any]:
    """The layer with a side of it as its first row."""
    if side in ("left", "right"):
        layer = layer.swapaxes(0, 1)
    return layer[::-1] if side in ("right", "bottom") else layer


def _place(cell: Cell, side: str, shape: tuple[int, ...]) -> Cell:
    """Where a cell lies in a turned layer: its place along the border and its depth."""
    column, row = cell
    along, depth = (column, row) if side in ("top", "bottom") else (row, column)
    rows = shape[0] if side in ("top", "bottom") else shape[1]
    return along, rows - 1 - depth if side in ("right", "bottom") else depth


class _Border:
    """The strip along one side: its pixels averaged along it, and what the mask says of them."""

    def __init__(self, rgb: RGB, inside: Mask) -> None:
        self.cell = rgb.shape[0] / inside.shape[0]  # pixels
        height = min(rgb.shape[0], int(np.ceil(2 * _CELLS * self.cell)))
        rows = min(height, round(height / self.cell * _FINE))
        self.step = height / rows  # pixels of a row
        strip = np.ascontiguousarray(rgb[:height])
        size = inside.shape[1], rows
        self.pixels = cv2.resize(strip, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        self.inside = inside[: 2 * _CELLS]
        nearby = np.ones((3, 3), np.uint8)
        away = cv2.erode((~self.inside).view(np.uint8), nearby).view(np.bool_)
        cells = ((np.arange(rows) + 0.5) * self.step / self.cell).astype(int)
        cells = np.minimum(cells, 2 * _CELLS - 1)
        self.outside, self.within = away[cells], self.inside[cells]  # for each pixel
        self.unsure = int(np.ceil(_CELLS * self.cell / self.step))  # rows

    def measure(self, depths: Depths, keep: Sequence[Cell], drop: Sequence[Cell]) -> None:
        """Write the depths, in pixels."""
        for first, last in _runs(self.inside[0]):
            if any(first <= along < last and deep < _CELLS for along, deep in keep):
                continue
            told = [cell for cell in drop if first <= cell[0] < last and cell[1] < _CELLS]
            background = self.background(first, last, told)
            seen = self.shown(first, last)
            least = 0.0 if told else _MOST * np.count_nonzero(seen)
            if not (len(background) and seen.any()):
                continue
            outermost = self.evidence(first, last, background, 1)[0]
            if np.count_nonzero(outermost > 0) <= least / 2:  # no need to look at all of it
                continue
            evidence = self.evidence(first, last, background, self.unsure)
            rows = _depths(evidence, self.step / self.cell)
            if np.count_nonzero(rows[seen]) <= least:
                continue
            # The outline bends by up to a cell beyond the cells of the contact.
            depths[first:last] = rows * self.step
            for beyond, end in (
                (range(first - 2, first), first),
                (range(last, last + 2), last - 1),
            ):
                for along in beyond:
                    if 0 <= along < len(depths) and not self.inside[0, along]:
                        depths[along] = depths[end]

    def shown(self, first: int, last: int) -> Mask:
        """Which cells of a contact have the subject beyond the strip that is in question."""
        deep = self.inside[_CELLS - 1 : _CELLS + 2, first:last].all(axis=0)
        # Where pixels are larger than cells there may be none that shows what those cells hold.
        pixel = self.within[self.unsure : self.unsure + 1, first:last].any(axis=0)
        return np.asarray(deep & pixel)

    def background(self, first: int, last: int, told: Sequence[Cell]) -> NDArray[np.float32]:
        """Colours of the background on both sides of a contact, and in cells told of, N×3."""
        shows = self.outside.any(axis=0)
        far = max(0, first - _FAR)
        left = far + np.flatnonzero(shows[far:first])[-_BESIDE:]
        right = last + np.flatnonzero(shows[last : last + _FAR])[:_BESIDE]
        columns = np.r_[left, right].astype(int)
        colours = self.pixels[:, columns][self.outside[:, columns]]
        rows = self.cell / self.step
        others = [
            self.pixels[int(deep * rows) : max(1, int((deep + 1) * rows)), along]
            for along, deep in told
        ]
        return np.concatenate([colours[:: max(1, len(colours) // _PLENTY)], *others])

    def evidence(
        self, first: int, last: int, background: NDArray[np.float32], rows: int
    ) -> NDArray[Any]:
        """How much each pixel of the outermost rows speaks for the background, rows×cells."""
        strip = self.pixels[:rows, first:last]
        to_background = _nearest(strip, background)
        said = np.zeros(strip.shape[:2], np.float32)
        for column in np.flatnonzero(self.shown(first, last)).tolist():
            left, right = max(0, column - 2), min(last - first, column + 3)
            near = slice(self.unsure, None), slice(first + left, first + right)
            to_subject = _nearest(strip[:, column], self.pixels[near][self.within[near]])
            said[:, column] = to_subject - _NEARER * to_background[:, column] - _CLEARLY
        return np.clip(said, -_AT_MOST, _AT_MOST)


def _nearest(colours: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each colour is from the nearest of the others, which are M×3."""
    # As |a|² - 2ab + |b|²: one product of matrices, about grey so that no digits are lost.
    a, b = colours.reshape(-1, 3) - np.float32(128), others - np.float32(128)
    squares = a @ (-2 * b.T) + np.einsum("ij,ij->i", b, b)
    squares = squares.min(axis=1) + np.einsum("ij,ij->i", a, a)
    return np.sqrt(np.maximum(squares, 0)).reshape(colours.shape[:-1])  # type: ignore[no-any-return]


def _runs(row: Mask) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) place of each stretch that is true."""
    steps = np.flatnonzero(np.diff(np.r_[False, row, False].astype(np.int8)))
    return zip(steps[::2].tolist(), steps[1::2].tolist(), strict=True)


def _depths(evidence: NDArray[Any], step: float) -> NDArray[np.intp]:
    """The depth in rows, for each column, that goes best with the evidence and its neighbours'.

    Dynamic programming along the border; `step` is a row's share of a cell.
    """
    height, width = evidence.shape
    worth = np.zeros((height, width), np.float32)  # of the depths 0 to height - 1: an end is seen
    worth[1:] = np.cumsum(evidence[:-1], axis=0) * step
    if not (worth > 0).any():
        return np.zeros(width, np.intp)
    deep = np.arange(height)
    cost = _STEP * np.minimum(np.abs(deep[:, None] - deep) * step, _JUMP)
    best, came = worth[:, 0], np.zeros((width, height), np.intp)
    for column in range(1, width):
        total = best[:, None] - cost
        came[column] = total.argmax(axis=0)
        best = total[came[column], deep] + worth[:, column]
    rows = np.zeros(width, np.intp)
    rows[-1] = best.argmax()
    for column in range(width - 1, 0, -1):
        rows[column - 1] = came[column, rows[column]]
    return rows
