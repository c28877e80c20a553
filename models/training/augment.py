"""Cheap changes of stored scenes that leave their evidence true: mirrors, turns, channel order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.matting.evidence import CHANNELS
from pickmatte.models.matting.samples import LAYERS, REACHES

Stack = NDArray[np.float32]


def augment(rng: np.random.Generator, *stacks: Stack) -> list[Stack]:
    """The same random mirror and turn of all C×S×S stacks; the first is evidence: colours too."""
    order = np.arange(CHANNELS)
    swapped = rng.permutation(3)
    for first in (0, *(7 + LAYERS * i + 3 * k for i in range(len(REACHES)) for k in (0, 1))):
        order[first : first + 3] = first + swapped
    turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
    changed = []
    for i, stack in enumerate(stacks):
        stack = stack[order] if i == 0 else stack
        stack = np.rot90(stack, turns, axes=(1, 2))
        changed.append(np.ascontiguousarray(stack[:, :, ::-1] if mirrored else stack))
    return changed
