"""All four masks of transformers' SAM-like models, which give the first or the other three."""

from __future__ import annotations

from typing import Any

from .torch_segmenter import Prompt, Tensor


def four_masks(model: Any, prompt: Prompt, **features: Any) -> tuple[Tensor, Tensor]:
    """Masks 4×S×S and scores 4: the one for prompts that leave no doubt, then those for others.

    `features` are what `model.get_image_embeddings` gave, by the names that `model` takes them by.
    """
    import torch

    def one_more(layer: Tensor | None) -> Tensor | None:  # the library asks of several things
        return None if layer is None else layer[None]

    both = [
        model(
            **features,
            input_points=one_more(prompt.points),
            input_labels=one_more(prompt.labels),
            input_boxes=one_more(prompt.box),
            input_masks=prompt.mask,
            multimask_output=several,
        )
        for several in (False, True)
    ]
    masks = torch.cat([found.pred_masks[0, 0] for found in both])
    return masks, torch.cat([found.iou_scores[0, 0] for found in both])
