"""From a detection to candidates: which masks could be the thing that was found, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from models.protocols import Detection, Logits, Mask, Salient

from .candidates import Candidate
from .choice import distinct, rank_in_box, salience_of
from .cleanup import tidied
from .prompts import Box, Click
from .view import View

# A detector's box is off by about a tenth of the thing; what goes on beyond that is a neighbour.
_MARGIN = 0.12
_SALIENCE = 0.3  # as for a lone click
_FAR = -4.0  # the logit of what was cut off


def candidates_of(view: View, detection: Detection, salient: Salient) -> tuple[Candidate, ...]:
    """Candidates for a detection, best first, with our score; none reaches beyond its box.

    The box alone is decoded, then with a point deep inside what that gave, then with the
    detection's own mask as a hint. The best is the one that fills the box, follows edges and stands
    out. Of what leaks beyond the box a point is dropped, and what still leaks is cut.
    """
    box = box_in(view, detection)
    found = view.decode(view.whole, (), box)
    inner = _deepest(rank_in_box(found, box)[0])
    looks = [*found]
    if inner is not None:
        looks += view.decode(view.whole, [inner], box)
    if detection.logits is not None:
        looks += view.decode(view.whole, (), box, detection.logits)
    ranked = _ranked([tidied(look, ()) for look in looks], box, view, salient)
    best = ranked[0]
    leak = _deepest(_only(best, _beyond(best, box)))
    if leak is not None and inner is not None:
        points = [inner, replace(leak, keep=False)]
        mended = view.decode(view.whole, points, box, best.logits)
        ranked = _ranked([*ranked, *mended], box, view, salient)
    return distinct([tidied(_cut(candidate, box), ()) for candidate in ranked])


def box_in(view: View, detection: Detection) -> Box:
    """The detection's box within the picture, at least a pixel on each side."""
    height, width = view.size
    x0, y0 = min(max(0.0, detection.box[0]), width - 1), min(max(0.0, detection.box[1]), height - 1)
    x1, y1 = min(max(x0 + 1, detection.box[2]), width), min(max(y0 + 1, detection.box[3]), height)
    return Box(x0, y0, x1, y1)


def _ranked(
    candidates: Sequence[Candidate], box: Box, view: View, salient: Salient
) -> tuple[Candidate, ...]:
    """By the decoder's score, how well the box is filled, what leaks, and what stands out."""
    plain = [candidate for candidate in candidates if candidate.inside.any()]
    if not plain:
        return tuple(candidates[:1])
    salience = salience_of(plain, view.rgb, salient)
    weighed = [
        replace(one, score=one.score + _SALIENCE * stands_out - leaking(one, box))
        for one, stands_out in zip(plain, salience, strict=True)
    ]
    return rank_in_box(weighed, box)


def leaking(candidate: Candidate, box: Box) -> float:
    """The share of a mask that lies beyond the box by more than its margin, 0..1."""
    inside = candidate.inside
    return float((inside & _beyond(candidate, box)).sum()) / max(1, int(inside.sum()))


def _beyond(candidate: Candidate, box: Box) -> Mask:
    """The cells of a candidate's grid that lie beyond the box and its margin."""
    across, down = _MARGIN * (box.x1 - box.x0), _MARGIN * (box.y1 - box.y0)
    left, top = candidate.place(box.x0 - across, box.y0 - down)
    right, bottom = candidate.place(box.x1 + across, box.y1 + down)
    beyond = np.ones(candidate.inside.shape, bool)
    beyond[top : bottom + 1, left : right + 1] = False
    return beyond


def _only(candidate: Candidate, where: Mask) -> Candidate:
    logits: Logits = candidate.logits.copy()
    content = logits[: where.shape[0], : where.shape[1]]
    content[~where] = np.minimum(content[~where], _FAR)
    return replace(candidate, logits=logits)


def _cut(candidate: Candidate, box: Box) -> Candidate:
    return _only(candidate, ~_beyond(candidate, box))


def _deepest(candidate: Candidate) -> Click | None:
    """A click on the point of a mask that is farthest from its edge; None for an empty mask."""
    inside = candidate.inside
    if not inside.any():
        return None
    framed = np.pad(inside.astype(np.uint8), 1)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    x0, y0, x1, y1 = candidate.window
    return Click(
        x0 + (float(column) + 0.5) / inside.shape[1] * (x1 - x0),
        y0 + (float(row) + 0.5) / inside.shape[0] * (y1 - y0),
    )


def union(candidates: Sequence[Candidate]) -> Candidate:
    """One candidate of all that any of them holds; all are of the same window."""
    logits: Logits = np.max([candidate.logits for candidate in candidates], axis=0)
    return replace(candidates[0], logits=logits, score=min(one.score for one in candidates))
