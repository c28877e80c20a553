"""A share of the map as one subject: its own mask, sharpened by the segmenter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.edits.state import Step, UserLayer
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.models.geometry.masks import deepest_point, mask_iou
from pickmatte.models.protocols import Alpha, Mask

from .standing_out import STANDS_OUT

Steps: TypeAlias = tuple[Step, ...]
# The candidates after these steps, on top of a mask if there is one.
Look: TypeAlias = Callable[[Steps, UserLayer | None], Sequence[Candidate]]

_AGREES = 0.85  # IoU from which the segmenter and the map see the same; fitted, docs/auto.md
_STEEP = 5.0  # how much steeper than the map an alpha made of it is; fitted, docs/auto.md


@dataclass(frozen=True, eq=False)
class Found:
    """A subject that was found: what makes it, and where it is."""

    steps: Steps
    layer: UserLayer
    inside: Mask  # on the grid of the segmenter's logits


def sharpened(look: Look, wanted: Alpha, size: tuple[int, int]) -> Found:
    """The mask of a share of the map, and a click on its deepest point to have it refined.

    So the segmenter moves the outline to where the picture has one. Where it makes another mask of
    it, the map itself is the alpha, soft where that is unsure. `wanted` is on the grid of the
    logits, 0 where it is another's; `size` is the picture's height and width.
    """
    area = wanted > STANDS_OUT
    alpha = softly(wanted, size)
    mask = UserLayer("mask", alpha > 0.5)
    click, _ = deepest(area, size)
    seen = look((click,), mask)[0].inside
    if mask_iou(seen, area) >= _AGREES:
        return Found((click,), mask, seen)
    return Found((), UserLayer("alpha", alpha), area)


def softly(wanted: Alpha, size: tuple[int, int]) -> Alpha:
    """A map as the alpha of a subject, float32 at the picture's size, soft where it is unsure."""
    grown = cv2.resize(wanted, size[::-1], interpolation=cv2.INTER_CUBIC)
    alpha: Alpha = np.clip((grown - STANDS_OUT) * _STEEP + 0.5, 0, 1).astype(np.float32)
    return alpha


def deepest(area: Mask, size: tuple[int, int]) -> tuple[Click, float]:
    """A click on the point of an area that is farthest from its edge, and how far in cells."""
    x, y, depth = deepest_point(area)
    return Click(x * size[1] / area.shape[1], y * size[0] / area.shape[0]), depth
