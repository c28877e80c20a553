"""Subjects that touch: which masks go together, who is in front, who owns a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.masks.candidate import Candidate, logits_of_mask
from pickmatte.interactive.masks.several.overlap import (
    choose_together,
    crossed,
    front_to_back,
    own,
    settle,
)

SIZE = (120, 200)
Box = tuple[int, int, int, int]


def block(*boxes: Box) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = True
    return mask


def candidate(*boxes: Box, score: float = 1.0, strength: float = 10.0) -> Candidate:
    logits = logits_of_mask(block(*boxes), strength=strength)
    return Candidate(logits, (0, 0, SIZE[1], SIZE[0]), SIZE, score)


LEFT, RIGHT, BOTH = (20, 20, 90, 100), (90, 20, 160, 100), (20, 20, 160, 100)
ON_LEFT, ON_RIGHT = Click(50, 60), Click(130, 60)


def test_a_click_on_a_neighbour_is_a_drop_only_where_the_candidate_holds_it() -> None:
    others = [ON_RIGHT, Click(10, 10), Click(120, 50, keep=False)]
    assert crossed(candidate(BOTH), others) == (Click(130, 60, keep=False),)
    assert crossed(candidate(LEFT), others) == ()


def test_two_that_both_take_the_group_are_told_apart() -> None:
    left = [candidate(BOTH, score=1.2), candidate(LEFT, score=0.9)]
    right = [candidate(BOTH, score=1.2), candidate(RIGHT, score=0.9)]
    assert choose_together([left, right], [[ON_LEFT], [ON_RIGHT]]) == (1, 1)


def test_a_whole_stays_whole_around_a_part_that_stands_apart() -> None:
    tie = [candidate((60, 40, 70, 80), score=1.0)]
    wearer = [candidate(LEFT, score=1.2), candidate((20, 20, 60, 60), score=0.8)]
    assert choose_together([tie, wearer], [[Click(65, 60)], [Click(30, 30)]]) == (0, 0)


def test_far_from_each_other_everyone_keeps_its_best() -> None:
    one = [candidate((0, 0, 40, 40), score=0.9), candidate((0, 0, 20, 20), score=0.8)]
    two = [candidate((150, 80, 190, 110), score=0.9), candidate((160, 90, 170, 100), score=0.85)]
    assert choose_together([one, two], [[Click(10, 10)], [Click(165, 95)]]) == (0, 0)


def test_what_is_settled_makes_the_other_give_way() -> None:
    settled = [candidate(BOTH, score=0.5)]
    free = [candidate(BOTH, score=1.2), candidate(RIGHT, score=0.9)]
    assert choose_together([settled, free], [[ON_LEFT], [ON_RIGHT]]) == (0, 1)


def test_one_subject_and_none() -> None:
    assert choose_together([[candidate(LEFT)]], [[ON_LEFT]]) == (0,)
    assert choose_together([], []) == ()


def test_ten_subjects_each_get_their_own() -> None:
    boxes = [(20 * k, 10, 20 * k + 18, 110) for k in range(10)]
    pools = [[candidate(*boxes, score=1.3), candidate(box, score=1.0)] for box in boxes]
    clicks = [[Click(20 * k + 9, 60)] for k in range(10)]
    assert choose_together(pools, clicks) == (1,) * 10


def test_what_bites_into_another_is_in_front() -> None:
    front = candidate((80, 50, 120, 110))
    bitten = candidate((40, 20, 160, 50), (40, 50, 80, 110), (120, 50, 160, 110))
    assert front_to_back([bitten, front]) == (1, 0)
    assert front_to_back([front, bitten]) == (0, 1)


def test_what_lies_inside_another_is_in_front() -> None:
    assert front_to_back([candidate(BOTH), candidate((50, 40, 80, 70))]) == (1, 0)


def test_without_a_sign_the_order_stays() -> None:
    assert front_to_back([candidate((0, 0, 30, 30)), candidate((150, 60, 190, 110))]) == (0, 1)


def test_nobody_owns_a_pixel_twice_and_all_of_the_masks_are_owned() -> None:
    candidates = [candidate((20, 20, 100, 100)), candidate((80, 20, 160, 100))]
    owner = own(candidates, (0, 1), SIZE)
    assert owner.dtype == np.int8
    assert owner.shape == SIZE
    every = candidates[0].mask | candidates[1].mask
    assert ((owner >= 0) == every).all()
    assert owner[60, 30] == 0
    assert owner[60, 150] == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_where_both_are_as_sure_the_front_one_owns(order: tuple[int, int]) -> None:
    candidates = [candidate((20, 20, 100, 100)), candidate((80, 20, 160, 100))]
    assert own(candidates, order, SIZE)[60, 90] == order[0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_surer_owns_whatever_the_order(order: tuple[int, int]) -> None:
    unsure = candidate((20, 20, 100, 100), strength=1.5)
    assert own([unsure, candidate((80, 20, 160, 100))], order, SIZE)[60, 90] == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_lies_inside_keeps_its_own_whatever_the_order(order: tuple[int, int]) -> None:
    inner = candidate((50, 40, 80, 70), strength=1.5)
    owner = own([candidate(BOTH), inner], order, SIZE)
    assert (owner[45:65, 55:75] == 1).all()
    assert owner[30, 30] == 0


def test_strips_show_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = [candidate((20, 20, 100, 100)), candidate((80, 20, 160, 100))]
    whole = own(candidates, (1, 0), SIZE)
    monkeypatch.setattr("pickmatte.interactive.masks.several.overlap._STRIP", 7 * SIZE[1])
    assert (own(candidates, (1, 0), SIZE) != whole).mean() < 0.002


def test_no_crumbs_are_left_of_what_is_cut_apart() -> None:
    whole = np.zeros(SIZE, bool)
    whole[20:100, 20:160] = True
    front = np.zeros(SIZE, bool)
    front[40:101, 60:120] = True
    front[60:62, 80:82] = False  # a pin-hole in which the whole would show
    front[40:44, 118:120] = False  # a notch, open to the rest of the whole
    island = np.zeros(SIZE, bool)
    island[2:5, 180:183] = True  # its own from the start
    owner = np.where(front, 0, np.where(whole, 1, -1)).astype(np.int8)
    labels = settle([front, whole | island], owner, (0, 1))
    assert (labels[60:62, 80:82] == 0).all()
    assert (labels[40:44, 118:120] == 1).all()
    assert (labels[island] == 1).all()
    assert (labels[front] == 0).all()
