"""Other masks of what was found, among the runners-up: on drawn masks, and on a real photo."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.phrases.alternatives import in_front, with_alternatives, without
from pickmatte.interactive.masks.phrases.detections import candidates_of
from pickmatte.interactive.masks.view import View
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Detection, Findings, Segmenter

GREY = np.full((256, 256, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def view(chelsea: NDArray[np.uint8], segmenter: Segmenter) -> View:
    return View(chelsea, "chelsea", segmenter, ByteCache(1 << 26))


def mask_of(x0: int, x1: int) -> Candidate:
    """Columns of a 256×256 picture, from its top to its middle."""
    logits = np.full((256, 256), -5, np.float32)
    logits[:128, x0:x1] = 5
    return Candidate(logits, (0, 0, 256, 256), (256, 256), 0.9)


def hit(score: float, *, requested: bool = True) -> Detection:
    return Detection((0, 0, 100, 128), "horse", score, "One of 2 horses.", requested)


def test_masks_that_differ_much_are_listed_below_what_is_meant(view: View) -> None:
    found = Findings((hit(0.8), hit(0.3, requested=False), hit(0.05, requested=False)), "a note")
    candidates = [mask_of(0, 100), mask_of(0, 50), mask_of(0, 80), mask_of(0, 200)]
    after = with_alternatives(view, found, candidates)
    assert [one.score for one in after.hits] == [0.8, 0.3, 0.08, 0.05, 0.04]
    assert [one.alternative for one in after.hits] == [False, False, True, False, True]
    assert [one.requested for one in after.hits] == [True, False, False, False, False]
    less, more = after.hits[2], after.hits[4]
    assert (less.box, more.box) == ((0, 0, 50, 128), (0, 0, 200, 128))
    assert "less to it: 50%" in less.why
    assert "more to it: 2.0 times" in more.why
    assert less.logits is not None
    assert (less.logits == candidates[1].content).all()
    assert after.note == "a note"


def test_a_mask_beside_the_best_is_neither_less_nor_more(view: View) -> None:
    after = with_alternatives(view, Findings((hit(0.8),)), [mask_of(0, 100), mask_of(50, 150)])
    assert "another way: 50%" in after.hits[1].why


def test_dust_and_what_lies_elsewhere_are_no_readings(view: View) -> None:
    dust = mask_of(0, 50)
    dust.logits[dust.logits > 0] = 0.5
    found = Findings((hit(0.8),))
    assert (
        with_alternatives(view, found, [mask_of(0, 100), dust, mask_of(96, 200)]).hits == found.hits
    )


@pytest.mark.parametrize(
    "found",
    [
        Findings((), "No horse is found."),
        Findings((hit(0.8), hit(0.7))),  # two are asked for
        Findings((hit(0.8), hit(0.3, requested=False))),
    ],
)
def test_nothing_is_added_where_it_is_plain(view: View, found: Findings) -> None:
    candidates = [mask_of(0, 100), mask_of(0, 90)]
    assert with_alternatives(view, found, candidates).hits == found.hits


def test_a_thing_without_what_is_in_front_of_it() -> None:
    rider = Detection((60, 0, 100, 100), "person", 0.9, "")
    front = [(rider, mask_of(60, 100).inside)]
    found = without([mask_of(0, 60), mask_of(0, 100)], front, GREY)
    assert found is not None
    bare, names = found
    assert (bare.inside == mask_of(0, 60).inside).all()
    assert names == "person"


def test_what_is_all_of_a_mask_or_hardly_in_it_is_not_in_front_of_it() -> None:
    other = Detection((0, 0, 9, 9), "person", 0.9, "")
    assert without([mask_of(0, 100)], [(other, mask_of(0, 98).inside)], GREY) is None
    assert without([mask_of(0, 100)], [(other, mask_of(0, 2).inside)], GREY) is None
    assert without([mask_of(0, 100)], [(other, mask_of(60, 200).inside)], GREY) is None
    assert without([mask_of(0, 100)], [], GREY) is None


def test_the_cat_without_its_head(view: View) -> None:
    """As if a face had been found for a thing of its own."""
    cat = Detection((10, 0, 275, 200), "cat", 0.9, "The only cat found.")
    face = Detection((110, 25, 240, 175), "face", 0.9, "")
    away = Detection((280, 0, 300, 30), "cup", 0.9, "")
    ((thing, mask),) = in_front(view, cat, (cat, away, face))
    assert thing is face
    candidates = candidates_of(view, cat)
    after = with_alternatives(view, Findings((cat,), "", (cat, away, face)), candidates)
    bare = after.hits[1]
    assert bare.why == "The first cat without the face in front of it."
    assert bare.logits is not None
    assert not ((bare.logits > 0) & mask).sum() > 0.05 * mask.sum()
    assert mask_iou(candidates_of(view, bare)[0].inside, candidates[0].inside & ~mask) > 0.9
