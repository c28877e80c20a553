"""Scenes with their evidence as files, made by worker processes while training reads them."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.matting.evidence import CANDIDATES, CHANNELS, gather
from models.matting.trimaps import UNKNOWN
from models.training.scenes import load_photos, scene

HELD_OUT = 8  # every so many-th photo is kept for validation
_ALWAYS = 7  # channels known everywhere; the others are stored for unknown pixels only


def make(
    folder: Path, photos: Path, side: int, first: int, step: int, last: int, clean: bool
) -> None:
    """Write scenes `first`, `first + step`, ... below `last`; negative numbers are validation."""
    cv2.setNumThreads(1)
    loaded = load_photos(photos)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, last, step):
        path = folder / f"{number:07d}.npz"
        if path.exists():
            continue
        kept = [p for i, p in enumerate(loaded) if (i % HELD_OUT == 0) == (number < 0)]
        rng = np.random.default_rng([20261124, number & 0xFFFFFFFF])
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


def start(
    folder: Path, photos: Path, side: int, numbers: range, workers: int, *, clean: bool
) -> list[multiprocessing.Process]:
    """Begin writing these scenes in the background."""
    context = multiprocessing.get_context("spawn")
    started = []
    for worker in range(workers):
        process = context.Process(
            target=make,
            args=(folder, photos, side, numbers.start + worker, workers, numbers.stop, clean),
            daemon=True,
        )
        process.start()
        started.append(process)
    return started  # type: ignore[return-value]
