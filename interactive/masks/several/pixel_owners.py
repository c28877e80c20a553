"""Pixel ownership: every pixel that masks of several subjects hold goes to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.cleanup import CRUMB
from pickmatte.models.geometry.rectangle import bounding_box
from pickmatte.models.protocols import Mask

from .depth_order import insides

_SURE = 1.0  # logits that must lie between two subjects before they, not the order, decide
_CELLS = 256  # long side of a segmenter's grid
_OUTLINE_ERROR = 4  # cells from a disputed pixel within which a crumb is a leftover of the dispute
_STRIP = 2_000_000  # pixels of a picture that are worked on at a time

Labels: TypeAlias = NDArray[np.int8]  # H×W, the index of the subject that owns a pixel, or -1


def own(candidates: Sequence[Candidate], order: Sequence[int], size: tuple[int, int]) -> Labels:
    """The owner of each pixel, int8 H×W at `size`: an index into `candidates`, -1 for none.

    A subject inside another's mask takes what it covers. Otherwise the candidate with the higher
    logit takes a disputed pixel, and the front one in `order` (front first) where they are about
    equal. Works in strips: 9 bytes for each of their pixels beyond the answer.
    """
    owner = np.full(size, -1, np.int8)
    contained = insides(candidates)
    step = max(1, _STRIP // size[1])
    boxes = [candidate.outer_box(size) for candidate in candidates]
    height, width = candidates[0].size
    across, down = width / size[1], height / size[0]
    for top in range(0, size[0], step):
        bottom = min(size[0], top + step)
        highest = np.zeros((bottom - top, size[1]), np.float32)
        labels = owner[top:bottom]
        for index in order:
            x0, y0, x1, y1 = boxes[index]
            y0, y1 = max(y0, top), min(y1, bottom)
            if y0 >= y1 or x0 >= x1:
                continue
            where = slice(y0 - top, y1 - top), slice(x0, x1)
            window = x0 * across, y0 * down, x1 * across, y1 * down
            logits = candidates[index].seen(window, (y1 - y0, x1 - x0))
            before, owners_logits = labels[where], highest[where]
            wins = (logits > 0) & ((before < 0) | (logits > owners_logits + _SURE))
            for other in range(len(candidates)):
                if (index, other) in contained:
                    wins |= (before == other) & (logits > 0)
                elif (other, index) in contained:
                    wins &= before != other
            before[wins] = index
            owners_logits[wins] = logits[wins]
    return owner


def settle(masks: Sequence[Mask], owner: Labels, order: Sequence[int]) -> Labels:
    """The owner of each pixel that `masks`, bool H×W each, hold: int8 H×W, -1 for none.

    Where several hold a pixel, `owner` decides if it names one of them, else `order`, front first.
    Crumbs that this cuts off a mask go to the subject around them, or to none.
    """
    labels = np.full(owner.shape, -1, np.int8)
    disputed = np.zeros(owner.shape, bool)
    for index in reversed(order):
        disputed |= masks[index] & (labels >= 0)
        labels[masks[index]] = index
    for index, mask in enumerate(masks):
        labels[disputed & mask & (owner == index)] = index
    for index, mask in enumerate(masks):
        _reassign_crumbs(labels, index, mask & disputed)
    return labels


def _reassign_crumbs(labels: Labels, index: int, disputed: Mask) -> None:
    """Give away, in place, the subject's crumbs that lie near disputed pixels it has lost."""
    mine = (labels == index).view(np.uint8)
    box = bounding_box(mine.view(np.bool_))
    if box is None or not disputed.any():
        return
    where = slice(box[1], box[3]), slice(box[0], box[2])
    count, components, stats, _ = cv2.connectedComponentsWithStats(mine[where], connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < CRUMB * np.count_nonzero(mine)
    small[0] = False
    lost = (disputed & ~mine.view(np.bool_))[where]
    # A segmenter's outline is uncertain by some of its cells.
    reach = _OUTLINE_ERROR * -(-max(labels.shape) // _CELLS)
    window = np.ones((2 * reach + 1,) * 2, np.uint8)
    near_lost = cv2.dilate(np.ascontiguousarray(lost).view(np.uint8), window).view(np.bool_)
    cut_off = np.zeros(count, bool)
    cut_off[np.unique(components[near_lost])] = True
    crumbs = np.where((small & cut_off)[components], components, 0).astype(np.float32)
    grown = cv2.dilate(crumbs, np.ones((3, 3), np.uint8))
    ring = (grown > 0) & (crumbs == 0)
    new_owners = np.full(count, -1, np.int8)
    crumb_of, owner_of = grown[ring].astype(np.intp), labels[where][ring]
    total = np.bincount(crumb_of, minlength=count)
    for other in np.unique(owner_of[owner_of >= 0]):
        # A pin-hole in which the one behind showed belongs to what is all around it.
        touching = np.bincount(crumb_of[owner_of == other], minlength=count)
        new_owners[2 * touching > total] = other
    boxed = labels[where]
    boxed[crumbs > 0] = new_owners[components[crumbs > 0]]
