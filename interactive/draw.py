"""Pictures for people to look at: small views, a mask's tint and outline, thumbnails.

Nothing here is measured or exported; the results a user keeps come from `export`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.protocols import Mask

RGBA8 = NDArray[np.uint8]  # H×W×4, straight
Colour = tuple[int, int, int]


def fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width with the long side at most `side`, proportions kept, never enlarged."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrink(layer: NDArray[np.generic], size: tuple[int, int]) -> NDArray[np.uint8]:
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
    if layer.ndim == 2 or layer.shape[2] == 3:
        return _average(layer, width, height)
    alpha = layer[..., 3]
    small_alpha = _average(alpha, width, height)
    weight = _average(alpha.astype(np.float32), width, height)
    colour = _average(layer[..., :3] * alpha[..., None].astype(np.float32), width, height)
    colour = colour / np.maximum(weight, 1e-6)[..., None]
    return np.dstack([np.rint(np.clip(colour, 0, 255)).astype(np.uint8), small_alpha])


def tint(mask: Mask, size: tuple[int, int], colour: Colour, *, strength: float = 0.34) -> RGBA8:
    """An overlay that shows a mask over its picture: a veil of `colour` and a firm outline.

    RGBA at `size` (height, width): lay it over the picture's view of that size.
    """
    share = shrink(mask, size)
    # A width that reads on a phone and on a wide screen, for the size it is looked at.
    reach = max(3, round(max(size) / 400) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    # Beyond the frame counts as outside, so that a subject cut by it is outlined there too.
    framed = cv2.copyMakeBorder(share, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    ring = cv2.morphologyEx(framed, cv2.MORPH_GRADIENT, kernel)[reach:-reach, reach:-reach]
    overlay = np.empty((*size, 4), np.uint8)
    overlay[..., :3] = colour
    overlay[..., 3] = np.maximum(np.rint(share * strength), ring)
    return overlay


def thumbnail(rgb: NDArray[np.uint8], mask: Mask, side: int = 168) -> NDArray[np.uint8]:
    """The picture at `side` with everything but the mask dimmed and drained of colour."""
    size = fitted((rgb.shape[0], rgb.shape[1]), side)
    small = shrink(rgb, size).astype(np.float32)
    share = shrink(mask, size).astype(np.float32)[..., None] / 255
    grey = small.mean(axis=2, keepdims=True) * 0.35 + 140
    return np.rint(small * share + grey * (1 - share)).astype(np.uint8)


def _average(layer: NDArray[np.generic], width: int, height: int) -> NDArray[np.uint8]:
    return cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[call-overload,no-any-return]
