"""Scenes with their evidence as files, made by worker processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.matting.evidence import CANDIDATES, CHANNELS, gather
from pickmatte.models.matting.trimaps import UNKNOWN

from .scenes import load_photos, scene
from .settings import SEED, TrainingError

HELD_OUT = 8  # every so many-th photo is kept for validation
_ALWAYS = 7  # channels known everywhere; the others are stored for unknown pixels only
_WORKERS = 8  # at most; each holds all photos, 0.6 GB


def fill(folder: Path, photos: Path, side: int, numbers: range, *, clean: bool) -> None:
    """Make the scenes of these numbers that `folder` lacks, on all cores.

    Raises `TrainingError` if a worker fails.
    """
    missing = [number for number in numbers if not _path(folder, number).exists()]
    workers = min(len(missing), os.cpu_count() or 1, _WORKERS)
    context = multiprocessing.get_context("spawn")
    started = [
        context.Process(
            target=make, args=(folder, photos, side, missing[worker::workers], clean), daemon=True
        )
        for worker in range(workers)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join()
    if any(process.exitcode for process in started):
        raise TrainingError(f"Making scenes in {folder} failed, as said above; then run it again.")


def make(folder: Path, photos: Path, side: int, numbers: Sequence[int], clean: bool) -> None:
    """Write S×S scenes of these numbers; negative ones are validation, of photos held out."""
    cv2.setNumThreads(1)
    loaded = load_photos(photos)
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        path = _path(folder, number)
        kept = [p for i, p in enumerate(loaded) if (i % HELD_OUT == 0) == (number < 0)]
        rng = np.random.default_rng([SEED, number & 0xFFFFFFFF])
        made = scene(rng, kept, side, clean=clean)
        evidence = gather(made.rgb, made.trimap)
        unknown = made.trimap == UNKNOWN
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(
                file,
                rgb=made.rgb,
                trimap=made.trimap,
                alpha=made.alpha.astype(np.float16),
                always=evidence[3:_ALWAYS].astype(np.float16),
                samples=evidence[_ALWAYS:, unknown].astype(np.float16),
            )
        part.replace(path)


def read(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Evidence CHANNELS×S×S, true alpha 1×S×S and which pixels are unknown 1×S×S."""
    with np.load(path, allow_pickle=False) as stored:
        unknown = stored["trimap"] == UNKNOWN
        evidence = np.zeros((CHANNELS, *unknown.shape), np.float32)
        evidence[:3] = stored["rgb"].transpose(2, 0, 1) / np.float32(255)
        evidence[3:_ALWAYS] = stored["always"]
        evidence[_ALWAYS:, unknown] = stored["samples"]
        evidence[CANDIDATES] += evidence[3]
        return evidence, stored["alpha"].astype(np.float32)[None], unknown[None].astype(np.float32)


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:07d}.npz"
