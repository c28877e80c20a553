"""Pictures for people to look at: small views, a mask's tint and outline, thumbnails.

Nothing here is measured or exported; the results a user keeps come from `export`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.pictures.resize import shrink
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import Mask

RGBA8 = NDArray[np.uint8]  # H×W×4, straight
Colour = tuple[int, int, int]


def tint(
    mask: Mask,
    size: tuple[int, int],
    colour: Colour,
    *,
    strength: float = 0.34,
    breadth: int | None = None,
) -> RGBA8:
    """An overlay that shows a mask over its picture: a veil of `colour` and a firm outline.

    RGBA at `size` (height, width), which may be larger than the mask, for a finer line. Where the
    mask is a part only, `breadth` is the whole picture's long side at that scale.
    """
    if size[0] > mask.shape[0]:
        grown = cv2.resize(mask.view(np.uint8) * 255, size[::-1], interpolation=cv2.INTER_CUBIC)
        share = np.where(grown > 127, np.uint8(255), np.uint8(0))
    else:
        share = shrink(mask, size)
    # A width that reads on a phone and on a wide screen, for the size it is looked at.
    reach = max(3, round((breadth or max(size)) / 300) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    # Beyond the frame counts as outside, so that a subject cut by it is outlined there too.
    framed = cv2.copyMakeBorder(share, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    ring = cv2.morphologyEx(framed, cv2.MORPH_GRADIENT, kernel)[reach:-reach, reach:-reach]
    overlay = np.empty((*size, 4), np.uint8)
    overlay[..., :3] = colour
    overlay[..., 3] = np.maximum(np.rint(share * strength), ring)
    return overlay


def window_around(boxes: Sequence[Rectangle], size: tuple[int, int]) -> Rectangle:
    """A window around all the boxes with some surroundings, 4:3 where the picture has room."""
    height, width = size
    x0, y0 = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x1, y1 = max(box[2] for box in boxes), max(box[3] for box in boxes)
    wide, tall = max(1.3 * (x1 - x0), 0.2 * width), max(1.3 * (y1 - y0), 0.2 * height)
    wide, tall = max(wide, tall * 4 / 3), max(tall, wide * 3 / 4)
    across, down = min(width, math.ceil(wide)), min(height, math.ceil(tall))
    left = min(max(0, (x0 + x1 - across) // 2), width - across)
    top = min(max(0, (y0 + y1 - down) // 2), height - down)
    return Rectangle(left, top, left + across, top + down)


def thumbnail(view: NDArray[np.uint8], mask: Mask, colour: Colour) -> NDArray[np.uint8]:
    """A small view, all but its mask of the same size pale and grey, the mask outlined."""
    grey = view.mean(axis=2, keepdims=True) * 0.35 + 140
    shown = np.where(mask[..., None], view, grey).astype(np.float32)
    outline = tint(mask, mask.shape, colour, strength=0)[..., 3:].astype(np.float32) / 255
    drawn = shown * (1 - outline) + np.asarray(colour, np.float32) * outline
    return np.rint(drawn).astype(np.uint8)


def coarse_mask(candidate: Candidate, window: Rectangle, size: tuple[int, int]) -> Mask:
    """A candidate's mask in a window of the picture, made small without its full size."""
    return candidate.seen(window, size) > 0
