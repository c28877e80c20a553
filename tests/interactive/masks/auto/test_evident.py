"""Subjects without a prompt, on real photos and with a network of which the answer is known."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pickmatte import Session
from pickmatte.interactive.edits.prompts import Click
from pickmatte.models.errors import NothingFound, UnknownModel
from pickmatte.models.protocols import RGB, Alpha


def test_the_cat_is_found_in_one_edit_that_replays(chelsea: NDArray[np.uint8]) -> None:
    session = Session(chelsea)
    (cat,) = session.auto()
    assert cat.mask[100, 150]
    assert not cat.mask[3, 3]
    assert 0.3 < cat.mask.mean() < 0.9
    assert [type(prompt) for prompt in cat.prompts] == [Click]
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


def test_fine_alpha_is_kept() -> None:
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


def test_what_stands_out_is_kept_whole_where_the_segmenter_sees_something_else() -> None:
    rgb, _ = plate()
    rows, columns = np.ogrid[:200, :200]
    ring = np.hypot(rows - 100, columns - 100)
    beside = ((ring > 50) & (ring < 90)).astype(np.float32)  # the rim, and some of the table
    session = Session(rgb)
    subjects = session.auto(Fixed(beside, fine=False))
    whole = np.logical_or.reduce([one.mask for one in subjects])
    wanted = beside > 0.5
    assert (whole & wanted).sum() / (whole | wanted).sum() > 0.95


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
