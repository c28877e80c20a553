from __future__ import annotations

import time

import numpy as np
import pytest

from pickmatte.interactive.session import Session
from pickmatte.models.errors import PromptError
from pickmatte.service.session_store import SessionStore


def session(height: int = 60, width: int = 80) -> Session:
    rgb = np.full((height, width, 3), 210, np.uint8)
    rgb[height // 4 : height // 2, width // 4 : width // 2] = (180, 20, 30)
    return Session(rgb)


def number(store: SessionStore, visitor: str) -> int:
    visitor_session = store.find(visitor)
    assert visitor_session is not None
    return visitor_session.snapshot().photo


def test_the_idlest_visit_makes_room() -> None:
    store = SessionStore(pixels=3 * 60 * 80)
    for name in ("ann", "bob", "cid"):
        store.open(name, session())
    ann = store.find("ann")
    store.open("dan", session())
    assert store.find("bob") is None
    assert store.find("ann") is ann
    assert len(store) == 3


def test_the_newest_picture_always_has_room() -> None:
    store = SessionStore(pixels=10)
    store.open("ann", session())
    first = number(store, "ann")
    store.open("ann", session())
    assert number(store, "ann") != first
    visitor_session = store.find("ann")
    assert visitor_session is not None
    assert not visitor_session.snapshot().can_undo  # there was no room for both
    with pytest.raises(PromptError, match="put away"):
        visitor_session.undo()
    store.open("bob", session())
    assert store.find("ann") is None
    assert len(store) == 1


def test_pictures_that_nobody_looks_at_make_room_before_sessions_do() -> None:
    store = SessionStore(pixels=3 * 60 * 80)
    store.open("ann", session())
    store.open("bob", session())
    store.open("bob", session())
    store.open("cid", session())
    ann, bob = store.find("ann"), store.find("bob")
    assert ann is not None
    assert bob is not None
    assert not bob.snapshot().can_undo
    store.open("cid", session())
    cid = store.find("cid")
    assert cid is not None
    assert store.find("ann") is ann
    assert not cid.snapshot().can_undo  # a step of undo is not worth another one's work


def test_what_was_wished_for_last_is_shown_whichever_is_ready_first() -> None:
    store = SessionStore()
    assert store.open("ann", session(), turn=2) is not None
    shown = number(store, "ann")
    assert store.open("ann", session(), turn=1) is None
    assert number(store, "ann") == shown
    assert store.open("ann", session(), turn=3) is not None
    visitor_session = store.find("ann")
    assert visitor_session is not None
    assert visitor_session.undo().photo == shown


def test_who_is_idle_or_gone_is_forgotten_with_all_files() -> None:
    store = SessionStore(idle=1000, grace=0.05)
    visitor_session = store.open("ann", session())
    assert visitor_session is not None
    visitor_session.do({"do": "click", "x": 30, "y": 22, "keep": True})
    path = visitor_session.save("png")
    assert path.is_file()
    store.leave("ann")
    assert store.find("ann") is visitor_session  # back in time: a phone that slept
    store.sweep()
    assert len(store) == 1
    store.leave("ann")
    time.sleep(0.1)
    store.sweep()
    assert len(store) == 0
    assert not path.parent.exists()

    store = SessionStore(idle=0.05)
    store.open("bob", session())
    time.sleep(0.1)
    assert store.find("bob") is None
