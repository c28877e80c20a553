"""From a detection to candidates, with the real segmenter on real photos."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.edits.prompts import Box
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.choice import distinct
from pickmatte.interactive.masks.phrases.detections import box_in, candidates_of, leaking
from pickmatte.interactive.masks.view import View
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Detection, Segmenter


@pytest.fixture(scope="module")
def view(chelsea: NDArray[np.uint8], segmenter: Segmenter) -> View:
    return View(chelsea, "chelsea", segmenter, ByteCache(1 << 26))


def at(*box: float) -> Detection:
    x0, y0, x1, y1 = box
    return Detection((x0, y0, x1, y1), "cat", 0.9, "The only cat found.")


def test_a_detection_gives_the_thing_in_its_box(view: View) -> None:
    candidates = candidates_of(view, at(10, 0, 275, 200))
    best = candidates[0].mask
    assert best[100, 150]
    assert not best[20, 290]
    assert best[:, 15:270].mean() > 0.5
    assert list(candidates) == sorted(candidates, key=lambda one: -one.score)
    for n, one in enumerate(candidates):
        assert all(mask_iou(one.inside, other.inside) < 0.95 for other in candidates[:n])


def test_a_reading_is_its_own_mask(view: View) -> None:
    whole = at(10, 0, 275, 200)
    other = candidates_of(view, whole)[1]
    alternative = Detection(whole.box, "cat", 0.1, "", logits=other.content, alternative=True)
    first, *others = candidates_of(view, alternative)
    assert (first.inside == other.inside).all()
    assert all(mask_iou(first.inside, one.inside) < 0.95 for one in others)


def test_candidates_that_stand_apart() -> None:
    layers = [np.full((64, 64), -1, np.float32) for _ in range(4)]
    for layer, columns in zip(layers, (40, 36, 10, 0), strict=True):
        layer[:, :columns] = 1
    pool = [Candidate(layer, (0, 0, 64, 64), (64, 64), 0.5) for layer in layers]
    assert distinct(pool, 0.85) == (pool[0], pool[2])  # not a near-copy, not an empty one
    assert distinct(pool, 0.95)[:1] == (pool[0],)
    assert distinct(pool[3:], 0.85) == (pool[3],)  # there is always one


def test_a_box_that_is_off_a_little_gives_the_same_thing(view: View) -> None:
    exact = candidates_of(view, at(10, 0, 275, 200))[0]
    off = candidates_of(view, at(20, 8, 262, 200))[0]
    assert mask_iou(exact.inside, off.inside) > 0.8


def test_nothing_reaches_far_beyond_the_box(view: View) -> None:
    """The box holds the cat's right half only: the rest of it is not what was detected."""
    box = Box(150, 0, 275, 200)
    for candidate in candidates_of(view, at(150, 0, 275, 200)):
        assert leaking(candidate, box) == 0
        assert not candidate.mask[:, :125].any()


def test_the_grounders_own_mask_is_heeded(view: View) -> None:
    cat = candidates_of(view, at(10, 0, 275, 200))[0]
    told = Detection((10, 0, 275, 200), "cat", 0.9, "", logits=cat.content)
    assert mask_iou(candidates_of(view, told)[0].inside, cat.inside) > 0.85


def test_boxes_are_brought_into_the_picture(view: View) -> None:
    assert box_in(view, at(-20, -5, 900, 900)) == Box(0, 0, 300, 200)
    assert box_in(view, at(299.9, 199.9, 300, 200)) == Box(299, 199, 300, 200)
    assert box_in(view, at(400, 300, 500, 400)) == Box(299, 199, 300, 200)
    assert candidates_of(view, at(0, 0, 1, 1))  # even where there is hardly a mask


def test_leaking_is_the_share_beyond_the_margin(view: View) -> None:
    logits = np.full((256, 256), -5, np.float32)
    logits[:170, :128] = 5  # the left half of 300×200
    half = Candidate(logits, view.whole, view.size, 0.9)
    assert leaking(half, Box(0, 0, 150, 200)) == 0
    assert leaking(half, Box(0, 0, 75, 200)) == pytest.approx(0.44, abs=0.03)
    assert leaking(Candidate(-abs(logits), view.whole, view.size, 0.9), Box(0, 0, 9, 9)) == 0
