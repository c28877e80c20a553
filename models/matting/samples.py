"""What known colours say about unknown pixels: nearest samples of both sides, and the best pair.

For every unknown pixel the k most similar known foreground and background pixels are found in the
space of colour and place, as the known-to-unknown flow of Aksoy, Aydın, Pollefeys (Designing
Effective Inter-Pixel Information Flow for Natural Image Matting, CVPR 2017) does; of their pairs
the one that explains the pixel best is kept, as in robust matting (Wang, Cohen, CVPR 2007).
"""

from __future__ import annotations

import cv2
import numba
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from pickmatte.models.protocols import RGB, Trimap

from .compiled import plain
from .trimaps import BACKGROUND, FOREGROUND, UNKNOWN

NEAREST = 8
# Pixels over which place weighs as much as the way from black to full red, green or blue: samples
# chosen almost by colour alone, and samples from close by.
REACHES = (800.0, 100.0)
LAYERS = 11  # per reach, see `sample`
_MOST = 12_000  # samples of one side; half of them from the very edge of what is known
_EDGE = 6.0  # pixels from the unknown region that count as the edge


def sample(rgb: RGB, trimap: Trimap, reach: float) -> NDArray[np.float32]:
    """Look both sides up for every unknown pixel.

    `rgb` is uint8 H×W×3, `trimap` uint8 H×W with at least one pixel of each kind; `reach` is in
    pixels. Returns N×LAYERS for the N unknown pixels in raster order: mean F (3), mean B (3), the
    alpha they explain, the best pair's alpha, that pair's residual, the distance of the means and
    the nearer of F and B. Colours are 0..1.
    """
    unknown = trimap == UNKNOWN
    away = cv2.distanceTransform((~unknown).view(np.uint8), cv2.DIST_L2, 3)
    rows, columns = np.nonzero(unknown)
    wanted = _places(rgb, rows, columns, reach)
    sides = []
    for value in (FOREGROUND, BACKGROUND):
        ys, xs = _known(trimap == value, away)
        points = _places(rgb, ys, xs, reach)
        count = min(NEAREST, len(points))
        distances, found = cKDTree(points, leafsize=24, balanced_tree=False).query(
            wanted, count, eps=1.0, workers=-1
        )
        found = found.reshape(len(wanted), count)
        distances = distances.reshape(len(wanted), count).astype(np.float32)
        sides.append((np.ascontiguousarray(points[found, :3]), distances))
    (fore, near_fore), (back, near_back) = sides
    layers = np.empty((len(wanted), LAYERS), np.float32)
    _explain(plain(wanted), fore, back, near_fore, near_back, layers)
    return layers


def _places(
    rgb: RGB, ys: NDArray[np.intp], xs: NDArray[np.intp], reach: float
) -> NDArray[np.float32]:
    place = np.stack([ys, xs], axis=1).astype(np.float32) / np.float32(reach)
    return np.hstack([rgb[ys, xs].astype(np.float32) / 255, place])


def _known(
    side: NDArray[np.bool_], away: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """At most `_MOST` pixels of one side, evenly in raster order, the nearest ones more densely."""
    edge = side & (away <= _EDGE)
    rest = side & ~edge
    chosen = []
    room = _MOST
    for layer, most in ((edge, _MOST // 2), (rest, _MOST)):
        found = np.flatnonzero(layer)
        count = min(len(found), most, room)
        if count:
            chosen.append(found[np.linspace(0, len(found) - 1, count).astype(np.intp)])
            room -= count
    ys, xs = np.unravel_index(np.concatenate(chosen), side.shape)
    return ys, xs


@numba.njit(cache=True, nogil=True, fastmath=True)
def _explain(wanted, fore, back, near_fore, near_back, layers):  # type: ignore[no-untyped-def]
    nf, nb = fore.shape[1], back.shape[1]
    for i in range(wanted.shape[0]):
        for c in range(3):
            total = 0.0
            for j in range(nf):
                total += fore[i, j, c]
            layers[i, c] = total / nf
            total = 0.0
            for j in range(nb):
                total += back[i, j, c]
            layers[i, 3 + c] = total / nb
        dot, square = 0.0, 0.0
        for c in range(3):
            way = layers[i, c] - layers[i, 3 + c]
            dot += (wanted[i, c] - layers[i, 3 + c]) * way
            square += way * way
        layers[i, 6] = min(1.0, max(0.0, dot / (square + 1e-3)))
        best, alpha, residual = 1e9, 0.0, 0.0
        for j in range(nf):
            for k in range(nb):
                dot, square_pair = 0.0, 0.0
                for c in range(3):
                    way = fore[i, j, c] - back[i, k, c]
                    dot += (wanted[i, c] - back[i, k, c]) * way
                    square_pair += way * way
                share = min(1.0, max(0.0, dot / (square_pair + 1e-3)))
                off = 0.0
                for c in range(3):
                    mixed = share * fore[i, j, c] + (1.0 - share) * back[i, k, c]
                    off += (wanted[i, c] - mixed) ** 2
                cost = off + 0.02 * (near_fore[i, j] ** 2 + near_back[i, k] ** 2)
                if cost < best:
                    best, alpha, residual = cost, share, off
        layers[i, 7] = alpha
        layers[i, 8] = np.sqrt(residual)
        layers[i, 9] = np.sqrt(square)
        layers[i, 10] = min(near_fore[i, 0], near_back[i, 0])
