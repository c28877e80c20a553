"""What a trimap must be, for models and for the doors that take one from a user."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.errors import TrimapError
from pickmatte.models.protocols import Trimap

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255


def check_trimap(trimap: NDArray[np.uint8], size: tuple[int, int]) -> Trimap:
    """Return the trimap if it is uint8 of `size` (height, width) holding 0, 128 and 255 only.

    Raises `TrimapError` otherwise. It may lack any of the three.
    """
    if trimap.ndim != 2 or trimap.shape != tuple(size):
        shape = "×".join(str(side) for side in trimap.shape[::-1])
        raise TrimapError(
            f"The trimap is {shape}, but the picture is {size[1]}×{size[0]}; "
            "they must have the same size and the trimap one channel."
        )
    if trimap.dtype != np.uint8:
        raise TrimapError(f"The trimap must hold 8-bit values, not {trimap.dtype}.")
    # Not by `np.bincount`, which makes 8 bytes of each pixel first.
    seen = cv2.calcHist([trimap], [0], None, [256], [0, 256]) if trimap.size else np.zeros((256, 1))
    seen[[BACKGROUND, UNKNOWN, FOREGROUND]] = 0
    if seen.any():
        raise TrimapError(
            f"The trimap holds the value {int(np.flatnonzero(seen)[0])}; it may hold only "
            "0 (background), 128 (unknown) and 255 (foreground)."
        )
    return trimap
