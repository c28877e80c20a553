"""Trimap to alpha, only where it is unknown, within a memory bound.

The unknown pixels are cut into tiles by the matting model's own rules. A tile sees far enough
around itself that both sides of the band are in view, and neighbours fade into each other. A band
so wide that no tile could see across it is solved on a smaller picture, whose alpha then follows
the colours of the full one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, product

import numpy as np

from pickmatte.models.errors import Cancelled, TrimapError
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.matting.guided import enlarge, shrink
from pickmatte.models.matting.trimaps import FOREGROUND, UNKNOWN, check_trimap
from pickmatte.models.protocols import RGB, Alpha, Mask, Matting, Trimap, WholeMatting

from .tiles import cut, depth, weights

_LEAST = 64  # a picture of this side is solved as it is, whatever the bound
_PATIENCE = 2_500_000  # unknown pixels, each as often as tiles see it; 4 million take 10 s
_FADE = 16  # pixels on each side of a cut over which two tiles blend


def solve(
    matting: Matting,
    rgb: RGB,
    trimap: Trimap,
    *,
    memory: int = 1 << 30,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Alpha:
    """Alpha of the whole picture, float32 H×W in 0..1; known pixels are exactly 0 or 1.

    `rgb` is uint8 H×W×3, `trimap` uint8 H×W of 0, 128, 255; one without unknown pixels is its own
    answer, one that knows only foreground (or background) comes out as that. `memory` bounds, in
    bytes, what the model works with beyond the arguments and the answer. `progress` gets the share
    done, 0 to 1; `cancelled` is asked between tiles. Both are called on the caller's thread.
    Raises `TrimapError` where the trimap does not fit the picture or is unknown everywhere, and
    `Cancelled`.
    """
    check_trimap(trimap, (rgb.shape[0], rgb.shape[1]))
    unknown = trimap == UNKNOWN
    if unknown.all():
        raise TrimapError("The trimap is unknown everywhere; mark some pixels as known.")
    alpha: Alpha
    if unknown.any():
        alpha = _Solver(matting, memory, progress, cancelled).solve(rgb, trimap, unknown)
    else:
        alpha = (trimap == FOREGROUND).astype(np.float32)
    if progress is not None:
        progress(1.0)
    return alpha


class _Solver:
    """One solve: the model, its budget, and whom to tell."""

    def __init__(
        self,
        matting: Matting,
        memory: int,
        progress: Callable[[float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.matting = matting
        self.rules = matting.rules
        self.workers = max(1, min(self.rules.at_once, os.cpu_count() or 1))
        self.budget = memory
        self.memory = memory // self.workers
        self.progress = progress
        self.cancelled = cancelled

    def solve(self, rgb: RGB, trimap: Trimap, unknown: Mask) -> Alpha:
        """Alpha of all pixels, of which some are unknown."""
        self.check()
        if isinstance(self.matting, WholeMatting):
            return self.matting.whole(rgb, trimap, memory=self.budget, tick=self.tick)
        alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
        context = max(self.rules.context, 2 * depth(unknown) + _FADE)

        def fits(tile: Rectangle) -> bool:
            area = tile.grown(context, unknown.shape)
            return self.affords(int(np.count_nonzero(unknown[area.slices])), area)

        tiles = cut(unknown, fits, context=context)
        smallest = context == self.rules.context or max(unknown.shape) <= _LEAST
        areas = [tile.grown(context, unknown.shape) for tile in tiles]
        # Wide bands make tiles overlap so much that most of the work is done several times.
        work = sum(int(np.count_nonzero(unknown[area.slices])) for area in areas)
        if smallest or (work <= _PATIENCE and all(fits(tile) for tile in tiles)):
            self.by_tiles(rgb, trimap, unknown, alpha, tiles, context)
        else:
            self.by_halving(rgb, trimap, unknown, alpha)
        return alpha

    def affords(self, unknown: int, area: Rectangle) -> bool:
        """Whether one worker may solve that many unknown pixels in that large a tile."""
        rules = self.rules
        if rules.longest is not None and max(area.height, area.width) > rules.longest:
            return False
        pixels = area.height * area.width
        cost = unknown * rules.bytes_per_unknown + pixels * rules.bytes_per_pixel
        return unknown <= rules.largest and cost <= self.memory

    def by_tiles(
        self,
        rgb: RGB,
        trimap: Trimap,
        unknown: Mask,
        alpha: Alpha,
        tiles: list[Rectangle],
        context: int,
    ) -> None:
        """Solve tile by tile into `alpha`; added in order, so the answer is always the same."""
        areas = [tile.grown(context, unknown.shape) for tile in tiles]

        def work(area: Rectangle) -> Alpha:
            return self.matting.alpha(rgb[area.slices], trimap[area.slices])

        for done, answer in enumerate(self.in_order(work, areas)):
            reached = tiles[done].grown(_FADE, unknown.shape)
            share = weights(tiles[done], tiles, reached, _FADE)
            share *= unknown[reached.slices]
            alpha[reached.slices] += share * answer[reached.slices_in(areas[done])]
            if self.progress is not None:
                self.progress((done + 1) / len(areas))
        np.clip(alpha, 0, 1, out=alpha)

    def in_order(
        self, work: Callable[[Rectangle], Alpha], areas: list[Rectangle]
    ) -> Iterator[Alpha]:
        """Answers one after the other, never more under way than there are workers."""
        with ThreadPoolExecutor(self.workers) as pool:
            waiting = iter(areas)
            running = [pool.submit(work, area) for area in islice(waiting, self.workers)]
            while running:
                answer = running.pop(0).result()
                self.check()
                running.extend(pool.submit(work, area) for area in islice(waiting, 1))
                yield answer

    def by_halving(self, rgb: RGB, trimap: Trimap, unknown: Mask, alpha: Alpha) -> None:
        """Solve at half the size and let the alpha follow the full colours, in place."""
        factor = 2
        small, small_trimap = shrink(rgb, trimap, factor)
        small_unknown = small_trimap == UNKNOWN
        if small_unknown.any():
            small_alpha = self.solve(small, small_trimap, small_unknown)
        else:
            small_alpha = (small_trimap == FOREGROUND).astype(np.float32)
        step = max(1, 1024 // factor)
        for top, left in product(*(range(0, side, step) for side in small_trimap.shape)):
            self.check()
            area = Rectangle(left, top, left + step, top + step).grown(2, small_trimap.shape)
            full = Rectangle(*(edge * factor for edge in area)).grown(0, unknown.shape)
            part = unknown[full.slices]
            if part.any():
                alpha[full.slices][part] = enlarge(
                    small[area.slices], small_alpha[area.slices], rgb[full.slices], part, factor
                )

    def tick(self, share: float) -> None:
        """So much is done."""
        self.check()
        if self.progress is not None:
            self.progress(share)

    def check(self) -> None:
        """Stop here if the caller wants to."""
        if self.cancelled is not None and self.cancelled():
            raise Cancelled("The matting was cancelled.")
