"""Other masks of a thing that was found, offered where it is not plain what belongs to it.

A box may hold a horse with its rider or without, a sofa or the child on it. Where the masks for the
best detection differ much, the others stand in the list of what was found, to be taken with one
click or by their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.protocols import Detection, Findings, Mask

from .candidates import Candidate
from .grounding import apart

_APART = 0.65  # IoU below which two masks of a box are two readings of it
_READINGS = 2  # beside the best
# How likely the first of them is the one that is meant, where the detection is; the next one half.
_LIKELY = 0.1
_WITHIN = 0.85  # of a mask: so much of it inside another is all of it


def with_readings(findings: Findings, candidates: Sequence[Candidate]) -> Findings:
    """The findings with other readings of the first hit among the runners-up.

    `candidates` are those of the first hit, best first. Where several things are meant, or none,
    the findings stay as they are.
    """
    if sum(hit.meant for hit in findings.hits) != 1:
        return findings
    first = findings.hits[0]
    best, *others = apart(candidates, _APART, 1 + _READINGS)
    readings = [
        _reading(first, best, other, _LIKELY / place) for place, other in enumerate(others, 1)
    ]
    rest = sorted([*findings.hits[1:], *readings], key=lambda hit: -hit.score)
    return replace(findings, hits=(first, *rest))


def _reading(first: Detection, best: Candidate, other: Candidate, likely: float) -> Detection:
    x0, y0, x1, y1 = other.box or first.box
    return Detection(
        (float(x0), float(y0), float(x1), float(y1)),
        first.label,
        round(first.score * likely, 4),
        _why(first.label, best.inside, other.inside),
        meant=False,
        logits=other.logits,
        reading=True,
    )


def _why(label: str, best: Mask, other: Mask) -> str:
    """How a reading differs from the best, one sentence."""
    both, mine = int(np.count_nonzero(best & other)), int(np.count_nonzero(other))
    size = mine / max(1, int(np.count_nonzero(best)))
    if both > _WITHIN * mine:
        return f"The first {label} with less to it: {size:.0%} of its mask."
    if both > _WITHIN * np.count_nonzero(best):
        return f"The first {label} with more to it: {size:.1f} times its mask."
    return f"The first {label} cut out another way: {both / mine:.0%} of this is in its mask."
