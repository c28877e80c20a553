from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import pytest
from loopback import Loopback

from pickmatte import models
from pickmatte.models.errors import MissingExtra, PhraseError
from pickmatte.models.grounders.open_vocabulary import Answer, OpenVocabulary, distinct, even, plain
from pickmatte.models.protocols import Candidates, Embedding, EncodedPicture
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Grid

LEFT, RIGHT = (10, 60, 90, 140), (200, 60, 280, 140)
PICTURE = np.full((200, 300, 3), 128, np.uint8)


def answer(*found: tuple[tuple[int, int, int, int], float]) -> Answer:
    corners = np.array([box for box, _ in found], float).reshape(-1, 4)
    return Answer(corners, np.array([score for _, score in found], np.float32))


class Told:
    """A detector that was told what is where."""

    name, sure = "told", 0.4

    def __init__(self, **where: Answer) -> None:
        self.where = {text.replace("_", " "): found for text, found in where.items()}
        self.asked: list[str] = []

    def detect(self, rgb: np.ndarray, texts: Sequence[str]) -> list[Answer]:
        self.asked += texts
        return [self.where.get(text, answer()) for text in texts]


class Boxed:
    """A segmenter whose only mask is the box."""

    name, grid, device = "boxed", Grid(), "cpu"

    def encode(self, rgb: np.ndarray) -> Embedding:
        return Embedding((np.zeros(1, np.float32),), rgb.shape[:2])

    def decode(
        self,
        embedding: Embedding,
        points: Sequence[Sequence[float]] = (),
        labels: Sequence[int] = (),
        *,
        box: Sequence[float] | None = None,
        mask: np.ndarray | None = None,
    ) -> Candidates:
        assert box is not None
        scale = 256 / max(embedding.size)
        x0, y0, x1, y1 = (round(side * scale) for side in box)
        logits = np.full((1, 256, 256), -8, np.float32)
        logits[0, y0:y1, x0:x1] = 8
        return Candidates(logits, np.ones(1, np.float32), embedding.size)


def test_texts_are_as_the_detectors_read_them() -> None:
    assert plain("The Woman, in the RED coat!  ") == "the woman in the red coat"
    assert plain("a T-shirt. the dog's ball?") == "a t-shirt the dog's ball"


def test_every_detectors_scores_mean_the_same() -> None:
    scores = np.array([0, 0.1, 0.35, 0.9, 1], np.float32)
    for sure in (0.1, 0.35, 0.5):
        evened = even(scores, sure)
        assert even(np.float32([sure]), sure)[0] == pytest.approx(0.5)
        assert (np.diff(evened) > 0).all()
        assert evened[0] == 0
        assert evened[-1] == 1


def test_boxes_of_one_thing_are_one() -> None:
    found = answer((LEFT, 0.5), ((12, 60, 92, 141), 0.7), (RIGHT, 0.6), ((0, 0, 300, 200), 0.2))
    assert distinct(found) == [1, 2, 3]
    assert distinct(answer()) == []


def test_places_are_ours_to_judge() -> None:
    grounder = OpenVocabulary(Told(dog=answer((RIGHT, 0.9), (LEFT, 0.6))))
    assert grounder.find(PICTURE, "the dog on the left")[0].box == LEFT
    assert grounder.find(PICTURE, "the dog on the right")[0].box == RIGHT


def test_the_other_thing_of_a_relation_is_looked_for() -> None:
    umbrella = answer(((200, 20, 290, 70), 0.8))
    told = Told(woman=answer((LEFT, 0.9), (RIGHT, 0.7)), umbrella=umbrella)
    findings = OpenVocabulary(told).search(PICTURE, "the woman with the umbrella")
    assert told.asked[:2] == ["woman", "umbrella"]
    assert findings.hits[0].box == RIGHT


def test_the_whole_phrase_is_one_more_cue() -> None:
    dogs = answer((LEFT, 0.7), (RIGHT, 0.7))
    for requested in (LEFT, RIGHT):
        told = Told(dog=dogs, the_sleepy_dog=answer((requested, 0.3)))
        assert OpenVocabulary(told).find(PICTURE, "the sleepy dog")[0].box == requested


def test_words_of_no_lexicon_can_be_looked_for() -> None:
    told = Told(zorbulator=answer((LEFT, 0.8)))
    assert OpenVocabulary(told).find(PICTURE, "the zorbulator")[0].box == LEFT


def test_everything_but_one() -> None:
    told = Told(object=answer((LEFT, 0.8), (RIGHT, 0.7)), car=answer((RIGHT, 0.9)))
    hits = OpenVocabulary(told).find(PICTURE, "everything but the car")
    assert told.asked[:2] == ["object", "car"]
    assert [hit.box for hit in hits if hit.requested] == [LEFT]


def test_everyone_but_one() -> None:
    told = Told(person=answer((LEFT, 0.9), (RIGHT, 0.9)), man=answer((LEFT, 0.7)))
    hits = OpenVocabulary(told).find(PICTURE, "everyone but the man")
    assert [hit.box for hit in hits if hit.requested] == [RIGHT]


def test_what_is_not_there_is_said() -> None:
    findings = OpenVocabulary(Told(dog=answer((LEFT, 0.3)))).search(PICTURE, "the dog")
    assert findings.hits == ()
    assert "told sees no dog here" in findings.note
    assert "0.39, and 0.50 is needed" in findings.note
    assert "told sees no dog here." in OpenVocabulary(Told()).search(PICTURE, "the dog").note


def test_colours_are_measured_on_the_segmenters_masks() -> None:
    picture = PICTURE.copy()
    picture[60:140, 200:280] = (200, 20, 20)
    encoded = EncodedPicture(Boxed(), Boxed().encode(picture))
    told = Told(car=answer((LEFT, 0.8), (RIGHT, 0.7)))
    findings = OpenVocabulary(told).search(picture, "the red car", encoded=encoded)
    assert findings.hits[0].box == RIGHT


@pytest.mark.parametrize("phrase", ["", "   ", "!?", "the"])
def test_phrases_that_say_nothing(phrase: str) -> None:
    with pytest.raises(PhraseError):
        OpenVocabulary(Told()).search(PICTURE, phrase)


@pytest.mark.parametrize("name", ["grounding-dino-tiny", "owlv2-base", "sam3"])
def test_missing_packages_are_said_before_anything_is_fetched(
    name: str, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=rf"{name} needs .* pip install 'pickmatte\[torch\]'"):
        models.load_grounder(name)
    assert loopback.asked == []


def test_all_but_one_are_on_public_record() -> None:
    listed = [catalogue.find(name) for name in catalogue.names("grounder")]
    detectors = [model for model in listed if model.extra == "torch"]
    assert [model.name for model in detectors if not model.verified] == ["mm-grounding-dino"]
    assert all("model.safetensors" in {file.name for file in it.files} for it in detectors)
