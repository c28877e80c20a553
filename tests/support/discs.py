"""A world of discs, and what a segmenter that knows no other would show of it."""

from __future__ import annotations

import numpy as np

from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.interactive.edits.state import Step
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.models.protocols import Mask

SIZE = 640, 640  # of the picture: 10 pixels for each cell
GRID = 64


def disc(x: int, y: int, radius: int) -> Mask:
    rows, columns = np.ogrid[:GRID, :GRID]
    inside: Mask = np.hypot(rows - y, columns - x) <= radius
    return inside


def candidate(mask: Mask, score: float = 0.9) -> Candidate:
    logits = np.where(mask, np.float32(8), np.float32(-8))
    return Candidate(logits, (0, 0, SIZE[1], SIZE[0]), SIZE, score)


class Scene:
    """A click shows the disc it hits, a box the one within or all its rows."""

    def __init__(self, *discs: Mask) -> None:
        self.discs = discs

    def __call__(self, steps: tuple[Step, ...]) -> list[Candidate]:
        first = steps[0]
        if isinstance(first, Box):  # what lies between them is taken along
            held = [one for one in self.discs if one[self._cells(first)].sum() == one.sum()]
            cells = np.zeros((GRID, GRID), bool)
            if held:
                rows = np.logical_or.reduce(held).any(1)
                cells[self._cells(first)] = rows[self._cells(first)[0], None]
            return [candidate(held[0] if len(held) == 1 else cells)]
        assert isinstance(first, Click)
        row, column = int(first.y / 10), int(first.x / 10)
        hit = [one for one in self.discs if one[row, column]]
        return [candidate(hit[0] if hit else disc(column, row, 1))]

    def _cells(self, box: Box) -> tuple[slice, slice]:
        return slice(int(box.y0 / 10), int(box.y1 / 10)), slice(int(box.x0 / 10), int(box.x1 / 10))
