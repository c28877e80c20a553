"""Make a grounder of a detector that takes any words.

Such detectors find what a noun names, but put the right object first for only about half of the
whole phrases, while it is almost always among their first five. So the detector is asked for the
nouns, `ranking` decides by the phrase's places, colours and relations, and the detector's own score
for the whole phrase is one more cue.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pickmatte.models import weights
from pickmatte.models.geometry.boxes import Boxes, iou
from pickmatte.models.protocols import RGB, Detection, EncodedPicture, Findings
from pickmatte.models.runtime.pytorch import import_torch
from pickmatte.models.weights.records import Model

from .english.description import Description
from .english.phrases import parse
from .ranking.detected_objects import DetectedObject
from .ranking.rank import rank
from .region_masks import RegionMask, mask_in_box

_LEAST = 0.3  # a score, after `even`, from which a box counts as there, if a surer one does
_MOST = 24  # boxes of one noun
_SAME = 0.6  # IoU from which two boxes of one noun are one thing
_SUREST = 0.95  # above, a score says no more
_DOUBT = 1.5  # log-odds that a thing loses at most where the whole phrase is found elsewhere


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer of a detector to one text: boxes in no order, with scores."""

    corners: Boxes  # in pixels of the picture, inside it
    scores: NDArray[np.float32]  # N, 0..1, on the detector's own scale
    logits: NDArray[np.float32] | None = None  # N×h×w over exactly the picture


class Detector(Protocol):
    """A network that detects what a text names; it is called by one thread at a time."""

    name: str
    sure: float  # the score from which its authors take a box for a find

    def detect(self, rgb: RGB, texts: Sequence[str]) -> list[Answer]:
        """All boxes for each text; uint8 H×W×3, lower-case words without punctuation."""


class OpenVocabulary:
    """A grounder that ranks a detector's boxes by the phrase. Safe to call from several threads."""

    def __init__(self, detector: Detector) -> None:
        self.name = detector.name
        self.detector = detector
        self._lock = threading.Lock()  # memory for one picture; tokenizers are not to be shared

    def search(self, rgb: RGB, phrase: str, *, encoded: EncodedPicture | None = None) -> Findings:
        """Return everything that fits the phrase, best first.

        `rgb` is uint8 H×W×3; every noun can be looked for. `encoded` gives masks, on which colours
        are measured, where the detector has none. Raises `PhraseError` for a phrase that says
        nothing.
        """
        description = parse(phrase)
        nouns = list(dict.fromkeys(said.noun for said in description.involved()))
        texts = [plain("object" if noun == "thing" else noun) for noun in nouns]
        with self._lock:
            *found, whole = self.detector.detect(rgb, [*texts, plain(description.text)])
        things = [
            thing
            for noun, answer in zip(nouns, found, strict=True)
            for thing in _things(noun, answer, self.detector.sure, rgb.shape[:2])
        ]
        requested = [it for it in things if description.anything or it.label == description.noun]
        surest = max((thing.score for thing in requested), default=0.0)
        if surest < 0.5:
            return Findings((), self._absent(description, surest))
        others = [thing for thing in things if thing not in requested]
        description, unwanted = _settled(description)
        requested = _apart(
            requested, [it for it in things if it.label in unwanted and it.score >= 0.5]
        )
        if encoded is not None:
            requested = [_outlined(thing, encoded) for thing in requested]
        return rank(description, rgb, [*_weighed(requested, whole), *others])

    def find(self, rgb: RGB, phrase: str) -> list[Detection]:
        """Return the hits of `search` as a list; it is empty where the object is not there."""
        return list(self.search(rgb, phrase).hits)

    def _absent(self, description: Description, surest: float) -> str:
        seen = f"{self.name} sees no {description.said} here"
        if surest:
            seen += f"; its best guess scores {surest:.2f}, and 0.50 is needed"
        return "; ".join((*description.notes, f"{seen}."))


def detector_files(model: Model, device: str) -> Path:
    """The folder with a detector's files, fetched if need be.

    Raises `MissingExtra` or `DeviceError` before that, or `WeightsError`.
    """
    import_torch(model.name, device)
    return weights.files(model)["config.json"].parent


def plain(text: str) -> str:
    """Return the words alone, in lower case, as these detectors were trained to read them."""
    kept = "".join(letter if letter.isalnum() or letter in "'-" else " " for letter in text.lower())
    return " ".join(kept.split())


def even(scores: NDArray[np.float32], sure: float) -> NDArray[np.float32]:
    """Return scores shifted in log-odds so that `sure` becomes 0.5.

    Detectors differ in what their scores mean; after this one threshold serves all of them.
    """
    likely = scores * (1 - sure)
    unlikely = (1 - scores) * sure
    result: NDArray[np.float32] = (likely / np.maximum(likely + unlikely, 1e-9)).astype(np.float32)
    return result


def distinct(answer: Answer) -> list[int]:
    """Return the indices of boxes that show objects of their own, surest first."""
    kept: list[int] = []
    for index in np.argsort(-answer.scores, kind="stable"):
        box = answer.corners[index : index + 1]
        if not (iou(box, answer.corners[kept]) > _SAME).any():
            kept.append(int(index))
        if len(kept) == _MOST:
            break
    return kept


def _things(
    noun: str, answer: Answer, sure: float, size: tuple[int, int]
) -> Iterator[DetectedObject]:
    scores = even(answer.scores, sure)
    for index in distinct(answer):
        if scores[index] < _LEAST:
            return
        x0, y0, x1, y1 = (float(side) for side in answer.corners[index])
        if x1 - x0 < 1 or y1 - y0 < 1:
            continue
        logits = None if answer.logits is None else answer.logits[index]
        mask = None if logits is None else RegionMask(logits, size, 0.0).mask
        yield DetectedObject((x0, y0, x1, y1), noun, float(scores[index]), mask, logits)


def _outlined(thing: DetectedObject, encoded: EncodedPicture) -> DetectedObject:
    """Return the object with a mask, made by the segmenter if it has none."""
    if thing.mask is not None:
        return thing
    outline = mask_in_box(encoded, thing.box)
    return replace(thing, mask=outline.mask)


def _settled(description: Description) -> tuple[Description, list[str]]:
    """Return the description without the exclusions that a noun alone tells, and those nouns.

    The detector tells such nouns apart ("everyone but the man"); exclusions that need more ("but
    not the man in red") are left to `ranking`.
    """
    out = [it for it in description.without if it.noun != description.noun and not it.tells]
    rest = tuple(it for it in description.without if it not in out)
    return replace(description, without=rest), [it.noun for it in out]


def _apart(
    requested: Sequence[DetectedObject], others: Sequence[DetectedObject]
) -> list[DetectedObject]:
    """Return those of the first objects that are none of the others."""
    boxes = np.array([it.box for it in requested], float)
    unwanted = np.array([it.box for it in others], float).reshape(-1, 4)
    same = iou(boxes, unwanted) >= _SAME
    return [thing for thing, row in zip(requested, same, strict=True) if not row.any()]


def _weighed(things: Sequence[DetectedObject], whole: Answer) -> Iterator[DetectedObject]:
    """Yield the objects with less score the more the whole phrase is found elsewhere."""
    boxes = np.array([thing.box for thing in things], float).reshape(-1, 4)
    same = iou(boxes, whole.corners) >= _SAME
    fits = [float(whole.scores[row].max(initial=0.0)) for row in same]
    best = max(fits, default=0.0)
    for thing, fit in zip(things, fits, strict=True):
        score = min(thing.score, _SUREST)
        odds = score / (1 - score) * math.exp(_DOUBT * (fit / best - 1) if best else 0.0)
        yield replace(thing, score=odds / (1 + odds))
