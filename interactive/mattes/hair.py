"""What a mask's outline cuts through: hair and fur that reach beyond it, gaps that reach into it.

The matting network itself is asked, on a small view with a band far wider than usual, where
outside the mask more of the subject is, and where inside it less. Where that is so, hangs together
with the outline and looks like strands, the trimap becomes unknown; elsewhere the band stays as
thin as it was. A haze, alpha that is low and even, is no sign of hair: colours that are alike on
both sides give it too.
"""

from __future__ import annotations

import cv2
import numpy as np

from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.geometry.rectangle import bounding_box
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import RGB, Alpha, Mask, Matting, Trimap

_SIDE = 448  # pixels of the small view's long side
_REACH = 0.08  # of the view's long side: how far out of the mask is looked
_INWARD = 0.6  # of that: how far into it
_PRESENT = 0.1  # so much of the subject outside the mask counts, or of the background inside it
_CONTRAST, _AROUND = 0.15, 7  # deviation of alpha in a window so wide: strands rise and fall
_ROOM = 2  # pixels of the small view that are made unknown around such pixels


def include_strands(
    matting: Matting, rgb: RGB, mask: Mask, trimap: Trimap, *, band: float
) -> Trimap:
    """The trimap with the strands and gaps the outline cuts through made unknown, uint8 H×W.

    `band` scales how far is looked; at 0 nothing changes.
    """
    subject = bounding_box(mask)
    if band <= 0 or subject is None or mask.all():
        return trimap
    longest = max(subject.height, subject.width)
    crop = subject.grown(int(2 * _REACH * longest * max(1.0, band)) + 8, mask.shape)
    small_rgb, small_mask = _small(rgb[crop.slices], mask[crop.slices])
    wide = _wide(small_mask, _REACH * band * max(small_mask.shape))
    if wide is None:
        return trimap
    alpha = matting.alpha(small_rgb, wide)
    reached = trimap.copy()
    part = reached[crop.slices]
    for found, known in (
        (_hanging_on(small_mask, alpha), BACKGROUND),
        (_hanging_on(~small_mask, 1 - alpha), FOREGROUND),
    ):
        if found.any():
            size = crop.width, crop.height
            small = found.view(np.uint8) * np.uint8(255)
            large = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR) > 127
            large &= part == known
            part[large] = UNKNOWN
    solvable = (reached == BACKGROUND).any() and (reached == FOREGROUND).any()
    return reached if solvable else trimap


def _small(rgb: RGB, mask: Mask) -> tuple[RGB, Mask]:
    height, width = fit_long_side(mask.shape, _SIDE)
    size = width, height
    share = cv2.resize(mask.view(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8), share > 127


def _wide(mask: Mask, reach: float) -> Trimap | None:
    """A wide band; None where it leaves nothing known on one side."""
    if not mask.any() or mask.all():
        return None
    inside, outside = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 5) for side in (mask, ~mask)
    )
    trimap = np.full(mask.shape, 128, np.uint8)
    trimap[outside > reach] = 0
    trimap[inside > min(_INWARD * reach, 0.6 * float(inside.max()))] = 255
    return trimap if (trimap == 0).any() and (trimap == 255).any() else None


def _hanging_on(mask: Mask, alpha: Alpha) -> Mask:
    """Where beyond the mask strands go on, with some room, as one piece with the outline."""
    around = (_AROUND, _AROUND)
    variance = cv2.blur(alpha * alpha, around) - np.square(cv2.blur(alpha, around))
    more = ((alpha > _PRESENT) & (variance > _CONTRAST**2) & ~mask).astype(np.uint8)
    patches = cv2.morphologyEx(more, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    window = np.ones((2 * _ROOM + 1,) * 2, np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(patches, window))
    touching = np.unique(labels[cv2.dilate(mask.view(np.uint8), window) > 0])
    found: Mask = np.isin(labels, touching[touching > 0])
    return found
