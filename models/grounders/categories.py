"""Tell whether a box of a picture holds a person, an animal or a product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from pickmatte.models.geometry.boxes import iou
from pickmatte.models.protocols import RGB

from .detectors.coco_detector import Detector
from .detectors.imagenet_classifier import Classifier
from .ranking.detected_objects import DetectedObject

Category: TypeAlias = Literal["person", "animal", "product"]

_ANIMALS = ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
_BEASTS = 398  # ImageNet's first labels are animals
_THERE = 0.3  # a detector's score from which a thing counts as there
_SAME = 0.5  # IoU of boxes from which they are of one thing
_TOLD = 0.3  # the classifier's likelihood from which it can tell


class CategoryClassifier:
    """Tells kinds by the starter set's detector, else by its classifier."""

    def __init__(self, detector: Detector, classifier: Classifier) -> None:
        self._detector = detector
        self._classifier = classifier

    def of(self, rgb: RGB, boxes: Sequence[Sequence[float]]) -> list[Category | None]:
        """Return the kind of what each box of a picture holds; None where it is not sure.

        `rgb` is uint8 H×W×3, boxes are x0, y0, x1, y1 in its pixels. A product is anything that is
        neither person nor animal.
        """
        things = [thing for thing in self._detector.detect(rgb) if thing.score >= _THERE]
        return [self._kind(rgb, box, things) for box in boxes]

    def _kind(
        self, rgb: RGB, box: Sequence[float], things: Sequence[DetectedObject]
    ) -> Category | None:
        here = np.array([thing.box for thing in things], float).reshape(-1, 4)
        overlap = iou(np.array([box], float), here)[0]
        if len(overlap) and overlap.max() >= _SAME:
            label = things[int(overlap.argmax())].label
            return "person" if label == "person" else "animal" if label in _ANIMALS else "product"
        shares = self._classifier.shares(rgb, box)
        beasts = float(shares[:_BEASTS].sum())
        if max(beasts, float(shares[_BEASTS:].max())) < _TOLD:
            return None
        return "animal" if beasts > 0.5 else "product"
