"""What of a detector's answers counts as found: rivals, repeats and parts are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from pickmatte.models.geometry.boxes import areas, iou, shared

from .detected_objects import DetectedObject

_THERE = 0.3  # a detector's score from which a thing counts as there
_SURE, _AGAIN = 0.5, 0.2  # ... and where a sure one is there, from which there is another one
_RIVAL = 0.7  # IoU with a thing of another label from which the two are one thing
_PART = 0.85  # of a mask inside a better one's: a part of that thing, not another thing ...
_SHARED = 0.5  # of a box inside a better one's, from which masks must tell
_DOUBT = 0.5  # ... unless its score is at least so much of that one's


def confident(things: Iterable[DetectedObject]) -> list[DetectedObject]:
    """Things that count as there: what comes in numbers is believed with less of a score."""
    every = list(things)
    sure = {thing.label for thing in every if thing.score >= _SURE}
    return [one for one in every if one.score >= (_AGAIN if one.label in sure else _THERE)]


def suppress_rivals(things: Iterable[DetectedObject]) -> list[DetectedObject]:
    """Things without those that a much surer thing of another label stands in the place of."""
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
    """Things of one kind, best first, without those that overlap much with a better one."""
    kept: list[DetectedObject] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        boxes = np.array([other.box for other in kept], float).reshape(-1, 4)
        if not (iou(np.array([thing.box], float), boxes) > 0.5).any():
            kept.append(thing)
    return kept


def in_doubt(things: Sequence[DetectedObject]) -> list[DetectedObject]:
    """Things, best first, that may be parts of a better one of their label, and those better ones.

    It is their boxes that raise the doubt; masks settle it.
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
    """Whether labels and scores allow for one thing to be a part of another."""
    return thing.label == better.label and thing.score < _DOUBT * better.score


def without_parts(things: Iterable[DetectedObject]) -> list[DetectedObject]:
    """Things without those whose mask lies in that of a better one of the same label."""
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
