"""Layers of a picture kept as the part that is not empty: ten subjects take the room they fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rectangle import Rectangle, bounding_box


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
    def of(cls, layer: NDArray[Any], corner: tuple[int, int] = (0, 0)) -> CroppedLayer:
        """What is not 0 of a layer, H×W, whose own top left pixel is x, y `corner`."""
        box = bounding_box(layer != 0) or Rectangle(0, 0, 0, 0)
        return cls(layer[box.slices].copy(), box.moved(*corner))

    def relative_to(self, area: Rectangle) -> CroppedLayer:
        """The same with its place told from the corner of an area."""
        return CroppedLayer(self.pixels, self.at.moved(-area.x0, -area.y0))

    def within(self, area: Rectangle) -> NDArray[Any]:
        """The layer over an area of the picture, a new array."""
        layer = np.zeros(area.size, self.pixels.dtype)
        if self.at.meets(area):
            shared = self.at.common(area)
            layer[shared.slices_in(area)] = self.pixels[shared.slices_in(self.at)]
        return layer
