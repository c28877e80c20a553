"""Trimaps side by side: another's core is background, the band between two is both's."""

from __future__ import annotations

import numpy as np

from pickmatte.interactive.mattes.exclusive_trimaps import disputed, exclusive_trimap, union_trimap
from pickmatte.interactive.mattes.trimap import make_trimap

SIZE = (100, 200)


def sides() -> tuple[list[np.ndarray], np.ndarray]:
    """Trimaps of two blocks that touch at column 100, and of both as one."""
    left, right = np.zeros(SIZE, bool), np.zeros(SIZE, bool)
    left[20:80, 40:100] = True
    right[20:80, 100:160] = True
    return [make_trimap(left), make_trimap(right)], make_trimap(left | right)


def test_the_core_of_another_is_background_and_the_band_is_both_s() -> None:
    alone, _ = sides()
    beside = [exclusive_trimap(index, alone, (0, 1)) for index in (0, 1)]
    for one, two in (beside, beside[::-1]):
        assert not ((one == 255) & (two > 0)).any()
    assert (beside[0][50, 99:101] == 128).all()
    assert (beside[1][50, 99:101] == 128).all()


def test_hair_of_the_front_one_may_lie_over_the_core_behind() -> None:
    alone, _ = sides()
    alone[0][40:50, 100:130] = 128  # strands that reach far over the other
    assert (alone[1][40:50, 110:130] == 255).all()
    assert (exclusive_trimap(1, alone, (0, 1))[40:50, 110:130] == 128).all()
    # Were it behind, nothing of it could be seen there.
    assert (exclusive_trimap(0, alone, (1, 0))[40:50, 110:130] == 0).all()
    assert (exclusive_trimap(1, alone, (1, 0))[40:50, 110:130] == 255).all()


def test_alone_nothing_changes() -> None:
    alone, _ = sides()
    assert (exclusive_trimap(0, alone[:1], (0,)) == alone[0]).all()
    assert not disputed(alone[:1]).any()


def test_between_two_that_touch_all_of_them_know_no_background() -> None:
    alone, union = sides()
    beside = [exclusive_trimap(index, alone, (0, 1)) for index in (0, 1)]
    together = union_trimap(beside, union)
    assert (together[40:60, 95:105] == 255).all()
    assert disputed(beside)[40:60, 99:101].all()
    assert ((together == 0) == ((beside[0] == 0) & (beside[1] == 0))).all()
