"""Who is at the page: one session for each visitor, bounded, and forgotten."""

from __future__ import annotations

import os
import threading
import time

from pickmatte import Session
from pickmatte.interactive.pictures.picture import PIXEL_LIMIT

from .visitor_session import VisitorSession

_SWEEP_SECONDS = 30


class SessionStore:
    """The visitors' sessions, by visitor, with room for `pixels` in all.

    Pictures that only undo or redo would bring back make room for a new one first, then sessions,
    in both cases of who was idle longest. Who is idle for `idle` seconds, or left `grace` seconds
    ago, is forgotten. The newest picture always has room.
    """

    def __init__(
        self,
        *,
        pixels: int = 150_000_000,
        idle: float = 1800,
        grace: float = 120,
        limit: int = PIXEL_LIMIT,
        device: str = "auto",
    ) -> None:
        # Of sessions that are opened: pixels of a picture, and what networks run on.
        self.limit, self.device = limit, device
        self._pixels, self._idle, self._grace = pixels, idle, grace
        # Full-size results take memory and all cores: more at once would only be slower for all.
        self.heavy = threading.Semaphore(max(1, (os.cpu_count() or 2) // 2))
        self._sessions: dict[str, VisitorSession] = {}
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, visitor: str, session: Session, turn: int = 0) -> VisitorSession | None:
        """Let a visitor work on a picture; what there was before is one step of undo away.

        None where the visitor wished for another picture later (a higher `turn`) and has it.
        """
        with self._lock:
            visitor_session = self._sessions.get(visitor)
        if visitor_session is None:
            # Outside of the lock: it takes a moment, in which nobody else should wait.
            first = VisitorSession(session, turn)
            with self._lock:
                visitor_session = self._sessions.setdefault(visitor, first)
            opened = visitor_session is first or visitor_session.open(session, turn)
        else:
            opened = visitor_session.open(session, turn)
        if not opened:
            return None
        with self._lock:
            self._sessions[visitor] = visitor_session  # should it have been forgotten meanwhile
            self._until[visitor] = time.monotonic() + self._idle
            self._make_room(visitor)
        return visitor_session

    def _make_room(self, newest: str) -> None:
        by_idleness = sorted(self._until, key=self._until.__getitem__)
        for name in by_idleness:
            while self._pixels_held() > self._pixels and self._sessions[name].pictures.forget():
                pass
        for name in by_idleness:
            if name != newest and self._pixels_held() > self._pixels:
                self._forget(name)

    def _pixels_held(self) -> int:
        return sum(visitor_session.pixels for visitor_session in self._sessions.values())

    def find(self, visitor: str) -> VisitorSession | None:
        """This visitor's session, or None if there is none or it was put away."""
        self.sweep()
        with self._lock:
            visitor_session = self._sessions.get(visitor)
            if visitor_session is not None:
                self._until[visitor] = time.monotonic() + self._idle
            return visitor_session

    def leave(self, visitor: str) -> None:
        """The visitor's browser has gone; it may come back for a short while (a sleeping phone)."""
        with self._lock:
            if visitor in self._until:
                self._until[visitor] = time.monotonic() + self._grace

    def sweep(self) -> None:
        """Forget who has been idle, or gone, for too long."""
        now = time.monotonic()
        with self._lock:
            for visitor in [name for name, until in self._until.items() if until < now]:
                self._forget(visitor)

    def sweep_now_and_then(self) -> None:
        """Sweep in a thread of its own from now on, so that memory is free though nobody comes."""

        def sweep() -> None:
            while True:
                time.sleep(_SWEEP_SECONDS)
                self.sweep()

        threading.Thread(target=sweep, daemon=True, name="pickmatte-sweep").start()

    def _forget(self, visitor: str) -> None:
        visitor_session = self._sessions.pop(visitor, None)
        self._until.pop(visitor, None)
        if visitor_session is not None:
            visitor_session.close()
