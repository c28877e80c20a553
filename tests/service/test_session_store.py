from __future__ import annotations

import time

import numpy as np

from pickmatte.interactive.session import Session
from pickmatte.service.session_store import SessionStore


def session(height: int = 60, width: int = 80) -> Session:
    rgb = np.full((height, width, 3), 210, np.uint8)
    rgb[height // 4 : height // 2, width // 4 : width // 2] = (180, 20, 30)
    return Session(rgb)


def test_the_idlest_visit_makes_room() -> None:
    store = SessionStore(pixels=3 * 60 * 80)
    for name in ("ann", "bob", "cid"):
        store.open(name, session())
    ann = store.find("ann")
    store.open("dan", session())
    assert store.find("bob") is None
    assert store.find("ann") is ann
    assert len(store) == 3


def test_a_visitor_has_one_picture_and_the_newest_always_has_room() -> None:
    store = SessionStore(pixels=10)
    first = store.open("ann", session())
    second = store.open("ann", session())
    assert store.find("ann") is second is not first
    store.open("bob", session())
    assert store.find("ann") is None
    assert len(store) == 1


def test_who_is_idle_or_gone_is_forgotten_with_all_files() -> None:
    store = SessionStore(idle=1000, grace=0.05)
    visit = store.open("ann", session())
    visit.do({"do": "click", "x": 30, "y": 22, "keep": True})
    path = visit.save("png")
    assert path.is_file()
    store.leave("ann")
    assert store.find("ann") is visit  # back in time: a phone that slept
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
