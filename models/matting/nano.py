"""The matting network made here: it judges colour samples, a smooth system carries them through.

A small convolutional network sees, for every unknown pixel, what known colours near and far
propose, and answers with an alpha and how wrong that may be. Both enter the closed-form system
(Levin, Lischinski, Weiss 2008) as a pull on each pixel, strong where the network is sure, so that
hair follows the photo's own colours and holes take the network's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models import weights
from pickmatte.models.errors import TrimapError
from pickmatte.models.geometry.rectangle import Rectangle, bounding_box
from pickmatte.models.protocols import RGB, Alpha, Mask, TileRules, Trimap
from pickmatte.models.runtime.memory import release_free_memory
from pickmatte.models.runtime.onnx_runtime import Network
from pickmatte.models.weights.records import Model

from .evidence import Evidence
from .guided import enlarge, shrink
from .haze import remove_haze
from .matting_laplacian import MattingLaplacian
from .pyramid import CONTEXT, Tick, solve_coarse_to_fine
from .trimaps import BACKGROUND, FOREGROUND, UNKNOWN, check_trimap

_TILE = 320  # sides of what the network answers for at once
_MARGIN = 80  # pixels it sees around that: all that its view weighs by more than 1/1000
_CELL = 8  # sides of what it sees are multiples of this
PULL, FALL = 1e-5, 2.5  # a prediction of error e weighs PULL / e**FALL, in the system's units
_SUREST = 0.01  # no prediction counts as better than this
_STEPS = 60  # of conjugate gradients at most; with the pull 20 to 60 are usual
_TOLERANCE = 1e-4
_SMALL = 10_000  # unknown pixels that are solved at once anyway


class Nano:
    """The network and the system: pictures of any size, the band seen at once on a smaller one.

    Safe to call from several threads.
    """

    name = "nano"
    rules = TileRules(context=CONTEXT, largest=120_000, bytes_per_unknown=900, bytes_per_pixel=160)

    def __init__(self, graph: bytes, device: str = "cpu") -> None:
        self._network = Network(graph, shrinks=False, device=device)

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
        decided = _decided(rgb, trimap)
        if decided is not None:
            return decided

        def affords(pixels: int, unknown: int) -> bool:
            rules = self.rules
            cost = pixels * rules.bytes_per_pixel + unknown * rules.bytes_per_unknown
            return unknown <= rules.largest and cost <= memory / 2

        try:
            return solve_coarse_to_fine(self._solve, affords, rgb, trimap, tick)
        finally:
            release_free_memory()

    def _solve(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """Of a picture that can be seen at once."""
        return _solve_with_prediction(rgb, trimap, *self.predict(rgb, trimap))

    def preview(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """A stand-in for `alpha` in a third of the time: the network sees a quarter of the size.

        The system takes half of the size, and the rest follows the colours. A band that is small
        anyway is solved as it is.
        """
        decided = _decided(rgb, trimap)
        if decided is not None:
            return decided
        unknown = trimap == UNKNOWN
        half, half_trimap = shrink(rgb, trimap, 2)
        quarter, quarter_trimap = shrink(half, half_trimap, 2)
        if np.count_nonzero(unknown) <= _SMALL or _decided(quarter, quarter_trimap) is not None:
            return self.alpha(rgb, trimap)
        predicted, error = self.predict(quarter, quarter_trimap)
        predicted[quarter_trimap == FOREGROUND] = 1
        error[quarter_trimap != UNKNOWN] = np.log(_SUREST)
        asked = half_trimap == UNKNOWN
        finer = np.zeros(half_trimap.shape, np.float32)
        finer[asked] = enlarge(quarter, predicted, half, asked, 2)
        spread = cv2.resize(error, finer.shape[::-1], interpolation=cv2.INTER_LINEAR)
        settled = _solve_with_prediction(
            half, half_trimap, finer, spread.astype(np.float32, copy=False)
        )
        alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
        alpha[unknown] = enlarge(half, settled, rgb, unknown, 2)
        return alpha

    def predict(self, rgb: RGB, trimap: Trimap) -> tuple[Alpha, Alpha]:
        """The network's alpha and the logarithm of its expected error, both H×W."""
        evidence = Evidence(rgb, trimap)
        alpha, error = np.zeros((2, *trimap.shape), np.float32)
        unknown = trimap == UNKNOWN
        for inner in _tiles(unknown):
            outer = _seen(inner, trimap.shape)
            seen = evidence.within(outer)
            height, width = seen.shape[1:]
            pad = ((0, 0), (0, -height % _CELL), (0, -width % _CELL))
            seen = np.pad(seen, pad, mode="edge")[None]
            found = self._network.run(["alpha", "error"], {"evidence": seen})
            where = inner.slices_in(outer)
            alpha[inner.slices] = found[0][0, 0][where]
            error[inner.slices] = found[1][0, 0][where]
        return alpha, error


def load(model: Model, device: str) -> Nano:
    """The network of an entry: it ships with the project."""
    return Nano(weights.files(model)["nano.onnx"].read_bytes(), device)


def _decided(rgb: RGB, trimap: Trimap) -> Alpha | None:
    """Alpha of a trimap that leaves nothing to solve; raises `TrimapError` as `Nano.alpha`."""
    check_trimap(trimap, rgb.shape[:2])
    present = {value for value in (BACKGROUND, UNKNOWN, FOREGROUND) if (trimap == value).any()}
    if present == {UNKNOWN}:
        raise TrimapError("The trimap is unknown everywhere; mark some pixels as known.")
    if present == {BACKGROUND, UNKNOWN, FOREGROUND}:
        return None
    if UNKNOWN in present:  # one side only, of which then everything is a part
        trimap = np.full_like(trimap, FOREGROUND if FOREGROUND in present else BACKGROUND)
    alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
    return alpha


def _solve_with_prediction(
    rgb: RGB, trimap: Trimap, predicted: Alpha, error: NDArray[np.float32]
) -> Alpha:
    """The system's answer to what the network says; `error` is its logarithm, all are H×W."""
    alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
    unknown = trimap == UNKNOWN
    start = predicted[unknown]
    if min(trimap.shape) < 3:  # the system's windows are 3×3
        alpha[unknown] = start
        return alpha
    spread = np.maximum(np.exp(error[unknown]), _SUREST)
    system = MattingLaplacian.build(rgb, unknown, alpha, precise=True)
    system = system.pulled(start, PULL / spread**FALL)
    solved, _ = system.relax(start.astype(np.float64), _STEPS, _TOLERANCE)
    alpha[unknown] = np.clip(solved, 0, 1)
    alpha[unknown] = remove_haze(alpha, np.exp(error), unknown)
    return alpha


def _tiles(unknown: Mask) -> Iterator[Rectangle]:
    """Rectangles that cover the unknown pixels, each no larger than these need."""
    most = _TILE + 2 * _MARGIN  # seen at once anyway
    height, width = (_TILE if side > most else side for side in unknown.shape)
    for top, left in product(*map(range, (0, 0), unknown.shape, (height, width))):
        box = bounding_box(unknown[top : top + height, left : left + width])
        if box is not None:
            yield box.moved(left, top)


def _seen(tile: Rectangle, size: tuple[int, ...]) -> Rectangle:
    """It with what the network sees around it, from a place whose halvings are the picture's."""
    x0, y0, x1, y1 = tile.grown(_MARGIN, size)
    return Rectangle(x0 // _CELL * _CELL, y0 // _CELL * _CELL, x1, y1)
