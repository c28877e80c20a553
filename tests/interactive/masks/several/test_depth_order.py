"""Which of several subjects is in front."""

from __future__ import annotations

from blocks import candidate

from pickmatte.interactive.masks.several.depth_order import front_to_back


def test_what_bites_into_another_is_in_front() -> None:
    front = candidate((80, 50, 120, 110))
    bitten = candidate((40, 20, 160, 50), (40, 50, 80, 110), (120, 50, 160, 110))
    assert front_to_back([bitten, front]) == (1, 0)
    assert front_to_back([front, bitten]) == (0, 1)


def test_what_lies_inside_another_is_in_front() -> None:
    assert front_to_back([candidate((20, 20, 160, 100)), candidate((50, 40, 80, 70))]) == (1, 0)


def test_without_a_sign_the_order_stays() -> None:
    assert front_to_back([candidate((0, 0, 30, 30)), candidate((150, 60, 190, 110))]) == (0, 1)
