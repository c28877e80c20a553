"""Which of the things found in a picture a phrase means, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.grounders.description import Description
from models.protocols import RGB, Findings, Logits, Mask


@dataclass(frozen=True, eq=False)
class Thing:
    """Something a detector found."""

    box: tuple[float, float, float, float]  # x0, y0, x1, y1 in the picture's pixels
    label: str  # a COCO or ImageNet name, or the noun an open-vocabulary detector was asked for
    score: float  # the detector's, 0..1
    mask: Mask | None = None  # the whole picture on any grid h×w; colours are measured on it
    logits: Logits | None = None  # handed on to the detection


def rank(description: Description, rgb: RGB, things: Sequence[Thing]) -> Findings:
    """Detections for a description, best first; none where it is clearly not there.

    `rgb` is uint8 H×W×3, `things` are all things found, of whatever class: those of the head noun
    are ranked, the others bear out relations ("holding the umbrella").
    """
    return Findings(())
