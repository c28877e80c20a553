"""Smaller copies of pictures and layers."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .transparency import averaged


def shrink(layer: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A smaller copy of bool, uint8 or float32 (0..1) H×W, H×W×3 or H×W×4, as uint8.

    Pixels are averaged, so a mask's edge comes out grey. Straight RGBA is averaged by its alpha:
    colours of transparent pixels do not bleed into the edge.
    """
    height, width = size
    if layer.dtype == bool:
        layer = layer.view(np.uint8) * np.uint8(255)
    elif layer.dtype == np.float32:
        layer = np.rint(layer * np.float32(255)).astype(np.uint8)
    if layer.shape[:2] == size:
        return np.ascontiguousarray(layer, np.uint8)
    if layer.ndim == 3 and layer.shape[2] == 4:
        return averaged(layer, size)
    return _average(layer, width, height)


def smaller(layer: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """A layer, H×W or H×W×3, at `size` (height, width); itself where that is its size."""
    if layer.shape[:2] == size:
        return layer
    return cv2.resize(layer, (size[1], size[0]), interpolation=cv2.INTER_AREA)


def _average(layer: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    return cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA)
