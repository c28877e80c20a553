from __future__ import annotations

import numpy as np
import pytest

from pickmatte.interactive.edits.prompts import Box
from pickmatte.interactive.masks.candidate import Candidate, logits_of_mask
from pickmatte.interactive.masks.choice import distinct, rank_in_box

SIZE = (200, 300)


def candidate(x0: int, y0: int, x1: int, y1: int, score: float = 0.9) -> Candidate:
    mask = np.zeros(SIZE, bool)
    mask[y0:y1, x0:x1] = True
    return Candidate(logits_of_mask(mask), (0, 0, SIZE[1], SIZE[0]), SIZE, score)


part, whole, group = (
    candidate(130, 60, 170, 100),
    candidate(120, 40, 180, 170),
    candidate(2, 2, 298, 198),
)


def test_a_box_takes_the_candidate_that_fills_it() -> None:
    ranked = rank_in_box([part, whole, group], Box(118, 38, 182, 172))
    assert ranked[0].box == whole.box


def test_near_copies_and_empty_masks_are_left_out() -> None:
    empty = candidate(0, 0, 0, 0)
    copy = candidate(120, 40, 181, 170)
    kept = distinct([whole, copy, empty, part])
    assert [one.box for one in kept] == [whole.box, part.box]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_where_all_are_empty_one_is_left(count: int) -> None:
    assert len(distinct([candidate(0, 0, 0, 0)] * count)) == 1
