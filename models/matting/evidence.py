"""What the network of `nano` is shown: colours, the trimap, and what colour samples propose."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import RGB, Trimap

from .samples import LAYERS, REACHES, sample
from .trimaps import BACKGROUND, FOREGROUND, UNKNOWN

# Colour (3), known foreground, known background, nearness to both, then the samples of each reach.
CHANNELS = 7 + LAYERS * len(REACHES)
# The channels that are proposals of alpha: of the mean samples and of the best pair, per reach.
CANDIDATES = [7 + LAYERS * i + k for i in range(len(REACHES)) for k in (6, 7)]
_KNOWN = (FOREGROUND, BACKGROUND)
_FAR = 100.0  # pixels; what is farther counts as this far


class Evidence:
    """What is known of a picture whose trimap has pixels of all three kinds.

    Laid out for all of it this takes 116 bytes per pixel; so kept, 12 and 88 per unknown one.
    """

    def __init__(self, rgb: RGB, trimap: Trimap) -> None:
        self._rgb, self._trimap = rgb, trimap
        self._near = np.empty((2, *trimap.shape), np.float32)
        for nearness, value in zip(self._near, _KNOWN, strict=True):
            away = cv2.distanceTransform((trimap != value).view(np.uint8), cv2.DIST_L2, 5)
            nearness[:] = 1 - np.log1p(np.minimum(away, _FAR)) / np.log1p(_FAR)
        unknown = trimap == UNKNOWN
        self._places = np.zeros(trimap.shape, np.int32)  # of unknown pixels among the samples
        self._places[unknown] = np.arange(np.count_nonzero(unknown), dtype=np.int32)
        self._samples = np.hstack([sample(rgb, trimap, reach) for reach in REACHES])

    def within(self, area: Rectangle) -> NDArray[np.float32]:
        """What the network is shown of a part: CHANNELS×h×w."""
        where = area.slices
        trimap = self._trimap[where]
        evidence = np.zeros((CHANNELS, *trimap.shape), np.float32)
        evidence[:3] = self._rgb[where].transpose(2, 0, 1).astype(np.float32) / 255
        for channel, value in enumerate(_KNOWN, 3):
            evidence[channel] = trimap == value
        evidence[5:7] = self._near[(slice(None), *where)]
        unknown = trimap == UNKNOWN
        evidence[7:, unknown] = self._samples[self._places[where][unknown]].T
        evidence[CANDIDATES] += evidence[3]  # zero where unknown
        return evidence


def gather(rgb: RGB, trimap: Trimap) -> NDArray[np.float32]:
    """Evidence CHANNELS×H×W for a picture whose trimap has pixels of all three kinds."""
    return Evidence(rgb, trimap).within(Rectangle.whole(trimap.shape))
