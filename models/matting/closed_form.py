"""Closed-form matting: alpha as a local linear function of colour, by a sparse linear system.

A. Levin, D. Lischinski, Y. Weiss: A Closed-Form Solution to Natural Image Matting, PAMI 2008.
The incomplete Cholesky factor is pymatting's. A system too large for it starts from the solve
of the half-size picture, whose alpha follows the full picture's colours, and is then relaxed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.errors import PickmatteError, TrimapError
from pickmatte.models.protocols import RGB, Alpha, TileRules, Trimap
from pickmatte.models.weights.records import Model

from .compiled import pymatting
from .guided import enlarge, shrink
from .matting_laplacian import MattingLaplacian
from .settled import snap_settled
from .trimaps import BACKGROUND, FOREGROUND, UNKNOWN, check_trimap

Vector: TypeAlias = NDArray[np.float64]

_DIRECT = 40_000  # unknown pixels up to which the system is solved at full size right away
_STEPS = 500  # with the Cholesky factor; 5 to 60 are usual
_DISCARD = 1e-4  # entries of the Cholesky factor below this are dropped
_FILL = 200  # entries of the factor per unknown pixel at most; 40 to 80 are usual
_TOLERANCE = 1e-6  # of the residual, relative to what the known pixels contribute
# Conjugate-gradient steps that settle what the half-size picture could not show: this many, fewer
# where that is more than so many pixel updates. A photo of many pixels hides less from its half.
_RELAXATIONS, _LEAST, _UPDATES = 100, 30, 15_000_000


class ClosedForm:
    """Levin's closed-form matting on the unknown pixels only. Safe to call from several threads."""

    name = "closed-form"
    rules = TileRules(
        context=32,
        largest=600_000,
        bytes_per_unknown=500,
        bytes_per_pixel=40,
        at_once=2,
    )

    def alpha(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """Alpha of a picture, float32 H×W in 0..1; known pixels are exactly 0 or 1.

        `rgb` is uint8 H×W×3, `trimap` uint8 H×W of 0, 128, 255. Raises `TrimapError` if the
        trimap does not fit or has no known pixel, `PickmatteError` if the system has no solution.
        """
        check_trimap(trimap, rgb.shape[:2])
        if not (trimap == UNKNOWN).any():
            known: Alpha = (trimap == FOREGROUND).astype(np.float32)
            return known
        if (trimap == UNKNOWN).all():
            raise TrimapError("The trimap is unknown everywhere; mark some pixels as known.")
        height, width = trimap.shape
        pad = (0, max(0, 3 - height), 0, max(0, 3 - width))  # windows are 3×3
        if any(pad):
            rgb = cv2.copyMakeBorder(rgb, *pad, cv2.BORDER_REPLICATE)  # type: ignore[assignment]
            trimap = cv2.copyMakeBorder(trimap, *pad, cv2.BORDER_REPLICATE)  # type: ignore[assignment]
        alpha: Alpha = _alpha(rgb, trimap)[:height, :width]
        return alpha


def load(model: Model, device: str) -> ClosedForm:
    """The solver: it has no files and runs on the CPU, whatever the device."""
    return ClosedForm()


def prepare() -> None:
    """Compile what the first solve would wait for: most of a minute once after installing."""
    rgb = np.zeros((8, 8, 3), np.uint8)
    trimap = np.full((8, 8), UNKNOWN, np.uint8)
    trimap[0], trimap[-1] = FOREGROUND, BACKGROUND
    alpha = ClosedForm().alpha(rgb, trimap)
    unknown = trimap == UNKNOWN
    system = MattingLaplacian.build(rgb, unknown, alpha, precise=False)
    system.relax(np.zeros_like(system.goal), 1, _TOLERANCE)
    small, _ = shrink(rgb, trimap, 2)
    enlarge(small, alpha[::2, ::2].copy(), rgb, unknown, 2)


def _alpha(rgb: RGB, trimap: Trimap) -> Alpha:
    unknown = trimap == UNKNOWN
    alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
    count = int(np.count_nonzero(unknown))
    small, small_trimap = shrink(rgb, trimap, 2) if count > _DIRECT else (rgb, trimap)
    if count <= _DIRECT or min(small_trimap.shape) < 3 or (small_trimap == UNKNOWN).all():
        alpha[unknown] = _solve(MattingLaplacian.build(rgb, unknown, alpha, precise=True))
        return alpha
    alpha[unknown] = enlarge(small, _alpha(small, small_trimap), rgb, unknown, 2)
    unknown &= ~snap_settled(alpha)
    if unknown.any():
        start = alpha[unknown].astype(np.float64)
        system = MattingLaplacian.build(rgb, unknown, alpha, precise=False)
        steps = max(_LEAST, min(_RELAXATIONS, _UPDATES // len(start)))
        alpha[unknown] = np.clip(system.relax(start, steps, _TOLERANCE)[0], 0, 1)
    return alpha


def _solve(system: MattingLaplacian) -> Vector:
    """Solve to `_TOLERANCE`, alpha clipped to 0..1."""
    x = np.zeros_like(system.goal)
    reached = np.inf
    precondition = _cholesky(system)
    if precondition is not None:
        x, reached = _conjugate_gradients(system, precondition)
    if not reached <= _TOLERANCE:
        x, reached = system.relax(x if np.isfinite(x).all() else np.zeros_like(x), 5000, _TOLERANCE)
    # Short of convergence the answer is still a smooth alpha; only a wild one is refused.
    if not (reached < 0.5 and np.isfinite(x).all()):
        raise PickmatteError(
            "The alpha could not be computed; mark more pixels as known or narrow the band."
        )
    return np.clip(x, 0, 1)


def _conjugate_gradients(
    system: MattingLaplacian, precondition: Callable[[Vector], Vector]
) -> tuple[Vector, float]:
    """Preconditioned conjugate gradients from 0: the last iterate and its relative residual."""
    scale = float(np.linalg.norm(system.goal)) or 1.0
    x = np.zeros_like(system.goal)
    residual = system.goal.copy()
    direction = np.zeros_like(x)
    previous = 1.0
    error = float(np.linalg.norm(residual)) / scale
    for _ in range(_STEPS):
        if error <= _TOLERANCE:
            break
        z = precondition(residual)
        energy = float(residual @ z)
        direction *= energy / previous
        direction += z
        previous = energy
        product = system.multiply(direction)
        curvature = float(direction @ product)
        if not (energy > 0 and curvature > 0 and np.isfinite(curvature)):
            break  # rounding has used up what the preconditioner can give
        x += (energy / curvature) * direction
        residual -= (energy / curvature) * product
        error = float(np.linalg.norm(residual)) / scale
    return x, error


def _cholesky(system: MattingLaplacian) -> Callable[[Vector], Vector] | None:
    """Thresholded incomplete Cholesky; None where no shift of the diagonal makes it work.

    pymatting's `ichol` without its printing of every shift tried and its 4 GB of address space.
    """
    module = pymatting("preconditioner.ichol")
    matrix = system.matrix()  # symmetric, so its rows are the columns `_ichol` wants
    size = len(system.goal)
    room = _FILL * size
    values, rows = np.empty(room, np.float64), np.empty(room, np.int64)
    starts = np.zeros(size + 1, np.int64)
    for shift in (0.0, 1e-4, 1e-3, 1e-2, 0.1, 1.0):
        filled = module._ichol(
            size, matrix.data, matrix.indices, matrix.indptr, values, rows, starts,
            _DISCARD, shift, room, 0.0, True,
        )  # fmt: skip
        if filled >= 0:
            factor: Callable[[Vector], Vector] = module.CholeskyDecomposition(
                (values[:filled], rows[:filled], starts)
            )
            return factor
    return None
