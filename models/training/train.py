"""Train `nano`: the loop, its loss, checkpoints and the curve."""

from __future__ import annotations

import copy
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.training.augment import augment
from models.training.network import Nano
from models.training.pool import read

_DECAY = 0.998  # of the running average of the weights, which is what is kept


def train(
    work: Path,
    steps: int,
    *,
    batch: int = 8,
    rate: float = 2e-3,
    seed: int = 0,
    log: int = 50,
    start: dict[str, Tensor] | None = None,
) -> Nano:
    """Train on the scenes in `work`, resuming from its checkpoint; returns the averaged network.

    `start` holds the weights an earlier stage ended with.
    """
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = Nano().to(device, memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(start)
    average = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4)
    done = 0
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        done = int(state["done"])
    started, losses = time.monotonic(), []
    rng = np.random.default_rng([seed, done])
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(_batch, work, rng, batch)
        for step in range(done, steps):
            evidence, truth, unknown = (x.to(device) for x in coming.result())
            coming = reader.submit(_batch, work, rng, batch)
            warm = min(1.0, (step + 1) / 200)
            for group in optimiser.param_groups:
                group["lr"] = (
                    rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * step / steps)) / 2)
                )
            with torch.autocast(device, torch.bfloat16):
                alpha, error = network(evidence.to(memory_format=torch.channels_last))
            loss = _loss(alpha.float(), error.float(), truth, unknown)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            _follow(average, network)
            losses.append(float(loss.detach()))
            if (step + 1) % log == 0 or step + 1 == steps:
                line: dict[str, Any] = {
                    "step": step + 1,
                    "loss": round(float(np.mean(losses)), 5),
                    "seconds": round(time.monotonic() - started),
                    "scenes": len(_scenes(work)),
                }
                if (step + 1) % (10 * log) == 0 or step + 1 == steps:
                    line["validation"] = validate(average, work, device)
                    _save(checkpoint, network, average, optimiser, step + 1)
                losses = []
                with (work / "curve.jsonl").open("a") as file:
                    file.write(json.dumps(line) + "\n")
    return average


@torch.no_grad()
def validate(network: Nano, work: Path, device: str) -> float:
    """Mean absolute error of alpha on unknown pixels of the validation scenes."""
    errors = []
    for path in sorted(work.glob("validation/*.npz")):
        evidence, truth, unknown = (torch.from_numpy(x)[None].to(device) for x in read(path))
        alpha, _ = network(evidence)
        errors.append(float(((alpha - truth).abs() * unknown).sum() / unknown.sum()))
    return round(float(np.mean(errors)), 5)


def _scenes(work: Path) -> list[str]:
    return sorted(path.name for path in (work / "scenes").glob("*.npz"))


def _batch(work: Path, rng: np.random.Generator, count: int) -> list[Tensor]:
    names = _scenes(work)
    while len(names) < 2 * count:  # the makers have only just begun
        time.sleep(1)
        names = _scenes(work)
    chosen = rng.integers(0, len(names), count)
    stacks = [augment(rng, *read(work / "scenes" / names[i])) for i in chosen]
    return [torch.from_numpy(np.stack(layer)) for layer in zip(*stacks, strict=True)]


def _loss(alpha: Tensor, error: Tensor, truth: Tensor, unknown: Tensor) -> Tensor:
    """L1 of alpha and of its slopes, and the Laplace likelihood of the error that was foretold."""
    count = unknown.sum().clamp(min=1)
    off = (alpha - truth).abs()
    wrong = (off * unknown).sum() / count
    slopes = sum(
        ((alpha - truth).diff(dim=dim).abs() * _both(unknown, dim)).sum() / count for dim in (2, 3)
    )
    spread = torch.exp(error)
    likelihood = ((off.detach() / spread + error) * unknown).sum() / count
    return wrong + 0.5 * slopes + 0.02 * likelihood


def _both(unknown: Tensor, dim: int) -> Tensor:
    length = unknown.shape[dim] - 1
    return unknown.narrow(dim, 0, length) * unknown.narrow(dim, 1, length)


@torch.no_grad()
def _follow(average: Nano, network: Nano) -> None:
    for old, new in zip(average.parameters(), network.parameters(), strict=True):
        old.lerp_(new, 1 - _DECAY)
    for old, new in zip(average.buffers(), network.buffers(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, 1 - _DECAY)
        else:
            old.copy_(new)


def _save(path: Path, network: Nano, average: Nano, optimiser: Any, done: int) -> None:
    part = path.with_suffix(".part")
    torch.save(
        {
            "network": network.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "done": done,
        },
        part,
    )
    part.replace(path)
