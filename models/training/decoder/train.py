"""Train the decoder: steps of several prompts on one view each, corrections after them."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pickmatte.models.protocols import Mask

from . import losses
from .network import Decoder
from .pool import Pool, Shown
from .prompts import NONE, SIDE, Prompts, begun, corrected, random_click, wrong

_SEED = 20261129
_PROMPTS = 6  # of one view in a step
_CORRECTED = 0.6  # of the steps go on with a correction, and of those again
_MOST = 3  # prompts after each other
_FAST, _SLOW = 2e-4, 4e-5  # learning rates: tokens, hypernetworks and the IoU head; the rest
_DECAY = 0.995  # of the running average of the weights, which is what is kept
_WARM, _TELL = 50, 50  # steps
_KINDS = {"objects": 0.70, "people": 0.18, "scenery": 0.12}  # of the steps
_LEAST = 20  # cells of a thing that can be learned from
_BAND = 12  # square root of a thing's cells from which its hand-drawn edge does not count


def train(
    pools: Sequence[Pool],
    decoder: Decoder,
    steps: int,
    work: Path,
    *,
    without: int | None,
    tell: Callable[[dict[str, Any]], None],
) -> Decoder:
    """Train on all views but those of a fold; returns the averaged decoder.

    The rate falls along a cosine over all `steps`; every tenth of them the averaged weights are
    written into `work`.
    """
    rng = np.random.default_rng(_SEED)
    torch.manual_seed(_SEED)
    original = copy.deepcopy(decoder).eval()
    average = copy.deepcopy(decoder).eval()
    fast = [it for name, it in decoder.decoder.named_parameters() if _learns_fast(name)]
    slow = [it for name, it in decoder.decoder.named_parameters() if not _learns_fast(name)]
    optimiser = torch.optim.AdamW(
        [{"params": fast, "base": _FAST}, {"params": slow, "base": _SLOW}], weight_decay=1e-4
    )
    places = places_of(pools, without)
    kinds = [kind for kind in _KINDS if places[kind]]
    chances = np.array([_KINDS[kind] for kind in kinds])
    started = time.monotonic()
    seen: list[tuple[float, float, float]] = []
    for step in range(steps):
        warm = min(1.0, (step + 1) / _WARM)
        for group in optimiser.param_groups:
            group["lr"] = group["base"] * warm * _fallen(step / steps)
        kind = kinds[int(rng.choice(len(kinds), p=chances / chances.sum()))]
        pool, place = places[kind][int(rng.integers(len(places[kind])))]
        seen.extend(_step(decoder, original, average, optimiser, pools[pool][place], rng))
        last = step + 1 == steps
        if seen and (last or step % _TELL == _TELL - 1):
            loss, chosen, first = np.mean(seen, axis=0).round(4).tolist()
            seconds = round(time.monotonic() - started)
            tell({"step": step + 1, "loss": loss, "iou": chosen, "layer 0": first, "s": seconds})
            seen = []
        if last or (step + 1) % max(1, steps // 10) == 0:
            torch.save(average.state_dict(), work / "average.pt")
    return average


def _fallen(gone: float) -> float:
    """The learning rate's share after this share of the steps."""
    return 0.02 + 0.98 * (1 + math.cos(math.pi * gone)) / 2


def _learns_fast(name: str) -> bool:
    return any(part in name for part in ("token", "hypernetworks", "iou_prediction"))


def places_of(pools: Sequence[Pool], without: int | None) -> dict[str, list[tuple[int, int]]]:
    """Where the views of each kind are; one without anything marked only if it is scenery."""
    found: dict[str, list[tuple[int, int]]] = {kind: [] for kind in _KINDS}
    for number, pool in enumerate(pools):
        for place, entry in enumerate(pool.entries):
            marked = bool(entry["categories"])
            if entry["fold"] != without and (marked or entry["kind"] == "scenery"):
                found[entry["kind"]].append((number, place))
    return found


def _step(
    decoder: Decoder,
    original: Decoder,
    average: Decoder,
    optimiser: torch.optim.Optimizer,
    view: Shown,
    rng: np.random.Generator,
) -> list[tuple[float, float, float]]:
    """One view, prompts on it, corrections of what came of them; each learned from at once."""
    embedding = torch.from_numpy(view.embedding.astype(np.float32))[None]
    truths = _chosen(view, rng)
    height, width = view.size
    if truths:
        prompts = [begun(mask, view.salience, rng) for mask in truths]
    else:
        anywhere = np.ones(view.size, bool)
        prompts = [random_click(anywhere, rng) for _ in range(_PROMPTS)]
    told: list[tuple[float, float, float]] = []
    for turn in range(_MOST):
        fed = feeds(prompts)
        as_it_came = None
        if turn == 0:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                as_it_came = original(embedding, *fed)[0].float()[..., :height, :width]
        with torch.autocast("cpu", torch.bfloat16):
            logits, scores = decoder(embedding, *fed)
        logits, scores = logits.float(), scores.float()
        content = logits[..., :height, :width]
        if truths:
            truth = torch.from_numpy(np.stack(truths).astype(np.float32))
            counts = torch.from_numpy(np.stack([_telling(mask) for mask in truths]))
            loss, reached = losses.of_things(content, scores, truth, counts, as_it_came)
            best = scores.detach().argmax(1)
            first = float(reached[torch.arange(len(best)), best].mean())
            if turn == 0:
                told.append((float(loss.detach()), first, float(reached[:, 0].mean())))
        else:
            assert as_it_came is not None
            loss = losses.of_scenery(content, as_it_came)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.decoder.parameters(), 1.0)
        optimiser.step()
        _follow(average, decoder)
        if not truths or rng.random() > _CORRECTED:
            break
        layers = logits.detach().numpy()
        # The user corrects what was shown: the best-scored layer at first, layer 0 afterwards.
        taken = best.tolist() if turn == 0 else [0] * len(truths)
        prompts = [
            corrected(one, layer[at], mask, rng) if wrong(layer[at], mask) else one
            for one, layer, at, mask in zip(prompts, layers, taken, truths, strict=True)
        ]
    return told


def _chosen(view: Shown, rng: np.random.Generator) -> list[Mask]:
    """The things to prompt for, some of them several times; a large one sooner than a small one."""
    usable = [mask for mask in view.masks if mask.sum() >= _LEAST]
    if not usable:
        return []
    weights = np.array([float(mask.sum()) ** 0.25 for mask in usable])
    chosen = rng.choice(len(usable), _PROMPTS, p=weights / weights.sum())
    return [usable[place] for place in chosen]


def _telling(mask: Mask) -> NDArray[np.float32]:
    """Which cells are surely right, 1 or 0: hand-drawn outlines are off by two or three pixels."""
    if mask.sum() < _BAND**2:
        return np.ones(mask.shape, np.float32)
    layer, around = mask.astype(np.uint8), np.ones((3, 3), np.uint8)
    edge = cv2.dilate(layer, around) != cv2.erode(layer, around, borderValue=1)
    return (~edge).astype(np.float32)


def feeds(prompts: Sequence[Prompts]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What the decoder takes for prompts: points in the encoder's pixels, labels, masks, which."""
    longest = max(len(one.points) for one in prompts) + 1
    points = np.zeros((len(prompts), longest, 2), np.float32)
    labels = np.full((len(prompts), longest), NONE, np.float32)
    masks = np.zeros((len(prompts), 1, SIDE, SIDE), np.float32)
    for place, one in enumerate(prompts):
        points[place, : len(one.points)] = np.array(one.points) * (1024 / SIDE)
        labels[place, : len(one.labels)] = one.labels
        if one.mask is not None:
            masks[place, 0] = one.mask
    has = np.array([one.mask is not None for one in prompts], np.float32)
    return tuple(torch.from_numpy(layer) for layer in (points, labels, masks, has))  # type: ignore[return-value]


@torch.no_grad()
def _follow(average: Decoder, decoder: Decoder) -> None:
    for old, new in zip(average.decoder.parameters(), decoder.decoder.parameters(), strict=True):
        old.lerp_(new, 1 - _DECAY)
