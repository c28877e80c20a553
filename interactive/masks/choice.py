"""Which candidate a box means, and which candidates differ enough to be offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pickmatte.interactive.edits.prompts import Box
from pickmatte.models.geometry.masks import mask_iou

from .candidate import Candidate

_SAME = 0.95  # candidates that overlap more than this are one


def rank_in_box(candidates: Sequence[Candidate], box: Box) -> tuple[Candidate, ...]:
    """Candidates for a box, best first: the one that fills it, its sides touching the mask's."""
    scored = [
        replace(candidate, score=candidate.score + fills(candidate, box))
        for candidate in candidates
    ]
    return distinct(sorted(scored, key=lambda candidate: -candidate.score))


def distinct(candidates: Sequence[Candidate], alike: float = _SAME) -> tuple[Candidate, ...]:
    """The candidates without empty ones and those with an IoU of `alike` to an earlier one."""
    kept: list[Candidate] = []
    for candidate in candidates:
        inside = candidate.inside
        if inside.any() and all(mask_iou(inside, other.inside) < alike for other in kept):
            kept.append(candidate)
    return tuple(kept or candidates[:1])


def fills(candidate: Candidate, box: Box) -> float:
    """How well a mask fills a box: the IoU of its own bounding box with that, 0 for none."""
    found = candidate.box
    if found is None:
        return 0.0
    wide = min(found[2], box.x1) - max(found[0], box.x0)
    tall = min(found[3], box.y1) - max(found[1], box.y0)
    both = max(0.0, wide) * max(0.0, tall)
    areas = (found[2] - found[0]) * (found[3] - found[1]) + (box.x1 - box.x0) * (box.y1 - box.y0)
    return both / (areas - both)
