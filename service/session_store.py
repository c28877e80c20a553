"""Who is at the page: one visit for each visitor, bounded, and forgotten."""

from __future__ import annotations

import os
import threading
import time

from pickmatte import Session

from .visitor_session import VisitorSession


class SessionStore:
    """The visits there are, by visitor, with room for `pixels` in all.

    Who was idle longest makes room for a new picture; who is idle for `idle` seconds, or left
    `grace` seconds ago, is forgotten. The newest visit always has room.
    """

    def __init__(
        self, *, pixels: int = 150_000_000, idle: float = 1800, grace: float = 120
    ) -> None:
        self._pixels, self._idle, self._grace = pixels, idle, grace
        # Full-size results take memory and all cores: more at once would only be slower for all.
        self.heavy = threading.Semaphore(max(1, (os.cpu_count() or 2) // 2))
        self._visits: dict[str, VisitorSession] = {}
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._visits)

    def open(self, visitor: str, session: Session) -> VisitorSession:
        """Start a visit; what this visitor had before is forgotten."""
        visit = VisitorSession(session)
        with self._lock:
            self._forget(visitor)
            room = self._pixels - visit.pixels
            held = sum(other.pixels for other in self._visits.values())
            for idlest in sorted(self._until, key=self._until.__getitem__):
                if held <= room:
                    break
                held -= self._visits[idlest].pixels
                self._forget(idlest)
            self._visits[visitor] = visit
            self._until[visitor] = time.monotonic() + self._idle
        return visit

    def find(self, visitor: str) -> VisitorSession | None:
        """This visitor's visit, or None if there is none or it was put away."""
        self.sweep()
        with self._lock:
            visit = self._visits.get(visitor)
            if visit is not None:
                self._until[visitor] = time.monotonic() + self._idle
            return visit

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

    def _forget(self, visitor: str) -> None:
        visit = self._visits.pop(visitor, None)
        self._until.pop(visitor, None)
        if visit is not None:
            visit.close()
