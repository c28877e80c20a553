"""The masks stage: from what is taken for each subject, and painted, to who owns which pixel."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import cv2
import numpy as np

from pickmatte.interactive.edits.paint import paint_mask
from pickmatte.interactive.edits.state import SubjectState, UserLayer
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.pictures.resize import smaller
from pickmatte.models.protocols import Mask

from .pixel_owners import Labels, own, settle


def mask_alone(subject: SubjectState, taken: Candidate | None, size: tuple[int, int]) -> Mask:
    """A subject's mask, bool at `size` (height, width), whatever others own of it.

    `taken` is its candidate; one that the user only brought a layer along for needs none.
    """
    if taken is None:
        assert subject.user_layer is not None, "a subject that nothing is said of has no mask"
        mask = mask_of(subject.user_layer)
        height = mask.shape[0]
        mask = smaller(mask.view(np.uint8) * np.uint8(255), size) > 127
    else:
        mask, height = taken.mask_at(size), taken.size[0]
    return paint_mask(mask, subject.paint, size[0] / height)


def mask_of(user_layer: UserLayer) -> Mask:
    """The mask that the user brought along, or that the trimap or alpha is of."""
    if user_layer.kind == "mask":
        return user_layer.pixels
    mask: Mask = (
        user_layer.pixels == 255
        if user_layer.kind == "trimap"
        else np.greater(user_layer.pixels, 0.5)
    )
    return mask


def own_pixels(
    told: Sequence[SubjectState],
    taken: Sequence[Candidate],
    order: Sequence[int],
    size: tuple[int, int],
) -> Labels:
    """Which of several subjects owns each pixel, int8 at `size`: its place in `told`, or -1.

    `taken` are their candidates, `order` their keys from front to back.
    """
    masks = [
        mask_alone(one, seen if one.steps else None, size)
        for one, seen in zip(told, taken, strict=True)
    ]
    keys = [one.key for one in told]
    places = [keys.index(key) for key in order]
    return settle(masks, own(taken, places, size), places)


def union_of(labels: Labels, places: Collection[int]) -> Mask:
    """Bool like `labels`: what the subjects at these places own together."""
    table = np.zeros(256, np.uint8)
    table[list(places)] = 1
    union: Mask = cv2.LUT(np.ascontiguousarray(labels).view(np.uint8), table).view(np.bool_)
    return union
