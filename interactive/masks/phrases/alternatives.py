"""Other masks of a thing that was found, offered where it is not plain what belongs to it.

A box may hold a horse with its rider or without, a sofa or the child on it. What the thing is
without others that were found in front of it, and masks for its box that differ much from the best,
stand in the list of what was found, to be taken with one click or by their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.choice import distinct, rank_in_box
from pickmatte.interactive.masks.cleanup import tidied
from pickmatte.interactive.masks.view import View
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import RGB, Detection, Findings, Mask

from .detections import box_in, only

_APART = 0.65  # IoU below which two masks of a box are two readings of it
_READINGS = 2  # beside the best
# How likely the first of them is the one that is meant, where the detection is; the next one half.
_LIKELY = 0.1
_SHARED = 0.1  # of a mask in the best one, at least: less is something else, or the ground
_STABLE = 0.2  # IoU of the masks at logits of -1 and 1, at least: less is dust
_WITHIN = 0.85  # of a mask: so much of it inside another is all of it
# Things in front of another: shares of their own boxes that lie in its box, and of its box.
_IN, _LEAST, _MOST = 0.6, 0.05, 0.9
_FRONT = 2  # of them, the largest
_HELD = 0.8  # of the mask of a thing in front that a mask must hold to hold that thing
_PART, _LEFT = 0.1, 0.15  # of the mask that such a thing takes, and that is left, at least

Front = tuple[Detection, Mask]  # a thing and its mask on the grid of the whole picture's logits


def with_alternatives(view: View, findings: Findings, candidates: Sequence[Candidate]) -> Findings:
    """The findings with other readings of the first hit among the runners-up.

    `candidates` are those of the first hit, best first. Where several things are meant, or none,
    the findings stay as they are.
    """
    if sum(hit.requested for hit in findings.hits) != 1:
        return findings
    first, best = findings.hits[0], candidates[0]
    sound = [one for one in candidates[1:] if _sound(one, best)]
    others = distinct([best, *sound], _APART)[1:]
    masks = [(one, _why(first.label, best.inside, one.inside)) for one in others]
    bare = without(candidates, list(in_front(view, first, findings.seen)), view.rgb)
    if bare is not None:
        mask, names = bare
        masks = [pair for pair in masks if mask_iou(pair[0].inside, mask.inside) < _APART]
        masks.insert(0, (mask, f"The first {first.label} without the {names} in front of it."))
    alternatives = [
        _reading(first, mask, _LIKELY / place, why)
        for place, (mask, why) in enumerate(masks[:_READINGS], 1)
    ]
    rest = sorted([*findings.hits[1:], *alternatives], key=lambda hit: -hit.score)
    return replace(findings, hits=(first, *rest))


def in_front(view: View, thing: Detection, seen: Iterable[Detection]) -> Iterator[Front]:
    """Of the things seen in a picture those that could be in front of one, with their masks."""
    box = box_in(view, thing)
    area = (box.x1 - box.x0) * (box.y1 - box.y0)
    found: list[tuple[float, Detection]] = []
    for other in seen:
        its = box_in(view, other)
        size = (its.x1 - its.x0) * (its.y1 - its.y0)
        wide = max(0.0, min(box.x1, its.x1) - max(box.x0, its.x0))
        tall = max(0.0, min(box.y1, its.y1) - max(box.y0, its.y0))
        common = wide * tall
        if common >= max(_IN * size, _LEAST * area) and size <= _MOST * area:
            found.append((common * other.score, other))
    for _, other in sorted(found, key=lambda pair: -pair[0])[:_FRONT]:
        its = box_in(view, other)
        looks = [tidied(one, (), view.rgb) for one in view.decode(view.whole, (), its)]
        yield other, rank_in_box(looks, its)[0].inside


def without(
    candidates: Sequence[Candidate], front: Sequence[Front], rgb: RGB
) -> tuple[Candidate, str] | None:
    """The first candidate that holds things in front of it, without them, and what those are."""
    for candidate in candidates:
        inside = candidate.inside
        held = [(thing.label, mask) for thing, mask in front if _holds(inside, mask)]
        if held:
            labels = " and the ".join(dict.fromkeys(label for label, _ in held))
            taken = np.any([mask for _, mask in held], axis=0)
            return tidied(only(candidate, ~taken), (), rgb), labels
    return None


def _holds(inside: Mask, other: Mask) -> bool:
    """Whether a mask holds another one that is not all of it, nor next to nothing."""
    both, size = np.count_nonzero(inside & other), np.count_nonzero(inside)
    enough = both >= max(1, _HELD * np.count_nonzero(other), _PART * size)
    return bool(enough and size - both >= _LEFT * size)


def _sound(candidate: Candidate, best: Candidate) -> bool:
    """Whether a mask is no dust, and has something in common with the best."""
    content, inside = candidate.content, candidate.inside
    if int((content > 1).sum()) < _STABLE * int((content > -1).sum()):
        return False
    return int((inside & best.inside).sum()) >= _SHARED * int(inside.sum())


def _reading(first: Detection, mask: Candidate, likely: float, why: str) -> Detection:
    x0, y0, x1, y1 = mask.box or first.box
    return Detection(
        (float(x0), float(y0), float(x1), float(y1)),
        first.label,
        round(first.score * likely, 4),
        why,
        requested=False,
        logits=mask.content,
        alternative=True,
    )


def _why(label: str, best: Mask, other: Mask) -> str:
    """How a mask differs from the best, one sentence."""
    both, mine = int(np.count_nonzero(best & other)), int(np.count_nonzero(other))
    size = mine / max(1, int(np.count_nonzero(best)))
    if both > _WITHIN * mine:
        return f"The first {label} with less to it: {size:.0%} of its mask."
    if both > _WITHIN * np.count_nonzero(best):
        return f"The first {label} with more to it: {size:.1f} times its mask."
    return f"The first {label} cut out another way: {both / mine:.0%} of this is in its mask."
