"""A part of the map as one subject or several, without losing any of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from pickmatte.interactive.edits.prompts import Click
from pickmatte.models.geometry.masks import soft_iou
from pickmatte.models.protocols import Alpha, Mask

from .sharpening import Look, deepest
from .standing_out import STANDS_OUT

_DEEP = 0.06  # of a part's breadth: how deep a place must be to be worth a click
_PIECES = 5  # things looked for in one part
_WITHIN = 0.85  # of a piece must stand out, else it is background or reaches into it
_PIECE = 0.1  # of a part: smaller pieces belong to others
_INSIDE = 0.7  # of a piece inside another: it is a part of that one
_TOGETHER = 0.75  # soft IoU with the map, below which the pieces are not all there is; by hand


def shares(look: Look, wanted: Alpha, size: tuple[int, int]) -> list[Alpha]:
    """The map of one part, divided among the things that the segmenter sees in it.

    They are what lone clicks are taken for, none part of another, if together they are about all of
    the part. What stands out and belongs to none goes to the nearest: the shares add up to the map.
    """
    several = pieces(look, wanted, size)
    if len(several) < 2 or soft_iou(np.logical_or.reduce(several), wanted) < _TOGETHER:
        return [wanted]
    return divided(wanted, several)


def divided(wanted: Alpha, several: Sequence[Mask]) -> list[Alpha]:
    """The map divided among pieces of it: what is nearest to each."""
    away = [cv2.distanceTransform((~piece).astype(np.uint8), cv2.DIST_L2, 5) for piece in several]
    nearest = np.argmin(away, axis=0)
    return [np.where(nearest == place, wanted, np.float32(0)) for place in range(len(several))]


def pieces(look: Look, wanted: Alpha, size: tuple[int, int]) -> list[Mask]:
    """Things in a part of the map, each as a click on the deepest place not yet taken shows it."""
    area = wanted > STANDS_OUT
    left = area.copy()
    found: list[Mask] = []
    shallow = max(3.0, _DEEP * math.sqrt(float(area.sum())))
    for _ in range(_PIECES):
        click, depth = deepest(left, size)
        if depth < shallow:
            break
        seen = [candidate.inside for candidate in look((click,), None)]
        inner = [inside for inside in seen if float(area[inside].mean()) > _WITHIN]
        if inner:
            found.append(inner[0])
            left &= ~inner[0]
        else:  # what lies there cannot be told from what does not stand out
            left &= ~_disc(click, depth, area.shape, size)
    least = _PIECE * float(area.sum())
    return [
        one
        for one in found
        if one.sum() >= least and not any(_is_part(one, other) for other in found)
    ]


def _disc(click: Click, depth: float, grid: tuple[int, ...], size: tuple[int, int]) -> Mask:
    rows, columns = np.ogrid[: grid[0], : grid[1]]
    row, column = click.y / size[0] * grid[0] - 0.5, click.x / size[1] * grid[1] - 0.5
    disc: Mask = np.hypot(rows - row, columns - column) <= depth + 1
    return disc


def _is_part(one: Mask, other: Mask) -> bool:
    both = int((one & other).sum())
    return (
        one is not other
        and both > _INSIDE * int(one.sum())
        and (int(one.sum()) <= int(other.sum()))
    )
