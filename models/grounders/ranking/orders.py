"""Order objects: leftmost, second largest, in front, in the top left corner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.grounders.english.description import Axis, Place
from pickmatte.models.protocols import Mask

from .detected_objects import DetectedObject

Values = NDArray[np.float64]

# The distance at which it is clear which of two objects is first: shares of the picture, e-folds of
# area or length, and for depth the unit of `_nearness`.
_PLAIN: dict[Axis, float] = {
    "across": 0.03, "down": 0.04, "size": 0.2, "height": 0.08, "width": 0.08, "depth": 0.3,
}  # fmt: skip
_STEP = 2.0  # log-odds against an object for each place that it is off in the order
_STRICT_STEP = 2.8
_MOST_OFF = 3.0
_SIDE = 3.5  # log-odds from the middle of the picture to its edge, for "on the left" and the like
_BITE = 3.0  # log-odds of being nearer for a thing that owns all of where two boxes overlap


def evidence(
    places: Sequence[Place], things: Sequence[DetectedObject], weights: Values,
    size: tuple[int, int], *, several: bool = False,
) -> Values:  # fmt: skip
    """Return the log-odds that each of N objects is at the places that are said, float N.

    `weights` are 0..1, how surely each object counts in the order; `size` is the picture's height
    and width. With `several` objects meant, sides are halves of the picture and not ends of an
    order.
    """
    total = np.zeros(len(things))
    corner = {place.axis: place for place in places if place.axis in ("across", "down")}
    if len(corner) == 2 and all(abs(place.nth) == 1 for place in corner.values()):
        keys = [
            _key(place.axis, things, size) if place.nth > 0 else 1 - _key(place.axis, things, size)
            for place in corner.values()
        ]
        before = _before((keys[0] + keys[1]) / 2, _PLAIN["across"])
        total += _at(Place("across", 1), before, (keys[0] + keys[1]) / 2, things, weights, several)
        places = [place for place in places if place.axis not in corner]
    for place in places:
        key = _key(place.axis, things, size)
        before = _before(key, _PLAIN[place.axis])
        if place.axis == "depth":
            before = _bitten(before, things, size)
        total += _at(place, before, key, things, weights, several)
    return total


def position(place: Place, things: Sequence[DetectedObject], at: int, size: tuple[int, int]) -> int:
    """Return how many objects come before the one at `at`, counted from `place`'s end."""
    key = _key(place.axis, things, size)
    return int((key < key[at]).sum() if place.nth >= 0 else (key > key[at]).sum())


def _at(
    place: Place, before: Values, key: Values, things: Sequence[DetectedObject], weights: Values,
    several: bool,
) -> Values:  # fmt: skip
    """Return log-odds for one place, by order and, for a side of the picture, by position."""
    side = place.axis in ("across", "down") and not place.strict
    towards = 0.5 - np.abs(key - 0.5) * 2 if place.nth == 0 else (0.5 - key) * np.sign(place.nth)
    if several and side:
        return np.asarray(towards * 4 * _SIDE)
    counted = np.tile(weights, (len(things), 1))
    if place.axis in ("across", "down"):  # a tiny object hardly counts in a large one's row
        areas = np.array([thing.area for thing in things])
        counted *= np.minimum(1, np.sqrt(areas[None] / areas[:, None]))
    np.fill_diagonal(counted, 0)
    first, rest = (counted * before).sum(axis=1), (counted * (1 - before)).sum(axis=1)
    if place.nth == 0:
        off = np.abs(first - rest) / 2
    else:
        off = np.abs((first if place.nth > 0 else rest) - (abs(place.nth) - 1))
    step = _STRICT_STEP if place.strict else _STEP
    return np.asarray(-step * np.minimum(off, _MOST_OFF) + (towards * _SIDE if side else 0))


def _before(key: Values, plain: float) -> Values:
    """Return the probability that the second object comes before the first, N×N."""
    return _probability((key[:, None] - key[None]) / plain)


def _key(axis: Axis, things: Sequence[DetectedObject], size: tuple[int, int]) -> Values:
    """Return a number for each object, the smaller the earlier in the order."""
    match axis:
        case "across":
            return np.array([thing.centre[0] / size[1] for thing in things])
        case "down":
            return np.array([thing.centre[1] / size[0] for thing in things])
        case "size":
            return -np.log([thing.area for thing in things])
        case "height":
            return -np.log([thing.tall for thing in things])
        case "width":
            return -np.log([thing.wide for thing in things])
        case "depth":
            return -np.array([_nearness(thing, size) for thing in things])


def _nearness(thing: DetectedObject, size: tuple[int, int]) -> float:
    """Return a measure of nearness: what stands lower in the picture or is larger is nearer."""
    return 3 * thing.box[3] / size[0] + 0.5 * float(np.log(thing.area / (size[0] * size[1])))


def _bitten(before: Values, things: Sequence[DetectedObject], size: tuple[int, int]) -> Values:
    """Return the same, knowing that of two overlapping boxes the one in front owns the pixels."""
    odds = np.log(before / (1 - before + 1e-12) + 1e-12)
    for i, thing in enumerate(things):
        for j, other in enumerate(things):
            if i != j:
                odds[i, j] += _BITE * covering(other, thing, size)
    return _probability(odds)


def _probability(odds: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def covering(front: DetectedObject, back: DetectedObject, size: tuple[int, int]) -> float:
    """Return how much more of the overlap of two boxes the first owns than the second, -1..1.

    `size` is the picture's height and width. The result is 0 where the boxes hardly overlap or a
    mask is missing.
    """
    x0, y0 = max(front.box[0], back.box[0]), max(front.box[1], back.box[1])
    x1, y1 = min(front.box[2], back.box[2]), min(front.box[3], back.box[3])
    common = max(0.0, x1 - x0) * max(0.0, y1 - y0)
    if front.mask is None or back.mask is None or common < 0.05 * min(front.area, back.area):
        return 0.0
    first, second = (_owned(mask, (x0, y0, x1, y1), size) for mask in (front.mask, back.mask))
    return (first - second) / max(first + second, 1e-6)


def _owned(mask: Mask, box: tuple[float, float, float, float], size: tuple[int, int]) -> float:
    """Return the share of a box of the picture that a mask on any grid fills, 0..1."""
    tall, wide = mask.shape[0] / size[0], mask.shape[1] / size[1]
    left, top = int(box[0] * wide), int(box[1] * tall)
    right, bottom = max(left + 1, round(box[2] * wide)), max(top + 1, round(box[3] * tall))
    part = mask[top:bottom, left:right]
    return float(part.mean()) if part.size else 0.0
