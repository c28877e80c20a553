"""Train `nano`: the loop, its loss, checkpoints and the curve."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from .augment import augment
from .network import Nano
from .pool import read
from .settings import BATCH, Stage, TrainingError

Line: TypeAlias = dict[str, Any]  # of the curve

_SEED = 0  # of the first weights and the order of scenes
_LOG, _SAVE = 50, 500  # steps from line to line of the curve, and from checkpoint to checkpoint
_DECAY = 0.998  # of the running average of the weights, which is what is kept


def train(
    work: Path,
    stage: Stage,
    *,
    start: dict[str, Tensor] | None = None,
    tell: Callable[[Line], None] = lambda line: None,
) -> Nano:
    """Train a stage on the scenes in `work`; returns the averaged network.

    `start` holds the weights an earlier stage ended with. Stopped and run again, it goes on from
    its checkpoint; on one machine's CPU with the same number of threads nothing shows of the stop.
    `tell` is given each line of the curve. Raises `TrainingError` if the checkpoint is of another
    number of steps.
    """
    torch.manual_seed(_SEED)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = Nano().to(device, memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(start)
    average = copy.deepcopy(network).eval()
    optimiser = torch.optim.AdamW(network.parameters(), lr=stage.rate, weight_decay=1e-4)
    done, losses = 0, []
    rng = np.random.default_rng([_SEED, 0])
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        if state["steps"] != stage.steps:
            raise TrainingError(
                f"{checkpoint} is of a run of {state['steps']} steps, not {stage.steps}; delete "
                "it, or train in another folder."
            )
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        rng.bit_generator.state = state["rng"]
        done = state["done"]
    started = time.monotonic()
    scenes = sorted((work / "scenes").glob("*.npz"))
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(_batch, scenes, rng)
        for step in range(done, stage.steps):
            evidence, truth, unknown = (x.to(device) for x in coming.result())
            before = rng.bit_generator.state  # of the next batch, which is drawn ahead
            coming = reader.submit(_batch, scenes, rng)
            for group in optimiser.param_groups:
                group["lr"] = _rate(stage, step)
            with torch.autocast(device, torch.bfloat16):
                alpha, error = network(evidence.to(memory_format=torch.channels_last))
            loss = _loss(alpha.float(), error.float(), truth, unknown)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            _follow(average, network)
            losses.append(float(loss.detach()))
            last = step + 1 == stage.steps
            if (step + 1) % _LOG == 0 or last:
                line: Line = {
                    "step": step + 1,
                    "loss": round(float(np.mean(losses)), 5),
                    "seconds": round(time.monotonic() - started),
                    "scenes": len(scenes),
                }
                losses = []
                if (step + 1) % _SAVE == 0 or last:
                    line["validation"] = validate(average, work, device)
                    _save(checkpoint, {
                        "network": network.state_dict(),
                        "average": average.state_dict(),
                        "optimiser": optimiser.state_dict(),
                        "rng": before,
                        "done": step + 1,
                        "steps": stage.steps,
                    })  # fmt: skip
                with (work / "curve.jsonl").open("a") as file:
                    file.write(json.dumps(line) + "\n")
                tell(line)
    return average


def _rate(stage: Stage, step: int) -> float:
    """Rises over 200 steps, then falls along a cosine to a hundredth."""
    warm = min(1.0, (step + 1) / 200)
    return stage.rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * step / stage.steps)) / 2)


@torch.no_grad()
def validate(network: Nano, work: Path, device: str) -> float:
    """Mean absolute error of alpha on unknown pixels of the validation scenes."""
    errors = []
    for path in sorted(work.glob("validation/*.npz")):
        evidence, truth, unknown = (torch.from_numpy(x)[None].to(device) for x in read(path))
        alpha, _ = network(evidence)
        errors.append(float(((alpha - truth).abs() * unknown).sum() / unknown.sum()))
    return round(float(np.mean(errors)), 5)


def _batch(scenes: list[Path], rng: np.random.Generator) -> list[Tensor]:
    chosen = rng.integers(0, len(scenes), BATCH)
    stacks = [augment(rng, *read(scenes[i])) for i in chosen]
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


def _save(path: Path, state: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)
