from __future__ import annotations

import numpy as np

from pickmatte.interactive.session import Session
from pickmatte.service.opened_pictures import Opened, Pictures


def opened() -> Opened:
    return Opened(Session(np.full((6, 8, 3), 200, np.uint8)), "nano")


def test_undo_and_redo_walk_along_the_line() -> None:
    first, second, third = opened(), opened(), opened()
    pictures = Pictures(first)
    assert (pictures.has_before, pictures.has_after) == (False, False)
    pictures.open(second)
    assert pictures.now is second
    assert pictures.step(-1)
    assert pictures.now is first
    assert not pictures.step(-1)
    assert pictures.step(1)
    assert pictures.now is second
    assert pictures.step(-1)
    pictures.open(third)  # in place of the second
    assert not pictures.step(1)
    assert pictures.step(-1)
    assert pictures.now is first
    pictures.drop_after()
    assert not pictures.has_after
    assert not pictures.forgot_before


def test_the_farthest_is_forgotten_first_and_the_one_worked_on_never() -> None:
    line = [opened() for _ in range(4)]
    pictures = Pictures(line[0])
    for one in line[1:]:
        pictures.open(one)
    pictures.step(-1)  # 0 1 (2) 3
    assert pictures.pixels == 4 * 48
    assert pictures.forget()  # 0
    assert pictures.forget()  # 3: no farther than 1, and undo is worth more than redo
    assert pictures.pixels == 2 * 48
    assert pictures.has_before
    assert not pictures.has_after
    assert pictures.forget()
    assert not pictures.forget()
    assert pictures.now is line[2]
    assert pictures.forgot_before


def test_a_long_line_is_cut() -> None:
    line = [opened() for _ in range(9)]
    pictures = Pictures(line[0])
    for one in line[1:]:
        pictures.open(one)
    steps = 0
    while pictures.step(-1):
        steps += 1
    assert steps == 4
    assert pictures.now is line[4]
    assert pictures.forgot_before
