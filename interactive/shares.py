"""Alphas of several subjects that add up: each pixel is shared among them and the background.

The union is solved first, as one subject against the background: between two that touch it knows
of no background. Then, front to back, each takes what it is found to cover, at most what those in
front of it left; the one farthest back takes the rest, and needs no solve. So hair in front lies
over what is behind it, and every sum is the union's alpha, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from models.protocols import Alpha, Trimap

from .borders import disputed

Solve = Callable[[Trimap], Alpha]


def shares(
    solve: Solve, trimaps: Sequence[Trimap], together: Trimap, order: Sequence[int]
) -> Iterator[tuple[int, Alpha]]:
    """Each subject's place in `trimaps` and its alpha, float32 H×W in 0..1, front to back.

    `trimaps` are those of `borders.beside_others`, `together` that of `borders.of_all`; `order`
    holds the places, front first. `solve` makes an alpha of a trimap. The alphas add up to at
    most 1, and to 1 where `together` is foreground. One alpha is made at a time; beyond it two
    floats and two bytes per pixel are held.
    """
    shared = disputed(trimaps)
    left = solve(together)
    behind = np.zeros(shared.shape, np.uint8)  # how many of those not yet served may be here
    for trimap in trimaps:
        behind += trimap > BACKGROUND
    for index in order:
        trimap = trimaps[index]
        may = trimap > BACKGROUND
        behind -= may
        # Where nobody else may be, what the union has is this one's.
        alpha: Alpha = np.where(may, left, np.float32(0))
        contested = (trimap == UNKNOWN) & shared & (behind > 0)
        if contested.any():
            found = solve(trimap)
            np.minimum(alpha, found, out=alpha, where=contested)
        left -= alpha
        np.maximum(left, 0, out=left)
        alpha[trimap == FOREGROUND] = 1
        yield index, alpha
