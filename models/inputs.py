"""A picture made ready for a network, as the network's entry in the catalogue says."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.catalog import Input
from models.protocols import RGB, content_size


def prepare(rgb: RGB, rules: Input) -> NDArray[np.float32]:
    """uint8 H×W×3 RGB -> the float32 array that the network takes, scaled, fitted and laid out."""
    size = rgb.shape[0], rgb.shape[1]
    stretches = rules.fit == "stretch"
    height, width = (rules.side, rules.side) if stretches else content_size(size, rules.side)
    shrinks = max(size) > rules.side
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    pixels: NDArray[np.float32] = cv2.resize(rgb, (width, height), interpolation=way).astype("f4")
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
