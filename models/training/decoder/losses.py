"""What the decoder is trained for: the whole thing first, its parts still to be had."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_CROSS = 2.0  # the weight of cross entropy beside dice
_SCORE = 4.0  # of the squared error of the IoU that is foretold
_PARTS = 0.3  # of staying near the original decoder where a layer is not the one that learns
_SCENERY = 0.5  # the same where nothing is marked


def of_things(
    logits: Tensor, scores: Tensor, truth: Tensor, counts: Tensor, original: Tensor | None
) -> tuple[Tensor, Tensor]:
    """The loss of K prompts on marked things, and the true IoUs, K×4.

    `logits` K×4×h×w, `scores` K×4; `truth` K×h×w in 0..1, `counts` K×h×w which cells tell;
    `original` K×4×h×w the logits of the decoder as it came, None where it has nothing to say.

    Layer 0 learns the thing, and of the three others the one that is nearest to it, so that a
    thing's part and its group may stay in theirs. Every score learns the IoU of its layer.
    """
    losses = _dice(logits, truth, counts) + _CROSS * _cross_entropy(logits, truth, counts)
    nearest = losses[:, 1:].detach().argmin(1) + 1
    every = torch.arange(len(losses))
    loss = losses[:, 0].mean() + losses[every, nearest].mean()
    reached = _iou(logits, truth, counts)
    loss = loss + _SCORE * F.mse_loss(scores, reached)
    if original is not None:
        apart = _cross_entropy(logits[:, 1:], original[:, 1:].sigmoid(), torch.ones_like(counts))
        others = torch.ones_like(apart)
        others[every, nearest - 1] = 0
        loss = loss + _PARTS * (apart * others).sum() / others.sum()
    return loss, reached


def of_scenery(logits: Tensor, original: Tensor) -> Tensor:
    """The loss where nothing is marked: to see what the decoder as it came sees."""
    told = torch.ones_like(logits[:, 0])
    return _SCENERY * _cross_entropy(logits, original.sigmoid(), told).mean()


def _dice(logits: Tensor, truth: Tensor, counts: Tensor) -> Tensor:
    share = logits.sigmoid() * counts[:, None]
    wanted = (truth * counts)[:, None]
    both = (share * wanted).sum((2, 3))
    return 1 - (2 * both + 1) / (share.sum((2, 3)) + wanted.sum((2, 3)) + 1)


def _cross_entropy(logits: Tensor, wanted: Tensor, counts: Tensor) -> Tensor:
    """Mean over the cells that tell, K×4; `wanted` is K×h×w or K×4×h×w."""
    if wanted.dim() == 3:
        wanted = wanted[:, None].expand_as(logits)
    each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (each * counts[:, None]).sum((2, 3)) / counts.sum((1, 2)).clamp(min=1)[:, None]


@torch.no_grad()
def _iou(logits: Tensor, truth: Tensor, counts: Tensor) -> Tensor:
    inside = (logits > 0).float() * counts[:, None]
    wanted = (truth * counts)[:, None]
    both = (inside * wanted).sum((2, 3))
    return both / (inside.sum((2, 3)) + wanted.sum((2, 3)) - both).clamp(min=1)
