"""Measure the colours of a detected object, and of the clothes a person wears."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.grounders.english.description import Zone
from pickmatte.models.protocols import RGB

from .colour_names import TERMS, Shares, claims, shares
from .detected_objects import DetectedObject, crop_of

# Where clothes are, as shares of a standing person's height from the top, and how much of that
# height they fill at least. The part that fits best counts: nobody stands quite upright.
_ZONES: dict[Zone, tuple[float, float, float]] = {
    "head": (0.0, 0.2, 0.08), "hair": (0.0, 0.14, 0.05), "face": (0.05, 0.25, 0.08),
    "upper": (0.12, 0.65, 0.2), "lower": (0.42, 0.95, 0.2), "feet": (0.85, 1.0, 0.07),
    "whole": (0.12, 0.95, 0.35), "detail": (0.0, 1.0, 0.05),
}  # fmt: skip
# The same for one seen from the waist up or sitting: not much taller than wide.
_CLOSE: dict[Zone, tuple[float, float, float]] = {
    "head": (0.0, 0.35, 0.12), "hair": (0.0, 0.25, 0.08), "face": (0.15, 0.5, 0.12),
    "upper": (0.25, 1.0, 0.25), "lower": (0.55, 1.0, 0.2), "feet": (0.8, 1.0, 0.1),
    "whole": (0.25, 1.0, 0.35), "detail": (0.0, 1.0, 0.05),
}  # fmt: skip
_STANDING = 1.7  # times as tall as wide


class Appearance:
    """The pixels of one detected object, kept to answer several questions about its colours.

    `light` is a table for `cv2.LUT` that removes the colour cast of the picture; see
    `light.correction`.
    """

    def __init__(self, thing: DetectedObject, rgb: RGB, light: RGB) -> None:
        crop, inside = crop_of(thing, rgb)
        rows = np.nonzero(inside.any(axis=1))[0]
        self._rows = (np.nonzero(inside)[0] - rows[0]).astype(np.intp)
        self._height = int(rows[-1] - rows[0] + 1)
        self._pixels: RGB = np.asarray(cv2.LUT(crop, light), np.uint8)[inside]
        self._zones = _ZONES if thing.tall > _STANDING * thing.wide else _CLOSE

    @cached_property
    def _shares(self) -> Shares:
        return shares(self._pixels)

    def called(self, colours: Sequence[str]) -> float:
        """Return how much of the object could be called by any of the colours, 0..1."""
        return float(claims(self._pixels, colours).mean())

    def main_colour(self) -> tuple[str, float]:
        """Return the colour name that most of the object goes by, and the share that does, 0..1."""
        best = int(self._shares.argmax())
        return TERMS[best], float(self._shares[best])

    def worn(self, zone: Zone, colours: Sequence[str]) -> float:
        """Return how much of a clothing zone's best part could be called by the colours, 0..1."""
        start, end, least = self._zones[zone]
        top, bottom = int(start * self._height), max(1, round(end * self._height))
        claimed = self._by_row(claims(self._pixels, colours))
        counts = self._by_row(np.ones(len(self._rows), np.float32))
        span = max(1, round(least * self._height))
        sums, pixels = _windows(claimed[top:bottom], span), _windows(counts[top:bottom], span)
        return float((sums / np.maximum(pixels, 1)).max(initial=0.0))

    def _by_row(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the sums of the pixels' values over each row."""
        return np.asarray(np.bincount(self._rows, values, self._height), np.float64)


def _windows(values: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return the sums over every stretch of `span` values, or over all if there are fewer."""
    return np.convolve(values, np.ones(min(span, len(values))), "valid")
