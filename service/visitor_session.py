"""One visitor's picture: what is done to it, and what it is at one moment."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pickmatte import Session, Subject
from pickmatte.models.errors import Cancelled, PickmatteError

from .edits import EDITS, Said, named
from .layer_views import LayerView, LayerViews

LAYERED = ("psd", "ora", "tiff", "zip")
# Counted over all visits: what belongs to an earlier picture of the same visitor is older too.
_revisions = itertools.count()


@dataclass(frozen=True)
class Snapshot:
    """A visit at one moment: slow results computed from it are not disturbed by later edits."""

    session: Session
    revision: int
    active: int | None  # the key of the subject that clicks go to; None: to a new one
    matting: str  # as it was chosen: a model's name, or auto
    layers: LayerViews  # the same for all shots of a visit
    superseded: Callable[[], bool]  # by a newer edit

    @property
    def subject(self) -> Subject | None:
        """The subject that clicks go to."""
        return _with_key(self.session, self.active)

    def known(self) -> dict[int, LayerView]:
        """What is shown of each subject, by its key."""
        return self.layers.of(self.session, self.matting, self.revision)

    def preview(self) -> None:
        """Make a quick alpha of every subject that has none yet."""
        for subject in self._seen():
            self.layers.previewed(subject, self.known()[subject.key])

    def refine(self) -> bool:
        """Make the full-size results that lack; False where a newer edit makes them pointless."""
        try:
            for subject in self._seen():
                if self.superseded():
                    return False
                self.layers.refined(subject, self.known()[subject.key])
            self._refine_alone()
        except Cancelled:
            return False
        return not self.superseded()

    def _refine_alone(self) -> None:
        """The cut-out of the active subject where it is not all there is to see."""
        active = self.subject
        if active is None or len(self.session.subjects) < 2:
            return
        layer = self.known()[active.key]
        if "alone" not in dict(layer.views):
            cutout = self.session.cutout([active])
            self.layers.alone(active, layer, cutout.astype(np.uint8, copy=False))

    def _seen(self) -> list[Subject]:
        """Whose results are looked at: the active subject first, for it was edited."""
        seen = [subject for subject in self.session.order if subject.kept]
        active = self.subject
        if active is None:
            return seen
        return [active, *(subject for subject in seen if subject.key != active.key)]


class VisitorSession:
    """One visitor's picture. Edits are taken one at a time; every edit is a new edition."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.active: int | None = None
        self.revision = next(_revisions)
        self.matting = session.matting
        self.layers = LayerViews(session.picture.rgb)
        self.refining = threading.Lock()  # one full-size result at a time
        self._editing = threading.Lock()
        self._peeks = itertools.count()
        self._newest_peek = -1
        self._folder: Path | None = None

    @property
    def pixels(self) -> int:
        """The picture's pixels, to which all memory of a visit is in proportion."""
        return self.session.size[0] * self.session.size[1]

    def do(self, said: Said) -> Snapshot:
        """What the browser asks for by name (`do`): one of the `EDITS`, or what is no edit."""
        others: dict[str, Callable[[], Snapshot]] = {
            "pick": lambda: self.pick(said["key"]),
            "undo": self.undo,
            "redo": self.redo,
            "matting": lambda: self.use_matting(str(said["name"])),
        }
        name = str(said["do"])
        return others[name]() if name in others else self.edit(name, said)

    def edit(self, name: str, said: Said) -> Snapshot:
        """One of the `EDITS`, as one step of undo; where it raises, nothing was done."""
        with self._editing:
            with self.session.one_step():
                active = EDITS[name](self.session, _with_key(self.session, self.active), said)
            self.active = None if active is None else active.key
            return self._next()

    def pick(self, key: int | None) -> Snapshot:
        """Let clicks go to another subject, or to a new one; no edit to be undone."""
        with self._editing:
            self.active = None if key is None else named(self.session, {"key": key}).key
            return self._next()

    def undo(self) -> Snapshot:
        """Take the last edit back, if there is one."""
        return self._travel(Session.undo)

    def redo(self) -> Snapshot:
        """Do an undone edit again, if there is one."""
        return self._travel(Session.redo)

    def _travel(self, go: Callable[[Session], bool]) -> Snapshot:
        """What comes back is what is worked on next; what is gone cannot be."""
        with self._editing:
            before = {subject.key for subject in self.session.subjects}
            go(self.session)
            after = [subject.key for subject in self.session.subjects]
            returned = [key for key in after if key not in before]
            if returned:
                self.active = returned[-1]
            elif self.active not in after:
                self.active = after[-1] if after else None
            return self._next()

    def use_matting(self, name: str) -> Snapshot:
        """Let another model make the alphas; no edit to be undone."""
        with self._editing:
            self.session.use_matting(name)
            self.matting = name
            return self._next()

    def peek(self, said: Said) -> tuple[Snapshot, Subject | None] | None:
        """What the visit would be after a click: the shot as it is, and the subject then active.

        None where a newer question came meanwhile. The picture is left as it is.
        """
        mine = self._newest_peek = next(self._peeks)
        snapshot = self.snapshot()
        if mine != self._newest_peek:
            return None
        session = snapshot.session.snapshot()
        then = EDITS["click"](session, _with_key(session, snapshot.active), said)
        # What is only looked at must not push what the subjects are made of out of the cache.
        for subject in snapshot.session.subjects:
            _ = subject.candidates
        return (snapshot, then) if mine == self._newest_peek else None

    def snapshot(self) -> Snapshot:
        """The visit as it is now."""
        with self._editing:
            return self._shot()

    def _next(self) -> Snapshot:
        self.revision = next(_revisions)
        return self._shot()

    def _shot(self) -> Snapshot:
        revision = self.revision

        def superseded() -> bool:
            return self.revision != revision

        session = self.session.snapshot(cancelled=superseded)
        return Snapshot(session, revision, self.active, self.matting, self.layers, superseded)

    def look(self) -> None:
        """Let the segmenter look at the picture, so that the first click need not wait for it."""
        with self._editing, suppress(PickmatteError):
            self.session.look()

    def save(self, kind: str, key: int | None = None) -> Path:
        """Write a file of what is there now; it goes when the visit is forgotten.

        `png` is all kept subjects as one, or only the one with `key`; `rest` is the picture
        without them; `psd`, `ora`, `tiff` and `zip` hold every subject as a layer.
        """
        with self._editing:
            session = self.session.snapshot()  # an edit meanwhile must not stop it
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="pickmatte-"))
        stem = self._folder / session.picture.name
        if kind in LAYERED:
            return session.save_layers(f"{stem}-layers.{kind}")
        if kind == "rest":
            return session.save(f"{stem}-rest.png", invert=True)
        if key is None:
            return session.save(f"{stem}-cutout.png")
        subject = named(session, {"key": key})
        return session.save(f"{stem}-{_plain(subject.name)}.png", [subject])

    def close(self) -> None:
        """Remove the files that were written for this visit."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _with_key(session: Session, key: int | None) -> Subject | None:
    return next((subject for subject in session.subjects if subject.key == key), None)


def _plain(name: str) -> str:
    """A subject's name as a part of a file's."""
    return re.sub(r"[^\w-]+", "-", name).strip("-") or "subject"
