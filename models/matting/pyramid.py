"""From an alpha solved on a picture small enough to be seen at once, back to the full size.

Every finer level starts from the coarser one's alpha as a linear function of colour, and a few
smoothing steps of the closed-form system settle what only this level shows. Both reach a fixed
number of pixels, so a level is worked through in tiles and no tile's border can be found in the
answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from typing import TypeAlias

import numpy as np

from pickmatte.models.geometry.rectangle import Rectangle, bounding_box
from pickmatte.models.protocols import RGB, Alpha, Trimap

from .guided import enlarge, shrink
from .matting_laplacian import MattingLaplacian
from .settled import snap_settled
from .trimaps import FOREGROUND, UNKNOWN

Tick: TypeAlias = Callable[[float], None]  # called with the share done, 0..1; may raise to stop

CONTEXT = 64  # known pixels kept around what is unknown
_STEPS = 12
_MARGIN = 40  # more than the steps (2 pixels each), the settling and the enlarging reach
_TILE = 512


def solve_coarse_to_fine(
    solve: Callable[[RGB, Trimap], Alpha],
    affords: Callable[[int, int], bool],
    rgb: RGB,
    trimap: Trimap,
    tick: Tick,
) -> Alpha:
    """Alpha of a picture of any size, float32 H×W; `trimap` has pixels of all three kinds.

    `solve` is asked for the first size, halved from the full one, at which it `affords` that many
    pixels and that many unknown ones.
    """
    alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
    unknown = bounding_box(trimap == UNKNOWN)
    assert unknown is not None  # the caller says so
    crop = unknown.grown(CONTEXT, trimap.shape).slices
    levels = [(rgb[crop], trimap[crop])]
    tick(0.0)
    while not _fits(affords, levels[-1][1]) and min(levels[-1][1].shape) >= 8:
        levels.append(shrink(*levels[-1], 2))
    small, small_trimap = levels.pop()
    if (small_trimap == UNKNOWN).any():
        answer = solve(small, small_trimap)
    else:
        answer = (small_trimap == FOREGROUND).astype(np.float32)
    sizes = [level[1].size for level in levels]
    done = share = 0.4 if levels else 1.0
    tick(done)
    while levels:
        finer, finer_trimap = levels.pop()
        part = (1 - share) * finer_trimap.size / sum(sizes)
        # The last one goes where it belongs: another array of its size would be a large one.
        out = (finer_trimap == FOREGROUND).astype(np.float32) if levels else alpha[crop]
        _finer(small, answer, finer, finer_trimap, out, partial(_along, tick, done, part))
        done += part
        small, answer = finer, out
    if answer.base is not alpha:
        alpha[crop] = answer
    return alpha


def _along(tick: Tick, done: float, part: float, share: float) -> None:
    tick(done + part * share)


def _fits(affords: Callable[[int, int], bool], trimap: Trimap) -> bool:
    return affords(trimap.size, int(np.count_nonzero(trimap == UNKNOWN)))


def _finer(
    small: RGB, small_alpha: Alpha, rgb: RGB, trimap: Trimap, alpha: Alpha, tick: Tick
) -> None:
    """One level up, tile by tile; `alpha`, so far of the known pixels, gets the others."""
    unknown = trimap == UNKNOWN
    size = trimap.shape

    def work(inner: Rectangle) -> Alpha | None:
        if not unknown[inner.slices].any():
            return None
        outer = _doubled(_halved(inner.grown(_MARGIN, size)), size)
        under = _halved(outer).slices
        tile = _tile(small[under], small_alpha[under], rgb[outer.slices], trimap[outer.slices])
        return tile[inner.slices_in(outer)]

    tiles = [
        Rectangle(left, top, left + _TILE, top + _TILE).grown(0, size)
        for top, left in product(range(0, size[0], _TILE), range(0, size[1], _TILE))
    ]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for done, answer in enumerate(pool.map(work, tiles)):
                if answer is not None:
                    alpha[tiles[done].slices] = answer
                tick((done + 1) / len(tiles))
        finally:
            pool.shutdown(cancel_futures=True)


def _halved(area: Rectangle) -> Rectangle:
    """Of the picture half as large, all that lies under it."""
    x0, y0, x1, y1 = area
    return Rectangle(x0 // 2, y0 // 2, (x1 + 1) // 2, (y1 + 1) // 2)


def _doubled(area: Rectangle, size: tuple[int, ...]) -> Rectangle:
    """Of the picture twice as large, which has that size, all that lies over it."""
    x0, y0, x1, y1 = area
    return Rectangle(2 * x0, 2 * y0, 2 * x1, 2 * y1).grown(0, size)


def _tile(small: RGB, small_alpha: Alpha, rgb: RGB, trimap: Trimap) -> Alpha:
    alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
    unknown = trimap == UNKNOWN
    alpha[unknown] = enlarge(small, small_alpha, rgb, unknown, 2)
    unknown &= ~snap_settled(alpha)
    if unknown.any() and min(trimap.shape) >= 3:
        start = alpha[unknown].astype(np.float64)
        system = MattingLaplacian.build(rgb, unknown, alpha, precise=False)
        alpha[unknown] = np.clip(system.smooth(start, _STEPS), 0, 1)
    return alpha
