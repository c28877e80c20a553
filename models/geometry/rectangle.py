"""The one rectangle: whole pixels of a picture, or of any array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Slices: TypeAlias = tuple[slice, slice]  # rows and columns, an index of an array


class Rectangle(NamedTuple):
    """Columns x0 to x1 and rows y0 to y1, x1 and y1 exclusive; as a tuple x0, y0, x1, y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def whole(cls, size: tuple[int, ...]) -> Rectangle:
        """All of an array whose shape begins with height and width."""
        return cls(0, 0, size[1], size[0])

    @property
    def height(self) -> int:
        """Rows."""
        return self.y1 - self.y0

    @property
    def width(self) -> int:
        """Columns."""
        return self.x1 - self.x0

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    @property
    def slices(self) -> Slices:
        """The index of it in an array of the whole picture."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def slices_in(self, other: Rectangle) -> Slices:
        """The index of it in an array that covers `other`."""
        return self.moved(-other.x0, -other.y0).slices

    def moved(self, across: int, down: int) -> Rectangle:
        """It, so many columns to the right and rows down."""
        return Rectangle(self.x0 + across, self.y0 + down, self.x1 + across, self.y1 + down)

    def grown(self, by: int, size: tuple[int, ...]) -> Rectangle:
        """It with a margin, kept inside an array whose shape begins with height and width."""
        return Rectangle(
            max(0, self.x0 - by),
            max(0, self.y0 - by),
            min(size[1], self.x1 + by),
            min(size[0], self.y1 + by),
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1

    def common(self, other: Rectangle) -> Rectangle:
        """What both hold; its width or height is 0 or less where that is nothing."""
        return Rectangle(
            max(self.x0, other.x0),
            max(self.y0, other.y0),
            min(self.x1, other.x1),
            min(self.y1, other.y1),
        )

    def meets(self, other: Rectangle) -> bool:
        """Whether the two share a pixel."""
        common = self.common(other)
        return common.width > 0 and common.height > 0


def enclosing(rectangles: Iterable[Rectangle]) -> Rectangle:
    """The smallest rectangle that holds all of these, of which there is one at least."""
    x0, y0, x1, y1 = zip(*rectangles, strict=True)
    return Rectangle(min(x0), min(y0), max(x1), max(y1))


def bounding_box(mask: NDArray[np.bool_]) -> Rectangle | None:
    """The rectangle around what is set in a bool H×W; None if nothing is."""
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
    return Rectangle(x, y, x + width, y + height) if width else None


def strips(size: tuple[int, ...], pixels: int) -> Iterator[Rectangle]:
    """Runs of whole rows of about so many pixels that cover an array, from the top.

    What is worked out between them takes little memory, however large the picture is.
    """
    height, width = size[:2]
    step = max(1, pixels // max(1, width))
    return (Rectangle(0, top, width, min(top + step, height)) for top in range(0, height, step))
