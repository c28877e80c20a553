"""The evident subjects of a picture, and what makes each."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pickmatte import models
from pickmatte.interactive.edits.state import UserLayer
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.candidate_store import CandidateStore
from pickmatte.models.errors import NothingFound
from pickmatte.models.geometry.masks import soft_iou
from pickmatte.models.grounders.categories import Category
from pickmatte.models.protocols import Alpha, Mask, Salient, content_size

from .sharpening import Found, Steps, sharpened
from .splitting import shares
from .standing_out import apart, around, coarse_map

_ENLARGED = 2.0  # of the network's side: how much longer a picture may be for its alpha to do
_AGREES = 0.85  # soft IoU from which a fine alpha shows the same subject


def evident(
    candidate_store: CandidateStore,
    salient: Salient,
    *,
    only: Category | None = None,
    largest: bool = False,
) -> list[tuple[Steps, UserLayer]]:
    """What makes each evident subject of a picture, the largest first.

    A mask and a click that sharpens it, or an alpha; together they are no less than the map. A
    network that gives fine alpha (`Salient.fine`) keeps it where that shows the same subject and
    the picture is not much larger than what the network saw, so that a soft edge is hair and not
    enlargement. Raises `NothingFound` where nothing stands out, or nothing of the kind `only`.
    """
    rgb, size = candidate_store.picture.seen, candidate_store.picture.size

    def look(steps: Steps, layer: UserLayer | None) -> Sequence[Candidate]:
        return candidate_store.candidates_after(steps, layer).candidates

    grid = content_size(size, candidate_store.grid.side, candidate_store.grid.fit)
    with candidate_store.timed("salient"):
        coarse = coarse_map(rgb, salient)
        if candidate_store.picture.alpha is not None:  # what cannot be seen does not stand out
            shape = coarse.shape[::-1]
            coarse *= cv2.resize(candidate_store.picture.alpha, shape, interpolation=cv2.INTER_AREA)
        found = np.asarray(cv2.resize(coarse, grid[::-1], interpolation=cv2.INTER_AREA), np.float32)
        sharp = salient.fine and max(size) <= _ENLARGED * salient.side
        alpha = salient.saliency(rgb) if sharp else None
    every = [
        sharpened(look, share, size)
        for wanted in apart(found)
        for share in shares(look, wanted, size)
    ]
    if only and every:
        kinds = models.load_categories().of(rgb, [_box(one.inside, size) for one in every])
        every = [one for one, kind in zip(every, kinds, strict=True) if kind == only]
    if not every:
        what = f"No {only}" if only else "Nothing"
        raise NothingFound(f"{what} stands out in this picture; click on what to keep instead.")
    every.sort(key=lambda one: -int(one.inside.sum()))
    chosen = every[: 1 if largest else None]
    if alpha is not None:
        chosen = [_with_own_alpha(one, alpha, size) for one in chosen]
    return [(one.steps, one.layer) for one in chosen]


def _with_own_alpha(one: Found, alpha: Alpha, size: tuple[int, int]) -> Found:
    """The subject with the network's alpha of it, where that shows the same."""
    own = alpha * cv2.resize(around(one.inside).astype(np.uint8), size[::-1])
    shown = cv2.resize(own, one.inside.shape[::-1], interpolation=cv2.INTER_AREA)
    if soft_iou(one.inside, np.asarray(shown, np.float32)) < _AGREES:
        return one
    return Found((), UserLayer("alpha", own), one.inside)


def _box(area: Mask, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The box around an area of the grid, in a picture of that height and width."""
    x, y, width, height = cv2.boundingRect(area.astype(np.uint8))
    across, down = size[1] / area.shape[1], size[0] / area.shape[0]
    return x * across, y * down, (x + width) * across, (y + height) * down
