"""How good the decoder's masks are on views that were not trained on, at 256 px."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch

from pickmatte.models.geometry.masks import mask_iou

from .network import Decoder
from .photos import PERSON
from .pool import Pool
from .prompts import Prompts, box, central_click, corrected, random_click, with_salience, wrong
from .train import feeds

_LEAST = 100  # cells of a thing that is judged
_CLICKS = 5


@torch.no_grad()
def judge(
    decoder: Decoder, pools: Sequence[Pool], fold: int, most: int | None = None
) -> dict[str, dict[str, float]]:
    """Mean IoU after clicks and boxes, for people and other things apart.

    The mask is taken by the decoder's own score at the first prompt, and is layer 0 afterwards.
    """
    rng = np.random.default_rng(0)
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for pool in pools:
        places = [
            at
            for at, entry in enumerate(pool.entries)
            if entry["fold"] == fold and entry["categories"]
        ]
        for place in places[:most]:
            view = pool[place]
            embedding = torch.from_numpy(view.embedding.astype(np.float32))[None]
            usable = [
                (mask, category)
                for mask, category in zip(view.masks, view.categories, strict=True)
                if mask.sum() >= _LEAST
            ][:6]
            if not usable:
                continue
            masks = [mask for mask, _ in usable]
            kinds = ["person" if category == PERSON else "other" for _, category in usable]
            if view.kind == "people":
                kinds = ["people"] * len(kinds)
            ways: dict[str, list[Prompts]] = {
                "central": [central_click(mask) for mask in masks],
                "random": [random_click(mask, rng) for mask in masks],
                "salient": [
                    with_salience(random_click(mask, rng), view.salience) for mask in masks
                ],
                "box": [box(mask, 0.0, rng) for mask in masks],
                "loose": [box(mask, 0.12, rng) for mask in masks],
            }
            for way, prompts in ways.items():
                for turn in range(_CLICKS if way == "central" else 1):
                    logits, scores = decoder(embedding, *feeds(prompts))
                    height, width = view.size
                    inside = logits[..., :height, :width].numpy() > 0
                    single = turn > 0
                    best = [0] * len(masks) if single else scores.argmax(1).tolist()
                    for at, (mask, kind) in enumerate(zip(masks, kinds, strict=True)):
                        ious = [mask_iou(layer, mask) for layer in inside[at]]
                        figures = found[kind]
                        figures[f"{way}@{turn + 1}"].append(ious[best[at]])
                        if turn == 0:
                            figures[f"{way} best"].append(max(ious))
                            figures[f"{way} 0"].append(ious[0])
                    if turn + 1 < _CLICKS and way == "central":
                        prompts = [
                            corrected(one, layer[at].numpy(), mask, np.random.default_rng(1))
                            if wrong(layer[at].numpy(), mask)
                            else one
                            for one, layer, at, mask in zip(
                                prompts, logits, best, masks, strict=True
                            )
                        ]
    return {
        kind: {way: round(float(np.mean(ious)), 4) for way, ious in figures.items()}
        | {"things": len(figures["central@1"])}
        for kind, figures in found.items()
    }
