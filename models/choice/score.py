"""How likely a mask is what was meant, by a linear score over its features fitted to true IoUs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .features import NAMES

_FITTED = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, eq=False)
class Linear:
    """The IoU with what was meant that is to be expected: linear in the features, within 0..1."""

    weights: NDArray[np.float64]  # in the order of `NAMES`
    bias: float

    def __call__(self, told: NDArray[np.float32]) -> NDArray[np.float64]:
        """Features N×F -> expected IoUs N."""
        return np.clip(told @ self.weights + self.bias, 0, 1)


@dataclass(frozen=True)
class Chance:
    """The chance that a mask is right, an IoU of at least 0.5, by the IoU that is expected.

    A logistic function (Platt, 1999), so that of masks with 0.8 four of five are right.
    """

    slope: float
    offset: float

    def __call__(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Expected IoUs -> chances in 0..1."""
        return 1 / (1 + np.exp(-(self.slope * expected + self.offset)))


@cache
def fitted() -> tuple[Linear, Chance]:
    """The score as it ships."""
    numbers = json.loads(_FITTED.read_text("utf-8"))
    weights = np.array([numbers["weights"][name] for name in NAMES])
    return Linear(weights, numbers["bias"]), Chance(**numbers["chance"])


def chance_right(told: NDArray[np.float32]) -> NDArray[np.float64]:
    """The chance that each mask is what was meant, by its features N×F; the best one's is highest.

    Beyond an expected IoU of 0 or 1 masks tie.
    """
    linear, chance = fitted()
    return chance(linear(told))
