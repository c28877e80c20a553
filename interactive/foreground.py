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
_LOCK = threading.Lock()  # numba's plain threading layer ends the process if entered twice

Colour = TypeVar("Colour", np.uint8, np.uint16)


def estimate_foreground(rgb: NDArray[Colour], alpha: Alpha) -> NDArray[Colour]:
    """The subject's own straight colours: same shape and type as `rgb`, uint8 or uint16 H×W×3.

    `alpha` is float32 H×W in 0..1. Where it is 1 the colours are the picture's, exactly. Where it
    is 0 they run on for `BLEED` pixels, so that resizing or filtering the cut-out shows no halo;
    beyond that lies one constant colour, the subject's mean, which costs nothing to compress.
    A cut-out without a subject is black. Working memory is about 60 bytes per pixel of a tile and
    6 per pixel of the picture.
    """
    solid = alpha >= 1
    needed = _reach(alpha) & ~solid
    out = np.empty_like(rgb)
    out[:] = _mean_colour(rgb, solid if solid.any() else alpha > 0)
    np.copyto(out, rgb, where=solid[..., None])
    context = min(max(_CONTEXT, 2 * depth(needed)), _WIDEST)
    side = max(_SIDE, 3 * context)

    def fits(tile: Rectangle) -> bool:
        area = tile.grown(context, needed.shape)
        return area.height * area.width <= side * side

    for tile in cut(needed, fits, context=context):
        area = tile.grown(context, needed.shape)
        colours = _estimate(rgb[area.where], alpha[area.where])[tile.inside(area)]
        np.copyto(out[tile.where], colours, where=needed[tile.where][..., None])
    return out


def _estimate(rgb: NDArray[Colour], alpha: Alpha) -> NDArray[Colour]:
    top = np.float32(np.iinfo(rgb.dtype).max)
    estimate = pymatting("foreground.estimate_foreground_ml").estimate_foreground_ml
    threads = numba.get_num_threads()
    with _LOCK:
        numba.set_num_threads(1)  # a tile is too small to be worth waking more
        try:
            colours = estimate(rgb.astype(np.float32) / top, alpha)
        finally:
            numba.set_num_threads(threads)
    straight: NDArray[Colour] = np.rint(np.clip(colours, 0, 1) * top).astype(rgb.dtype)
    return straight


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
