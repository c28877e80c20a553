"""What is fitted on: masks of simulated clicks, told in features, with their true IoUs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.choice.features import features
from pickmatte.models.choice.masks import masks_of_click
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Embedding, Logits, Segmenter
from pickmatte.models.training.decoder.pool import Pool
from pickmatte.models.training.decoder.prompts import SIDE, central_click, random_click

_LEAST = 100  # cells of a thing
_CLICKS = 3  # on each thing: one central, the others anywhere on it
_THINGS = 3  # of a view


@dataclass(frozen=True, eq=False)
class Sample:
    """A click: what is told of each of its masks, N×F, and their IoUs with what was meant, N."""

    told: NDArray[np.float32]
    scores: NDArray[np.float32]  # the decoder's own
    ious: NDArray[np.float64]
    group: str  # "person", "other" or "people"
    central: bool
    fold: int


def samples(pool: Pool, segmenter: Segmenter, places: Sequence[int]) -> list[Sample]:
    """Clicks on the things in some views of a pool."""
    assert segmenter.grid.side == SIDE
    rng = np.random.default_rng(0)
    found = []
    for place in places:
        view = pool[place]
        # The decoder knows the view by its own grid: a cell there is a pixel here.
        embedding = Embedding((view.embedding.astype(np.float32)[None],), view.size)
        things = view.grouped(_LEAST)
        for number in rng.permutation(len(things))[:_THINGS]:
            mask, group = things[number]
            for turn in range(_CLICKS):
                prompts = central_click(mask) if turn == 0 else random_click(mask, rng)
                point = prompts.points[0]

                def decode(
                    hint: Logits | None, point: tuple[float, float] = point
                ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
                    one = segmenter.decode(embedding, [point], [1], mask=hint)  # noqa: B023
                    return one.logits, one.scores

                masks = masks_of_click(decode, point, view.salience)
                height, width = view.size
                content = masks.logits[:, :height, :width]
                found.append(
                    Sample(
                        features(content, masks.scores, masks.kinds, point, view.salience),
                        masks.scores,
                        np.array([mask_iou(layer > 0, mask) for layer in content]),
                        group,
                        turn == 0,
                        view.fold,
                    )
                )
    return found
