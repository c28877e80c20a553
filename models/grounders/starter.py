"""The grounder of the starter set: a detector of COCO's things and a namer of ImageNet's, offline.

What the detector knows it finds; what only the classifier knows is looked for among regions that
the segmenter proposes. Which of the things found a phrase means is for `ranking` to say.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.grounders.attire import clothes, dress, figures
from models.grounders.boxes import iou
from models.grounders.classifier import Classifier
from models.grounders.description import Description
from models.grounders.detector import Detector
from models.grounders.outlines import Outline, Sides, outline_of
from models.grounders.phrases import known, parse
from models.grounders.ranking import Thing, rank
from models.grounders.regions import regions
from models.protocols import RGB, Detection, Encoded, Findings, Segmenter

_PICTURES = 4  # searched lately, and remembered
_THERE = 0.3  # a detector's score from which a thing counts as there
_SURE, _AGAIN = 0.5, 0.2  # ... and where a sure one is there, from which there is another one
_RIVAL = 0.7  # IoU with a thing of another label from which the two are one thing
_NAMED = 0.2  # the classifier's likelihood from which a region is what it is named
_GREY = 127  # what is painted over a region's surroundings
_REGIONS = 24  # the surest are named, no more
_PART = 0.85  # of a mask inside a better one's: a part of that thing, not another thing ...
_DOUBT = 0.5  # ... unless its score is at least so much of that one's


@dataclass(eq=False)
class _Look:
    """What is known of one picture so far."""

    rgb: RGB
    things: tuple[Thing, ...]  # the detector's
    encoded: Encoded | None = None
    outlines: dict[Sides, Outline] = field(default_factory=dict)
    shares: dict[Sides, NDArray[np.float64]] = field(default_factory=dict)
    regions: list[tuple[Outline, Sides]] | None = None


class Starter:
    """Finds what a phrase names with the starter set's networks; see `Grounder`."""

    def __init__(
        self, detector: Detector, classifier: Classifier, segmenter: Callable[[], Segmenter]
    ) -> None:
        self.name = "starter"
        self._detector = detector
        self._classifier = classifier
        self._segmenter = segmenter
        self._looks: OrderedDict[bytes, _Look] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, rgb: RGB, phrase: str) -> list[Detection]:
        """The hits of `search`, as a list: [] when it is not there."""
        return list(self.search(rgb, phrase).hits)

    def search(self, rgb: RGB, phrase: str, *, encoded: Encoded | None = None) -> Findings:
        """Everything that fits the phrase; uint8 H×W×3.

        A picture's things are remembered, so that another phrase for it takes a fraction of the
        time. Raises `PhraseError` for a phrase that says nothing or holds a noun it does not know.
        """
        description = known(parse(phrase))
        with self._lock:
            look = self._look(rgb)
            look.encoded = encoded or look.encoded
            things = self._things(look, description)
        return rank(description, rgb, things)

    def _look(self, rgb: RGB) -> _Look:
        digest = hashlib.blake2b(np.ascontiguousarray(rgb).data, digest_size=16)
        digest.update(repr(rgb.shape).encode())
        key = digest.digest()
        if key not in self._looks:
            self._looks[key] = _Look(rgb, self._detector.detect(rgb))
        self._looks.move_to_end(key)
        while len(self._looks) > _PICTURES:
            self._looks.popitem(last=False)
        return self._looks[key]

    def _things(self, look: _Look, description: Description) -> list[Thing]:
        things = unrivalled(there(look.things))
        for one in description.involved():
            if one.finer and not one.classes:
                things += self._named(look, one.finer)
            elif one.finer:
                things = [self._renamed(look, thing, one) for thing in things]
        seen = without_parts(
            self._outlined(look, thing) if thing.label in description.names else thing
            for thing in things
        )
        worn = [one.name for one in description.worn]
        if not (description.sex or worn) or sum(one.label == "person" for one in seen) < 2:
            return seen
        return [self._dressed(look, one, worn) if one.label == "person" else one for one in seen]

    def _named(self, look: _Look, names: tuple[str, ...]) -> list[Thing]:
        """Regions, and boxes whatever the detector took them for, that the classifier so names."""
        if look.regions is None:
            found = [(one, one.box) for one in regions(self._encoded(look))[:_REGIONS]]
            look.regions = [(one, box) for one, box in found if box is not None]
            look.outlines.update({box: one for one, box in look.regions})
        boxes = [box for _, box in look.regions] + [thing.box for thing in look.things[:6]]
        named: list[Thing] = []
        for box in boxes:
            shares = self._shares(look, box)
            score = self._classifier.of(shares, names)
            if score >= _NAMED:
                label = max(names, key=lambda name: self._classifier.of(shares, (name,)))
                named.append(Thing(box, label, math.sqrt(score * self._alone(look, box, names))))
        return distinct(thing for thing in named if thing.score >= _NAMED)

    def _alone(self, look: _Look, box: Sides, names: tuple[str, ...]) -> float:
        """How likely a region is so named with all that is around it painted over.

        A crop shows more than the region, and the classifier may name that.
        """
        outline = look.outlines.get(box) or outline_of(self._encoded(look), box)
        height, width = look.rgb.shape[:2]
        mask = cv2.resize(
            outline.mask.view(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST
        )
        covered = np.where(mask[..., None], look.rgb, np.uint8(_GREY))
        return self._classifier.of(self._classifier.shares(covered, box), names)

    def _renamed(self, look: _Look, thing: Thing, one: Description) -> Thing:
        """A thing of a broader kind under its finer name, if the classifier bears that out."""
        if thing.label not in one.classes:
            return thing
        shares = self._shares(look, thing.box)
        score = self._classifier.of(shares, one.finer)
        if score >= _NAMED:
            label = max(one.finer, key=lambda name: self._classifier.of(shares, (name,)))
            return replace(thing, label=label)
        return replace(thing, score=thing.score / 2)

    def _dressed(self, look: _Look, person: Thing, worn: Sequence[str]) -> Thing:
        """The person with what clothes tell."""
        looks = [self._shares(look, figure) for figure in figures(person.box)]
        return replace(
            person,
            dress=dress(self._classifier, looks),
            wears=clothes(self._classifier, looks, worn),
        )

    def _shares(self, look: _Look, box: Sides) -> NDArray[np.float64]:
        if box not in look.shares:
            look.shares[box] = self._classifier.shares(look.rgb, box)
        return look.shares[box]

    def _outlined(self, look: _Look, thing: Thing) -> Thing:
        """The thing with its mask."""
        if thing.box not in look.outlines:
            look.outlines[thing.box] = outline_of(self._encoded(look), thing.box)
        outline = look.outlines[thing.box]
        return replace(thing, mask=outline.mask, logits=outline.logits)

    def _encoded(self, look: _Look) -> Encoded:
        if look.encoded is None:
            segmenter = self._segmenter()
            look.encoded = Encoded(segmenter, segmenter.encode(look.rgb))
        return look.encoded


def there(things: Iterable[Thing]) -> list[Thing]:
    """Things that count as there: what comes in numbers is believed with less of a score."""
    every = list(things)
    sure = {thing.label for thing in every if thing.score >= _SURE}
    return [one for one in every if one.score >= (_AGAIN if one.label in sure else _THERE)]


def unrivalled(things: Iterable[Thing]) -> list[Thing]:
    """Things without those that a much surer thing of another label stands in the place of."""
    every = list(things)
    boxes = np.array([thing.box for thing in every], float).reshape(-1, 4)
    overlap = iou(boxes, boxes)
    return [
        thing
        for thing, row in zip(every, overlap, strict=True)
        if not any(
            same > _RIVAL and other.label != thing.label and other.score > 2 * thing.score
            for other, same in zip(every, row, strict=True)
        )
    ]


def distinct(things: Iterable[Thing]) -> list[Thing]:
    """Things of one kind, best first, without those that overlap much with a better one."""
    kept: list[Thing] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        boxes = np.array([other.box for other in kept], float).reshape(-1, 4)
        if not (iou(np.array([thing.box], float), boxes) > 0.5).any():
            kept.append(thing)
    return kept


def without_parts(things: Iterable[Thing]) -> list[Thing]:
    """Things without those whose mask lies in that of a better one of the same label."""
    kept: list[Thing] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        if thing.mask is None or not any(
            other.mask is not None
            and other.label == thing.label
            and thing.score < _DOUBT * other.score
            and (other.mask & thing.mask).sum() > _PART * thing.mask.sum()
            for other in kept
        ):
            kept.append(thing)
    return kept
