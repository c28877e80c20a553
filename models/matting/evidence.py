"""What the network of `nano` is shown: colours, the trimap, and what colour samples propose."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.matting.samples import LAYERS, REACHES, sample
from models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from models.protocols import RGB, Trimap

# Colour (3), known foreground, known background, nearness to both, then the samples of each reach.
CHANNELS = 7 + LAYERS * len(REACHES)
# The channels that are proposals of alpha: of the mean samples and of the best pair, per reach.
CANDIDATES = [7 + LAYERS * i + k for i in range(len(REACHES)) for k in (6, 7)]
_FAR = 100.0  # pixels; what is farther counts as this far


def gather(rgb: RGB, trimap: Trimap) -> NDArray[np.float32]:
    """Evidence CHANNELS×H×W for a picture whose trimap has pixels of all three kinds."""
    evidence = np.zeros((CHANNELS, *trimap.shape), np.float32)
    unknown = trimap == UNKNOWN
    evidence[:3] = rgb.transpose(2, 0, 1).astype(np.float32) / 255
    for channel, value in ((3, FOREGROUND), (4, BACKGROUND)):
        known = trimap == value
        evidence[channel] = known
        away = cv2.distanceTransform((~known).view(np.uint8), cv2.DIST_L2, 5)
        evidence[channel + 2] = 1 - np.log1p(np.minimum(away, _FAR)) / np.log1p(_FAR)
    for i, reach in enumerate(REACHES):
        first = 7 + LAYERS * i
        evidence[first : first + LAYERS, unknown] = sample(rgb, trimap, reach).T
    evidence[CANDIDATES] += evidence[3]  # zero where unknown
    return evidence
