"""A candidate: one possible mask for a subject, kept at the segmenter's own resolution."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import Logits, Mask, content_size
from pickmatte.models.weights.records import Fit, Grid

from .margins import Margins

_FAR = -10.0  # the logit of what lies beyond a candidate's window
_SURE = 4.0
_STRIP = 4_000_000
_SAM = Grid()
_CELLS = 256  # of the longer side of a small grid


@dataclass(frozen=True, eq=False)
class Candidate:
    """One possible mask for a subject.

    `logits` is the S×S layer a segmenter gave for `window`, the part of the picture it was shown,
    which lies in it as `fit` says; positive is inside, everything beyond the window is outside.
    `score` is our estimate of how likely this is what the user means; `size` is the picture's
    height and width. `margins` are what the picture's pixels tell of its border, finer than cells.
    """

    logits: Logits
    window: Rectangle
    size: tuple[int, int]
    score: float
    fit: Fit = "pad"
    margins: Margins | None = None

    @property
    def nbytes(self) -> int:
        """Bytes held, for caches that are bounded by bytes; the coarse mask included."""
        return int(self.logits.nbytes) + _CELLS * _CELLS

    @cached_property
    def digest(self) -> bytes:
        """Hash of the logits, worked out once: what follows from them is found by it."""
        return hashlib.blake2b(self.logits.tobytes(), digest_size=16).digest()

    @property
    def content(self) -> Logits:
        """The logits over exactly the window, h×w."""
        if self.fit == "stretch":
            return self.logits
        x0, y0, x1, y1 = self.window
        height, width = content_size((y1 - y0, x1 - x0), self.logits.shape[0])
        return self.logits[:height, :width]

    @property
    def inside(self) -> Mask:
        """Bool h×w on the grid of the logits: where the content is positive."""
        return self.content > 0

    def place(self, x: float, y: float) -> tuple[int, int]:
        """Column and row of the logits' cell that a point of the picture falls into."""
        x0, y0, x1, y1 = self.window
        height, width = self.content.shape
        column, row = int((x - x0) / (x1 - x0) * width), int((y - y0) / (y1 - y0) * height)
        return min(max(column, 0), width - 1), min(max(row, 0), height - 1)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point of the picture lies in the mask: in a cell of it and in no margin."""
        column, row = self.place(x, y)
        x0, y0, x1, y1 = self.window
        size = y1 - y0, x1 - x0
        beyond = self.margins and self.margins.holds(x - x0, y - y0, size)
        return bool(self.inside[row, column] and not beyond)

    def seen(self, window: tuple[float, float, float, float], size: tuple[int, int]) -> Logits:
        """The logits over any window of the picture, float32 at `size` (height, width).

        Cubic, so that outlines come out round where a cell covers many pixels. What lies outside
        of the candidate's own window is far outside of its mask.
        """
        x0, y0, x1, y1 = self.window
        content = self.content
        across, down = content.shape[1] / (x1 - x0), content.shape[0] / (y1 - y0)
        wide, tall = (window[2] - window[0]) / size[1], (window[3] - window[1]) / size[0]
        # From the middles of the asked pixels to the cells of the logits, whose middles are 0, 1, 2
        to_cells = np.array(
            [
                [wide * across, 0, (window[0] - x0 + wide / 2) * across - 0.5],
                [0, tall * down, (window[1] - y0 + tall / 2) * down - 0.5],
            ]
        )
        seen = cv2.warpAffine(
            # Cubic overshoots beside steep steps; bounded, it cannot punch holes beside sure cells.
            np.clip(content, -_SURE, _SURE),
            to_cells,
            (size[1], size[0]),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        columns = window[0] + (np.arange(size[1]) + 0.5) * wide
        rows = window[1] + (np.arange(size[0]) + 0.5) * tall
        seen[(rows < y0) | (rows >= y1)] = _FAR
        seen[:, (columns < x0) | (columns >= x1)] = _FAR
        if self.margins:
            within = self.margins.holds(columns - x0, rows[:, None] - y0, (y1 - y0, x1 - x0))
            seen[within] = np.minimum(seen[within], -_SURE)
        return seen  # type: ignore[return-value]

    @property
    def mask(self) -> Mask:
        """Bool H×W at the picture's size, computed anew at each call."""
        return self.mask_at(self.size)

    def mask_at(self, size: tuple[int, int]) -> Mask:
        """Bool at any `size` (height, width) of the whole picture."""
        mask = np.zeros(size, bool)
        x0, y0, x1, y1 = self.outer_box(size)
        across, down = self.size[1] / size[1], self.size[0] / size[0]
        step = max(1, _STRIP // max(1, x1 - x0))  # in strips: no float picture of the full size
        for top in range(y0, y1, step):
            bottom = min(y1, top + step)
            window = x0 * across, top * down, x1 * across, bottom * down
            mask[top:bottom, x0:x1] = self.seen(window, (bottom - top, x1 - x0)) > 0
        return mask

    def outer_box(self, size: tuple[int, int]) -> Rectangle:
        """A box in the picture at `size` that the mask surely does not leave.

        The outline bends by up to a cell beyond the box of the cells.
        """
        box, (height, width) = self.box, self.size
        if box is None:
            return Rectangle(0, 0, 0, 0)
        x0, y0, x1, y1 = self.window
        rows, columns = self.content.shape
        across, down = (x1 - x0) / columns, (y1 - y0) / rows
        wide, tall = size[1] / width, size[0] / height
        return Rectangle(
            max(0, math.floor((box[0] - across) * wide)),
            max(0, math.floor((box[1] - down) * tall)),
            min(size[1], math.ceil((box[2] + across) * wide)),
            min(size[0], math.ceil((box[3] + down) * tall)),
        )

    @cached_property
    def coarse(self) -> Mask:
        """The mask over the whole picture on a small grid, the same for all candidates of it."""
        scale = _CELLS / max(self.size)
        height, width = (max(1, round(side * scale)) for side in self.size)
        return self.mask_at((height, width))

    @property
    def box(self) -> Rectangle | None:
        """The mask's bounding box in the picture, x1 and y1 exclusive; None for an empty mask."""
        x0, y0, x1, y1 = self.window
        small = self.inside.astype(np.uint8)
        x, y, width, height = cv2.boundingRect(small)
        if not width:
            return None
        sx, sy = (x1 - x0) / small.shape[1], (y1 - y0) / small.shape[0]
        return Rectangle(
            x0 + round(x * sx),
            y0 + round(y * sy),
            x0 + round((x + width) * sx),
            y0 + round((y + height) * sy),
        )


def logits_of_mask(mask: NDArray[np.bool_], grid: Grid = _SAM, strength: float = 10.0) -> Logits:
    """A mask as the S×S layer a segmenter would have given for it, as a mask prompt.

    Area averages become soft edges; `strength` is a sure pixel's logit.
    """
    height, width = content_size(mask.shape, grid.side, grid.fit)
    share = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    layer = np.full((grid.side, grid.side), -strength, np.float32)
    layer[:height, :width] = (share * 2 - 1) * strength
    return layer
