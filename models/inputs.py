"""A picture made ready for a network, as the network's entry in the catalogue says."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .protocols import RGB, content_size
from .runtime.forks import guard
from .weights.records import Input

_STEP = 32  # networks that halve their map five times want multiples of this


def prepare(rgb: RGB, rules: Input) -> NDArray[np.float32]:
    """uint8 H×W×3 RGB -> the float32 array that the network takes, scaled, fitted and laid out."""
    guard()
    size = rgb.shape[0], rgb.shape[1]
    height, width = fitted(size, rules)
    pixels = _resized(rgb, (width, height), rules).astype(np.float32)
    if rules.brightest:
        pixels *= np.float32(255 / max(float(pixels.max()), 1.0))
    pixels -= np.array(rules.mean, np.float32)
    pixels /= np.array(rules.std, np.float32)
    if rules.fit == "pad":
        padded = np.zeros((rules.side, rules.side, 3), np.float32)
        padded[:height, :width] = pixels
        pixels = padded
    if rules.layout == "1CHW":
        pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
    return pixels


def _resized(rgb: RGB, size: tuple[int, int], rules: Input) -> RGB:
    if rules.filter == "bilinear":
        return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR))
    shrinks = size[0] * size[1] < rgb.shape[0] * rgb.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(rgb, size, interpolation=way)  # type: ignore[return-value]


def fitted(size: tuple[int, int], rules: Input) -> tuple[int, int]:
    """Height and width that a picture of this size is scaled to, before any padding."""
    if rules.fit == "stretch":
        return rules.side, rules.side
    if rules.fit == "short side":
        scale = rules.side / min(size) / _STEP
        return max(1, round(size[0] * scale)) * _STEP, max(1, round(size[1] * scale)) * _STEP
    return content_size(size, rules.side)
