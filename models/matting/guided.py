"""Bring an alpha solved on a smaller picture to the full one, guided by the full picture's colours.

Alpha is taken as a linear function of colour in each small window, as closed-form matting does
(Levin et al., PAMI 2008) and the fast guided filter (He, Sun: arXiv 1505.00996) exploits.
"""

from __future__ import annotations

from itertools import product

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.protocols import RGB, Alpha, Mask, Trimap

from .compiled import plain
from .trimaps import BACKGROUND, FOREGROUND, UNKNOWN

_EPSILON = 1e-5  # variance of colour, 0..1 per channel, below which a window's alpha is flat


def shrink(rgb: RGB, trimap: Trimap, factor: int) -> tuple[RGB, Trimap]:
    """Average blocks of `factor`×`factor` pixels; a partial last block is filled by repetition.

    A block is known when at least half of it is known and of one kind, so that thin known parts
    still anchor the small solve; otherwise it is unknown. Of a kind that would be lost by that, one
    pixel in a block is enough: what has both sides has them in small, too.
    """
    height, width = trimap.shape
    rows, columns = -(-height // factor), -(-width // factor)
    pad = (0, rows * factor - height, 0, columns * factor - width)
    padded = cv2.copyMakeBorder(rgb, *pad, cv2.BORDER_REPLICATE) if any(pad) else rgb
    small = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8)
    if any(pad):
        trimap = cv2.copyMakeBorder(trimap, *pad, cv2.BORDER_REPLICATE).astype(np.uint8)
    layers = []
    for value in (FOREGROUND, BACKGROUND):
        layer = np.zeros((rows, columns), np.int16)
        for top, left in product(range(factor), repeat=2):
            layer += trimap[top::factor, left::factor] == value
        layers.append(layer)
    foreground, background = layers
    small_trimap = np.full((rows, columns), UNKNOWN, np.uint8)
    for value, own, other in (
        (FOREGROUND, foreground, background),
        (BACKGROUND, background, foreground),
    ):
        for held in (
            (own >= factor * factor / 2) & (other == 0),
            (own > 0) & (other == 0),
            (own > 0) & (own == own.max()),
        ):
            if held.any():
                small_trimap[held] = value
                break
    return small, small_trimap


def enlarge(
    small: RGB, small_alpha: Alpha, rgb: RGB, unknown: Mask, factor: int
) -> NDArray[np.float32]:
    """Alpha of the N unknown pixels of `rgb` in raster order, 0..1, from a solve on `small`.

    `small` and `small_alpha` are `factor` times smaller, as `shrink` makes them.
    """
    ys, xs = np.nonzero(unknown)
    model = np.zeros((*small_alpha.shape, 4), np.float32)
    _fit(plain(small), plain(small_alpha), _EPSILON, model)
    model = cv2.blur(model, (3, 3), borderType=cv2.BORDER_REPLICATE)
    alpha = np.empty(len(ys), np.float32)
    _apply(plain(rgb), ys, xs, model, factor, alpha)
    return alpha


@numba.njit(cache=True, nogil=True)
def _fit(rgb, alpha, epsilon, model):  # type: ignore[no-untyped-def]
    """Least-squares `alpha = model[:3]·colour + model[3]` in the 3×3 window of every pixel."""
    height, width = alpha.shape
    for y in range(height):
        for x in range(width):
            y0, y1 = max(0, y - 1), min(height, y + 2)
            x0, x1 = max(0, x - 1), min(width, x + 2)
            lowest, highest = alpha[y, x], alpha[y, x]
            for v in range(y0, y1):
                for u in range(x0, x1):
                    lowest = min(lowest, alpha[v, u])
                    highest = max(highest, alpha[v, u])
            if highest - lowest < 1e-6:
                model[y, x, 3] = alpha[y, x]
                continue
            count = (y1 - y0) * (x1 - x0)
            m0, m1, m2, ma = 0.0, 0.0, 0.0, 0.0
            for v in range(y0, y1):
                for u in range(x0, x1):
                    m0 += rgb[v, u, 0] / 255.0
                    m1 += rgb[v, u, 1] / 255.0
                    m2 += rgb[v, u, 2] / 255.0
                    ma += alpha[v, u]
            m0, m1, m2, ma = m0 / count, m1 / count, m2 / count, ma / count
            a00, a01, a02, a11, a12, a22 = epsilon, 0.0, 0.0, epsilon, 0.0, epsilon
            c0, c1, c2 = 0.0, 0.0, 0.0
            for v in range(y0, y1):
                for u in range(x0, x1):
                    r = rgb[v, u, 0] / 255.0 - m0
                    g = rgb[v, u, 1] / 255.0 - m1
                    b = rgb[v, u, 2] / 255.0 - m2
                    a = alpha[v, u] - ma
                    a00 += r * r / count
                    a01 += r * g / count
                    a02 += r * b / count
                    a11 += g * g / count
                    a12 += g * b / count
                    a22 += b * b / count
                    c0 += r * a / count
                    c1 += g * a / count
                    c2 += b * a / count
            b00 = a11 * a22 - a12 * a12
            b01 = a02 * a12 - a01 * a22
            b02 = a01 * a12 - a02 * a11
            b11 = a00 * a22 - a02 * a02
            b12 = a01 * a02 - a00 * a12
            b22 = a00 * a11 - a01 * a01
            scale = 1.0 / (a00 * b00 + a01 * b01 + a02 * b02)
            s0 = (b00 * c0 + b01 * c1 + b02 * c2) * scale
            s1 = (b01 * c0 + b11 * c1 + b12 * c2) * scale
            s2 = (b02 * c0 + b12 * c1 + b22 * c2) * scale
            model[y, x, 0], model[y, x, 1], model[y, x, 2] = s0, s1, s2
            model[y, x, 3] = ma - s0 * m0 - s1 * m1 - s2 * m2


@numba.njit(cache=True, nogil=True)
def _apply(rgb, ys, xs, model, factor, alpha):  # type: ignore[no-untyped-def]
    """Apply the bilinearly interpolated model to every listed pixel."""
    rows, columns = model.shape[:2]
    for i in range(ys.size):
        y = min(max((ys[i] + 0.5) / factor - 0.5, 0.0), rows - 1.0)
        x = min(max((xs[i] + 0.5) / factor - 0.5, 0.0), columns - 1.0)
        y0, x0 = int(y), int(x)
        y1, x1 = min(y0 + 1, rows - 1), min(x0 + 1, columns - 1)
        fy, fx = y - y0, x - x0
        total = 0.0
        for channel in range(4):
            top = model[y0, x0, channel] * (1 - fx) + model[y0, x1, channel] * fx
            bottom = model[y1, x0, channel] * (1 - fx) + model[y1, x1, channel] * fx
            colour = rgb[ys[i], xs[i], channel] / 255.0 if channel < 3 else 1.0
            total += (top * (1 - fy) + bottom * fy) * colour
        alpha[i] = min(max(total, 0.0), 1.0)
