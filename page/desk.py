"""Who is at the page and with which picture: one visit for each visitor, bounded, and forgotten."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from interactive import Session, Subject
from models.errors import PickmatteError

# Counted over all visits: what belongs to an earlier picture of the same visitor is older too.
_editions = itertools.count()


@dataclass(frozen=True)
class Shot:
    """A visit at one moment: slow results computed from it are not disturbed by later edits."""

    session: Session
    edition: int
    can_undo: bool
    can_redo: bool
    matting: str  # as it was chosen: a model's name, or auto

    @property
    def subject(self) -> Subject:
        """The subject the page works on."""
        return self.session.subjects[0]


class Visit:
    """One visitor's picture. Edits are taken one at a time; every edit is a new edition."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.subject = session.subject("subject")
        self.edition = next(_editions)
        self.matting = session.matting
        self.refining = threading.Lock()  # one full-size result at a time
        self._editing = threading.Lock()
        self._behind = self._ahead = 0  # edits since the picture was opened, and undone ones
        self._folder: Path | None = None

    @property
    def pixels(self) -> int:
        """The picture's pixels, to which all memory of a visit is in proportion."""
        return self.session.size[0] * self.session.size[1]

    def edit(self, change: Callable[[Subject], object]) -> Shot:
        """Change the subject; raises what `change` raises, and is then as it was."""
        with self._editing:
            before = self.session.recipe()
            change(self.subject)
            if self.session.recipe() != before:
                self._behind, self._ahead = self._behind + 1, 0
            return self._next()

    def undo(self) -> Shot:
        """Take the last edit back, if there is one; never the opening of the picture."""
        with self._editing:
            if self._behind and self.session.undo():
                self._behind, self._ahead = self._behind - 1, self._ahead + 1
            return self._next()

    def redo(self) -> Shot:
        """Do an undone edit again, if there is one."""
        with self._editing:
            if self._ahead and self.session.redo():
                self._behind, self._ahead = self._behind + 1, self._ahead - 1
            return self._next()

    def use_matting(self, name: str) -> Shot:
        """Let another model make the alphas; no edit to be undone."""
        with self._editing:
            self.session.use_matting(name)
            self.matting = name
            return self._next()

    def shot(self) -> Shot:
        """The visit as it is now."""
        with self._editing:
            return self._shot()

    def _next(self) -> Shot:
        self.edition = next(_editions)
        return self._shot()

    def _shot(self) -> Shot:
        edition = self.edition
        return Shot(
            self.session.snapshot(cancelled=lambda: self.edition != edition),
            edition,
            self._behind > 0,
            self._ahead > 0,
            self.matting,
        )

    def look(self) -> None:
        """Let the segmenter look at the picture, so that the first click need not wait for it."""
        with self._editing, suppress(PickmatteError):
            self.session.look()

    def save(self) -> Path:
        """Write the cut-out as it is now; the file goes when the visit is forgotten."""
        with self._editing:
            session = self.session.snapshot()  # an edit meanwhile must not stop it
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="pickmatte-"))
        return session.save(self._folder / f"{session.picture.name}-cutout.png")

    def close(self) -> None:
        """Remove the files that were written for this visit."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


class Desk:
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
        self._visits: dict[str, Visit] = {}
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._visits)

    def open(self, visitor: str, session: Session) -> Visit:
        """Start a visit; what this visitor had before is forgotten."""
        visit = Visit(session)
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

    def find(self, visitor: str) -> Visit | None:
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
