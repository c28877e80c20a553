"""Depth order of overlapping subjects: which mask lies inside another, and which is in front."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np

from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.models.protocols import Mask

_CONTAINED = (
    0.7  # of a mask's area: so much of it inside another means a part, or a thing before it
)
_TOUCH = np.ones((7, 7), np.uint8)  # cells around a mask in which another touches it


def insides(candidates: Sequence[Candidate]) -> set[tuple[int, int]]:
    """Pairs of indices into `candidates`: the first's mask lies inside the second's."""
    masks = [candidate.coarse for candidate in candidates]
    areas = [max(1, int(mask.sum())) for mask in masks]
    found = set()
    for one, two in combinations(range(len(masks)), 2):
        both = int((masks[one] & masks[two]).sum())
        small, large = (one, two) if areas[one] <= areas[two] else (two, one)
        if both > _CONTAINED * areas[small]:
            found.add((small, large))
    return found


def front_to_back(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """The indices of the subjects' masks in the likely depth order, the front one first.

    Of two that touch, the one in front lies inside the other's mask, or fills a concavity of its
    outline. Where neither holds, the one that ends lower in the picture is taken to be nearer.
    """
    masks = [candidate.coarse for candidate in candidates]
    near = [cv2.dilate(mask.view(np.uint8), _TOUCH).view(np.bool_) for mask in masks]
    nearness = np.zeros(len(masks))
    for one, two in combinations(range(len(masks)), 2):
        if not (near[one] & masks[two]).any():
            continue
        lead = _lead(masks[one], masks[two])
        nearness[one] += lead
        nearness[two] -= lead
    return tuple(int(index) for index in np.argsort(-nearness, kind="stable"))


def _lead(one: Mask, two: Mask) -> float:
    """How surely the first of two touching masks lies in front of the second, -1..1."""
    both = one & two
    least = max(1, min(int(one.sum()), int(two.sum())))
    if int(both.sum()) > _CONTAINED * least:
        return 1.0 if one.sum() <= two.sum() else -1.0
    only_one, only_two = one & ~two, two & ~one
    filled = _convexity_defects(only_two) & one, _convexity_defects(only_one) & two
    bite = (int(filled[0].sum()) - int(filled[1].sum())) / least
    lower = float(np.flatnonzero(one.any(1))[-1] - np.flatnonzero(two.any(1))[-1]) / len(one)
    return float(np.clip(bite * 4 + 0.5 * lower, -1, 1))


def _convexity_defects(mask: Mask) -> Mask:
    """The cells of the mask's convex hull that are not in the mask."""
    points = cv2.findNonZero(mask.view(np.uint8))
    hull = np.zeros(mask.shape, np.uint8)
    if points is not None:
        cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    return hull.view(np.bool_) & ~mask
