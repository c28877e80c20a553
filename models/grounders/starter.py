"""Ground phrases offline with the starter set: a COCO detector and an ImageNet classifier.

What COCO has a class for is detected; what only ImageNet has a class for is looked for among
regions that the segmenter proposes. `ranking` decides which of the objects found a phrase means.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from pickmatte.models import registry, weights
from pickmatte.models.protocols import RGB, Detection, EncodedPicture, Findings, Logits, Segmenter
from pickmatte.models.weights.records import Model

from .categories import CategoryClassifier
from .detectors.coco_detector import Detector
from .detectors.imagenet_classifier import Classifier
from .english.description import Description
from .english.phrases import known, parse
from .ranking.clothing import clothes, dress, figures
from .ranking.detected_objects import DetectedObject
from .ranking.rank import rank
from .ranking.suppression import confident, distinct, in_doubt, suppress_rivals, without_parts
from .region_masks import RegionMask, Sides, mask_in_box
from .regions import regions

_PICTURES = 4  # the last ones, whose objects are remembered
_NAMED = 0.2  # the classifier's likelihood from which a region counts as what it is named
_GREY = 127  # what is painted over a region's surroundings
_OUTLINES = 8  # the most masks made for one phrase, of the surest objects
_REGIONS = 24  # the most regions that are classified, the surest ones


@dataclass(eq=False)
class _Look:
    """What is known of one picture so far."""

    things: tuple[DetectedObject, ...]  # the detector's
    encoded: EncodedPicture | None = None
    region_masks: dict[Sides, RegionMask] = field(default_factory=dict)
    shares: dict[Sides, NDArray[np.float64]] = field(default_factory=dict)
    regions: list[tuple[RegionMask, Sides]] | None = None


class Starter:
    """Finds what a phrase names with the starter set's networks; it implements `Grounder`."""

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
        """Return the hits of `search` as a list; it is empty where the object is not there."""
        return list(self.search(rgb, phrase).hits)

    def search(self, rgb: RGB, phrase: str, *, encoded: EncodedPicture | None = None) -> Findings:
        """Return everything that fits the phrase, best first.

        `rgb` is uint8 H×W×3. The objects of the last few pictures are remembered, so that another
        phrase for the same picture takes a fraction of the time. Raises `PhraseError` for a phrase
        that says nothing or holds a noun it does not know.
        """
        description = known(parse(phrase))
        with self._lock:
            look = self._look(rgb)
            look.encoded = encoded or look.encoded
            things = self._things(rgb, look, description)
        return rank(description, rgb, things)

    def _look(self, rgb: RGB) -> _Look:
        digest = hashlib.blake2b(np.ascontiguousarray(rgb).data, digest_size=16)
        digest.update(repr(rgb.shape).encode())
        key = digest.digest()
        if key not in self._looks:
            self._looks[key] = _Look(self._detector.detect(rgb))
        self._looks.move_to_end(key)
        while len(self._looks) > _PICTURES:
            self._looks.popitem(last=False)
        return self._looks[key]

    def _things(self, rgb: RGB, look: _Look, description: Description) -> list[DetectedObject]:
        things = suppress_rivals(confident(look.things))
        for one in description.involved():
            if one.finer and not one.classes:
                things += self._named(rgb, look, one.finer)
            elif one.finer:
                things = [self._renamed(rgb, look, thing, one) for thing in things]
        wanted = self._worth_outlining(description, things)
        seen = without_parts(
            self._outlined(rgb, look, one) if one in wanted or one.box in look.region_masks else one
            for one in things
        )
        worn = [one.name for one in description.worn]
        if not (description.sex or worn) or sum(one.label == "person" for one in seen) < 2:
            return seen
        return [
            self._dressed(rgb, look, one, worn) if one.label == "person" else one for one in seen
        ]

    def _worth_outlining(
        self, description: Description, things: Sequence[DetectedObject]
    ) -> list[DetectedObject]:
        """Return the objects that need masks: to measure colours on, or to tell which are parts."""
        requested = sorted(
            (thing for thing in things if thing.label in description.names),
            key=lambda thing: -thing.score,
        )
        if not description.colours and not any(worn.colours for worn in description.worn):
            requested = in_doubt(requested)
        return requested[:_OUTLINES]

    def _named(self, rgb: RGB, look: _Look, names: tuple[str, ...]) -> list[DetectedObject]:
        """Return regions and detected boxes that the classifier gives one of the names."""
        if look.regions is None:
            found = [(one, one.box) for one in regions(self._encoded(rgb, look))[:_REGIONS]]
            look.regions = [(one, box) for one, box in found if box is not None]
            look.region_masks.update({box: one for one, box in look.regions})
        places: list[tuple[Sides, Logits | None]] = [(box, one.logits) for one, box in look.regions]
        places += [(thing.box, None) for thing in look.things[:6]]
        named: list[DetectedObject] = []
        for box, logits in places:
            shares = self._shares(rgb, look, box)
            score = self._classifier.of(shares, names)
            if score >= _NAMED:
                label = max(names, key=lambda name: self._classifier.of(shares, (name,)))
                score = (score + self._alone(rgb, look, box, names)) / 2
                named.append(DetectedObject(box, label, score, logits=logits))
        return distinct(named)

    def _alone(self, rgb: RGB, look: _Look, box: Sides, names: tuple[str, ...]) -> float:
        """Return how likely a region has one of the names with its surroundings painted over, 0..1.

        A crop shows more than the region, and the classifier may name that.
        """
        x0, y0, x1, y1 = (round(side) for side in box)
        crop = rgb[y0:y1, x0:x1]
        outline = self._outline(rgb, look, box)
        covered = np.where(outline.within((x0, y0, x1, y1))[..., None], crop, np.uint8(_GREY))
        shares = self._classifier.shares(covered, (0, 0, x1 - x0, y1 - y0))
        return self._classifier.of(shares, names)

    def _renamed(
        self, rgb: RGB, look: _Look, thing: DetectedObject, one: Description
    ) -> DetectedObject:
        """Return an object of a broader class under its finer name, if the classifier agrees."""
        if thing.label not in one.classes:
            return thing
        shares = self._shares(rgb, look, thing.box)
        score = self._classifier.of(shares, one.finer)
        if score >= _NAMED:
            label = max(one.finer, key=lambda name: self._classifier.of(shares, (name,)))
            return replace(thing, label=label)
        return replace(thing, score=thing.score / 2)

    def _dressed(
        self, rgb: RGB, look: _Look, person: DetectedObject, worn: Sequence[str]
    ) -> DetectedObject:
        """Return the person with what its clothes tell."""
        looks = [self._shares(rgb, look, figure) for figure in figures(person.box)]
        return replace(
            person,
            dress=dress(self._classifier, looks),
            wears=clothes(self._classifier, looks, worn),
        )

    def _shares(self, rgb: RGB, look: _Look, box: Sides) -> NDArray[np.float64]:
        if box not in look.shares:
            look.shares[box] = self._classifier.shares(rgb, box)
        return look.shares[box]

    def _outlined(self, rgb: RGB, look: _Look, thing: DetectedObject) -> DetectedObject:
        """Return the object with its mask."""
        outline = self._outline(rgb, look, thing.box)
        return replace(thing, mask=outline.mask)

    def _outline(self, rgb: RGB, look: _Look, box: Sides) -> RegionMask:
        if box not in look.region_masks:
            look.region_masks[box] = mask_in_box(self._encoded(rgb, look), box)
        return look.region_masks[box]

    def _encoded(self, rgb: RGB, look: _Look) -> EncodedPicture:
        if look.encoded is None:
            segmenter = self._segmenter()
            look.encoded = EncodedPicture(segmenter, segmenter.encode(rgb))
        return look.encoded


def load(model: Model, device: str) -> Starter:
    """The grounder of the starter set: its networks run on the CPU, its segmenter on the device.

    Raises `WeightsError` or `MissingExtra`.
    """
    # The starter of a CPU machine and of a GPU's share one pair of networks.
    segmenter: Callable[[], Segmenter] = partial(registry.load, "segmenter", "mobile-sam", device)
    return Starter(*_networks(), segmenter)


@cache
def load_categories() -> CategoryClassifier:
    """What tells person, animal and product, by the same networks; raises as `load`."""
    return CategoryClassifier(*_networks())


@cache
def _networks() -> tuple[Detector, Classifier]:
    found = weights.files("starter")
    detector = Detector(
        found["frozen_inference_graph.pb"], found["ssd_mobilenet_v2_coco_2018_03_29.pbtxt"]
    )
    classifier = Classifier(found["efficientnet_lite3.tflite"], found["efficientnet_labels.txt"])
    return detector, classifier
