"""One subject or several, in worlds of discs."""

from __future__ import annotations

import numpy as np
from discs import SIZE, Scene, disc

from pickmatte.interactive.masks.auto.splitting import divided, pieces, shares


def test_a_part_that_lone_clicks_see_as_two_things_is_shared_by_them() -> None:
    left, right = disc(20, 32, 11), disc(43, 32, 11)
    wanted = (left | right).astype(np.float32)
    wanted[32, 30:34] = 0.9  # the map joins them
    found = shares(Scene(left, right), wanted, SIZE)
    assert len(found) == 2
    for share, thing in zip(found, (left, right), strict=True):
        assert (share[thing] == wanted[thing]).all()
    assert (sum(found) == wanted).all()


def test_no_split_where_much_of_the_part_belongs_to_no_piece() -> None:
    left, middle, right = disc(12, 32, 9), disc(32, 32, 11), disc(52, 32, 9)
    wanted = (left | middle | right).astype(np.float32)  # of the middle the segmenter knows nothing
    assert len(pieces(Scene(left, right), wanted, SIZE)) == 2
    (one,) = shares(Scene(left, right), wanted, SIZE)
    assert (one == wanted).all()


def test_one_thing_stays_one_and_its_parts_are_not_told_apart() -> None:
    whole = disc(32, 32, 20)
    assert len(shares(Scene(whole), whole.astype(np.float32), SIZE)) == 1
    assert len(pieces(Scene(whole), whole.astype(np.float32), SIZE)) == 1


def test_what_belongs_to_no_piece_goes_to_the_nearest() -> None:
    left, right = disc(12, 32, 9), disc(52, 32, 9)
    wanted = (left | right).astype(np.float32)
    wanted[32, 24], wanted[32, 40] = 0.7, 0.6
    nearer, other = divided(wanted, [left, right])
    assert (nearer[32, 24], other[32, 24]) == (np.float32(0.7), 0)
    assert (nearer[32, 40], other[32, 40]) == (0, np.float32(0.6))
