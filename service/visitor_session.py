"""One visitor's pictures: what is done to them, and what the one on the table is at a moment."""

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
from pickmatte.models.errors import Cancelled, PickmatteError, PromptError

from .edits import EDITS, Said, named
from .layer_views import LayerView, LayerViews
from .opened_pictures import Opened, Pictures

LAYERED = ("psd", "ora", "tiff", "zip")
GONE = "The photo before this one was put away to make room; it cannot be brought back."
_revisions = itertools.count()


@dataclass(frozen=True)
class Snapshot:
    """A session at one moment: slow results computed from it are not disturbed by later edits."""

    session: Session
    revision: int
    photo: int  # the number of the picture
    active: int | None  # the key of the subject that clicks go to; None: to a new one
    matting: str  # as it was chosen: a model's name, or auto
    layers: LayerViews  # the same for all shots of a picture
    can_undo: bool
    can_redo: bool
    has_work: bool  # in any picture of the session
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
    """One visitor's pictures. Edits are taken one at a time; every edit is a new revision.

    `turn` counts a visitor's wishes to open a picture: whichever is ready first, one that was
    wished for later is not replaced by an earlier one.
    """

    def __init__(self, session: Session, turn: int = 0) -> None:
        self.pictures = Pictures(Opened(session, session.matting))
        self.revision = next(_revisions)
        self.refining = threading.Lock()  # one full-size result at a time
        self.turn = turn
        self._editing = threading.Lock()
        self._peeks = itertools.count()
        self._newest_peek = -1
        self._folder: Path | None = None

    @property
    def session(self) -> Session:
        """The session of the picture that is worked on."""
        return self.pictures.now.session

    @property
    def active(self) -> int | None:
        """The key of the subject that clicks go to; None: to a new one."""
        return self.pictures.now.active

    @property
    def pixels(self) -> int:
        """The pixels of all pictures, to which all memory of a session is in proportion."""
        return self.pictures.pixels

    def open(self, session: Session, turn: int = 0) -> bool:
        """Work on another picture, one step of undo; False where a later wish was quicker."""
        opened = Opened(session, session.matting)
        with self._editing:
            if turn < self.turn:
                return False
            self.turn = turn
            self.pictures.open(opened)
            self.revision = next(_revisions)
            return True

    def do(self, said: Said) -> Snapshot:
        """What the browser asks for by name (`do`): one of the `EDITS`, or what is no edit.

        It may say of which picture it speaks (`photo`); of another one nothing is changed.
        """
        others: dict[str, Callable[[], Snapshot]] = {
            "pick": lambda: self.pick(said["key"]),
            "undo": self.undo,
            "redo": self.redo,
            "matting": lambda: self.use_matting(str(said["name"])),
        }
        name, photo = str(said["do"]), said.get("photo")
        if photo is not None and photo != self.pictures.now.number:
            return self.snapshot()
        return others[name]() if name in others else self.edit(name, said)

    def edit(self, name: str, said: Said) -> Snapshot:
        """One of the `EDITS`, as one step of undo; where it raises, nothing was done."""
        with self._editing:
            now = self.pictures.now
            before = now.session.state
            with now.session.one_step():
                active = EDITS[name](now.session, _with_key(now.session, now.active), said)
            now.active = None if active is None else active.key
            if now.session.state != before:
                self.pictures.drop_after()
            return self._next()

    def pick(self, key: int | None) -> Snapshot:
        """Let clicks go to another subject, or to a new one; no edit to be undone."""
        with self._editing:
            now = self.pictures.now
            now.active = None if key is None else named(now.session, {"key": key}).key
            return self._next()

    def undo(self) -> Snapshot:
        """Take the last edit back, or the last opening of a picture, if there is one.

        Raises `PromptError` where the picture before was put away.
        """
        return self._travel(Session.undo, -1)

    def redo(self) -> Snapshot:
        """Do again what was undone last, if anything was."""
        return self._travel(Session.redo, 1)

    def _travel(self, go: Callable[[Session], bool], step: int) -> Snapshot:
        """What comes back is what is worked on next; what is gone cannot be."""
        with self._editing:
            now = self.pictures.now
            before = {subject.key for subject in now.session.subjects}
            if go(now.session):
                after = [subject.key for subject in now.session.subjects]
                returned = [key for key in after if key not in before]
                if returned:
                    now.active = returned[-1]
                elif now.active not in after:
                    now.active = after[-1] if after else None
            elif not self.pictures.step(step) and step < 0 and self.pictures.forgot_before:
                raise PromptError(GONE)
            return self._next()

    def use_matting(self, name: str) -> Snapshot:
        """Let another model make the alphas; no edit to be undone."""
        with self._editing:
            now = self.pictures.now
            now.session.use_matting(name)
            now.matting = name
            return self._next()

    def peek(self, said: Said) -> tuple[Snapshot, Subject | None] | None:
        """What the session would be after a click: its snapshot, and the subject then active.

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
        """The session as it is now."""
        with self._editing:
            return self._shot()

    def _next(self) -> Snapshot:
        self.revision = next(_revisions)
        return self._shot()

    def _shot(self) -> Snapshot:
        revision, pictures, now = self.revision, self.pictures, self.pictures.now

        def superseded() -> bool:
            return self.revision != revision

        return Snapshot(
            session=now.session.snapshot(cancelled=superseded),
            revision=revision,
            photo=now.number,
            active=now.active,
            matting=now.matting,
            layers=now.layers,
            can_undo=now.session.can_undo or pictures.has_before,
            can_redo=now.session.can_redo or pictures.has_after,
            has_work=pictures.has_work,
            superseded=superseded,
        )

    def look(self) -> None:
        """Let the segmenter look at the picture, so that the first click need not wait for it."""
        with suppress(PickmatteError):
            self.snapshot().session.look()  # edits need not wait for it

    def save(self, kind: str, key: int | None = None) -> Path:
        """Write a file of what is there now; it goes when the session is forgotten.

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
        """Remove the files that were written for this session."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _with_key(session: Session, key: int | None) -> Subject | None:
    return next((subject for subject in session.subjects if subject.key == key), None)


def _plain(name: str) -> str:
    """A subject's name as a part of a file's."""
    return re.sub(r"[^\w-]+", "-", name).strip("-") or "subject"
