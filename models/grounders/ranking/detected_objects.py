"""Objects that a detector found, before a phrase is weighed against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.protocols import RGB, Logits, Mask

_LOOK = 96  # pixels of a thing's longer side that colours are measured at


@dataclass(frozen=True, eq=False)
class DetectedObject:
    """An object that a detector found.

    Every one counts as present, by its `score`; leave out those too unsure for that.
    """

    box: tuple[float, float, float, float]  # x0, y0, x1, y1 in the picture's pixels
    label: str  # a COCO or ImageNet name, or the noun an open-vocabulary detector was asked for
    score: float  # the detector's, 0..1
    mask: Mask | None = None  # the whole picture on any grid h×w; colours are measured on it
    logits: Logits | None = None  # handed on to the detection
    dress: float = 0.0  # of a person: 1 dressed as women mostly are, -1 as men mostly are
    wears: Mapping[str, float] = field(default_factory=dict)  # how likely, by what was asked for

    @property
    def wide(self) -> float:
        """Width of the box in pixels, at least one."""
        return max(1.0, self.box[2] - self.box[0])

    @property
    def tall(self) -> float:
        """Height of the box in pixels, at least one."""
        return max(1.0, self.box[3] - self.box[1])

    @property
    def area(self) -> float:
        """Area of the box in square pixels."""
        return self.wide * self.tall

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the box, x and y in pixels."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def crop_of(thing: DetectedObject, rgb: RGB) -> tuple[RGB, Mask]:
    """Return the object's crop, at most `_LOOK` pixels long, and which pixels are its own.

    The result is uint8 h×w×3 and bool h×w. Without a mask, an ellipse a good deal smaller than the
    box stands for it.
    """
    height, width = rgb.shape[:2]
    x0, y0 = max(0, int(thing.box[0])), max(0, int(thing.box[1]))
    x1 = min(width, max(x0 + 1, round(thing.box[2])))
    y1 = min(height, max(y0 + 1, round(thing.box[3])))
    x0, y0 = min(x0, width - 1), min(y0, height - 1)
    scale = min(1.0, _LOOK / max(x1 - x0, y1 - y0, 1))
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    crop = cv2.resize(np.ascontiguousarray(rgb[y0:y1, x0:x1]), size, interpolation=cv2.INTER_AREA)
    inside = None if thing.mask is None else _mask_in(thing.mask, (x0, y0, x1, y1), rgb.shape, size)
    if inside is None or not inside.any():
        inside = _ellipse(size)
    return crop.astype(np.uint8, copy=False), inside


def _mask_in(
    mask: Mask, window: tuple[int, int, int, int], picture: tuple[int, ...], size: tuple[int, int]
) -> Mask:
    """Return the mask's values at the middles of `size` cells of a window of the picture."""
    x0, y0, x1, y1 = window
    rows = (y0 + (np.arange(size[1]) + 0.5) * (y1 - y0) / size[1]) * mask.shape[0] / picture[0]
    columns = (x0 + (np.arange(size[0]) + 0.5) * (x1 - x0) / size[0]) * mask.shape[1] / picture[1]
    rows = np.clip(rows.astype(np.intp), 0, mask.shape[0] - 1)
    columns = np.clip(columns.astype(np.intp), 0, mask.shape[1] - 1)
    inside: NDArray[np.bool_] = mask[np.ix_(rows, columns)]
    return inside


def _ellipse(size: tuple[int, int]) -> Mask:
    rows = (np.arange(size[1]) + 0.5) / size[1] * 2 - 1
    columns = (np.arange(size[0]) + 0.5) / size[0] * 2 - 1
    inside: Mask = (rows[:, None] / 0.85) ** 2 + (columns[None] / 0.7) ** 2 <= 1
    return inside
