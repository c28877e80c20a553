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
_LEAKS = 0.05  # of a mask beyond that from which a point is dropped there
_SIZES = (0.94, 1.06)  # of the box, to see what does not hang on its exact place
_SALIENCE = 0.3  # as for a lone click
_FAR = -4.0  # the logit of what was cut off


def candidates_of(view: View, detection: Detection, salient: Salient) -> tuple[Candidate, ...]:
    """Candidates for a detection, best first, with our score; none reaches beyond its box.

    A box means one thing, so the segmenter's mask for prompts that leave no doubt is settled: its
    mean over the box a little smaller and larger, since a detector's box is not exact, and then
    decoded anew with a point deep inside. Beside it stand the four masks for the box as it is. The
    best is the one that follows edges, fills the box and stands out. What a mask holds beyond
    the box is dropped by a point there, and cut if that does not help.
    """
    box = box_in(view, detection)
    found = view.decode(view.whole, (), box)
    four = [tidied(one, ()) for one in found]
    settled = _settled(view, box, found[0], detection.logits)
    ranked = _ranked([settled, *four], box, view, salient)
    best = _mended(view, ranked[0], box)
    return distinct([tidied(_cut(one, box), ()) for one in (best, *ranked[1:])])


def _settled(view: View, box: Box, found: Candidate, hint: Logits | None) -> Candidate:
    """The mask for the box, steadied; `hint` is the grounder's own mask, h×w over the picture."""
    sizes = [_resized(box, by, view.size) for by in _SIZES]
    layers = [found.logits, *(view.decode(view.whole, (), one)[0].logits for one in sizes)]
    if hint is not None:
        layers.append(laid_on(hint, found))
    steady = replace(found, logits=np.mean(layers, axis=0, dtype=np.float32))
    inner = _deepest(steady)
    if inner is None:
        return tidied(steady, ())
    return tidied(view.decode(view.whole, [inner], box, steady.logits)[0], [inner])


def laid_on(content: Logits, like: Candidate) -> Logits:
    """Logits over the picture on the grid of a candidate's, S×S; padding is that one's."""
    laid: Logits = like.logits.copy()
    height, width = like.content.shape
    laid[:height, :width] = cv2.resize(content, (width, height), interpolation=cv2.INTER_LINEAR)
    return laid


def _mended(view: View, candidate: Candidate, box: Box) -> Candidate:
    """The candidate, with a point dropped where it leaks, if that helps."""
    leak, inner = _deepest(_only(candidate, _beyond(candidate, box))), _deepest(candidate)
    if leak is not None and inner is not None and leaking(candidate, box) > _LEAKS:
        points = [inner, replace(leak, keep=False)]
        second = view.decode(view.whole, points, box, candidate.logits)[0]
        if leaking(second, box) < leaking(candidate, box):
            return replace(second, score=candidate.score)
    return candidate


def _cut(candidate: Candidate, box: Box) -> Candidate:
    return _only(candidate, ~_beyond(candidate, box))


def _resized(box: Box, by: float, size: tuple[int, int]) -> Box:
    """The box larger or smaller about its middle, within the picture."""
    across, down = (box.x1 - box.x0) * (by - 1) / 2, (box.y1 - box.y0) * (by - 1) / 2
    x0, y0 = max(0.0, box.x0 - across), max(0.0, box.y0 - down)
    x1, y1 = min(float(size[1]), box.x1 + across), min(float(size[0]), box.y1 + down)
    return Box(x0, y0, x1, y1) if min(x1 - x0, y1 - y0) >= 1 else box


def box_in(view: View, detection: Detection) -> Box:
    """The detection's box within the picture, at least a pixel on each side."""
    height, width = view.size
    x0, y0 = min(max(0.0, detection.box[0]), width - 1), min(max(0.0, detection.box[1]), height - 1)
    x1, y1 = min(max(x0 + 1, detection.box[2]), width), min(max(y0 + 1, detection.box[3]), height)
    return Box(x0, y0, x1, y1)


def _ranked(
    candidates: Sequence[Candidate], box: Box, view: View, salient: Salient
) -> tuple[Candidate, ...]:
    """By the decoder's score, how well the box is filled, and what stands out."""
    plain = [candidate for candidate in candidates if candidate.inside.any()]
    if not plain:
        return tuple(candidates[:1])
    salience = salience_of(plain, view.rgb, salient)
    weighed = [
        replace(one, score=one.score + _SALIENCE * stands_out)
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
