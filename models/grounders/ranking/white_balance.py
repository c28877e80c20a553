"""Correct the white balance and exposure of a picture before its colours are named."""

from __future__ import annotations

import numpy as np

from pickmatte.models.protocols import RGB

_NORM = 6  # between the grey world (1) and the white patch (infinite)
_LOOK = 256  # pixels along the longer side that the light is measured at
_MOST = 1.25  # a stronger cast is as likely a picture of one colour
_BRIGHT = 240  # what the brightest hundredth should reach
_BRIGHTER = 1.6


def white_balance(rgb: RGB) -> RGB:
    """Return a lookup table that shows a picture in white light and well exposed.

    uint8 H×W×3 -> uint8 1×256×3, for `cv2.LUT` on any part of the picture. The method is Shades of
    Grey (Finlayson, Trezzi: Shades of Gray and Colour Constancy, CIC 2004), limited to what lamps
    and cameras do.
    """
    step = max(1, max(rgb.shape[:2]) // _LOOK)
    values = rgb[::step, ::step].reshape(-1, 3) / 255.0
    light = np.maximum((values**_NORM).mean(axis=0), 1e-12) ** (1 / _NORM)
    gains = np.clip(light.mean() / light, 1 / _MOST, _MOST)
    bright = float(np.percentile((values * gains).max(axis=1), 99)) * 255
    gains = gains * min(_BRIGHTER, max(1.0, _BRIGHT / max(bright, 1.0)))
    table: RGB = np.clip(np.arange(256)[None, :, None] * gains, 0, 255).round().astype(np.uint8)
    return table
