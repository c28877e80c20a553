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
from dataclasses import astuple, dataclass
from typing import TypeAlias

import cv2
import numpy as np

from pickmatte import models
from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.interactive.edits.state import Choice, Step, UserLayer
from pickmatte.models.errors import NothingFound
from pickmatte.models.geometry.masks import deepest_point, soft_iou, stability
from pickmatte.models.grounders.categories import Category
from pickmatte.models.protocols import RGB, Alpha, Mask, Salient

from .candidate import Candidate
from .candidate_store import CandidateStore

Steps: TypeAlias = tuple[Step, ...]
Look: TypeAlias = Callable[[Steps], Sequence[Candidate]]  # candidates after these steps

_LOOK = 640  # pixels of the long side that the salient network is shown
_STANDS_OUT = 0.5  # of the map's range
_SURE = 0.8  # ... where the map may correct a mask
_LEAST = 0.01  # of the picture: smaller parts are not evident subjects
_MINOR = 0.1  # of the largest part: likewise
_CRISP = 0.2  # what a crisp edge counts for beside agreement with the map
_FITS = 0.5  # agreement below which the segmenter has seen something else
_DEEP = 0.06  # of a part's breadth: how deep a place must be to be worth a click
_GAIN = 0.01  # that a click must bring
_CLICKS = 4
_PIECES = 5  # things looked for in one part
_WITHIN = 0.85  # of a piece must stand out, else it is background or reaches into it
_PIECE = 0.1  # of a part: smaller pieces belong to others
_ONE = 0.95  # agreement from which a part of the map is one subject, whatever its pieces
_SPLIT = 0.1  # of agreement with the map that is given up to tell things apart
_INSIDE = 0.7  # of a piece inside another: it is a part of that one
_REACH = 0.1  # of a part's breadth: how far around it its soft edge may reach
_ENLARGED = 2.0  # of the network's side: how much longer a picture may be for its alpha to do
_AGREES = 0.9  # agreement from which the segmenter and the network see the same subject


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


def subjects_of(look: Look, wanted: Alpha, size: tuple[int, int]) -> list[Found]:
    """One subject for a part of the map, or several where the segmenter sees several.

    Several it is where no one mask agrees well with the map, and lone clicks are taken for things
    apart, none part of another, that together agree as well with it. Each is then sought anew in
    its share of the map.
    """
    one = subject_of(look, wanted, size)
    several = pieces(look, wanted, size) if one.fit < _ONE else []
    if len(several) < 2:
        return [one]
    found = [subject_of(look, share, size) for share in shares(wanted, several)]
    together = soft_iou(np.logical_or.reduce([piece.inside for piece in found]), wanted)
    return found if together > one.fit - _SPLIT else [one]


def shares(wanted: Alpha, several: Sequence[Found]) -> list[Alpha]:
    """The map divided among pieces of it: what is nearest to each."""
    away = [
        cv2.distanceTransform((~piece.inside).astype(np.uint8), cv2.DIST_L2, 5) for piece in several
    ]
    nearest = np.argmin(away, axis=0)
    return [np.where(nearest == place, wanted, np.float32(0)) for place in range(len(several))]


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
    area = wanted > _STANDS_OUT
    left = area.copy()
    found: list[Found] = []
    for _ in range(_PIECES):
        click, depth = _deepest(left, size)
        if depth < _shallow(wanted):
            break
        seen = _all(look, (click,), wanted)
        inner = [one for one in seen if float(area[one.inside].mean()) > _WITHIN]
        if inner:
            found.append(inner[0])
            left &= ~inner[0].inside
        else:  # what lies there cannot be told from what does not stand out
            left &= ~_disc(click, depth, area.shape, size)
    least = _PIECE * float(area.sum())
    return [
        one
        for one in found
        if one.inside.sum() >= least and not any(_is_part(one, other) for other in found)
    ]


def _disc(click: Click, depth: float, grid: tuple[int, ...], size: tuple[int, int]) -> Mask:
    rows, columns = np.ogrid[: grid[0], : grid[1]]
    row, column = click.y / size[0] * grid[0] - 0.5, click.x / size[1] * grid[1] - 0.5
    disc: Mask = np.hypot(rows - row, columns - column) <= depth + 1
    return disc


def _is_part(one: Found, other: Found) -> bool:
    both = int((one.inside & other.inside).sum())
    return (
        one is not other
        and both > _INSIDE * int(one.inside.sum())
        and (int(one.inside.sum()) <= int(other.inside.sum()))
    )


def _all(look: Look, steps: Steps, wanted: Alpha) -> list[Found]:
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
    x, y, depth = deepest_point(area)
    return Click(x * size[1] / area.shape[1], y * size[0] / area.shape[0]), depth


def evident(
    candidate_store: CandidateStore,
    salient: Salient,
    *,
    only: Category | None = None,
    largest: bool = False,
) -> list[tuple[Steps, UserLayer | None]]:
    """What makes each evident subject of a picture, steps or a mask or alpha; the largest first.

    Where the segmenter sees something else than the map, the map itself is the mask. A network
    that gives fine alpha (`Salient.fine`) keeps it where it is better than what the matting would
    make of the segmenter's mask: where both agree on the subject, and the picture is not much
    larger than what the network saw, so that a soft edge is hair and not enlargement. Raises
    `NothingFound` where nothing stands out, or nothing of the kind `only`.
    """
    rgb, size = candidate_store.picture.seen, candidate_store.picture.size

    def look(steps: Steps) -> Sequence[Candidate]:
        return candidate_store.candidates_after(steps, None).candidates

    grid = look((Box(0, 0, size[1], size[0]),))[0].inside.shape
    with candidate_store.timed("salient"):
        coarse = coarse_map(rgb, salient)
        if candidate_store.picture.alpha is not None:  # what cannot be seen does not stand out
            shape = coarse.shape[::-1]
            coarse *= cv2.resize(candidate_store.picture.alpha, shape, interpolation=cv2.INTER_AREA)
        found = np.asarray(cv2.resize(coarse, grid[::-1], interpolation=cv2.INTER_AREA), np.float32)
        sharp = salient.fine and max(size) <= _ENLARGED * salient.side
        alpha = salient.saliency(rgb) if sharp else None
    every = [
        (one if one.fit >= _FITS else Found((), part, one.fit, one.crisp))
        for part, wanted in apart(found)
        for one in subjects_of(look, wanted, size)
    ]
    if only and every:
        boxes = [astuple(_box(one.inside, size)) for one in every]
        kinds = models.load_categories().of(rgb, boxes)
        every = [one for one, kind in zip(every, kinds, strict=True) if kind == only]
    if not every:
        what = f"No {only}" if only else "Nothing"
        raise NothingFound(f"{what} stands out in this picture; click on what to keep instead.")
    every.sort(key=lambda one: -int(one.inside.sum()))
    return [_told(one, alpha, size) for one in every[: 1 if largest else None]]


def _told(one: Found, alpha: Alpha | None, size: tuple[int, int]) -> tuple[Steps, UserLayer | None]:
    if not one.steps:
        return (), UserLayer("mask", _enlarged(one.inside, size))
    if alpha is not None and one.fit > _AGREES:
        return (), UserLayer("alpha", alpha * _enlarged(_around(one.inside), size))
    return one.steps, None


def apart(found: Alpha) -> list[tuple[Mask, Alpha]]:
    """The parts of a map, each with the map of its surroundings in which the others are 0."""
    every = parts(found)
    standing = np.logical_or.reduce(every) if every else np.zeros(found.shape, bool)
    return [
        (part, np.where(_around(part) & ~(standing & ~part), found, np.float32(0)))
        for part in every
    ]


def _around(part: Mask) -> Mask:
    """A part and what is near it, where its soft edge may be."""
    reach = 2 * max(3, round(_REACH * math.sqrt(float(part.sum())))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return cv2.dilate(part.astype(np.uint8), kernel).astype(bool)


def _enlarged(part: Mask, size: tuple[int, int]) -> Mask:
    """The part at the picture's size, its outline smooth."""
    grown = cv2.resize(part.astype(np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
    enlarged: Mask = grown > 0.5
    return enlarged
