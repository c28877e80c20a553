"""A world of discs, and what a segmenter that knows no other would show of it."""

from __future__ import annotations

import numpy as np

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.edits.state import Step, UserLayer
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
    """A click shows the disc it hits, and a mask that disc too, whatever else it held."""

    def __init__(self, *discs: Mask) -> None:
        self.discs = discs

    def __call__(self, steps: tuple[Step, ...], layer: UserLayer | None) -> list[Candidate]:
        (click,) = steps
        assert isinstance(click, Click)
        row, column = int(click.y / 10), int(click.x / 10)
        hit = [one for one in self.discs if one[row, column]]
        return [candidate(hit[0] if hit else disc(column, row, 1))]
