"""Other masks of what was found, among the runners-up, on masks that are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from interactive.candidates import Candidate
from interactive.readings import with_readings
from models.protocols import Detection, Findings


def mask_of(x0: int, x1: int) -> Candidate:
    """Columns of a 256×256 picture, from its top to its middle."""
    logits = np.full((256, 256), -5, np.float32)
    logits[:128, x0:x1] = 5
    return Candidate(logits, (0, 0, 256, 256), (256, 256), 0.9)


def hit(score: float, *, meant: bool = True) -> Detection:
    return Detection((0, 0, 100, 128), "horse", score, "One of 2 horses.", meant)


def test_masks_that_differ_much_are_listed_below_what_is_meant() -> None:
    found = Findings((hit(0.8), hit(0.3, meant=False), hit(0.05, meant=False)), "a note")
    candidates = [mask_of(0, 100), mask_of(0, 50), mask_of(0, 80), mask_of(0, 200)]
    after = with_readings(found, candidates)
    assert [one.score for one in after.hits] == [0.8, 0.3, 0.08, 0.05, 0.04]
    assert [one.reading for one in after.hits] == [False, False, True, False, True]
    assert [one.meant for one in after.hits] == [True, False, False, False, False]
    less, more = after.hits[2], after.hits[4]
    assert (less.box, more.box) == ((0, 0, 50, 128), (0, 0, 200, 128))
    assert "less to it: 50%" in less.why
    assert "more to it: 2.0 times" in more.why
    assert less.logits is candidates[1].logits
    assert after.note == "a note"


def test_a_mask_beside_the_best_is_neither_less_nor_more() -> None:
    after = with_readings(Findings((hit(0.8),)), [mask_of(0, 100), mask_of(50, 150)])
    assert "another way: 50%" in after.hits[1].why


@pytest.mark.parametrize(
    "found",
    [
        Findings((), "No horse is found."),
        Findings((hit(0.8), hit(0.7))),  # two are asked for
        Findings((hit(0.8), hit(0.3, meant=False))),
    ],
)
def test_nothing_is_added_where_it_is_plain(found: Findings) -> None:
    candidates = [mask_of(0, 100), mask_of(0, 90)]
    assert with_readings(found, candidates).hits == found.hits
