"""What the user paints into a trimap by hand: it stands above all that is worked out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.errors import PromptError
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import Mask, Trimap

from .prompts import Point

Painted: TypeAlias = Literal["keep", "drop", "unknown", "erase"]

_FRACTION = 4  # bits of a pixel to which OpenCV is told positions
_CODES: dict[Painted, int] = {"erase": 0, "keep": 1, "drop": 2, "unknown": 3}
_VALUES = {1: FOREGROUND, 2: BACKGROUND, 3: UNKNOWN}


@dataclass(frozen=True)
class Paint:
    """A brush drawn along points, or with no `radius` the lasso that they are the outline of.

    What it covers is kept, dropped, left to the matting ("unknown"), or has its earlier paint
    taken off ("erase"). Points and radius are pixels of the full-size picture.
    """

    points: tuple[Point, ...]
    makes: Painted
    radius: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", tuple((float(x), float(y)) for x, y in self.points))
        numbers = [number for point in self.points for number in point]
        if not all(math.isfinite(number) and abs(number) < 1e6 for number in numbers):
            raise PromptError("The points of a brush or lasso must be finite numbers.")
        if self.makes not in get_args(Painted):
            raise PromptError(
                f"There is no paint {self.makes!r}; there are: {', '.join(get_args(Painted))}."
            )
        if self.radius is None:
            if len(self.points) < 3:
                raise PromptError("A lasso needs at least three points around what it takes.")
        elif not self.points or not 0 < self.radius <= 1e4:
            raise PromptError("A brush needs a point and a radius above 0.")


def paint_trimap(trimap: Trimap, paints: Sequence[Paint], scale: float = 1.0) -> Trimap:
    """The trimap, uint8 H×W, with the paints laid on in order.

    It is `scale` times the size of the picture that the paints are told in.
    """
    if not paints:
        return trimap
    code = _laid_on(trimap.shape, paints, scale)
    painted = trimap.copy()
    for number, value in _VALUES.items():
        painted[code == number] = value
    return painted


def paint_mask(mask: Mask, paints: Sequence[Paint], scale: float = 1.0) -> Mask:
    """The mask, bool H×W, with what is painted keep and without what is painted drop."""
    if not paints:
        return mask
    code = _laid_on(mask.shape, paints, scale)
    painted: Mask = (mask | (code == _CODES["keep"])) & (code != _CODES["drop"])
    return painted


def _laid_on(size: tuple[int, ...], paints: Sequence[Paint], scale: float) -> NDArray[np.uint8]:
    """What each pixel was painted last, as a code, 0 where nothing or erased."""
    code = np.zeros(size, np.uint8)
    for paint in paints:
        value = _CODES[paint.makes]
        # A picture position is a pixel's left edge, for OpenCV whole numbers are pixel centres.
        places = np.array(paint.points) * scale - 0.5 * (paint.radius is None)
        fixed = np.rint(places * (1 << _FRACTION)).astype(np.int32)
        if paint.radius is None:
            cv2.fillPoly(code, [fixed], value, shift=_FRACTION)
            continue
        radius = max(0.5, paint.radius * scale)
        if len(fixed) > 1:
            thick = max(1, round(2 * radius))
            cv2.polylines(code, [fixed], False, value, thick, cv2.LINE_8, _FRACTION)
        for x, y in fixed[[0, -1]]:
            centre = int(x), int(y)
            cv2.circle(code, centre, round(radius * (1 << _FRACTION)), value, -1, 8, _FRACTION)
    return code
