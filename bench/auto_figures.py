"""How far what was found without a prompt is from what is there: as one whole, and its parts.

A result is a list of layers, 0..1: the first is the whole, the others its parts. One that found
nothing is an empty whole: its IoU is 0, and its MAE the share of the picture that it missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Alpha, Mask

HALF = 0.5  # alpha above which a pixel is in a mask
_LEAST = 0.01  # of the picture: smaller connected parts do not count


@dataclass(frozen=True)
class Figures:
    """Of one picture."""

    whole_iou: float
    whole_mae: float
    parts_iou: float  # of each true thing the best part's, their mean
    best_iou: float  # of the whole or any part, with any truth
    boundary: float  # of that pair
    empty: bool  # nothing was found


def figures(layers: Sequence[Alpha], things: Sequence[Mask]) -> Figures:
    """Those of a result; `things` are the true masks of what is in the picture, bool H×W.

    Which of the things stand out is open, so the whole counts for what it fits best: one of them
    or all together. It is one of the parts where it has no others.
    """
    truths = [*things, np.logical_or.reduce(things)]
    whole, *rest = layers
    masks = [layer > HALF for layer in layers]
    pieces = masks[1:] if rest else connected(masks[0])
    fitting = max(truths, key=lambda truth: mask_iou(masks[0], truth))
    pairs = [(piece, truth) for piece in (masks[0], *pieces) for truth in truths]
    best = max(pairs, key=lambda pair: mask_iou(*pair))
    each = [max((mask_iou(piece, thing) for piece in pieces), default=0.0) for thing in things]
    return Figures(
        mask_iou(masks[0], fitting),
        mae(whole, fitting),
        float(np.mean(each)),
        mask_iou(*best),
        boundary(*best),
        not masks[0].any(),
    )


def connected(mask: Mask) -> list[Mask]:
    """The connected parts of a mask that are not tiny, bool H×W each."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    large = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] > _LEAST * labels.size]
    return [labels == k for k in large]


def mae(alpha: Alpha, truth: Alpha | Mask) -> float:
    """Mean absolute difference over the whole picture, 0..1."""
    return float(np.abs(alpha - truth).mean(dtype=np.float64))


def boundary(mask: Mask, truth: Mask) -> float:
    """F measure of two masks' outlines within 0.75 % of the diagonal, 0..1; bool H×W each.

    Martin, Fowlkes, Malik, PAMI 2004; Perazzi et al., CVPR 2016.
    """
    reach = max(1, round(0.0075 * float(np.hypot(*mask.shape))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    cross = np.ones((3, 3), np.uint8)
    edges = [
        np.asarray(cv2.morphologyEx(m.astype(np.uint8), cv2.MORPH_GRADIENT, cross))
        for m in (mask, truth)
    ]
    near = [np.asarray(cv2.dilate(edge, disc)) for edge in edges]
    hits = [
        float(np.logical_and(edges[k], near[1 - k]).sum())
        / max(1.0, float(np.count_nonzero(edges[k])))
        for k in (0, 1)
    ]
    return 2 * hits[0] * hits[1] / max(1e-9, sum(hits))
