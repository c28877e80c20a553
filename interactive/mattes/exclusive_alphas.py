"""Alphas of several subjects that add up: each pixel is shared among them and the background.

The union is solved first, as one subject against the background: between two that touch it knows
of no background. Then, front to back, each takes what it is found to cover, at most what those in
front of it left; the one farthest back takes the rest, and needs no solve. So hair in front lies
over what is behind it, and the sums are the union's alpha.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import cv2
import numpy as np

from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import Alpha, Mask, Trimap

from .exclusive_trimaps import disputed

_PRESENT = 0.1  # alpha from which on a pixel may be a link to the core
_GAP = 2  # pixels that a strand may be broken by

Solve = Callable[[Trimap], Alpha]


def split_alphas(
    solve: Solve,
    trimaps: Sequence[Trimap],
    together: Trimap,
    order: Sequence[int],
    given: Mapping[int, Alpha] | None = None,
    remnants: Collection[int] = (),
) -> Iterator[tuple[int, Alpha]]:
    """Each subject's place in `trimaps` and its alpha, float32 H×W in 0..1, front to back.

    `trimaps` are those of `exclusive_trimap`, `together` that of `union_trimap`; `order` holds
    the places, front first. `solve` makes an alpha of a trimap; `given` are alphas that are
    known already, which stay as they are but for what lies in front. `remnants` are places of
    subjects of which hardly anything is left: where such a one may meet others it has its core
    only, and no one is solved on its account. The alphas add up to at most 1, and to 1 where
    `together` is foreground and none is given. Beyond the alpha being made, two
    floats and two bytes per pixel are held.
    """
    given = given or {}
    shared = disputed(trimaps)
    left = np.array(solve(together), np.float32)  # of the union, not yet anyone's
    room = np.ones(left.shape, np.float32)  # of the pixel
    behind = np.zeros(shared.shape, np.uint8)  # how many of those not yet served may be here
    for index in range(len(trimaps)):
        if index not in remnants:
            behind += trimaps[index] > BACKGROUND
    for index in order:
        trimap = trimaps[index]
        may = trimap > BACKGROUND
        if index not in remnants:
            behind -= may
        if index in given:
            alpha: Alpha = np.minimum(given[index], room)
        else:
            # Where nobody else may be, what the union has is this one's.
            alpha = np.where(may, left, np.float32(0))
            contested = (trimap == UNKNOWN) & shared & (behind > 0)
            core = trimap == FOREGROUND
            if index in remnants or not core.any():  # nothing that strands could hang on
                alpha[contested] = 0
            elif contested.any():
                np.minimum(alpha, solve(trimap), out=alpha, where=contested)
                alpha[contested & ~_hanging_on(alpha, trimap)] = 0
            np.copyto(alpha, room, where=core)
        left = np.maximum(left - alpha, 0, out=left)
        room = np.maximum(room - alpha, 0, out=room)
        yield index, alpha


def _hanging_on(alpha: Alpha, trimap: Trimap) -> Mask:
    """Where the subject hangs together with its core: colours like its own elsewhere are not it."""
    present = (alpha > _PRESENT).view(np.uint8)
    near = cv2.dilate(present, np.ones((2 * _GAP + 1,) * 2, np.uint8))
    count, labels = cv2.connectedComponents(near, connectivity=8)
    held = np.zeros(count, bool)
    held[np.unique(labels[trimap == FOREGROUND])] = True
    held[0] = False
    hanging: Mask = held[labels]
    return hanging
