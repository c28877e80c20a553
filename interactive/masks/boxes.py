"""The box around a mask."""

from __future__ import annotations

import cv2
import numpy as np

from pickmatte.models.protocols import Mask


def box_of(mask: Mask) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 around what is set in a bool H×W, x1 and y1 exclusive; None if nothing is."""
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
    return (x, y, x + width, y + height) if width else None
