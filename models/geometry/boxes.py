"""Compute with boxes, and merge several boxes of one object (non-maximum suppression)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]  # N×4: x0, y0, x1, y1

_SIGMA = 0.5  # Soft-NMS's own
_SAME = 0.6  # IoU from which two boxes of a label are one thing
_SIDE = 0.08  # of a box, within which another box's side is the same side
_AS_GOOD = 0.8  # of the best score, that the larger of two boxes must have to stand for both
_PART = 0.5  # how much a box inside another one counts as an overlap


def areas(boxes: Boxes) -> NDArray[np.float64]:
    """Return the areas of boxes (..., 4) in square pixels; a box without extent has area 0."""
    sides = np.clip(boxes[..., 2:] - boxes[..., :2], 0, None)
    area: NDArray[np.float64] = sides[..., 0] * sides[..., 1]
    return area


def shared(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Return the area that each of N boxes has in common with each of M boxes, N×M."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return areas(np.concatenate([low, high], axis=-1))


def iou(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Return the intersection over union of each of N boxes with each of M boxes, N×M in 0..1."""
    both = shared(a, b)
    union = areas(a)[:, None] + areas(b)[None] - both
    return both / np.maximum(union, 1e-9)


def three_sides(box: NDArray[np.float64], boxes: Boxes) -> NDArray[np.bool_]:
    """Return which of N boxes share three sides or more with one box, up to 8% of its length."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], box[2:] - box[:2])
    near = np.abs(boxes - box) <= _SIDE * np.tile(sides, 2)
    enough: NDArray[np.bool_] = near.sum(1) >= 3
    return enough


def soft_nms(
    boxes: Boxes, scores: NDArray[np.float64], floor: float
) -> tuple[Boxes, NDArray[np.float64]]:
    """Return boxes and scores of one label, best first, one box for each object.

    Gaussian Soft-NMS (Bodla, Singh, Chellappa, Davis, ICCV 2017): a box loses score by its overlap
    with better ones and falls away below `floor`. Boxes that overlap by more than `_SAME` show one
    object in several windows and are averaged by score (weighted boxes fusion, Solovyev, Wang,
    Gabruseva, 2021). Boxes with three sides in common, such as an upper half and the whole, are one
    object too, and the larger stands. A box inside a better one, such as a head seen close by,
    counts as an overlap.
    """
    left = np.flatnonzero(scores >= floor)
    scores = scores.copy()
    kept: list[NDArray[np.float64]] = []
    kept_scores: list[float] = []
    while len(left):
        best = left[scores[left].argmax()]
        nested = three_sides(boxes[best], boxes[left])
        larger = nested & (areas(boxes[left]) > areas(boxes[best]))
        larger &= scores[left] >= _AS_GOOD * scores[best]
        shape = boxes[left[larger.argmax()]] if larger.any() else boxes[best]
        overlap = iou(shape[None], boxes[left])[0]
        weights = scores[left][overlap > _SAME] ** 2
        kept.append((boxes[left][overlap > _SAME] * weights[:, None]).sum(0) / weights.sum())
        same = (overlap > _SAME) | nested | three_sides(shape, boxes[left])
        kept_scores.append(float(scores[best]))
        left, overlap = left[~same], overlap[~same]
        inside = shared(shape[None], boxes[left])[0] / np.maximum(areas(boxes[left]), 1e-9)
        overlap = np.maximum(overlap, _PART * inside)
        scores[left] *= np.exp(-(overlap**2) / _SIGMA)
        left = left[scores[left] >= floor]
    return np.array(kept).reshape(-1, 4), np.array(kept_scores)
