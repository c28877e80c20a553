"""Trimaps of subjects that touch: at a border between two, the mix is of one with the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from models.protocols import Mask, Trimap

from .boxes import box_of


def beside_others(index: int, trimaps: Sequence[Trimap], order: Sequence[int]) -> Trimap:
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


def touching(trimaps: Sequence[Trimap]) -> list[tuple[int, ...]]:
    """The places of subjects that somewhere may share a pixel, one tuple for each such group.

    Alphas of different groups do not depend on each other.
    """
    boxes = [box_of(trimap > BACKGROUND) for trimap in trimaps]
    group = list(range(len(trimaps)))
    for one, two in combinations(range(len(trimaps)), 2):
        a, b = boxes[one], boxes[two]
        if group[one] == group[two] or a is None or b is None:
            continue
        rows = slice(max(a[1], b[1]), min(a[3], b[3]))
        columns = slice(max(a[0], b[0]), min(a[2], b[2]))
        if ((trimaps[one][rows, columns] > 0) & (trimaps[two][rows, columns] > 0)).any():
            joined, gone = sorted((group[one], group[two]))
            group = [joined if name == gone else name for name in group]
    return [
        tuple(index for index, name in enumerate(group) if name == wanted)
        for wanted in sorted(set(group))
    ]


def disputed(trimaps: Sequence[Trimap]) -> Mask:
    """Bool H×W: where more than one subject may be."""
    seen = np.zeros(trimaps[0].shape, bool)
    twice = np.zeros(trimaps[0].shape, bool)
    for trimap in trimaps:
        here = trimap > BACKGROUND
        twice |= seen & here
        seen |= here
    return twice


def of_all(trimaps: Sequence[Trimap], together: Trimap) -> Trimap:
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
