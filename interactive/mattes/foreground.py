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

from pickmatte.interactive.pictures.transparency import without_hidden
from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle, strips
from pickmatte.models.matting.compiled import pymatting
from pickmatte.models.protocols import Alpha, Mask
from pickmatte.models.runtime.forks import guard

from .tiles import cut, depth

BLEED = 8  # pixels beyond the subject that still carry its colour

_CONTEXT = 32  # what a tile sees around itself at least, for colours to travel
_WIDEST = 512  # ... and at most, however wide the band is
_SIDE = 512  # a tile's side with its context, where the band is narrow
_FINE = 200_000  # more pixels than this to estimate: begin with blocks of 2×2, then of 4×4 ...
_STRIP = 1 << 20  # pixels of a picture that are worked on at a time where no tile is needed
_LOCK = threading.Lock()  # numba's plain threading layer ends the process if entered twice

Colour = TypeVar("Colour", np.uint8, np.uint16)


def estimate_foreground(
    rgb: NDArray[Colour], alpha: Alpha, *, blocks: int = 1, where: Mask | None = None
) -> NDArray[Colour]:
    """The subject's own straight colours: same shape and type as `rgb`, uint8 or uint16 H×W×3.

    `alpha` is float32 H×W in 0..1. Where it is 1 the colours are the picture's, exactly. Where it
    is 0 they run on for `BLEED` pixels, so that resizing or filtering the cut-out shows no halo;
    beyond that lies one constant colour, the subject's mean, which costs nothing to compress.
    A cut-out without a subject is black. Working memory is about 40 bytes per pixel of a tile and
    3 per pixel of the picture, beyond the answer. Estimates begin on blocks of `blocks`×`blocks`
    pixels at least: 2 takes a quarter of the time. With `where`, bool H×W, only the colours there
    are to be relied on, and little else is worked out.
    """
    out = np.empty_like(rgb)
    _fill(out, rgb, CroppedLayer(alpha, Rectangle.whole(alpha.shape)), blocks, where)
    return out


def compose(
    rgb: NDArray[Colour], alpha: CroppedLayer, own: Alpha | None = None, *, blocks: int = 1
) -> NDArray[Colour]:
    """The cut-out: straight RGBA, H×W×4 of the type of `rgb`, in its own colours.

    Of a picture with transparency `own`, float32 H×W, `alpha` is the subject's share of what shows.
    """
    top = np.float32(np.iinfo(rgb.dtype).max)
    out = np.empty((*rgb.shape[:2], 4), rgb.dtype)
    _fill(out, rgb, alpha, blocks, own=own)
    for strip in strips(rgb.shape, _STRIP):
        visible = alpha.within(strip) if own is None else alpha.within(strip) * own[strip.slices]
        out[strip.slices][..., 3] = np.rint(visible * top)
    return out


def _fill(
    out: NDArray[Colour],
    rgb: NDArray[Colour],
    alpha: CroppedLayer,
    blocks: int = 1,
    where: Mask | None = None,
    own: Alpha | None = None,
) -> None:
    """Write the colours into the first three channels of `out`."""
    guard()
    needed = _reach(alpha, rgb.shape)
    mean = _mean_colour(rgb[alpha.at.slices], alpha.pixels)
    for strip in strips(rgb.shape, _STRIP):
        solid: Mask = alpha.within(strip) >= 1
        needed[strip.slices] &= ~solid
        if where is not None and not where[strip.slices].any():
            continue
        colours = np.full((*solid.shape, 3), mean, rgb.dtype)
        cv2.copyTo(np.ascontiguousarray(rgb[strip.slices]), solid.view(np.uint8), colours)
        out[strip.slices][..., :3] = colours
    context = min(max(_CONTEXT, 2 * depth(needed)), _WIDEST)
    factor = blocks
    while np.count_nonzero(needed) > _FINE * factor**3:
        factor *= 2
    side = max(_SIDE * min(factor, 2), 3 * context)

    def fits(tile: Rectangle) -> bool:
        area = tile.grown(context, needed.shape)
        return area.height * area.width <= side * side

    for tile in cut(needed, fits, context=context):
        if where is not None and not (needed[tile.slices] & where[tile.slices]).any():
            continue
        area = tile.grown(context, needed.shape)
        # Copies, because a slice can be of several kinds and each would be compiled for anew.
        picture, shares = rgb[area.slices].copy(), alpha.within(area)
        if own is not None:
            picture = without_hidden(picture, own[area.slices])
        front, back = _coarse(picture, shares, factor)
        wanted = needed[area.slices].copy()
        rows, columns = tile.slices_in(area)
        inner = (rows.start, columns.start, rows.stop, columns.stop)
        top = float(np.iinfo(rgb.dtype).max)
        _unmix(out, (area.y0, area.x0), inner, picture, shares, front, back, wanted, top)


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
def _unmix(out, at, inner, rgb, alpha, front, back, wanted, top):  # type: ignore[no-untyped-def]
    """Write the foreground colours of the wanted pixels, from coarse estimates, into `out`.

    `rgb`, `alpha` and `wanted` are of a tile that lies at row and column `at` of `out`; of it
    only the part from `inner`'s top and left to its bottom and right is written.

    Both colours vary slowly. What the full-size pixels add is split between them in proportion to
    their shares, as in M. Forte: Approximate Fast Foreground Colour Estimation, ICIP 2021.
    """
    height, width = alpha.shape
    rows, columns = front.shape[:2]
    for y in range(inner[0], inner[2]):
        v = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
        v0 = int(v)
        v1, down = min(v0 + 1, rows - 1), v - v0
        for x in range(inner[1], inner[3]):
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
                out[at[0] + y, at[1] + x, c] = int(min(max(own, 0.0), 1.0) * top + 0.5)


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


def _reach(alpha: CroppedLayer, size: tuple[int, ...]) -> Mask:
    """Everything visible, and `BLEED` pixels more."""
    needed: Mask = np.zeros(size[:2], bool)
    area = alpha.at.grown(BLEED, needed.shape)
    visible = CroppedLayer(alpha.pixels > 0, alpha.at).within(area).view(np.uint8)
    kernel = np.ones((2 * BLEED + 1,) * 2, np.uint8)
    needed[area.slices] = cv2.dilate(visible, kernel).view(np.bool_)
    return needed


def _mean_colour(rgb: NDArray[Colour], alpha: Alpha) -> NDArray[Colour]:
    """Mean over the solid pixels, over all visible ones if none is; black if none is either."""
    where = alpha >= 1
    if not where.any():
        where = alpha > 0
    mean = cv2.mean(rgb, where.view(np.uint8))[:3] if where.any() else (0, 0, 0)
    colour: NDArray[Colour] = np.rint(mean).astype(rgb.dtype)
    return colour
