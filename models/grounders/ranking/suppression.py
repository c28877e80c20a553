"""Decide which detections count as found objects: rivals, repeats and parts are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from pickmatte.models.geometry.boxes import areas, iou, shared

from .detected_objects import DetectedObject

_THERE = 0.3  # the detector's score from which an object counts as present ...
_SURE, _AGAIN = 0.5, 0.2  # ... and, beside a sure one of its label, the lower score that is enough
_RIVAL = 0.7  # the IoU from which boxes of two labels show one object
_PART = 0.85  # a mask with this share inside a better one's is a part of that object ...
_DOUBT = 0.5  # ... unless its score is at least this share of the better one's
_SHARED = 0.5  # a box with this share inside a better one's may be of a part: masks decide


def confident(things: Iterable[DetectedObject]) -> list[DetectedObject]:
    """Return the objects that count as present, in their order.

    Where one object of a label is sure, others of that label need a lower score.
    """
    every = list(things)
    sure = {thing.label for thing in every if thing.score >= _SURE}
    return [one for one in every if one.score >= (_AGAIN if one.label in sure else _THERE)]


def suppress_rivals(things: Iterable[DetectedObject]) -> list[DetectedObject]:
    """Return the objects without those whose box a much surer object of another label shares."""
    every = list(things)
    boxes = np.array([thing.box for thing in every], float).reshape(-1, 4)
    overlap = iou(boxes, boxes)
    return [
        thing
        for thing, row in zip(every, overlap, strict=True)
        if not any(
            same > _RIVAL and other.label != thing.label and other.score > 2 * thing.score
            for other, same in zip(every, row, strict=True)
        )
    ]


def distinct(things: Iterable[DetectedObject]) -> list[DetectedObject]:
    """Return objects of one kind, best first, without any that overlap a better one by half."""
    kept: list[DetectedObject] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        boxes = np.array([other.box for other in kept], float).reshape(-1, 4)
        if not (iou(np.array([thing.box], float), boxes) > 0.5).any():
            kept.append(thing)
    return kept


def in_doubt(things: Sequence[DetectedObject]) -> list[DetectedObject]:
    """Return the objects whose boxes suggest that one is a part of the other, in their order.

    `things` come best first. Boxes only raise the doubt; masks settle it, see `without_parts`.
    """
    boxes = np.array([thing.box for thing in things], float).reshape(-1, 4)
    inside = shared(boxes, boxes) / np.maximum(areas(boxes)[:, None], 1e-9)
    doubtful: set[int] = set()
    for part, thing in enumerate(things):
        for whole, other in enumerate(things[:part]):
            if inside[part, whole] > _SHARED and may_be_part(thing, other):
                doubtful |= {part, whole}
    return [thing for at, thing in enumerate(things) if at in doubtful]


def may_be_part(thing: DetectedObject, better: DetectedObject) -> bool:
    """Return whether labels and scores allow for one object to be a part of a better one."""
    return thing.label == better.label and thing.score < _DOUBT * better.score


def without_parts(things: Iterable[DetectedObject]) -> list[DetectedObject]:
    """Return the objects, best first, without those that lie in a better one of their label."""
    kept: list[DetectedObject] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        if thing.mask is None or not any(
            other.mask is not None
            and may_be_part(thing, other)
            and (other.mask & thing.mask).sum() > _PART * thing.mask.sum()
            for other in kept
        ):
            kept.append(thing)
    return kept
