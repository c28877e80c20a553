"""Trimaps of things one sees through: all of the subject is unknown, opaque parts stay known.

Glass, a veil or water lets the background's colours through, in part everywhere. What shows
colours that the surroundings do not have, in a patch and not in a speck, is taken for opaque: the
label on the bottle, the rim, the light in it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import RGB, Alpha, Mask, Trimap

_SIDE = 320  # pixels of the small view's long side on which colours are compared
_FOREIGN = 0.3  # distance of colours, each channel 0..1, that see-through cannot explain
_PATCH = 0.02  # of the view's long side: what is narrower is a speck
_SAMPLES = 4000  # background pixels that are compared with
# Mean alpha within the mask below which nothing to look at is left. Of 48 cups, bottles, bowls and
# glasses of COCO's train split matted so, those one still knows have 0.18 and more, those that have
# vanished 0.12 and less.
_NEXT_TO_NOTHING = 0.15


def see_through(rgb: RGB, mask: Mask, trimap: Trimap) -> Trimap:
    """The trimap of a see-through subject, uint8 H×W; background stays as it is in `trimap`.

    `rgb` is uint8 H×W×3, `mask` bool H×W with some pixels on both sides, else `trimap` is the
    answer. There is always some foreground: what looks least like the background.
    """
    inside = trimap != BACKGROUND
    if not (trimap == BACKGROUND).any() or not mask.any():
        return trimap
    foreign = _foreignness(rgb, inside)
    height, width = foreign.shape
    small_mask = cv2.resize(mask.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    patch = np.ones((max(2, round(_PATCH * max(foreign.shape))),) * 2, np.uint8)
    opaque = ((foreign > _FOREIGN) & (small_mask > 0)).astype(np.uint8)
    solid = cv2.erode(cv2.morphologyEx(opaque, cv2.MORPH_OPEN, patch), np.ones((3, 3), np.uint8))
    known = cv2.resize(solid, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    clear: Trimap = np.where(inside, UNKNOWN, BACKGROUND).astype(np.uint8)
    clear[known & mask & (trimap == FOREGROUND)] = FOREGROUND
    if not (clear == FOREGROUND).any():
        full = cv2.resize(foreign, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
        candidates = trimap == FOREGROUND if (trimap == FOREGROUND).any() else mask
        clear[candidates & (full >= full[candidates].max())] = FOREGROUND
    return clear


def kept_opaque(name: str) -> str:
    """What to tell the user of a subject that is not matted as glass though it was said."""
    return (
        f"Seen through, next to nothing of {name} would be left, so it is kept opaque. "
        "Paint what is solid in it with Keep to have the rest see-through."
    )


def vanishes(alpha: Alpha, mask: Mask) -> bool:
    """Whether an alpha, float32 H×W, leaves next to nothing of a mask, bool H×W.

    So it is where the ground shows through so plainly, or is so alike, that every colour of the
    subject can be explained by it.
    """
    return not mask.any() or float(alpha[mask].mean()) < _NEXT_TO_NOTHING


def _foreignness(rgb: RGB, inside: Mask) -> NDArray[np.float32]:
    """How far each pixel's colour lies from the nearest background colour, on a small view."""
    size = fit_long_side(inside.shape, _SIDE)[::-1]
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    outside = cv2.resize(inside.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) == 0
    if not outside.any():
        return np.ones(outside.shape, np.float32)
    colours = small[outside]
    step = max(1, len(colours) // _SAMPLES)
    distances, _ = cKDTree(colours[::step]).query(small.reshape(-1, 3))
    foreign: NDArray[np.float32] = distances.reshape(outside.shape).astype(np.float32)
    return foreign
