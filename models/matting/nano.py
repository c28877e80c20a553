"""The matting network made here: it judges colour samples, a smooth system carries them through.

A small convolutional network sees, for every unknown pixel, what known colours near and far
propose, and answers with an alpha and how wrong that may be. Both enter the closed-form system
(Levin, Lischinski, Weiss 2008) as a pull on each pixel, strong where the network is sure, so that
hair follows the photo's own colours and holes take the network's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from models.errors import TrimapError
from models.matting.evidence import gather
from models.matting.pyramid import CONTEXT, Tick, descend
from models.matting.stencil import Stencil
from models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN, check_trimap
from models.protocols import RGB, Alpha, TileRules, Trimap
from models.runtime import Network

_TILE, _MARGIN = 384, 64  # pixels of a tile the network sees at once, and of overlap on each side
_CELL = 8  # sides of what it sees are multiples of this
PULL = 3e-5  # weight of a prediction whose error is 1, in the units of the system
_SUREST = 0.01  # no prediction counts as better than this
_STEPS = 60  # of conjugate gradients at most; with the pull 20 to 60 are usual
_TOLERANCE = 1e-4


class Nano:
    """The network and the system: pictures of any size, the band seen at once on a smaller one.

    Safe to call from several threads.
    """

    name = "nano"
    rules = TileRules(context=CONTEXT, largest=200_000, bytes_per_unknown=900, bytes_per_pixel=160)

    def __init__(self, graph: bytes) -> None:
        self._network = Network(graph, shrinks=True)

    def alpha(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """Alpha of a picture, float32 H×W in 0..1; known pixels are exactly 0 or 1.

        `rgb` is uint8 H×W×3, `trimap` uint8 H×W of 0, 128, 255. Raises `TrimapError` if the
        trimap does not fit or has no known pixel.
        """
        return self.whole(rgb, trimap)

    def whole(
        self, rgb: RGB, trimap: Trimap, *, memory: int = 1 << 30, tick: Tick = lambda share: None
    ) -> Alpha:
        """The same within so many bytes, telling `tick` the share done."""
        check_trimap(trimap, rgb.shape[:2])
        present = {value for value in (BACKGROUND, UNKNOWN, FOREGROUND) if (trimap == value).any()}
        if present == {UNKNOWN}:
            raise TrimapError("The trimap is unknown everywhere; mark some pixels as known.")
        if present != {BACKGROUND, UNKNOWN, FOREGROUND}:
            # Nothing unknown, or one side only, of which then everything is a part.
            return (
                np.full(trimap.shape, FOREGROUND in present, np.float32)
                if (UNKNOWN in present)
                else (trimap == FOREGROUND).astype(np.float32)
            )

        def affords(pixels: int, unknown: int) -> bool:
            rules = self.rules
            cost = pixels * rules.bytes_per_pixel + unknown * rules.bytes_per_unknown
            return unknown <= rules.largest and cost <= memory / 2

        return descend(self._solve, affords, rgb, trimap, tick)

    def _solve(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """Of a picture that can be seen at once."""
        alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
        unknown = trimap == UNKNOWN
        guess, error = self.guess(rgb, trimap)
        start = guess[unknown]
        if min(trimap.shape) < 3:  # the system's windows are 3×3
            alpha[unknown] = start
            return alpha
        spread = np.maximum(np.exp(error[unknown]), _SUREST)
        system = Stencil.build(rgb, unknown, alpha, precise=True)
        system = system.pulled(start, PULL / spread**2)
        solved, _ = system.relax(start.astype(np.float64), _STEPS, _TOLERANCE)
        alpha[unknown] = np.clip(solved, 0, 1)
        return alpha

    def guess(self, rgb: RGB, trimap: Trimap) -> tuple[Alpha, Alpha]:
        """The network's alpha and the logarithm of its expected error, both H×W."""
        evidence = gather(rgb, trimap)
        alpha, error = np.zeros((2, *trimap.shape), np.float32)
        unknown = trimap == UNKNOWN
        for inner, outer in _tiles(trimap.shape):
            if not unknown[inner].any():
                continue
            seen = evidence[(slice(None), *outer)]
            height, width = seen.shape[1:]
            pad = ((0, 0), (0, -height % _CELL), (0, -width % _CELL))
            seen = np.pad(seen, pad, mode="edge")[None]
            found = self._network.run(["alpha", "error"], {"evidence": seen})
            where = tuple(
                slice(i.start - o.start, i.stop - o.start)
                for i, o in zip(inner, outer, strict=True)
            )
            alpha[inner] = found[0][0, 0][where]
            error[inner] = found[1][0, 0][where]
        return alpha, error


def _tiles(size: tuple[int, ...]) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Squares that cover a picture, and the same with a margin, kept inside it."""
    step = _TILE - 2 * _MARGIN
    for top, left in product(range(0, size[0], step), range(0, size[1], step)):
        inner = slice(top, min(top + step, size[0])), slice(left, min(left + step, size[1]))
        yield (
            inner,
            (
                slice(max(0, top - _MARGIN), min(inner[0].stop + _MARGIN, size[0])),
                slice(max(0, left - _MARGIN), min(inner[1].stop + _MARGIN, size[1])),
            ),
        )
