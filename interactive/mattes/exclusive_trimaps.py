"""Trimaps of subjects that touch: at a border between two, the mix is of one with the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import Mask, Trimap


def exclusive_trimap(index: int, trimaps: Sequence[Trimap], order: Sequence[int]) -> Trimap:
    """The trimap of one subject beside the others, uint8 H×W of 0, 128, 255.

    `trimaps` are of each by itself, made from masks that do not overlap; `order` holds their
    places, front first. The core of another is background, the band between two is unknown for
    both. Where the front one's hair may lie over the core of the one behind, that too is unknown.
    """
    place = {subject: rank for rank, subject in enumerate(order)}
    beside = trimaps[index].copy()
    for other, theirs in enumerate(trimaps):
        if other == index:
            continue
        core = theirs == FOREGROUND
        if place[other] < place[index]:
            beside[core] = BACKGROUND
            beside[(theirs == UNKNOWN) & (beside == FOREGROUND)] = UNKNOWN
    return beside


def disputed(trimaps: Sequence[Trimap]) -> Mask:
    """Bool H×W: where more than one subject may be."""
    seen = np.zeros(trimaps[0].shape, bool)
    twice = np.zeros(trimaps[0].shape, bool)
    for trimap in trimaps:
        here = trimap > BACKGROUND
        twice |= seen & here
        seen |= here
    return twice


def union_trimap(trimaps: Sequence[Trimap], together: Trimap) -> Trimap:
    """The trimap of all subjects as one, uint8 H×W.

    `together` is the trimap of their masks' union: it knows that no background shows between two
    that touch. Their cores are foreground too; background is where none of them may be.
    """
    joint = np.full(together.shape, BACKGROUND, np.uint8)
    for trimap in trimaps:
        joint[trimap > BACKGROUND] = UNKNOWN
    joint[(together == FOREGROUND) & (joint == UNKNOWN)] = FOREGROUND
    for trimap in trimaps:
        joint[trimap == FOREGROUND] = FOREGROUND
    return joint
