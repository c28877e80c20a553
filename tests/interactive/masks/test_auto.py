"""Subjects without a prompt: proposals by arrays alone, then on real photos."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pickmatte import Session
from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.interactive.edits.state import Step
from pickmatte.interactive.masks.auto import (
    apart,
    parts,
    pieces,
    subject_of,
    subjects_of,
)
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.models.errors import NothingFound, UnknownModel
from pickmatte.models.protocols import RGB, Alpha, Mask

SIZE = 640, 640  # of the picture: 10 pixels for each cell
GRID = 64


def disc(x: int, y: int, radius: int) -> Mask:
    rows, columns = np.ogrid[:GRID, :GRID]
    inside: Mask = np.hypot(rows - y, columns - x) <= radius
    return inside


def candidate(mask: Mask, score: float = 0.9) -> Candidate:
    logits = np.where(mask, np.float32(8), np.float32(-8))
    return Candidate(logits, (0, 0, SIZE[1], SIZE[0]), SIZE, score)


class Scene:
    """A world of discs: a click shows the disc it hits, a box the one within or all its rows."""

    def __init__(self, *discs: Mask) -> None:
        self.discs = discs

    def __call__(self, steps: tuple[Step, ...]) -> list[Candidate]:
        first = steps[0]
        if isinstance(first, Box):  # what lies between them is taken along
            held = [one for one in self.discs if one[self._cells(first)].sum() == one.sum()]
            rows = np.logical_or.reduce(held).any(1)
            cells = np.zeros((GRID, GRID), bool)
            cells[self._cells(first)] = rows[self._cells(first)[0], None]
            return [candidate(held[0] if len(held) == 1 else cells)]
        assert isinstance(first, Click)
        row, column = int(first.y / 10), int(first.x / 10)
        hit = [one for one in self.discs if one[row, column]]
        return [candidate(hit[0] if hit else disc(column, row, 1))]

    def _cells(self, box: Box) -> tuple[slice, slice]:
        return slice(int(box.y0 / 10), int(box.y1 / 10)), slice(int(box.x0 / 10), int(box.x1 / 10))


def test_parts_are_connected_and_large_enough() -> None:
    seen = np.zeros((GRID, GRID), np.float32)
    seen[disc(15, 15, 8)] = 0.9
    seen[disc(45, 40, 14)] = 0.7
    seen[2, 60] = 1.0  # a speck
    large, small = parts(seen)
    assert (large == disc(45, 40, 14)).all()
    assert (small == disc(15, 15, 8)).all()
    assert parts(np.zeros((GRID, GRID), np.float32)) == []
    for part, wanted in apart(seen):
        assert (wanted[part] == seen[part]).all()
        assert (wanted[~part] <= 0.5).all()


def test_a_part_that_lone_clicks_see_as_two_things_becomes_two_subjects() -> None:
    left, right = disc(20, 32, 11), disc(43, 32, 11)
    scene = Scene(left, right)
    wanted = (left | right).astype(np.float32)
    wanted[32, 30:34] = 0.9  # the map joins them
    found = subjects_of(scene, wanted, SIZE)
    assert sorted(int(one.inside.sum()) for one in found) == [left.sum(), right.sum()]
    assert all(one.fit > 0.95 for one in found)


def test_one_thing_stays_one_and_its_parts_are_not_told_apart() -> None:
    whole = disc(32, 32, 20)
    found = subjects_of(Scene(whole), whole.astype(np.float32), SIZE)
    assert len(found) == 1
    assert (found[0].inside == whole).all()
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


def test_the_cat_is_found_in_one_edit_that_replays(chelsea: NDArray[np.uint8]) -> None:
    session = Session(chelsea)
    (cat,) = session.auto()
    assert cat.mask[100, 150]
    assert not cat.mask[3, 3]
    assert 0.3 < cat.mask.mean() < 0.9
    assert all(isinstance(prompt, Click | Box) for prompt in cat.prompts)
    encoded = cv2.imencode(".png", chelsea[..., ::-1])[1].tobytes()
    again = Session.replay(encoded, session.recipe())
    assert (again.subjects[0].mask == cat.mask).all()
    cat.click(10, 190, keep=False)  # editable as any other
    assert not cat.mask[190, 10]
    session.undo()
    assert session.undo()
    assert session.subjects == ()
    assert not session.can_undo


@dataclass
class Fixed:
    """A salient network of which the answer is known."""

    answer: Alpha
    name: str = "fixed"
    fine: bool = True
    side: int = 1024

    def saliency(self, rgb: RGB) -> Alpha:
        height, width = rgb.shape[:2]
        return cv2.resize(self.answer, (width, height), interpolation=cv2.INTER_LINEAR)


def plate() -> tuple[NDArray[np.uint8], Alpha]:
    """A plate with a soft rim in the middle of a table, 200×200, and its alpha."""
    rows, columns = np.ogrid[:200, :200]
    alpha = np.clip((64 - np.hypot(rows - 100, columns - 100)) / 8, 0, 1).astype(np.float32)
    mixed = alpha[..., None] * np.array([230, 210, 60]) + (1 - alpha[..., None]) * 70
    return mixed.astype(np.uint8), alpha


def test_fine_alpha_is_kept_where_the_segmenter_agrees() -> None:
    rgb, alpha = plate()
    session = Session(rgb)
    (subject,) = session.auto(Fixed(alpha))
    assert subject.prompts == ()
    assert np.abs(subject.alpha - alpha).max() < 1e-3
    assert np.abs(Session(rgb).auto(Fixed(alpha, fine=False))[0].alpha - alpha).max() > 1e-3


def test_fine_alpha_of_a_network_that_sees_far_less_than_the_picture_is_not_kept() -> None:
    rgb, alpha = plate()
    (subject,) = Session(rgb).auto(Fixed(alpha, side=64))
    assert subject.prompts != ()


def test_largest_is_one_of_all(coffee: NDArray[np.uint8]) -> None:
    every = Session(coffee).auto()
    (largest,) = Session(coffee).auto(largest=True)
    assert largest.mask.sum() == every[0].mask.sum()
    assert largest.mask[100, 130]


def test_kinds_tell_what_to_take(chelsea: NDArray[np.uint8]) -> None:
    assert len(Session(chelsea).auto(only="animal")) == 1
    with pytest.raises(NothingFound, match="No person stands out"):
        Session(chelsea).auto(only="person")


def test_a_plain_ground_holds_nothing_and_leaves_no_trace() -> None:
    session = Session(np.full((120, 160, 3), 120, np.uint8))
    with pytest.raises(NothingFound, match="Nothing stands out"):
        session.auto()
    assert session.subjects == ()
    assert not session.can_undo
    with pytest.raises(UnknownModel, match="no salient model"):
        session.auto("mobile-sam")
