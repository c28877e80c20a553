"""Prompts in the square that an encoder saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.errors import PromptError
from pickmatte.models.protocols import content_size
from pickmatte.models.weights.records import Fit


@dataclass(frozen=True, eq=False)
class EncoderPrompts:
    """What a decoder is asked: points, a box, or both, in the encoder's pixels."""

    points: NDArray[np.float32]  # N×2
    labels: NDArray[np.int64]  # N; 1 keep, 0 drop
    box: NDArray[np.float32] | None  # x0, y0, x1, y1


def scale_prompts(
    points: NDArray[np.float32] | Sequence[Sequence[float]],
    labels: NDArray[np.int_] | Sequence[int],
    box: Sequence[float] | None,
    size: tuple[int, int],
    side: int,
    fit: Fit,
) -> EncoderPrompts:
    """Points, labels and a box of a picture of `size` for an encoder of `side`.

    Raises `PromptError` for no prompt at all, or labels that do not match the points.
    """
    coords = np.asarray(points, np.float64).reshape(-1, 2)
    kinds = np.asarray(labels, np.int64).reshape(-1)
    if len(coords) != len(kinds):
        raise PromptError(f"{len(coords)} points came with {len(kinds)} labels.")
    if len(coords) == 0 and box is None:
        raise PromptError("Nothing to decode: give a point or a box.")
    height, width = content_size(size, side, fit)
    scale = np.array([width / size[1], height / size[0]])
    corners = None if box is None else np.asarray(box, np.float64).reshape(2, 2) * scale
    return EncoderPrompts(
        (coords * scale).astype(np.float32),
        kinds,
        None if corners is None else corners.reshape(4).astype(np.float32),
    )
