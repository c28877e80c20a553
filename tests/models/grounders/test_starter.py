"""The starter grounder with its real weights on real photos, and its own small functions."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pickmatte import models
from pickmatte.models import weights
from pickmatte.models.errors import MissingExtra, PhraseError, UnknownModel
from pickmatte.models.grounders.detectors.imagenet_classifier import Classifier
from pickmatte.models.grounders.ranking.clothing import (
    CLOTHES,
    MENS,
    WOMENS,
    clothes,
    dress,
    figures,
)
from pickmatte.models.grounders.ranking.detected_objects import DetectedObject
from pickmatte.models.grounders.ranking.suppression import (
    confident,
    distinct,
    in_doubt,
    suppress_rivals,
    without_parts,
)
from pickmatte.models.grounders.region_masks import mask_in_box, region_masks
from pickmatte.models.grounders.regions import grid, regions
from pickmatte.models.protocols import EncodedPicture, Grounder, Segmenter
from pickmatte.models.weights import catalogue


@pytest.fixture(scope="module")
def grounder() -> Grounder:
    return models.load_grounder("starter")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    found = weights.files("starter")
    return Classifier(found["efficientnet_lite3.tflite"], found["efficientnet_labels.txt"])


@pytest.fixture(scope="module")
def astronaut() -> NDArray[np.uint8]:
    return data.astronaut()  # type: ignore[no-any-return]


def square(x: float, side: float = 10) -> tuple[float, float, float, float]:
    return (x, 0.0, x + side, side)


def test_auto_is_the_starter_and_is_kept(grounder: Grounder) -> None:
    assert models.choose_grounder("auto") == "starter"
    assert models.load_grounder() is grounder
    with pytest.raises(UnknownModel, match="no grounder model named 'nano'"):
        models.load_grounder("nano")


def test_without_litert_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = weights.files("starter")
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(MissingExtra, match=r"pip install 'pickmatte\[starter\]'"):
        Classifier(found["efficientnet_lite3.tflite"], found["efficientnet_labels.txt"])
    assert "starter" in catalogue.EXTRAS


def test_what_is_there_is_found_and_what_is_not_is_refused(
    grounder: Grounder, chelsea: NDArray[np.uint8]
) -> None:
    (cat,) = grounder.find(chelsea, "the cat")
    assert (cat.label, cat.requested, cat.score > 0.8) == ("cat", True, True)
    assert cat.box[0] < 150 < cat.box[2]
    assert cat.why
    missing = grounder.search(chelsea, "the dog")
    assert missing.hits == ()
    assert "cat" in missing.note  # what is there instead
    with pytest.raises(PhraseError, match="snorf"):
        grounder.search(chelsea, "the snorf")


def test_who_cannot_be_told_from_another_person_is_listed_and_not_meant(
    grounder: Grounder, astronaut: NDArray[np.uint8]
) -> None:
    """The same woman twice: nothing can tell which of them "the man" would be."""
    pair = np.ascontiguousarray(np.hstack([astronaut, astronaut[:, ::-1]]))
    for phrase in ("the woman on the left", "the man on the left"):
        found = grounder.search(pair, phrase)
        assert [hit.label for hit in found.hits] == ["person", "person"]
        assert not any(hit.requested for hit in found.hits)
        assert found.hits[0].box[2] < 512  # the best guess is first
        assert found.note == "Women and men cannot be told apart here; pick the one you mean."
    assert grounder.find(pair, "the person on the left")[0].requested
    alone = grounder.search(astronaut, "the woman")
    assert alone.hits[0].requested
    assert "only person" in alone.note


def test_a_finer_name_is_borne_out_by_the_classifier(
    grounder: Grounder, coffee: NDArray[np.uint8]
) -> None:
    found = grounder.find(coffee, "the espresso")
    assert found[0].box[0] < 130 < found[0].box[2]
    assert grounder.find(coffee, "the teapot") == []


def test_what_only_the_classifier_knows_is_found_among_regions(
    grounder: Grounder, astronaut: NDArray[np.uint8], segmenter: Segmenter
) -> None:
    encoded = EncodedPicture(segmenter, segmenter.encode(astronaut))
    shuttle = grounder.search(astronaut, "the space shuttle", encoded=encoded).hits[0]
    assert shuttle.label == "space shuttle"
    assert shuttle.box[0] > 250  # it stands behind her on the right
    helmet = grounder.search(astronaut, "the helmet", encoded=encoded).hits[0]
    assert helmet.box[1] > 250  # in her lap
    assert helmet.logits is not None  # the region itself
    assert helmet.logits.shape == (256, 256)


def test_regions_are_distinct_and_lie_in_the_picture(
    astronaut: NDArray[np.uint8], segmenter: Segmenter
) -> None:
    found = regions(EncodedPicture(segmenter, segmenter.encode(astronaut)))
    assert len(found) > 3
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for n, one in enumerate(found):
        for other in found[:n]:
            assert (one.mask & other.mask).sum() < 0.9 * (one.mask | other.mask).sum()


def test_the_grid_spreads_over_pictures_of_any_shape() -> None:
    for size in ((480, 640), (100, 2000), (2000, 100), (1, 1)):
        points = grid(size)
        assert 12 <= len(points) <= 60
        assert all(0 < x < 1 and 0 < y < 1 for x, y in points)
        assert len(set(points)) == len(points)


def test_an_outline_fills_its_box(chelsea: NDArray[np.uint8], segmenter: Segmenter) -> None:
    encoded = EncodedPicture(segmenter, segmenter.encode(chelsea))
    outline = mask_in_box(encoded, (20, 0, 275, 200))
    assert outline.mask.shape == (171, 256)
    assert outline.mask[85, 128]
    assert outline.within((0, 0, 300, 200)).shape == (200, 300)
    assert (
        outline.within((140, 90, 160, 110)) == outline.within((0, 0, 300, 200))[90:110, 140:160]
    ).all()
    assert outline.box is not None
    assert abs(outline.box[2] - 275) < 30
    nothing = region_masks(segmenter.decode(encoded.embedding, [[150, 100]], [1]))[0]
    nothing.logits[:] = -1
    assert nothing.box is None


def test_the_classifier_names_what_a_box_holds(
    classifier: Classifier, coffee: NDArray[np.uint8]
) -> None:
    shares = classifier.shares(coffee, (85, 5, 205, 120))
    assert shares.sum() == pytest.approx(1, abs=0.35)  # whole 256ths: small shares are lost
    assert classifier.of(shares, ("espresso", "cup")) > 0.5
    assert classifier.of(shares, ()) == 0
    assert classifier.shares(coffee, (300, 198, 301, 199)).shape == (1000,)


def test_clothes_are_a_hint_within_bounds(
    classifier: Classifier, astronaut: NDArray[np.uint8]
) -> None:
    person = (10.0, 10.0, 370.0, 510.0)
    assert figures(person) == [person, (10, 10, 370, 370)]
    assert figures((0, 0, 20, 10)) == [(0, 0, 20, 10)]
    looks = [classifier.shares(astronaut, figure) for figure in figures(person)]
    assert -1 <= dress(classifier, looks) <= 1
    worn = clothes(classifier, looks, ("military uniform", "kimono", "wristband"))
    assert set(worn) == {"military uniform", "kimono"}  # of wristbands ImageNet knows nothing
    assert all(0 <= share <= 1 for share in worn.values())
    names = {name for labels in CLOTHES.values() for name in labels}
    assert names | set(WOMENS) | set(MENS) <= set(classifier.names)


def test_another_one_counts_sooner_than_the_first() -> None:
    dog, cat = DetectedObject(square(0), "dog", 0.25), DetectedObject(square(20), "cat", 0.25)
    sure = DetectedObject(square(40), "dog", 0.8)
    assert confident([dog, cat]) == []
    assert confident([dog, cat, sure]) == [dog, sure]


def test_a_much_surer_rival_takes_the_place() -> None:
    cat, dog, bed = (
        DetectedObject(square(0), "cat", 0.9),
        DetectedObject(square(0.5), "dog", 0.3),
        DetectedObject(square(0, 40), "bed", 0.9),
    )
    assert suppress_rivals([cat, dog, bed]) == [cat, bed]
    assert suppress_rivals([dog]) == [dog]
    assert suppress_rivals([]) == []


def test_overlapping_regions_of_one_name_are_one() -> None:
    first, second, third = (DetectedObject(square(x), "teapot", 0.5 - x / 100) for x in (0, 2, 9))
    assert distinct([third, second, first]) == [first, third]


def test_a_doubtful_part_goes_and_a_sure_one_stays() -> None:
    mask, part = np.zeros((20, 20), bool), np.zeros((20, 20), bool)
    mask[:10], part[:4, :4] = True, True
    whole = DetectedObject(square(0), "elephant", 0.9, mask)
    calf, leg = (
        DetectedObject(square(1), "elephant", 0.6, part),
        DetectedObject(square(1), "elephant", 0.3, part),
    )
    assert without_parts([leg, whole, calf]) == [whole, calf]


def test_doubt_is_raised_by_boxes() -> None:
    whole, apart = (
        DetectedObject(square(0, 40), "dog", 0.9),
        DetectedObject(square(100), "dog", 0.8),
    )
    part, cat = DetectedObject(square(5), "dog", 0.3), DetectedObject(square(5), "cat", 0.25)
    assert in_doubt([whole, apart, part, cat]) == [whole, part]
    assert in_doubt([whole, apart]) == in_doubt([]) == []
