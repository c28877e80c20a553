"""How good the decoder's masks are on views that were not trained on, at 256 px."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Mask

from .network import Decoder
from .pool import Pool, Shown
from .prompts import Prompts, box, central_click, corrected, random_click, with_salience, wrong
from .train import feeds

_LEAST = 100  # cells of a thing that is judged
_THINGS = 6  # of a view
_CLICKS = 5


def judge(decoder: Decoder, pools: Sequence[Pool], fold: int) -> dict[str, dict[str, float]]:
    """Mean IoU after clicks and boxes, for people and other things apart.

    The mask is taken by the decoder's own score at the first prompt, and is layer 0 afterwards.
    """
    rng = np.random.default_rng(0)
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for pool in pools:
        for place, entry in enumerate(pool.entries):
            if entry["fold"] == fold and entry["categories"]:
                view = pool[place]
                things = view.grouped(_LEAST)[:_THINGS]
                if things:
                    _add(found, decoder, view, things, rng)
    return {
        group: {way: round(float(np.mean(ious)), 4) for way, ious in figures.items()}
        | {"things": len(figures["central@1"])}
        for group, figures in found.items()
    }


def _add(
    found: dict[str, dict[str, list[float]]],
    decoder: Decoder,
    view: Shown,
    things: Sequence[tuple[Mask, str]],
    rng: np.random.Generator,
) -> None:
    """Add the IoUs of one view's things to those of their groups."""
    masks = [mask for mask, _ in things]
    hinted = [with_salience(random_click(mask, rng), view.salience) for mask in masks]
    ways = {
        "central": [central_click(mask) for mask in masks],
        "random": [random_click(mask, rng) for mask in masks],
        "salient": hinted,
        "box": [box(mask, 0.0, rng) for mask in masks],
        "loose": [box(mask, 0.12, rng) for mask in masks],
    }
    for way, prompts in ways.items():
        every = _ious(decoder, view, prompts, masks, _CLICKS if way == "central" else 1)
        for turn, (reached, taken) in enumerate(every, 1):
            for ious, at, (_, group) in zip(reached, taken, things, strict=True):
                found[group][f"{way}@{turn}"].append(ious[at])
                if turn == 1:
                    found[group][f"{way} best"].append(max(ious))
                    found[group][f"{way} 0"].append(ious[0])


@torch.no_grad()
def _ious(
    decoder: Decoder, view: Shown, prompts: Sequence[Prompts], masks: Sequence[Mask], turns: int
) -> Iterator[tuple[list[list[float]], list[int]]]:
    """For each turn the IoUs of every thing's four masks and which of them is taken."""
    embedding = torch.from_numpy(view.embedding.astype(np.float32))[None]
    height, width = view.size
    for turn in range(turns):
        logits, scores = decoder(embedding, *feeds(prompts))
        layers = logits.numpy()
        taken = [0] * len(masks) if turn else scores.argmax(1).tolist()
        inside = layers[..., :height, :width] > 0
        yield (
            [
                [mask_iou(one, mask) for one in four]
                for four, mask in zip(inside, masks, strict=True)
            ],
            taken,
        )
        prompts = [
            corrected(one, four[at], mask, np.random.default_rng(1))
            if wrong(four[at], mask)
            else one
            for one, four, at, mask in zip(prompts, layers, taken, masks, strict=True)
        ]
