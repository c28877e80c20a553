"""Mask to trimap."""

from __future__ import annotations

import cv2
import numpy as np

from models.errors import MaskError
from models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from models.protocols import Logits, Mask, Trimap


def make_trimap(
    mask: Mask,
    *,
    band: float = 1.0,
    logits: Logits | None = None,
    window: tuple[int, int, int, int] | None = None,
) -> Trimap:
    """Trimap of a mask."""
    if not mask.any():
        raise MaskError("The mask is empty; click on the subject.")
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    reach = band * (2 + 0.012 * float(np.sqrt(mask.sum())))
    trimap = np.full(mask.shape, UNKNOWN, np.uint8)
    trimap[(inside > min(reach, 0.6 * float(inside.max())))] = FOREGROUND
    if not mask.all():
        trimap[outside > min(1.5 * reach, 0.6 * float(outside.max()))] = BACKGROUND
    return trimap
