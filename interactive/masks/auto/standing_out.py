"""What stands out in a picture: a salient-object network's map, and its parts."""

from __future__ import annotations

import math

import cv2
import numpy as np

from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.protocols import RGB, Alpha, Mask, Salient

# Of the map's range. Two looks that disagree average to less than a half: fitted, docs/auto.md.
STANDS_OUT = 0.4
_LOOK = 640  # pixels of the long side that the network is shown
_LEAST = 0.01  # of the picture: smaller parts are not evident subjects
_MINOR = 0.1  # of the largest part: likewise
_REACH = 0.1  # of a part's breadth: how far around it its soft edge may reach


def coarse_map(rgb: RGB, salient: Salient) -> Alpha:
    """What stands out in a small copy of the picture and in its mirror image, float32 h×w in 0..1.

    Such networks are not sure of what lies right or left: the mean of both looks errs less than
    either.
    """
    height, width = fit_long_side(rgb.shape, _LOOK)
    small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA).astype(
        np.uint8, copy=False
    )
    mirrored = salient.saliency(np.ascontiguousarray(small[:, ::-1]))[:, ::-1]
    return (salient.saliency(small) + mirrored) / np.float32(2)


def parts(found: Alpha) -> list[Mask]:
    """The connected parts of what stands out in a map, bool h×w each, the largest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (found > STANDS_OUT).astype(np.uint8), connectivity=8
    )
    areas = stats[1:count, cv2.CC_STAT_AREA]
    if not len(areas):
        return []
    least = max(_LEAST * found.size, _MINOR * float(areas.max()))
    return [labels == 1 + int(k) for k in np.argsort(-areas) if areas[k] >= least]


def apart(found: Alpha) -> list[Alpha]:
    """For each part of a map, the map of it and its surroundings in which the others are 0."""
    every = parts(found)
    standing = np.logical_or.reduce(every) if every else np.zeros(found.shape, bool)
    return [np.where(around(part) & ~(standing & ~part), found, np.float32(0)) for part in every]


def around(part: Mask) -> Mask:
    """A part and what is near it, where its soft edge may be."""
    reach = 2 * max(3, round(_REACH * math.sqrt(float(part.sum())))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return cv2.dilate(part.astype(np.uint8), kernel).astype(bool)
