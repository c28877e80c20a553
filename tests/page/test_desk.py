from __future__ import annotations

import time

import numpy as np

from interactive.session import Session
from page.desk import Desk


def session(height: int = 60, width: int = 80) -> Session:
    rgb = np.full((height, width, 3), 210, np.uint8)
    rgb[height // 4 : height // 2, width // 4 : width // 2] = (180, 20, 30)
    return Session(rgb)


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
    visit.do({"do": "click", "x": 30, "y": 22, "keep": True})
    path = visit.save("png")
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
