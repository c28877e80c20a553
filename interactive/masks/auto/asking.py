"""The segmenter asked for a part of a map as a person would: a place, and clicks to correct it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.interactive.edits.state import Choice, Step
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.models.geometry.masks import deepest_point, soft_iou, stability
from pickmatte.models.protocols import Alpha, Mask

from .standing_out import STANDS_OUT

Steps: TypeAlias = tuple[Step, ...]
Look: TypeAlias = Callable[[Steps], Sequence[Candidate]]  # candidates after these steps

_SURE = 0.8  # of the map's range: where it may correct a mask
_CRISP = 0.2  # what a crisp edge counts for beside agreement with the map
_DEEP = 0.06  # of a part's breadth: how deep a place must be to be worth a click
_GAIN = 0.01  # that a click must bring
_CLICKS = 4


@dataclass(frozen=True, eq=False)
class Found:
    """What the segmenter has for a part: the steps that make it, and how it fits the map."""

    steps: Steps
    inside: Mask  # on the grid of the segmenter's logits
    fit: float  # soft IoU with the map, 0..1
    crisp: float  # 0..1

    @property
    def worth(self) -> float:
        """What is sought to be large."""
        return self.fit + _CRISP * self.crisp


def subject_of(look: Look, wanted: Alpha, size: tuple[int, int]) -> Found:
    """The steps whose mask agrees best with `wanted`, a map on the grid of the logits.

    `size` is the picture's height and width.
    """
    area = wanted > STANDS_OUT
    openings: list[Steps] = [(box_of(area, size),), (deepest(area, size)[0],)]
    best = max(
        (one for opening in openings for one in seen_after(look, opening, wanted)),
        key=lambda one: one.worth,
    )
    for _ in range(_CLICKS):
        click = _correction(best.inside, wanted, size)
        if click is None:
            break
        better = seen_after(look, (*best.steps, click), wanted)[0]
        if better.worth < best.worth + _GAIN:
            break
        best = better
    return best


def seen_after(look: Look, steps: Steps, wanted: Alpha) -> list[Found]:
    """Every candidate after these steps, in their order."""
    found = []
    for index, candidate in enumerate(look(steps)):
        inside, crisp = candidate.inside, stability(candidate.content)
        fit = soft_iou(inside, wanted)
        found.append(Found((*steps, Choice(index)), inside, fit, crisp))
    return found


def _correction(inside: Mask, wanted: Alpha, size: tuple[int, int]) -> Click | None:
    """A click on the deepest place where the mask is surely wrong; None where none is deep."""
    missing, extra = ~inside & (wanted > _SURE), inside & (wanted < 1 - _SURE)
    (keep, inner), (drop, outer) = deepest(missing, size), deepest(extra, size)
    if max(inner, outer) < shallow(wanted):
        return None
    return keep if inner >= outer else Click(drop.x, drop.y, keep=False)


def shallow(wanted: Alpha) -> float:
    """How deep, in cells, a place must be to be worth a click."""
    return max(3.0, _DEEP * math.sqrt(float((wanted > STANDS_OUT).sum())))


def box_of(area: Mask, size: tuple[int, int]) -> Box:
    """A box around an area of the grid, in a picture of that height and width."""
    x, y, width, height = cv2.boundingRect(area.astype(np.uint8))
    across, down = size[1] / area.shape[1], size[0] / area.shape[0]
    return Box(x * across, y * down, (x + width) * across, (y + height) * down)


def deepest(area: Mask, size: tuple[int, int]) -> tuple[Click, float]:
    """A click on the point of an area that is farthest from its edge, and how far in cells."""
    x, y, depth = deepest_point(area)
    return Click(x * size[1] / area.shape[1], y * size[0] / area.shape[0]), depth
