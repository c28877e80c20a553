"""A candidate: one possible mask for a subject, kept at the segmenter's own resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.protocols import Logits, Mask, content_size, upscale

Window: TypeAlias = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels, x1 and y1 exclusive


@dataclass(frozen=True, eq=False)
class Candidate:
    """One possible mask for a subject.

    `logits` is the S×S layer a segmenter gave for `window`, the part of the picture it was shown
    (long side S, padding right or below); positive is inside, everything beyond the window is
    outside. `score` is our estimate of how likely this is what the user means; `size` is the
    picture's height and width.
    """

    logits: Logits
    window: Window
    size: tuple[int, int]
    score: float

    @property
    def nbytes(self) -> int:
        """Bytes held, for caches that are bounded by bytes."""
        return int(self.logits.nbytes)

    @property
    def content(self) -> Logits:
        """The logits without padding, h×w over exactly the window."""
        x0, y0, x1, y1 = self.window
        height, width = content_size((y1 - y0, x1 - x0), self.logits.shape[0])
        return self.logits[:height, :width]

    @property
    def mask(self) -> Mask:
        """Bool H×W at the picture's size, computed anew at each call."""
        x0, y0, x1, y1 = self.window
        mask = np.zeros(self.size, bool)
        mask[y0:y1, x0:x1] = upscale(self.logits, (y1 - y0, x1 - x0)) > 0
        return mask

    @property
    def box(self) -> Window | None:
        """The mask's bounding box in the picture, x1 and y1 exclusive; None for an empty mask."""
        x0, y0, x1, y1 = self.window
        small = np.ascontiguousarray(self.content > 0, np.uint8)
        x, y, width, height = cv2.boundingRect(small)
        if not width:
            return None
        sx, sy = (x1 - x0) / small.shape[1], (y1 - y0) / small.shape[0]
        return (
            x0 + round(x * sx),
            y0 + round(y * sy),
            x0 + round((x + width) * sx),
            y0 + round((y + height) * sy),
        )


def logits_of_mask(mask: NDArray[np.bool_], side: int = 256, strength: float = 10.0) -> Logits:
    """A mask as the S×S layer a segmenter would have given for it, as a mask prompt.

    Area averages become soft edges; `strength` is a sure pixel's logit.
    """
    height, width = content_size(mask.shape, side)
    share = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    layer = np.full((side, side), -strength, np.float32)
    layer[:height, :width] = (share * 2 - 1) * strength
    return layer
