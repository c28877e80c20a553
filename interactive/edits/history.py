"""Undo and redo as one small immutable value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .state import State

_DEPTH = 200  # edits that can be taken back


@dataclass(frozen=True)
class History:
    """The state as it is now, those before it, and those that were taken back, the last one last.

    It changes as a whole or not at all: who copies it while another thread edits has either what
    was before the edit or what is after it.
    """

    now: State = field(default_factory=State)
    past: tuple[State, ...] = ()
    future: tuple[State, ...] = ()

    def edited(self, state: State) -> History:
        """After one more edit, which ends what could be done again."""
        return History(state, (*self.past[-(_DEPTH - 1) :], self.now))

    def undone(self) -> History:
        """After the last edit was taken back; itself if there was none."""
        if not self.past:
            return self
        *past, now = self.past
        return History(now, tuple(past), (*self.future, self.now))

    def redone(self) -> History:
        """After the last undone edit was done again; itself if there was none."""
        if not self.future:
            return self
        *future, now = self.future
        return History(now, (*self.past, self.now), tuple(future))

    def as_one(self, before: History) -> History:
        """With all edits since `before` as one; `before` if they come to nothing."""
        if self.now == before.now:
            return before
        return replace(self, past=(*before.past[-(_DEPTH - 1) :], before.now))
