"""Subjects without a prompt: where something stands out, the prompts a person would have given.

A salient-object network's coarse map proposes places, one for each connected part. For each, the
segmenter is asked as a person would ask it: a box, or a click on the deepest point, one of the
candidates, and clicks where the mask and a sure map disagree. Whatever agrees best with the map and
is crisp is kept. A part that the segmenter takes for several things becomes several subjects. So
what comes out are prompts: they can be undone, edited, and replayed from a recipe like a user's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.protocols import RGB, Alpha, Mask, Salient

from .candidates import Candidate
from .prompts import Box, Click
from .state import Choice, Step

Steps: TypeAlias = tuple[Step, ...]
Look: TypeAlias = Callable[[Steps], Sequence[Candidate]]  # candidates after these steps

_LOOK = 640  # pixels of the long side that the salient network is shown
_STANDS_OUT = 0.5  # of the map's range
_SURE = 0.8  # ... where the map may correct a mask
_LEAST = 0.01  # of the picture: smaller parts are not evident subjects
_MINOR = 0.1  # of the largest part: likewise
_CRISP = 0.5  # what a crisp edge counts for beside agreement with the map
_FITS = 0.5  # agreement below which the segmenter has seen something else
_DEEP = 0.06  # of a part's breadth: how deep a place must be to be worth a click
_GAIN = 0.01
_CLICKS = 4
_PIECES = 4  # things looked for in one part
_WITHIN = 0.75  # of a piece must stand out, else it is background or reaches into it
_INSIDE = 0.7  # of a piece inside another: it is a part of that one


@dataclass(frozen=True, eq=False)
class Found:
    """A subject that was found: the steps that make it, and how it fits the map."""

    steps: Steps
    inside: Mask  # on the grid of the segmenter's logits
    fit: float  # soft IoU with the map, 0..1
    crisp: float  # 0..1

    @property
    def worth(self) -> float:
        """What is sought to be large."""
        return self.fit + _CRISP * self.crisp


def coarse_map(rgb: RGB, salient: Salient) -> Alpha:
    """What stands out in a small copy of the picture or in its mirror image, float32 h×w in 0..1.

    Such networks are not sure of what lies right or left: what one look misses the other sees.
    """
    scale = min(1.0, _LOOK / max(rgb.shape[:2]))
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    mirrored = salient.saliency(np.ascontiguousarray(small[:, ::-1]))[:, ::-1]
    return np.maximum(salient.saliency(small), mirrored)


def parts(found: Alpha) -> list[Mask]:
    """The connected parts of what stands out in a map, bool h×w each, the largest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (found > _STANDS_OUT).astype(np.uint8), connectivity=8
    )
    areas = stats[1:count, cv2.CC_STAT_AREA]
    if not len(areas):
        return []
    least = max(_LEAST * found.size, _MINOR * float(areas.max()))
    return [labels == 1 + int(k) for k in np.argsort(-areas) if areas[k] >= least]


def soft_iou(inside: Mask, wanted: Alpha) -> float:
    """Intersection over union of a mask and a map in 0..1."""
    both = float(wanted[inside].sum())
    return both / max(1e-6, float(inside.sum()) + float(wanted.sum()) - both)


def crispness(candidate: Candidate) -> float:
    """How little a mask changes with the threshold, 0..1: segment-anything's stability score."""
    content = candidate.content
    return float((content > 1).sum()) / max(1.0, float((content > -1).sum()))


def subjects_of(look: Look, wanted: Alpha, size: tuple[int, int]) -> list[Found]:
    """One subject for a part of the map, or several where the segmenter sees several.

    Several it is where their masks together agree with the map as well as the one does, and are
    no less crisp: the outline of a group is soft where its members meet the ground and each other.
    """
    one = subject_of(look, wanted, size)
    several = pieces(look, wanted, size)
    if len(several) < 2:
        return [one]
    together = np.logical_or.reduce([piece.inside for piece in several])
    crisp = float(np.mean([piece.crisp for piece in several]))
    worth = soft_iou(together, wanted) + _CRISP * crisp
    return several if worth > one.worth else [one]


def subject_of(look: Look, wanted: Alpha, size: tuple[int, int]) -> Found:
    """The steps whose mask agrees best with `wanted`, a map on the grid of the logits.

    `size` is the picture's height and width.
    """
    area = wanted > _STANDS_OUT
    openings: list[Steps] = [(_box(area, size),), (_deepest(area, size)[0],)]
    best = max(
        (one for opening in openings for one in _all(look, opening, wanted)),
        key=lambda one: one.worth,
    )
    for _ in range(_CLICKS):
        click = _correction(best.inside, wanted, size)
        if click is None:
            break
        better = _all(look, (*best.steps, click), wanted)[0]
        if better.worth < best.worth + _GAIN:
            break
        best = better
    return best


def pieces(look: Look, wanted: Alpha, size: tuple[int, int]) -> list[Found]:
    """Things in a part of the map, each as a click on the deepest place not yet taken shows it."""
    left = wanted.copy()
    least = _shallow(wanted)
    found: list[Found] = []
    for _ in range(_PIECES):
        click, depth = _deepest(left > _STANDS_OUT, size)
        if depth < least:
            break
        seen = _all(look, (click,), wanted)
        inner = [one for one in seen if float(wanted[one.inside].mean()) > _WITHIN]
        if not inner:
            break
        found.append(inner[0])
        left[inner[0].inside] = 0
    return [one for one in found if not any(_is_part(one, other) for other in found)]


def _is_part(one: Found, other: Found) -> bool:
    both = int((one.inside & other.inside).sum())
    return one is not other and both > _INSIDE * int(one.inside.sum()) and (
        int(one.inside.sum()) <= int(other.inside.sum())
    )


def _all(look: Look, steps: Steps, wanted: Alpha) -> list[Found]:
    """Every candidate after these steps, in their order."""
    found = []
    for index, candidate in enumerate(look(steps)):
        inside, crisp = candidate.inside, crispness(candidate)
        fit = soft_iou(inside, wanted)
        found.append(Found((*steps, Choice(index)), inside, fit, crisp))
    return found


def _correction(inside: Mask, wanted: Alpha, size: tuple[int, int]) -> Click | None:
    """A click on the deepest place where the mask is surely wrong; None where none is deep."""
    missing, extra = ~inside & (wanted > _SURE), inside & (wanted < 1 - _SURE)
    (keep, inner), (drop, outer) = _deepest(missing, size), _deepest(extra, size)
    if max(inner, outer) < _shallow(wanted):
        return None
    return keep if inner >= outer else Click(drop.x, drop.y, keep=False)


def _shallow(wanted: Alpha) -> float:
    """How deep, in cells, a place must be to be worth a click."""
    return max(3.0, _DEEP * math.sqrt(float((wanted > _STANDS_OUT).sum())))


def _box(area: Mask, size: tuple[int, int]) -> Box:
    x, y, width, height = cv2.boundingRect(area.astype(np.uint8))
    across, down = size[1] / area.shape[1], size[0] / area.shape[0]
    return Box(x * across, y * down, (x + width) * across, (y + height) * down)


def _deepest(area: Mask, size: tuple[int, int]) -> tuple[Click, float]:
    """A click on the point of an area that is farthest from its edge, and how far in cells."""
    framed = np.pad(area.astype(np.uint8), 1)
    depth: NDArray[np.float32] = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    x = (float(column) + 0.5) * size[1] / area.shape[1]
    y = (float(row) + 0.5) * size[0] / area.shape[0]
    return Click(x, y), float(depth[row, column])
