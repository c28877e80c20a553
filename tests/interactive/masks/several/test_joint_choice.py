"""Which candidates of several subjects go together."""

from __future__ import annotations

from blocks import candidate

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.masks.several.joint_choice import choose_together, drops_for

LEFT, RIGHT, BOTH = (20, 20, 90, 100), (90, 20, 160, 100), (20, 20, 160, 100)
ON_LEFT, ON_RIGHT = Click(50, 60), Click(130, 60)


def test_a_click_on_a_neighbour_is_a_drop_only_where_the_candidate_holds_it() -> None:
    others = [ON_RIGHT, Click(10, 10), Click(120, 50, keep=False)]
    assert drops_for(candidate(BOTH), others) == (Click(130, 60, keep=False),)
    assert drops_for(candidate(LEFT), others) == ()


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
