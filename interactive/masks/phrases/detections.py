"""From a detection to candidates: which masks could be the thing that was found, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.choice import distinct, fills, rank_in_box
from pickmatte.interactive.masks.cleanup import tidied
from pickmatte.interactive.masks.margins import together
from pickmatte.interactive.masks.view import View
from pickmatte.models.geometry.masks import deepest_point
from pickmatte.models.protocols import Detection, Logits, Mask

# A detector's box is off by about a tenth of the thing; what goes on beyond that is a neighbour.
_MARGIN = 0.12
_LEAKS = 0.05  # of a mask beyond that from which a point is dropped there
# Of the box, to see what does not hang on its exact place. Too tight a box cuts the thing, too
# wide a one holds a little ground, which the segmenter knows to leave out.
_SIZES = (1.0, 1.06, 1.12)
_ALIKE = 0.75  # candidates that overlap more than this are one
_MOST = 5  # candidates
_FILLS = 0.4  # how much better another must fill the box for the settled mask to be a mere part
_GROUND = 0.1  # how much more of the rim of a box than of its middle is in what lies around a thing
_FAR = -4.0  # the logit of what was cut off


def candidates_of(view: View, detection: Detection) -> tuple[Candidate, ...]:
    """Candidates for a detection, best first, with our score; none reaches beyond its box.

    A box means one thing, so the best is the segmenter's mask for prompts that leave no doubt,
    settled: its mean over the box and somewhat larger ones, since a detector's box is not exact,
    and then decoded anew with a point deep inside. After it come the part, object and group that
    the segmenter sees in those boxes, and around their middle, as far as they differ: the one
    first that it is surest of and that fills the box. That one is the best where the settled mask
    fills the box much worse, a scrap of what is hidden behind other things, or is the ground
    around what the box holds. What a mask holds beyond the box is dropped by a point there, and cut
    if that does not help. Of a reading the best is its own mask.
    """
    box = box_in(view, detection)
    looks = [view.decode(view.whole, (), _resized(box, by, view.size)) for by in _SIZES]
    looks.append(view.decode(view.whole, [_middle(box)], box))
    ranked = rank_in_box([tidied(one, (), view.rgb) for look in looks for one in look], box)
    if detection.alternative and detection.logits is not None:
        best = replace(ranked[0], logits=laid_on(detection.logits, ranked[0]))
    else:
        settled = _settled(view, box, [look[0] for look in looks[:-1]], detection.logits)
        best = tidied(_cut(_mended(view, settled, box), box), (), view.rgb)
        scrap = fills(best, box) < fills(ranked[0], box) - _FILLS
        if scrap or _hollow(best, box) > _GROUND > 0 > _hollow(ranked[0], box):
            best = ranked[0]
    best = replace(best, score=max(best.score, ranked[0].score))
    others = [tidied(_cut(one, box), (), view.rgb) for one in ranked]
    return distinct([best, *others], _ALIKE)[:_MOST]


def _hollow(candidate: Candidate, box: Box) -> float:
    """How much more of a box's rim than of its middle, half as long and wide, a mask holds."""
    inside = candidate.inside.astype(np.float32)
    shares = []
    for by in (1.0, 0.5):
        part = _resized(box, by, candidate.size)
        left, top = candidate.place(part.x0, part.y0)
        right, bottom = candidate.place(part.x1, part.y1)
        cells = inside[top : bottom + 1, left : right + 1]
        shares.append((float(cells.sum()), cells.size))
    (held, size), (within, middle) = shares
    return (held - within) / max(1, size - middle) - within / middle


def _settled(view: View, box: Box, looks: Sequence[Candidate], hint: Logits | None) -> Candidate:
    """The mask for the box, steadied; `hint` is the grounder's own mask, h×w over the picture."""
    layers = [look.logits for look in looks]
    if hint is not None:
        layers.append(laid_on(hint, looks[0]))
    steady = replace(looks[0], logits=np.mean(layers, axis=0, dtype=np.float32))
    inner = _deepest(steady)
    if inner is None:
        return tidied(steady, (), view.rgb)
    sure = view.decode(view.whole, [inner], box, steady.logits)[0]
    return tidied(sure, [inner], view.rgb)


def laid_on(content: Logits, like: Candidate) -> Logits:
    """Logits over the picture on the grid of a candidate's, S×S; padding is that one's."""
    laid: Logits = like.logits.copy()
    height, width = like.content.shape
    laid[:height, :width] = cv2.resize(content, (width, height), interpolation=cv2.INTER_LINEAR)
    return laid


def _mended(view: View, candidate: Candidate, box: Box) -> Candidate:
    """The candidate, with a point dropped where it leaks, if that helps."""
    leak, inner = _deepest(only(candidate, _beyond(candidate, box))), _deepest(candidate)
    if leak is not None and inner is not None and leaking(candidate, box) > _LEAKS:
        points = [inner, replace(leak, keep=False)]
        second = view.decode(view.whole, points, box, candidate.logits)[0]
        if leaking(second, box) < leaking(candidate, box):
            return replace(second, score=candidate.score)
    return candidate


def _cut(candidate: Candidate, box: Box) -> Candidate:
    return only(candidate, ~_beyond(candidate, box))


def _resized(box: Box, by: float, size: tuple[int, int]) -> Box:
    """The box larger or smaller about its middle, within the picture."""
    across, down = (box.x1 - box.x0) * (by - 1) / 2, (box.y1 - box.y0) * (by - 1) / 2
    x0, y0 = max(0.0, box.x0 - across), max(0.0, box.y0 - down)
    x1, y1 = min(float(size[1]), box.x1 + across), min(float(size[0]), box.y1 + down)
    return Box(x0, y0, x1, y1) if min(x1 - x0, y1 - y0) >= 1 else box


def _middle(box: Box) -> Click:
    return Click((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)


def box_in(view: View, detection: Detection) -> Box:
    """The detection's box within the picture, at least a pixel on each side."""
    height, width = view.size
    x0, y0 = min(max(0.0, detection.box[0]), width - 1), min(max(0.0, detection.box[1]), height - 1)
    x1, y1 = min(max(x0 + 1, detection.box[2]), width), min(max(y0 + 1, detection.box[3]), height)
    return Box(x0, y0, x1, y1)


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


def only(candidate: Candidate, where: Mask) -> Candidate:
    """The candidate, with nothing in it but where a mask on its grid says."""
    logits: Logits = candidate.logits.copy()
    content = logits[: where.shape[0], : where.shape[1]]
    content[~where] = np.minimum(content[~where], _FAR)
    return replace(candidate, logits=logits)


def _deepest(candidate: Candidate) -> Click | None:
    """A click on the point of a mask that is farthest from its edge; None for an empty mask."""
    inside = candidate.inside
    if not inside.any():
        return None
    x, y, _ = deepest_point(inside)
    x0, y0, x1, y1 = candidate.window
    height, width = inside.shape
    return Click(x0 + x / width * (x1 - x0), y0 + y / height * (y1 - y0))


def union(candidates: Sequence[Candidate]) -> Candidate:
    """One candidate of all that any of them holds; all are of the same window."""
    logits: Logits = np.max([candidate.logits for candidate in candidates], axis=0)
    margins = together([(one.margins, one.inside) for one in candidates])
    score = min(one.score for one in candidates)
    return replace(candidates[0], logits=logits, score=score, margins=margins)
