"""From a detection to candidates, with the real segmenter on real photos."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from interactive.cache import ByteCache
from interactive.candidates import Candidate
from interactive.choice import iou
from interactive.grounding import box_in, candidates_of, leaking
from interactive.prompts import Box
from interactive.view import View
from models.protocols import Detection, Salient, Segmenter


@pytest.fixture(scope="module")
def view(chelsea: NDArray[np.uint8], segmenter: Segmenter) -> View:
    return View(chelsea, "chelsea", segmenter, ByteCache(1 << 26))


def at(*box: float) -> Detection:
    x0, y0, x1, y1 = box
    return Detection((x0, y0, x1, y1), "cat", 0.9, "The only cat found.")


def test_a_detection_gives_the_thing_in_its_box(view: View, salient: Salient) -> None:
    candidates = candidates_of(view, at(10, 0, 275, 200), salient)
    best = candidates[0].mask
    assert best[100, 150]
    assert not best[20, 290]
    assert best[:, 15:270].mean() > 0.5
    assert list(candidates) == sorted(candidates, key=lambda one: -one.score)
    for n, one in enumerate(candidates):
        assert all(iou(one.inside, other.inside) < 0.95 for other in candidates[:n])


def test_a_box_that_is_off_a_little_gives_the_same_thing(view: View, salient: Salient) -> None:
    exact = candidates_of(view, at(10, 0, 275, 200), salient)[0]
    off = candidates_of(view, at(20, 8, 262, 200), salient)[0]
    assert iou(exact.inside, off.inside) > 0.8


def test_nothing_reaches_far_beyond_the_box(view: View, salient: Salient) -> None:
    """The box holds the cat's right half only: the rest of it is not what was detected."""
    box = Box(150, 0, 275, 200)
    for candidate in candidates_of(view, at(150, 0, 275, 200), salient):
        assert leaking(candidate, box) == 0
        assert not candidate.mask[:, :125].any()


def test_the_grounders_own_mask_is_heeded(view: View, salient: Salient) -> None:
    cat = candidates_of(view, at(10, 0, 275, 200), salient)[0]
    told = Detection((10, 0, 275, 200), "cat", 0.9, "", logits=cat.content)
    assert iou(candidates_of(view, told, salient)[0].inside, cat.inside) > 0.85


def test_boxes_are_brought_into_the_picture(view: View, salient: Salient) -> None:
    assert box_in(view, at(-20, -5, 900, 900)) == Box(0, 0, 300, 200)
    assert box_in(view, at(299.9, 199.9, 300, 200)) == Box(299, 199, 300, 200)
    assert box_in(view, at(400, 300, 500, 400)) == Box(299, 199, 300, 200)
    assert candidates_of(view, at(0, 0, 1, 1), salient)  # even where there is hardly a mask


def test_leaking_is_the_share_beyond_the_margin(view: View) -> None:
    logits = np.full((256, 256), -5, np.float32)
    logits[:170, :128] = 5  # the left half of 300×200
    half = Candidate(logits, view.whole, view.size, 0.9)
    assert leaking(half, Box(0, 0, 150, 200)) == 0
    assert leaking(half, Box(0, 0, 75, 200)) == pytest.approx(0.44, abs=0.03)
    assert leaking(Candidate(-abs(logits), view.whole, view.size, 0.9), Box(0, 0, 9, 9)) == 0
