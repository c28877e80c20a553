from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.cleanup import CRUMB, PINHOLE, fill_frame, tidied, tidy


def disc(side: int = 256, radius: int = 80) -> np.ndarray:
    rows, columns = np.ogrid[:side, :side]
    return np.where(np.hypot(rows - side / 2, columns - side / 2) < radius, 4, -4).astype(
        np.float32
    )


def test_crumbs_and_pinholes_go_and_real_holes_stay() -> None:
    layer = disc()
    layer[2:4, 2:4] = 3  # a crumb
    layer[120, 120] = -3  # a pin-hole
    layer[130:150, 140:160] = -3  # a handle's hole: 2% of the subject
    tidied = tidy(layer) > 0
    assert not tidied[2:4, 2:4].any()
    assert tidied[120, 120]
    assert not tidied[130:150, 140:160].any()


def test_what_was_clicked_is_meant() -> None:
    layer = disc()
    layer[2:4, 2:4] = 3
    layer[120, 120] = -3
    tidied = tidy(layer, keep=[(2, 2)], drop=[(120, 120)]) > 0
    assert tidied[2:4, 2:4].all()
    assert not tidied[120, 120]


def test_a_second_part_of_some_size_stays() -> None:
    layer = disc(radius=60)
    layer[5:35, 5:35] = 2  # an arm beyond an occluder: 8% of the subject
    assert (tidy(layer)[5:35, 5:35] > 0).all()


def test_a_subject_of_one_cell_is_no_crumb() -> None:
    layer = np.full((64, 64), -5, np.float32)
    layer[30, 30] = 5
    assert ((tidy(layer) > 0) == (layer > 0)).all()


def test_nothing_stays_nothing() -> None:
    empty = np.full((32, 32), -1, np.float32)
    assert (tidy(empty) == empty).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_it_changes_little_and_settles_at_once(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 1, (96, 96)).astype(np.float32)
    layer = disc(96, 30) + 2.2 * noise
    once = tidy(layer)
    changed = (once > 0) != (layer > 0)
    assert (np.abs(once[changed]) >= 1).all()
    assert (once[~changed] == layer[~changed]).all()
    assert ((tidy(once) > 0) != (once > 0)).mean() < CRUMB + PINHOLE


def test_a_subject_that_reaches_the_frame_is_cut_by_it() -> None:
    layer = np.full((64, 64), -4, np.float32)
    layer[:45, 20:40] = 4
    layer[0, 20:40:2] = -1  # dither beside the padding
    layer[44:48, 20:40] = -4
    candidate = Candidate(layer, (0, 0, 640, 480), (480, 640), 0.9)
    filled = tidied(candidate, [], np.zeros((480, 640, 3), np.uint8))
    assert (filled.inside[0, 20:40]).all()
    assert not filled.inside[44:].any()


def test_a_window_inside_the_picture_has_no_frame() -> None:
    layer = np.full((64, 64), -4, np.float32)
    layer[:, 20:40] = 4
    layer[0, 20:40] = -1
    candidate = Candidate(layer, (100, 100, 740, 740), (2000, 2000), 0.9)
    assert not fill_frame(candidate)[0, 20:40].max() > 0
