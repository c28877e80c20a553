"""Layers of a picture kept as the part that is not empty: ten subjects take the room they fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.masks.boxes import box_of

from .tiles import Rectangle


@dataclass(frozen=True, eq=False)
class CroppedLayer:
    """Pixels of a layer and where they lie; everywhere else the layer is 0."""

    pixels: NDArray[Any]
    at: Rectangle

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.pixels.nbytes)

    @classmethod
    def of(cls, layer: NDArray[Any], at: tuple[int, int] = (0, 0)) -> CroppedLayer:
        """What is not 0 of a layer, H×W, whose own top left pixel is row and column `at`."""
        left, top, right, bottom = box_of(layer != 0) or (0, 0, 0, 0)
        box = Rectangle(top, left, bottom, right)
        moved = Rectangle(top + at[0], left + at[1], bottom + at[0], right + at[1])
        return cls(layer[box.where].copy(), moved)

    def relative_to(self, area: Rectangle) -> CroppedLayer:
        """The same with its place told from the corner of an area."""
        at = self.at
        return CroppedLayer(
            self.pixels,
            Rectangle(
                at.top - area.top, at.left - area.left, at.bottom - area.top, at.right - area.left
            ),
        )

    def within(self, area: Rectangle) -> NDArray[Any]:
        """The layer over an area of the picture, a new array."""
        layer = np.zeros((area.height, area.width), self.pixels.dtype)
        shared = Rectangle(
            max(self.at.top, area.top),
            max(self.at.left, area.left),
            min(self.at.bottom, area.bottom),
            min(self.at.right, area.right),
        )
        if shared.height > 0 and shared.width > 0:
            layer[shared.inside(area)] = self.pixels[shared.inside(self.at)]
        return layer
