"""Colour decontamination: the subject's own colour where it mixes with the background.

T. Germer, T. Uelwer, S. Conrad, S. Harmeling: Fast Multi-Level Foreground Estimation, ICPR 2020,
by pymatting, on the parts of the picture that need it.
"""

from __future__ import annotations

import threading
from typing import TypeVar

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from interactive.tiles import Rectangle, cut, depth
from models.matting.compiled import pymatting
from models.protocols import Alpha, Mask

BLEED = 8  # pixels beyond the subject that still carry its colour

_CONTEXT = 32  # what a tile sees around itself at least, for colours to travel
_WIDEST = 512  # ... and at most, however wide the band is
_SIDE = 512  # a tile's side with its context, where the band is narrow
_FINE = 200_000  # more pixels than this to estimate: begin with blocks of 2×2, then of 4×4 ...
_LOCK = threading.Lock()  # numba's plain threading layer ends the process if entered twice

Colour = TypeVar("Colour", np.uint8, np.uint16)


def estimate_foreground(rgb: NDArray[Colour], alpha: Alpha) -> NDArray[Colour]:
    """The subject's own straight colours: same shape and type as `rgb`, uint8 or uint16 H×W×3.

    `alpha` is float32 H×W in 0..1. Where it is 1 the colours are the picture's, exactly. Where it
    is 0 they run on for `BLEED` pixels, so that resizing or filtering the cut-out shows no halo;
    beyond that lies one constant colour, the subject's mean, which costs nothing to compress.
    A cut-out without a subject is black. Working memory is about 40 bytes per pixel of a tile and
    3 per pixel of the picture, beyond the answer.
    """
    solid = alpha >= 1
    needed = _reach(alpha) & ~solid
    out = np.empty_like(rgb)
    out[:] = _mean_colour(rgb, solid if solid.any() else alpha > 0)
    cv2.copyTo(rgb, solid.view(np.uint8), out)
    context = min(max(_CONTEXT, 2 * depth(needed)), _WIDEST)
    factor = 1
    while np.count_nonzero(needed) > _FINE * factor**3:
        factor *= 2
    side = max(_SIDE * min(factor, 2), 3 * context)

    def fits(tile: Rectangle) -> bool:
        area = tile.grown(context, needed.shape)
        return area.height * area.width <= side * side

    for tile in cut(needed, fits, context=context):
        area = tile.grown(context, needed.shape)
        # Copies, because a slice can be of several kinds and each would be compiled for anew.
        picture, shares = rgb[area.where].copy(), alpha[area.where].copy()
        front, back = _coarse(picture, shares, factor)
        wanted = needed[area.where].copy()
        wanted[: tile.top - area.top] = wanted[tile.bottom - area.top :] = False
        wanted[:, : tile.left - area.left] = wanted[:, tile.right - area.left :] = False
        _unmix(picture, shares, front, back, wanted, float(np.iinfo(rgb.dtype).max))
        cv2.copyTo(picture, wanted.view(np.uint8), out[area.where])
    return out


def _coarse(
    rgb: NDArray[Colour], alpha: Alpha, factor: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Foreground and background of a tile, 0..1, on blocks of `factor`×`factor` pixels."""
    height, width = alpha.shape
    # pymatting divides by zero on a single pixel.
    size = (max(2, width // factor), max(2, height // factor))
    picture = np.divide(rgb, np.float32(np.iinfo(rgb.dtype).max), dtype=np.float32)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small_alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    return _multi_level(small.astype(np.float32), small_alpha.astype(np.float32))


@numba.njit(cache=True, nogil=True)
def _unmix(rgb, alpha, front, back, wanted, top):  # type: ignore[no-untyped-def]
    """Write the foreground colours over the wanted pixels of `rgb`, from coarse estimates.

    Both colours vary slowly. What the full-size pixels add is split between them in proportion to
    their shares, as in M. Forte: Approximate Fast Foreground Colour Estimation, ICIP 2021.
    """
    height, width = alpha.shape
    rows, columns = front.shape[:2]
    for y in range(height):
        v = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
        v0 = int(v)
        v1, down = min(v0 + 1, rows - 1), v - v0
        for x in range(width):
            if not wanted[y, x]:
                continue
            u = min(max((x + 0.5) * columns / width - 0.5, 0.0), columns - 1.0)
            u0 = int(u)
            u1, right = min(u0 + 1, columns - 1), u - u0
            share = alpha[y, x]
            weight = share / (share * share + (1 - share) * (1 - share))
            for c in range(3):
                upper = front[v0, u0, c] * (1 - right) + front[v0, u1, c] * right
                lower = front[v1, u0, c] * (1 - right) + front[v1, u1, c] * right
                own = upper * (1 - down) + lower * down
                upper = back[v0, u0, c] * (1 - right) + back[v0, u1, c] * right
                lower = back[v1, u0, c] * (1 - right) + back[v1, u1, c] * right
                behind = upper * (1 - down) + lower * down
                own += (rgb[y, x, c] / top - share * own - (1 - share) * behind) * weight
                rgb[y, x, c] = int(min(max(own, 0.0), 1.0) * top + 0.5)


def _multi_level(
    picture: NDArray[np.float32], alpha: Alpha
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """pymatting's estimate of foreground and background, one call at a time."""
    estimate = pymatting("foreground.estimate_foreground_ml").estimate_foreground_ml
    threads = numba.get_num_threads()
    with _LOCK:
        numba.set_num_threads(1)  # a tile is too small to be worth waking more
        try:
            front, back = estimate(picture, alpha, return_background=True)
        finally:
            numba.set_num_threads(threads)
    return front, back


def _reach(alpha: Alpha) -> Mask:
    """Everything visible, and `BLEED` pixels more."""
    visible = (alpha > 0).view(np.uint8)
    reach: Mask = cv2.dilate(visible, np.ones((2 * BLEED + 1,) * 2, np.uint8)) > 0
    return reach


def _mean_colour(rgb: NDArray[Colour], where: Mask) -> NDArray[Colour]:
    """Mean over the masked pixels, black where there are none."""
    mean = cv2.mean(rgb, where.view(np.uint8))[:3]
    colour: NDArray[Colour] = np.rint(mean).astype(rgb.dtype)
    return colour
