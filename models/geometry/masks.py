"""Measures of masks, on any grid."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]  # H×W


def mask_iou(a: Mask, b: Mask) -> float:
    """Intersection over union of two masks of one shape; 1 for two empty ones."""
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def soft_iou(inside: Mask, wanted: NDArray[np.float32]) -> float:
    """Intersection over union of a mask and a map in 0..1."""
    both = float(wanted[inside].sum())
    return both / max(1e-6, float(inside.sum()) + float(wanted.sum()) - both)


def deepest_point(mask: Mask) -> tuple[float, float, float]:
    """The middle x, y of the cell that is farthest from a mask's edge, and how far, in cells.

    Beyond the grid counts as outside. The depth of an empty mask is 0.
    """
    framed = np.pad(mask.astype(np.uint8), 1)
    depth = np.asarray(cv2.distanceTransform(framed, cv2.DIST_L2, 3))[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(column) + 0.5, float(row) + 0.5, float(depth[row, column])


def stability(logits: NDArray[np.float32], offset: float = 1.0) -> float:
    """How little a mask changes with its threshold, 0..1: segment-anything's stability score.

    The area of `logits` above `offset` over that above `-offset`; 0 where nothing is.
    """
    return int((logits > offset).sum()) / max(1, int((logits > -offset).sum()))
