"""A detector that takes any words, made a grounder.

Such detectors find what a noun names, but place a whole referring phrase first only about half of
the time, while the right one is almost always among their first five. So the detector is asked
for the nouns, `ranking` decides by the phrase's places, colours and relations, and the detector's
own opinion of the whole phrase is one more cue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.grounders.description import Description
from models.grounders.phrases import parse
from models.grounders.ranking import Thing, rank
from models.protocols import RGB, Detection, Encoded, Findings, Logits, Mask, content_size

_FEWEST = 0.15  # a score, after `even`, below which a box is not worth listing
_MOST = 24  # boxes kept of one noun
_SAME = 0.6  # IoU from which two boxes of one noun are one thing
_DOUBT = 0.3  # what a thing's score loses at most where the whole phrase is found elsewhere


@dataclass(frozen=True, eq=False)
class Answer:
    """What a detector answers to one text, in no order."""

    corners: NDArray[np.float32]  # N×4: x0, y0, x1, y1 in pixels of the picture, inside it
    scores: NDArray[np.float32]  # N, 0..1, on the detector's own scale
    logits: NDArray[np.float32] | None = None  # N×S×S, as in `Candidates.logits`


class Detector(Protocol):
    """A network that finds what a text names."""

    name: str
    sure: float  # the score from which its authors take a box for a find

    def detect(self, rgb: RGB, texts: Sequence[str]) -> list[Answer]:
        """All boxes for each text; uint8 H×W×3, lower-case words without punctuation."""


class OpenVocabulary:
    """A detector's finds, ranked by what the phrase says."""

    def __init__(self, detector: Detector) -> None:
        self.name = detector.name
        self.detector = detector

    def search(self, rgb: RGB, phrase: str, *, encoded: Encoded | None = None) -> Findings:
        """Everything that fits the phrase, best first; uint8 H×W×3.

        `encoded` gives the masks on which colours are measured, where the detector has none.
        Raises `PhraseError` for a phrase that says nothing. Every noun can be looked for.
        """
        description = parse(phrase)
        nouns = list(dict.fromkeys(said.noun for said in description.involved()))
        texts = [plain("object" if noun == "thing" else noun) for noun in nouns]
        *found, whole = self.detector.detect(rgb, [*texts, plain(description.text)])
        things = [
            thing
            for noun, answer in zip(nouns, found, strict=True)
            for thing in _things(noun, answer, self.detector.sure, rgb.shape[:2])
        ]
        surest = max((it.score for it in things if it.label == description.noun), default=0.0)
        if surest < 0.5:
            return Findings((), self._absent(description, surest))
        if encoded is not None:
            things = [_masked(thing, encoded) for thing in things]
        return rank(description, rgb, list(_weighed(things, description.noun, whole)))

    def find(self, rgb: RGB, phrase: str) -> list[Detection]:
        """The hits of `search`, as a list: [] when it is not there."""
        return list(self.search(rgb, phrase).hits)

    def _absent(self, description: Description, surest: float) -> str:
        seen = f"{self.name} sees no {description.noun} here"
        if surest:
            seen += f"; its best guess scores {surest:.2f}, and 0.50 is needed"
        return " ".join((*description.notes, f"{seen}."))


def plain(text: str) -> str:
    """The words alone, in lower case, as these detectors were trained to read them."""
    kept = "".join(letter if letter.isalnum() or letter in "'-" else " " for letter in text.lower())
    return " ".join(kept.split())


def even(scores: NDArray[np.float32], sure: float) -> NDArray[np.float32]:
    """Scores shifted in log-odds so that `sure` becomes 0.5.

    Detectors differ in what their scores mean; after this the same bound serves all of them.
    """
    likely = scores * (1 - sure)
    unlikely = (1 - scores) * sure
    result: NDArray[np.float32] = (likely / np.maximum(likely + unlikely, 1e-9)).astype(np.float32)
    return result


def distinct(answer: Answer) -> list[int]:
    """Indices of the boxes that are things of their own, surest first: the others cover them."""
    kept: list[int] = []
    for index in np.argsort(-answer.scores, kind="stable"):
        if len(kept) == _MOST:
            break
        if not kept or overlap(answer.corners[index], answer.corners[kept]).max() < _SAME:
            kept.append(int(index))
    return kept


def overlap(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box with N others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    area = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(1)
    result: NDArray[np.float32] = shared / np.maximum(area - shared, 1e-9)
    return result


def _things(noun: str, answer: Answer, sure: float, size: tuple[int, int]) -> Iterator[Thing]:
    scores = even(answer.scores, sure)
    for index in distinct(answer):
        if scores[index] < _FEWEST:
            return
        x0, y0, x1, y1 = (float(side) for side in answer.corners[index])
        if x1 - x0 < 1 or y1 - y0 < 1:
            continue
        logits = None if answer.logits is None else answer.logits[index]
        mask = None if logits is None else _content(logits, size)
        yield Thing((x0, y0, x1, y1), noun, float(scores[index]), mask, logits)


def _content(logits: Logits, size: tuple[int, int]) -> Mask:
    height, width = content_size(size, logits.shape[0])
    return logits[:height, :width] > 0


def _masked(thing: Thing, encoded: Encoded) -> Thing:
    """The thing with a mask for its colours, if it has none; what is cut out is decided later."""
    if thing.mask is not None:
        return thing
    candidates = encoded.segmenter.decode(encoded.embedding, box=thing.box)
    best = candidates.logits[int(candidates.scores.argmax())]
    return replace(thing, mask=_content(best, candidates.size))


def _weighed(things: Sequence[Thing], noun: str, whole: Answer) -> Iterator[Thing]:
    """The things; those with the head noun lose score where the whole phrase is found elsewhere."""
    fits = [_fit(thing, whole) if thing.label == noun else 0.0 for thing in things]
    best = max(fits)
    for thing, fit in zip(things, fits, strict=True):
        if best and thing.label == noun:
            thing = replace(thing, score=thing.score * (1 - _DOUBT * (1 - fit / best)))
        yield thing


def _fit(thing: Thing, whole: Answer) -> float:
    """The score of the whole phrase at that thing."""
    if not len(whole.scores):
        return 0.0
    same = overlap(np.array(thing.box, np.float32), whole.corners) >= _SAME
    return float(whole.scores[same].max(initial=0.0))
