"""Which candidate a lone click or a box means: a part, the object, or a group.

A SAM decoder's own score says how well a mask follows edges, not whether it is what a person
would call one thing: a shirt has crisper edges than its wearer. Four cues are weighed here.

- the decoder's score;
- size: of two good masks the larger is the likelier to be meant (the whole, not its part);
- span: a mask that reaches across most of the picture both ways is a group or the background;
- salience: what a salient-object network takes for the one thing in a crop around the object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.edits.prompts import Box
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import RGB, Salient

from .candidate import Candidate

_SIZE = 0.05  # for each e-fold of area
_SPAN = 0.3  # at most, from 70% of the picture's narrower extent on
_SALIENCE = 0.3
_MARGIN = 0.2  # of the object's box, around it: a salient network needs some background
_LOOK = 640  # pixels of a crop's long side that the salient network is given
_SAME = 0.95  # candidates that overlap more than this are one


def rank(candidates: Sequence[Candidate], salience: Sequence[float]) -> tuple[Candidate, ...]:
    """Candidates with our score in place of the decoder's, best first, near-copies left out.

    `salience` is 0..1 for each, from `salience_of`.
    """
    scored = [
        replace(candidate, score=candidate.score + _prior(candidate.inside) + _SALIENCE * salient)
        for candidate, salient in zip(candidates, salience, strict=True)
    ]
    return distinct(sorted(scored, key=lambda candidate: -candidate.score))


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


def salience_of(candidates: Sequence[Candidate], rgb: RGB, salient: Salient) -> list[float]:
    """How much each candidate (of one window) is what stands out in a crop around the object.

    The object is the candidate in the middle by area. The measure is the soft IoU of mask and
    salience map; pixels outside of the crop count as not salient.
    """
    by_area = sorted(candidates, key=lambda candidate: int(candidate.inside.sum()))
    crop = _around(by_area[len(by_area) // 2])
    if crop is None:
        return [0.0] * len(candidates)
    x0, y0, x1, y1 = crop
    looked_at = rgb[y0:y1, x0:x1]
    step = max(1, max(looked_at.shape[:2]) // (2 * _LOOK))
    looked_at = looked_at[::step, ::step]  # of a large picture every other pixel is plenty
    height, width = looked_at.shape[:2]
    scale = min(1.0, _LOOK / max(height, width))
    across, down = max(scale, 1 / width), max(scale, 1 / height)  # a line keeps its one pixel
    small = cv2.resize(looked_at, None, fx=across, fy=down, interpolation=cv2.INTER_AREA)
    found = _on_grid(salient.saliency(small.astype(np.uint8, copy=False)), crop, candidates[0])
    shares = [candidate.inside.astype(np.float32) for candidate in candidates]
    return [
        float(np.minimum(found, share).sum() / max(np.maximum(found, share).sum(), 1.0))
        for share in shares
    ]


def _prior(inside: NDArray[np.bool_]) -> float:
    area = max(float(inside.mean()), 1e-5)
    _, _, width, height = cv2.boundingRect(inside.astype(np.uint8))
    extent: float = min(width / inside.shape[1], height / inside.shape[0])
    return _SIZE * float(np.log(area)) - _SPAN * max(0.0, extent - 0.7) / 0.3


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


def _around(candidate: Candidate) -> Rectangle | None:
    box = candidate.box
    if box is None:
        return None
    x0, y0, x1, y1 = box
    left, top, right, bottom = candidate.window
    grid = (right - left) / candidate.inside.shape[1]  # picture pixels of one logit
    across = max(8 * grid, _MARGIN * (x1 - x0))
    down = max(8 * grid, _MARGIN * (y1 - y0))
    return Rectangle(
        max(left, int(x0 - across)),
        max(top, int(y0 - down)),
        min(right, int(x1 + across)),
        min(bottom, int(y1 + down)),
    )


def _on_grid(layer: NDArray[np.float32], crop: Rectangle, like: Candidate) -> NDArray[np.float32]:
    """A layer over `crop` on the grid of a candidate's logits, 0 beyond the crop."""
    height, width = like.inside.shape
    x0, y0, x1, y1 = like.window
    columns = [round((x - x0) / (x1 - x0) * width) for x in (crop[0], crop[2])]
    rows = [round((y - y0) / (y1 - y0) * height) for y in (crop[1], crop[3])]
    grid = np.zeros((height, width), np.float32)
    wide, tall = columns[1] - columns[0], rows[1] - rows[0]
    if wide > 0 and tall > 0:
        grid[rows[0] : rows[1], columns[0] : columns[1]] = cv2.resize(
            layer, (wide, tall), interpolation=cv2.INTER_AREA
        )
    return grid
