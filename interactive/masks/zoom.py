"""A second, closer look at a small subject in a big picture, so that its edges are as good."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import content_size

from .candidate import Candidate
from .cleanup import tidied
from .view import View

_ENCODED = 1024  # pixels of a window's long side that reach the segmenter
_WORTH = 1.5  # how much finer the closer look must be to be worth its second
_MARGIN = 0.3  # of the subject's box, around it: the segmenter needs surroundings
_STEP = 32  # windows snap to this many steps of the picture, so that small changes reuse one
_AGREES = 0.75  # IoU below which the closer look has found something else than was chosen
_POINTS = 12


def closer(view: View, candidate: Candidate, clicks: Sequence[Click]) -> Candidate:
    """The same subject seen through a window of its own, or the candidate itself.

    It stays as it is where a window would hold no more detail, and where the closer look finds
    something else: which subject is meant was settled on the whole picture.
    """
    window = window_for(candidate)
    if window is None or candidate.box is None or candidate.window != view.whole:
        return candidate
    seen = [click for click in clicks if window.holds(click.x, click.y)]
    repeated = seen * max(1, math.ceil(_POINTS / max(1, len(seen))))
    hint = through(candidate, window)
    box = None if seen else Box(*candidate.box)
    looks = view.decode(window, repeated, box, hint.logits)
    best = max(looks, key=lambda look: mask_iou(look.inside, hint.inside))
    if mask_iou(best.inside, hint.inside) < _AGREES:
        return candidate
    return replace(tidied(best, seen, view.rgb), score=candidate.score)


def window_for(candidate: Candidate) -> Rectangle | None:
    """The window around a candidate that shows it with more detail; None where none does."""
    box = candidate.box
    if box is None:
        return None
    height, width = candidate.size
    margin = _MARGIN * max(box[2] - box[0], box[3] - box[1])
    step = max(1, max(candidate.size) // _STEP)
    window = Rectangle(
        max(0, math.floor((box[0] - margin) / step) * step),
        max(0, math.floor((box[1] - margin) / step) * step),
        min(width, math.ceil((box[2] + margin) / step) * step),
        min(height, math.ceil((box[3] + margin) / step) * step),
    )
    # Detail ends where a picture pixel is an encoder pixel: enlarging further shows nothing new.
    longest = max(window[2] - window[0], window[3] - window[1], _ENCODED)
    return window if max(candidate.size) / longest >= _WORTH else None


def through(candidate: Candidate, window: Rectangle) -> Candidate:
    """A candidate as the mask prompt of another window."""
    side = candidate.logits.shape[0]
    size = content_size((window[3] - window[1], window[2] - window[0]), side, candidate.fit)
    layer = np.full((side, side), -10, np.float32)
    layer[: size[0], : size[1]] = candidate.seen(window, size)
    return replace(candidate, logits=layer, window=window)
