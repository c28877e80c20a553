"""A visitor's pictures: the one that is worked on, and those that undo and redo bring back."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field

from pickmatte import Session

from .layer_views import LayerViews

_MOST_ASIDE = 4  # pictures that are not looked at; each holds memory beyond its pixels, too
_numbers = itertools.count()


@dataclass(eq=False)
class Opened:
    """One picture with all work on it; of the newest edit where edits go on."""

    session: Session
    matting: str  # as it was chosen: a model's name, or auto
    active: int | None = None  # the key of the subject that clicks go to; None: to a new one
    layers: LayerViews = field(init=False)  # what is shown of its subjects
    number: int = field(init=False, default_factory=lambda: next(_numbers))

    def __post_init__(self) -> None:
        self.layers = LayerViews(self.session.picture)

    @property
    def pixels(self) -> int:
        """The picture's pixels, to which the memory of its session is in proportion."""
        return self.session.size[0] * self.session.size[1]


class Pictures:
    """A line of pictures in the order they were opened; opening one is a step that is undone.

    All but the one that is worked on may be forgotten, to make room. Safe to share by threads.
    """

    def __init__(self, first: Opened) -> None:
        self._line: tuple[Opened, ...] = (first,)
        self._at = 0
        self._forgot = False  # a picture that undo would have brought back next
        self._lock = threading.Lock()

    @property
    def now(self) -> Opened:
        """The picture that is worked on."""
        with self._lock:
            return self._line[self._at]

    @property
    def has_before(self) -> bool:
        """Whether undo has another picture to bring back."""
        return self._at > 0

    @property
    def has_after(self) -> bool:
        """Whether redo has another picture to bring back."""
        with self._lock:
            return self._at + 1 < len(self._line)

    @property
    def forgot_before(self) -> bool:
        """Whether undo would bring back another picture, had it not been forgotten."""
        return self._at == 0 and self._forgot

    @property
    def has_work(self) -> bool:
        """Whether any picture has a subject."""
        with self._lock:
            return any(opened.session.subjects for opened in self._line)

    @property
    def pixels(self) -> int:
        """The pixels of all pictures together."""
        with self._lock:
            return sum(opened.pixels for opened in self._line)

    def open(self, opened: Opened) -> None:
        """Work on another picture; what redo would have brought back is gone."""
        with self._lock:
            self._line = (*self._line[: self._at + 1], opened)
            self._at += 1
            while self._at > _MOST_ASIDE:
                self._forget_first()

    def step(self, by: int) -> bool:
        """Go back (-1) or on (1) by a picture; False where there is none."""
        with self._lock:
            there = 0 <= self._at + by < len(self._line)
            self._at += by if there else 0
            return there

    def drop_after(self) -> None:
        """Forget what redo would bring back: this picture was edited."""
        with self._lock:
            self._line = self._line[: self._at + 1]

    def forget(self) -> bool:
        """Forget the picture that is farthest away from the one that is worked on, if any is."""
        with self._lock:
            if self._at + 1 < len(self._line) and self._at <= len(self._line) - 1 - self._at:
                self._line = self._line[:-1]
            elif self._at > 0:
                self._forget_first()
            else:
                return False
            return True

    def _forget_first(self) -> None:
        self._line = self._line[1:]
        self._at -= 1
        self._forgot = True
