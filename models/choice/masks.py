"""The masks that a lone click may mean: what the segmenter sees, and what stands out there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.protocols import Alpha, Logits

from .features import component_at

# Decodes the click with a mask prompt or none: N×S×S logits and N scores.
Decode = Callable[[Logits | None], tuple[NDArray[np.float32], NDArray[np.float32]]]

_SURE = 10.0  # logits of what stands out, as a mask prompt
_LAYERS = 4


@dataclass(frozen=True, eq=False)
class ClickMasks:
    """Masks of one click: logits N×S×S, the decoder's scores, and how each came about."""

    logits: NDArray[np.float32]
    scores: NDArray[np.float32]
    kinds: NDArray[np.int_]


def masks_of_click(decode: Decode, click: tuple[float, float], salience: Alpha) -> ClickMasks:
    """The decoder's layers for a click; where it is on what stands out, also the layers for both
    together, and what stands out as it is.

    `click` is x, y in cells of the grid of the logits, `salience` h×w in 0..1 on its content.
    """
    logits, scores = decode(None)
    kinds = np.minimum(np.arange(len(logits)), _LAYERS - 1)  # four, of SAM's decoders
    hint = hint_at(salience, click, logits.shape[-1])
    if hint is None:
        return ClickMasks(logits, scores, kinds)
    hinted, sure = decode(hint)
    return ClickMasks(
        np.concatenate([logits, hinted, hint[None]]),
        np.concatenate([scores, sure, sure[:1]]),
        np.concatenate([kinds, kinds + _LAYERS, [2 * _LAYERS]]),
    )


def hint_at(salience: Alpha, click: tuple[float, float], side: int) -> Logits | None:
    """What stands out under a click as a mask prompt, side×side; None where nothing does."""
    column = min(max(int(click[0]), 0), salience.shape[1] - 1)
    row = min(max(int(click[1]), 0), salience.shape[0] - 1)
    component = component_at(salience, column, row)
    if not component.any():
        return None
    return salient_logits(np.where(component, salience, np.float32(0)), side)


def salient_logits(salience: Alpha, side: int) -> Logits:
    """A map in 0..1 as a mask prompt: side×side, -10 to 10, beyond the map nothing stands out."""
    layer = np.full((side, side), -_SURE, np.float32)
    height, width = salience.shape
    layer[:height, :width] = (salience.astype(np.float32) * 2 - 1) * _SURE
    return layer
