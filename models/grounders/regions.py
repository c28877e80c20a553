"""Propose regions that could each be an object of any kind, from a grid of points.

After segment-anything's automatic masks (Kirillov et al., ICCV 2023), with few points: each point
gives the segmenter's four masks; duplicates and unstable masks are left out.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.masks import mask_iou, stability
from pickmatte.models.protocols import EncodedPicture, Mask

from .region_masks import RegionMask, region_masks

_POINTS = 24
_SCORE = 0.75  # of the segmenter's own, at least
_STABLE = 0.85  # IoU of the masks at logits of -1 and 1, at least
_SMALLEST, _LARGEST = 0.002, 0.8  # of the picture
_SAME = 0.8  # IoU from which two regions are one
_SEEN = 0.35  # of the picture: points in a sound region smaller than this are not decoded


def regions(encoded: EncodedPicture) -> list[RegionMask]:
    """Return distinct regions of the encoded picture, those the segmenter is surest of first."""
    kept: list[tuple[RegionMask, Mask]] = []
    seen: list[Mask] = []
    for x, y in grid(encoded.embedding.size):
        if any(_at(mask, x, y) for mask in seen):
            continue
        at = [[x * encoded.embedding.size[1], y * encoded.embedding.size[0]]]
        for layer, one in enumerate(
            region_masks(encoded.segmenter.decode(encoded.embedding, at, [1]))
        ):
            mask = one.mask
            if not _sound(one, mask):
                continue
            small = _small(mask)
            kept.append((one, small))
            # Layer 2 is what the segmenter takes for the object: 1 is a part, 3 a group.
            if layer == 2 and mask.mean() < _SEEN:
                seen.append(mask)
    kept.sort(key=lambda pair: -pair[0].score)
    distinct: list[tuple[RegionMask, Mask]] = []
    for one, small in kept:
        if all(mask_iou(small, other) < _SAME for _, other in distinct):
            distinct.append((one, small))
    return [one for one, _ in distinct]


def grid(size: tuple[int, int]) -> list[tuple[float, float]]:
    """Return points spread evenly over a picture of `size` (height, width): x, y in 0..1.

    They are sorted from the middle outwards, since an object there is likelier to be large and to
    make other points needless.
    """
    rows = max(2, round(math.sqrt(_POINTS * size[0] / size[1])))
    columns = max(2, round(_POINTS / rows))
    points = [
        ((column + 0.5) / columns, (row + 0.5) / rows)
        for row in range(rows)
        for column in range(columns)
    ]
    return sorted(points, key=lambda point: math.hypot(point[0] - 0.5, point[1] - 0.5))


def _sound(one: RegionMask, mask: Mask) -> bool:
    if one.score < _SCORE or not _SMALLEST < float(mask.mean()) < _LARGEST:
        return False
    return stability(one.logits) >= _STABLE


def _small(mask: Mask) -> Mask:
    shrunk = cv2.resize(mask.astype(np.float32), (64, 64), interpolation=cv2.INTER_AREA)
    small: NDArray[np.bool_] = np.asarray(shrunk) > 0.5
    return small


def _at(mask: Mask, x: float, y: float) -> bool:
    return bool(mask[int(y * mask.shape[0]), int(x * mask.shape[1])])
