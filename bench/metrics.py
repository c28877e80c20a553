"""How far an alpha is from the truth, as the field measures it, in the unknown region only.

The four errors of Rhemann, Rother, Wang, Gelautz, Kohli, Rott: A Perceptually Motivated Online
Benchmark for Image Matting, CVPR 2009, with the constants of its public evaluation code.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.protocols import Alpha, Mask

_SIGMA = 1.4  # of the Gaussian whose derivative measures slopes
_STEP, _THETA = 0.1, 0.15  # of the thresholds that define connectivity, and the drop that counts


def sad(alpha: Alpha, truth: Alpha, unknown: Mask) -> float:
    """Sum of absolute differences, in thousands."""
    return float(np.abs(alpha - truth)[unknown].sum(dtype=np.float64) / 1000)


def mse(alpha: Alpha, truth: Alpha, unknown: Mask) -> float:
    """Mean squared difference over the unknown pixels, in thousandths."""
    count = max(1, int(np.count_nonzero(unknown)))
    return float(((alpha - truth)[unknown] ** 2).sum(dtype=np.float64) / count * 1000)


def gradient(alpha: Alpha, truth: Alpha, unknown: Mask) -> float:
    """Sum of squared differences of the slopes' sizes, in thousands."""
    difference = _slope(alpha) - _slope(truth)
    return float((difference[unknown] ** 2).sum() / 1000)


def connectivity(alpha: Alpha, truth: Alpha, unknown: Mask) -> float:
    """Sum of differences in how firmly pixels hang together with the solid subject, in thousands.

    The solid subject is, at each threshold, the largest 4-connected region where both alphas reach
    it; a pixel's level is the last threshold at which it belonged.
    """
    level = np.full(alpha.shape, -1.0)
    thresholds = np.arange(0, 1 + _STEP / 2, _STEP)
    for before, threshold in pairwise(thresholds):
        both = ((alpha >= threshold) & (truth >= threshold)).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        region = np.zeros(alpha.shape, bool)
        if len(stats) > 1:
            region = labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        level[(level < 0) & ~region] = before
    level[level < 0] = 1
    firm = [1 - (gap := layer - level) * (gap >= _THETA) for layer in (alpha, truth)]
    return float(np.abs(firm[0] - firm[1])[unknown].sum() / 1000)


def _slope(alpha: Alpha) -> NDArray[np.float64]:
    half = int(np.ceil(_SIGMA * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * _SIGMA * 1e-2))))
    along = np.arange(-half, half + 1, dtype=np.float64)
    bell = np.exp(-(along**2) / (2 * _SIGMA**2)) / (_SIGMA * np.sqrt(2 * np.pi))
    kernel = np.outer(bell, -along * bell / _SIGMA**2)
    kernel /= np.sqrt((kernel**2).sum())
    layer = alpha.astype(np.float64)
    across, down = (
        cv2.filter2D(layer, -1, k, borderType=cv2.BORDER_REPLICATE) for k in (kernel, kernel.T)
    )
    return np.hypot(across, down)
