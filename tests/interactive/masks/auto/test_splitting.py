"""One subject or several: worlds of discs, and a segmenter that loses some of what stands out."""

from __future__ import annotations

import numpy as np
import pytest
from discs import SIZE, Scene, candidate, disc

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.edits.state import Step
from pickmatte.interactive.masks.auto.asking import subject_of
from pickmatte.interactive.masks.auto.splitting import pieces, subjects_of
from pickmatte.interactive.masks.candidate import Candidate


def test_a_part_that_lone_clicks_see_as_two_things_becomes_two_subjects() -> None:
    left, right = disc(20, 32, 11), disc(43, 32, 11)
    wanted = (left | right).astype(np.float32)
    wanted[32, 30:34] = 0.9  # the map joins them
    found = subjects_of(Scene(left, right), wanted, SIZE)
    assert sorted(int(one.inside.sum()) for one in found) == [left.sum(), right.sum()]
    assert all(one.agreed for one in found)


def test_no_split_loses_what_belongs_to_no_piece() -> None:
    left, middle, right = disc(12, 32, 9), disc(32, 32, 11), disc(52, 32, 9)
    wanted = (left | middle | right).astype(np.float32)  # of the middle the segmenter knows nothing
    (one,) = subjects_of(Scene(left, right), wanted, SIZE)
    assert not one.agreed
    assert (one.inside == (wanted > 0)).all()


def test_where_the_segmenter_sees_something_else_the_map_is_the_subject() -> None:
    wanted = disc(32, 32, 14).astype(np.float32)
    (one,) = subjects_of(Scene(disc(32, 32, 7)), wanted, SIZE)
    assert not one.agreed
    assert (one.inside == disc(32, 32, 14)).all()


def test_one_thing_stays_one_and_its_parts_are_not_told_apart() -> None:
    whole = disc(32, 32, 20)
    (one,) = subjects_of(Scene(whole), whole.astype(np.float32), SIZE)
    assert (one.inside == whole).all()
    assert len(pieces(Scene(whole), whole.astype(np.float32), SIZE)) == 1


def test_a_click_is_added_where_the_map_is_surely_otherwise() -> None:
    wanted = disc(24, 32, 16).astype(np.float32)
    leak = disc(52, 32, 9)

    def look(steps: tuple[Step, ...]) -> list[Candidate]:
        dropped = any(isinstance(step, Click) and not step.keep for step in steps)
        return [candidate((wanted > 0) if dropped else (wanted > 0) | leak)]

    found = subject_of(look, wanted, SIZE)
    (drop,) = [step for step in found.steps if isinstance(step, Click) and not step.keep]
    assert leak[int(drop.y / 10), int(drop.x / 10)]
    assert found.fit == pytest.approx(1)
