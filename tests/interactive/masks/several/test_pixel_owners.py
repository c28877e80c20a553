"""Which of several subjects owns a pixel."""

from __future__ import annotations

import numpy as np
import pytest
from blocks import SIZE, candidate

from pickmatte.interactive.masks.several import pixel_owners
from pickmatte.interactive.masks.several.pixel_owners import own, settle


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
    owner = own([candidate((20, 20, 160, 100)), inner], order, SIZE)
    assert (owner[45:65, 55:75] == 1).all()
    assert owner[30, 30] == 0


def test_strips_show_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = [candidate((20, 20, 100, 100)), candidate((80, 20, 160, 100))]
    whole = own(candidates, (1, 0), SIZE)
    monkeypatch.setattr(pixel_owners, "_STRIP", 7 * SIZE[1])
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
