"""The page's front door."""

from __future__ import annotations

import threading

from pickmatte import app
from pickmatte.service.session_store import SessionStore


def test_laying_out_the_page_starts_no_thread() -> None:
    before = set(threading.enumerate())
    app.build()
    app.build(SessionStore())
    assert set(threading.enumerate()) == before
