from __future__ import annotations

import time

import numpy as np
import pytest

from interactive.session import Session
from models.errors import PromptError
from page.desk import Desk, Visit


def session(height: int = 60, width: int = 80) -> Session:
    rgb = np.full((height, width, 3), 210, np.uint8)
    rgb[height // 4 : height // 2, width // 4 : width // 2] = (180, 20, 30)
    return Session(rgb)


def test_undo_stops_at_the_picture_and_redo_at_the_newest_edit() -> None:
    visit = Visit(session())
    opened = visit.shot()
    assert not opened.can_undo
    visit.edit(lambda subject: subject.click(30, 22))
    shot = visit.edit(lambda subject: subject.click(70, 50, keep=False))
    assert (shot.can_undo, shot.can_redo, len(shot.subject.prompts)) == (True, False, 2)
    visit.undo()
    shot = visit.undo()
    assert (shot.can_undo, shot.can_redo, len(shot.subject.prompts)) == (False, True, 0)
    shot = visit.undo()
    assert len(shot.session.subjects) == 1
    visit.redo()
    shot = visit.redo()
    assert (shot.can_undo, shot.can_redo, len(shot.subject.prompts)) == (True, False, 2)


def test_an_edit_that_changes_nothing_is_no_step_back() -> None:
    visit = Visit(session())
    shot = visit.edit(lambda subject: subject.set_band(1.0))
    assert not shot.can_undo


def test_an_edit_that_fails_leaves_everything_as_it_was() -> None:
    visit = Visit(session())
    before = visit.shot()
    with pytest.raises(PromptError):
        visit.edit(lambda subject: subject.click(500, 500))
    after = visit.shot()
    assert after.edition == before.edition
    assert after.session.recipe() == before.session.recipe()


def test_a_shot_does_not_see_later_edits() -> None:
    visit = Visit(session())
    shot = visit.edit(lambda subject: subject.click(30, 22))
    mask = shot.subject.mask.copy()
    later = visit.edit(lambda subject: subject.click(70, 50, keep=False))
    assert later.edition > shot.edition
    assert len(shot.subject.prompts) == 1
    assert (shot.subject.mask == mask).all()
    visit.undo()
    assert len(later.subject.prompts) == 2


def test_looking_at_a_picture_is_no_edit() -> None:
    visit = Visit(session())
    before = visit.shot()
    visit.look()
    after = visit.shot()
    assert (after.edition, after.can_undo) == (before.edition, False)
    assert after.session.recipe() == before.session.recipe()


def test_the_idlest_visit_makes_room() -> None:
    desk = Desk(pixels=3 * 60 * 80)
    for name in ("ann", "bob", "cid"):
        desk.open(name, session())
    ann = desk.find("ann")
    desk.open("dan", session())
    assert desk.find("bob") is None
    assert desk.find("ann") is ann
    assert len(desk) == 3


def test_a_visitor_has_one_picture_and_the_newest_always_has_room() -> None:
    desk = Desk(pixels=10)
    first = desk.open("ann", session())
    second = desk.open("ann", session())
    assert desk.find("ann") is second is not first
    desk.open("bob", session())
    assert desk.find("ann") is None
    assert len(desk) == 1


def test_who_is_idle_or_gone_is_forgotten_with_all_files() -> None:
    desk = Desk(idle=1000, grace=0.05)
    visit = desk.open("ann", session())
    visit.edit(lambda subject: subject.click(30, 22))
    path = visit.save()
    assert path.is_file()
    desk.leave("ann")
    assert desk.find("ann") is visit  # back in time: a phone that slept
    desk.sweep()
    assert len(desk) == 1
    desk.leave("ann")
    time.sleep(0.1)
    desk.sweep()
    assert len(desk) == 0
    assert not path.parent.exists()

    desk = Desk(idle=0.05)
    desk.open("bob", session())
    time.sleep(0.1)
    assert desk.find("bob") is None
