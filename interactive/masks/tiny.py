"""Things too small for the segmenter to see in the whole picture, and the window to see them in."""

from __future__ import annotations

import math

import cv2
import numpy as np

from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import RGB

# In cells of the whole picture's logits. What is larger is seen there, and closer afterwards.
_CELLS = 256
_TINY_BOX = 4.0
_SPECK = 2.5
_ROOM = 1.5  # lengths of a thing to be seen around it on each side
_LEAST = 3.0  # pixels around it
# A click is taken to mean a speck only where nothing else can be meant: it differs from a plain
# ground by so much, in levels of 0..255, and by so many times what that varies.
_CONTRAST = 24.0
_TIMES = 4.0
_PLAIN = 95  # percentile of the ground's own differences


def window_around(box: Box, size: tuple[int, int]) -> Rectangle | None:
    """The window in which to look for what a tiny box holds; None for a larger one.

    `size` is the picture's height and width.
    """
    long = max(box.x1 - box.x0, box.y1 - box.y0)
    if long > _TINY_BOX * max(size) / _CELLS:
        return None
    room = max(_LEAST, _ROOM * long)
    height, width = size
    return Rectangle(
        max(0, math.floor(box.x0 - room)),
        max(0, math.floor(box.y0 - room)),
        min(width, math.ceil(box.x1 + room)),
        min(height, math.ceil(box.y1 + room)),
    )


def speck(rgb: RGB, click: Click) -> Box | None:
    """The bounding box of the speck on a plain ground that a click is on; None where there is none.

    `rgb` is the picture, uint8 H×W×3.
    """
    height, width = rgb.shape[:2]
    most = _SPECK * max(height, width) / _CELLS
    reach = math.ceil(2 * most)
    x, y = min(int(click.x), width - 1), min(int(click.y), height - 1)
    x0, y0 = max(0, x - reach), max(0, y - reach)
    patch = rgb[y0 : y + reach + 1, x0 : x + reach + 1].astype(np.float32)
    rows, columns = np.ogrid[: patch.shape[0], : patch.shape[1]]
    ground = (abs(rows - (y - y0)) > most) | (abs(columns - (x - x0)) > most)
    if not ground.any():  # the picture is no larger
        return None
    apart = np.linalg.norm(patch - np.median(patch[ground], axis=0), axis=2)
    here = float(apart[y - y0, x - x0])
    if here < max(_CONTRAST, _TIMES * float(np.percentile(apart[ground], _PLAIN))):
        return None
    count, labels, stats, _ = cv2.connectedComponentsWithStats((apart > here / 2).astype(np.uint8))
    assert count > 1
    left, top, wide, tall, _ = (int(value) for value in stats[labels[y - y0, x - x0]])
    if max(wide, tall) > most:
        return None
    return Box(x0 + left, y0 + top, x0 + left + wide, y0 + top + tall)
