"""Photos drawn for the tests of training."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from pickmatte.models.training.photos import PACKAGES


def drawn(seed: int, side: int = 520) -> np.ndarray:
    """A texture: smooth coloured noise with some grain."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 256, (9, 9, 3), np.uint8)
    smooth = cv2.resize(rough, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth + rng.normal(0, 9, smooth.shape), 0, 255).astype(np.uint8)


def draw_into(folder: Path) -> None:
    """A texture in a folder of each package, as if it had been fetched."""
    for seed, package in enumerate(PACKAGES):
        (folder / package).mkdir(parents=True)
        cv2.imwrite(str(folder / package / "photo.png"), drawn(seed))
