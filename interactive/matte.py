"""Trimap to alpha, only where it is unknown, within a memory bound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.errors import Cancelled
from models.matting.trimaps import FOREGROUND, UNKNOWN, check_trimap
from models.protocols import RGB, Alpha, Matting, Trimap


def solve(
    matting: Matting,
    rgb: RGB,
    trimap: Trimap,
    *,
    memory: int = 1 << 30,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Alpha:
    """Alpha of the whole picture, float32 H×W; known pixels are exactly 0 or 1."""
    check_trimap(trimap, rgb.shape[:2])
    alpha = (trimap == FOREGROUND).astype(np.float32)
    rows = np.flatnonzero((trimap == UNKNOWN).any(axis=1))
    if len(rows) == 0:
        return alpha
    columns = np.flatnonzero((trimap == UNKNOWN).any(axis=0))
    if cancelled is not None and cancelled():
        raise Cancelled("The work was cancelled.")
    pad = matting.rules.context
    where = (
        slice(max(0, rows[0] - pad), rows[-1] + 1 + pad),
        slice(max(0, columns[0] - pad), columns[-1] + 1 + pad),
    )
    alpha[where] = matting.alpha(rgb[where], trimap[where])
    if progress is not None:
        progress(1.0)
    return alpha
