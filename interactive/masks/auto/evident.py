"""The evident subjects of a picture, and what makes each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import cv2
import numpy as np

from pickmatte import models
from pickmatte.interactive.edits.prompts import Box
from pickmatte.interactive.edits.state import UserLayer
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.candidate_store import CandidateStore
from pickmatte.models.errors import NothingFound
from pickmatte.models.geometry.masks import soft_iou
from pickmatte.models.grounders.categories import Category
from pickmatte.models.protocols import Alpha, Salient

from .asking import Steps, box_of
from .splitting import AGREES, Share, subjects_of
from .standing_out import STANDS_OUT, apart, around, coarse_map

_STEEP = 5.0  # how much steeper than the map an alpha made of it is; fitted, docs/auto.md
_ENLARGED = 2.0  # of the network's side: how much longer a picture may be for its alpha to do


def evident(
    candidate_store: CandidateStore,
    salient: Salient,
    *,
    only: Category | None = None,
    largest: bool = False,
) -> list[tuple[Steps, UserLayer | None]]:
    """What makes each evident subject of a picture, steps or an alpha; the largest first.

    Together they are no less than the map: where the segmenter sees something else, the map
    itself is the alpha, soft where it is unsure. A network that gives fine alpha (`Salient.fine`)
    keeps it where that shows the same subject and the picture is not much larger than what the
    network saw, so that a soft edge is hair and not enlargement. Raises `NothingFound` where
    nothing stands out, or nothing of the kind `only`.
    """
    rgb, size = candidate_store.picture.seen, candidate_store.picture.size

    def look(steps: Steps) -> Sequence[Candidate]:
        return candidate_store.candidates_after(steps, None).candidates

    grid = look((Box(0, 0, size[1], size[0]),))[0].inside.shape
    with candidate_store.timed("salient"):
        coarse = coarse_map(rgb, salient)
        if candidate_store.picture.alpha is not None:  # what cannot be seen does not stand out
            shape = coarse.shape[::-1]
            coarse *= cv2.resize(candidate_store.picture.alpha, shape, interpolation=cv2.INTER_AREA)
        found = np.asarray(cv2.resize(coarse, grid[::-1], interpolation=cv2.INTER_AREA), np.float32)
        sharp = salient.fine and max(size) <= _ENLARGED * salient.side
        alpha = salient.saliency(rgb) if sharp else None
    every = [share for wanted in apart(found) for share in subjects_of(look, wanted, size)]
    if only and every:
        boxes = [astuple(box_of(share.inside, size)) for share in every]
        kinds = models.load_categories().of(rgb, boxes)
        every = [share for share, kind in zip(every, kinds, strict=True) if kind == only]
    if not every:
        what = f"No {only}" if only else "Nothing"
        raise NothingFound(f"{what} stands out in this picture; click on what to keep instead.")
    every.sort(key=lambda share: -int(share.inside.sum()))
    return [_told(share, alpha, size) for share in every[: 1 if largest else None]]


def _told(
    share: Share, alpha: Alpha | None, size: tuple[int, int]
) -> tuple[Steps, UserLayer | None]:
    """The steps of a subject, or the layer that stands for it."""
    if alpha is not None:
        inside = share.inside
        own = alpha * cv2.resize(around(inside).astype(np.uint8), size[::-1])
        shown = cv2.resize(own, inside.shape[::-1], interpolation=cv2.INTER_AREA)
        if soft_iou(inside, np.asarray(shown, np.float32)) >= AGREES:
            return (), UserLayer("alpha", own)
    if share.agreed:
        return share.found.steps, None
    return (), UserLayer("alpha", softly(share.wanted, size))


def softly(wanted: Alpha, size: tuple[int, int]) -> Alpha:
    """A map as the alpha of a subject, float32 at the picture's size, soft where it is unsure."""
    grown = cv2.resize(wanted, size[::-1], interpolation=cv2.INTER_CUBIC)
    alpha: Alpha = np.clip((grown - STANDS_OUT) * _STEEP + 0.5, 0, 1).astype(np.float32)
    return alpha
