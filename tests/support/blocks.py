"""Masks of blocks, as candidates."""

from __future__ import annotations

import numpy as np

from pickmatte.interactive.masks.candidate import Candidate, logits_of_mask

SIZE = (120, 200)
Box = tuple[int, int, int, int]


def block(*boxes: Box) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = True
    return mask


def candidate(*boxes: Box, score: float = 1.0, strength: float = 10.0) -> Candidate:
    logits = logits_of_mask(block(*boxes), strength=strength)
    return Candidate(logits, (0, 0, SIZE[1], SIZE[0]), SIZE, score)
