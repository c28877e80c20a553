"""Get masks of detected objects from a segmenter that has encoded the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pickmatte.models.geometry.boxes import iou
from pickmatte.models.protocols import Candidates, EncodedPicture, Logits, Mask

Sides = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class RegionMask:
    """A mask over the whole picture, on the grid of the segmenter's logits."""

    logits: Logits  # h×w over exactly the picture
    size: tuple[int, int]  # height, width of the picture
    score: float

    @property
    def mask(self) -> Mask:
        """The mask as bool h×w over exactly the picture."""
        return self.logits > 0

    def within(self, window: tuple[int, int, int, int]) -> Mask:
        """Return the mask over a window of the picture, a bool for each of its pixels.

        `window` is x0, y0, x1, y1 in whole pixels of the picture, x1 and y1 exclusive.
        """
        x0, y0, x1, y1 = window
        mask = self.mask
        rows = (np.arange(y0, y1) + 0.5) * mask.shape[0] / self.size[0]
        columns = (np.arange(x0, x1) + 0.5) * mask.shape[1] / self.size[1]
        found: Mask = mask[np.ix_(rows.astype(np.intp), columns.astype(np.intp))]
        return found

    @property
    def box(self) -> Sides | None:
        """The bounding box of the mask in the picture's pixels; None for an empty mask."""
        mask = self.mask
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        if not len(columns):
            return None
        across, down = self.size[1] / mask.shape[1], self.size[0] / mask.shape[0]
        return (
            float(columns[0] * across),
            float(rows[0] * down),
            float((columns[-1] + 1) * across),
            float((rows[-1] + 1) * down),
        )


def region_masks(found: Candidates) -> list[RegionMask]:
    """Return each mask of a segmenter's answer, in the segmenter's order."""
    return [
        RegionMask(logits, found.size, float(score))
        for logits, score in zip(found.content, found.scores, strict=True)
    ]


def mask_in_box(encoded: EncodedPicture, box: Sides) -> RegionMask:
    """Return the segmenter's mask that fills a box best.

    `box` is x0, y0, x1, y1 in pixels of the encoded picture. Each call decodes once.
    """
    found = region_masks(encoded.segmenter.decode(encoded.embedding, box=box))

    def fits(one: RegionMask) -> float:
        sides = one.box
        return -1.0 if sides is None else one.score + float(iou(_row(sides), _row(box))[0, 0])

    return max(found, key=fits)


def _row(box: Sides) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([box], float)
