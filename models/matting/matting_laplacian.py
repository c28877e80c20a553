"""The matting Laplacian of the unknown pixels only, as half of a symmetric 25-point stencil.

pymatting assembles it as a sparse matrix over the whole picture; a band of a few hundred thousand
pixels in a 48 MP photo needs it for those pixels alone, in a tenth of the memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from pickmatte.models.protocols import RGB, Alpha, Mask
from pickmatte.models.runtime.forks import guard

from .compiled import plain

EPSILON = 1e-7  # how far alpha may stray from a linear function of colour; pymatting's default
_HALF = 13  # a pixel itself and the 12 of its 24 neighbours that come after it in raster order


@dataclass(frozen=True, eq=False)
class MattingLaplacian:
    """`A x = goal` for the N unknown pixels in raster order; A is symmetric."""

    weights: NDArray[np.floating]  # N×13: the diagonal, then the neighbours that come later
    neighbours: NDArray[np.int32]  # N×13: place in x; a pixel itself where there is no neighbour
    goal: NDArray[np.float64]  # N: what the known pixels contribute

    @classmethod
    def build(cls, rgb: RGB, unknown: Mask, known: Alpha, *, precise: bool) -> MattingLaplacian:
        """Assemble it for at least 3×3 pixels; `known` is the alpha of those not unknown.

        `precise` weights take 64 bits, as solving needs them; 32 are enough to relax a start.
        """
        guard()
        places = np.full(unknown.shape, -1, np.int32)
        ys, xs = np.nonzero(unknown)
        places[ys, xs] = np.arange(len(ys), dtype=np.int32)
        weights = np.zeros((len(ys), _HALF), np.float64 if precise else np.float32)
        goal = np.zeros(len(ys), np.float64)
        _assemble(plain(rgb), places, plain(known), EPSILON, weights, goal)
        neighbours = np.empty((len(ys), _HALF), np.int32)
        _find_neighbours(places, ys, xs, neighbours)
        return cls(weights, neighbours, goal)

    def multiply(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """`A x`."""
        product = np.empty_like(x)
        _multiply(self.weights, self.neighbours, x, product)
        return product

    def relax(
        self, x: NDArray[np.float64], steps: int, tolerance: float
    ) -> tuple[NDArray[np.float64], float]:
        """Conjugate gradients from `x`, preconditioned by the diagonal.

        Returns the last iterate and its residual's norm, relative to that of `goal`; it stops
        early when that is down to `tolerance`.
        """
        x = x.copy()
        residual = self.goal - self.multiply(x)
        scale = float(np.linalg.norm(self.goal)) or 1.0
        norm = _relax(self.weights, self.neighbours, x, residual, steps, tolerance * scale)
        return x, float(norm) / scale

    def smooth(self, x: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """Chebyshev steps that take out what is rough in the error of `x` and leave the rest.

        Each step reaches two pixels and its coefficients are fixed, so an answer depends on
        nothing farther away. The rows' absolute sums scale the system to eigenvalues of at most 1
        (l1-Jacobi: Baker, Falgout, Kolev, Yang, SIAM J. Sci. Comput. 2011).
        """
        scale = np.zeros_like(self.goal)
        _row_sums(self.weights, self.neighbours, scale)
        least = 1.0 / 30.0  # slower parts than this were settled on the smaller picture
        middle, half = (1 + least) / 2, (1 - least) / 2
        ratio = half / middle
        direction = (self.goal - self.multiply(x)) / (scale * middle)
        x = x + direction
        for _ in range(steps - 1):  # Saad, Iterative Methods for Sparse Linear Systems, 12.1
            residual = (self.goal - self.multiply(x)) / scale
            before, ratio = ratio, 1 / (2 * middle / half - ratio)
            direction = ratio * before * direction + 2 * ratio / half * residual
            x = x + direction
        return x

    def pulled(self, towards: NDArray[np.float32], weight: NDArray[np.float32]) -> MattingLaplacian:
        """The same system with each unknown pixel tied to a value, N each."""
        weights = self.weights.copy()
        weights[:, 0] += weight
        return MattingLaplacian(
            weights, self.neighbours, self.goal + weight.astype(np.float64) * towards
        )

    def diagonal(self) -> NDArray[np.float64]:
        """The diagonal of A."""
        return self.weights[:, 0].astype(np.float64)

    def matrix(self) -> Any:
        """A as a SciPy CSR matrix with 64-bit indices, which pymatting's `ichol` takes."""
        size = len(self.goal)
        present = self.neighbours != np.arange(size, dtype=np.int32)[:, None]
        rows = np.nonzero(present)[0]
        later = sparse.coo_matrix(
            (self.weights[present].astype(np.float64), (rows, self.neighbours[present])),
            (size, size),
        )
        matrix = (later + later.T + sparse.diags(self.diagonal())).tocsr()
        matrix.sort_indices()
        matrix.indices = matrix.indices.astype(np.int64)
        matrix.indptr = matrix.indptr.astype(np.int64)
        return matrix


@numba.njit(cache=True, nogil=True)
def _assemble(rgb, places, known, epsilon, weights, goal):  # type: ignore[no-untyped-def]
    height, width = places.shape
    c = np.empty((9, 3))
    place = np.empty(9, np.int64)
    value = np.empty(9)
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            touched = False
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    touched = touched or places[y + dy, x + dx] >= 0
            if not touched:
                continue
            m0, m1, m2 = 0.0, 0.0, 0.0
            for k in range(9):
                yk, xk = y + k // 3 - 1, x + k % 3 - 1
                for channel in range(3):
                    c[k, channel] = rgb[yk, xk, channel] / 255.0
                m0 += c[k, 0] / 9.0
                m1 += c[k, 1] / 9.0
                m2 += c[k, 2] / 9.0
                place[k] = places[yk, xk]
                value[k] = known[yk, xk]
            # The window's regularised colour covariance as L·D·Lᵀ: colours on a line (a black and
            # white photo) leave it nearly singular, which its cofactors would not survive.
            a00, a01, a02, a11, a12, a22 = epsilon, 0.0, 0.0, epsilon, 0.0, epsilon
            for k in range(9):
                c[k, 0] -= m0
                c[k, 1] -= m1
                c[k, 2] -= m2
                a00 += c[k, 0] * c[k, 0]
                a01 += c[k, 0] * c[k, 1]
                a02 += c[k, 0] * c[k, 2]
                a11 += c[k, 1] * c[k, 1]
                a12 += c[k, 1] * c[k, 2]
                a22 += c[k, 2] * c[k, 2]
            l10, l20 = a01 / a00, a02 / a00
            d1 = a11 - l10 * a01
            l21 = (a12 - l20 * a01) / d1
            d2 = a22 - l20 * a02 - l21 * l21 * d1
            for i in range(9):
                if place[i] < 0:
                    continue
                f1 = c[i, 1] - l10 * c[i, 0]
                u2 = (c[i, 2] - l20 * c[i, 0] - l21 * f1) / d2
                u1 = f1 / d1 - l21 * u2
                u0 = c[i, 0] / a00 - l10 * u1 - l20 * u2
                u0, u1, u2 = 9.0 * u0, 9.0 * u1, 9.0 * u2
                for j in range(9):
                    weight = -(1.0 + u0 * c[j, 0] + u1 * c[j, 1] + u2 * c[j, 2]) / 9.0
                    if i == j:
                        weight += 1.0
                    if place[j] < 0:
                        goal[place[i]] -= weight * value[j]
                    elif j >= i:
                        offset = (j // 3 - i // 3) * 5 + j % 3 - i % 3
                        weights[place[i], offset] += weight


@numba.njit(cache=True, nogil=True)
def _find_neighbours(places, ys, xs, neighbours):  # type: ignore[no-untyped-def]
    height, width = places.shape
    for i in range(ys.size):
        for k in range(_HALF):
            y, x = ys[i] + (k + 2) // 5, xs[i] + (k + 2) % 5 - 2
            neighbours[i, k] = i
            if y < height and 0 <= x < width and places[y, x] >= 0:
                neighbours[i, k] = places[y, x]


@numba.njit(cache=True, nogil=True)
def _row_sums(weights, neighbours, sums):  # type: ignore[no-untyped-def]
    for i in range(sums.size):
        sums[i] += abs(weights[i, 0]) + 1e-12
        for k in range(1, _HALF):
            j = neighbours[i, k]
            if j != i:
                sums[i] += abs(weights[i, k])
                sums[j] += abs(weights[i, k])


@numba.njit(cache=True, nogil=True, fastmath=True)
def _multiply(weights, neighbours, x, product):  # type: ignore[no-untyped-def]
    product[:] = 0.0
    for i in range(x.size):
        own = x[i]
        total = weights[i, 0] * own
        for k in range(1, _HALF):
            j = neighbours[i, k]
            weight = weights[i, k]
            total += weight * x[j]
            product[j] += weight * own
        product[i] += total


@numba.njit(cache=True, nogil=True, fastmath=True)
def _relax(weights, neighbours, x, residual, steps, least):  # type: ignore[no-untyped-def]
    """In one piece, because every pass over vectors this long costs as much as the product."""
    size = x.size
    direction = np.zeros(size)
    product = np.empty(size)
    previous = 1.0
    energy = 0.0
    squares = 0.0
    for i in range(size):
        energy += residual[i] * residual[i] / max(weights[i, 0], 1e-12)
        squares += residual[i] * residual[i]
    for _ in range(steps):
        if squares <= least * least:
            break
        ratio = energy / previous
        for i in range(size):
            direction[i] = direction[i] * ratio + residual[i] / max(weights[i, 0], 1e-12)
        _multiply(weights, neighbours, direction, product)
        curvature = 0.0
        for i in range(size):
            curvature += direction[i] * product[i]
        if not curvature > 0.0:
            break  # rounding has used up what can be had
        step = energy / curvature
        previous = energy
        energy = 0.0
        squares = 0.0
        for i in range(size):
            x[i] += step * direction[i]
            residual[i] -= step * product[i]
            square = residual[i] * residual[i]
            energy += square / max(weights[i, 0], 1e-12)
            squares += square
    return np.sqrt(squares)
