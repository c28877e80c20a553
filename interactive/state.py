"""What the user did to a picture, as a small immutable value.

Every edit makes a new `State`; undo is the previous one. Masks, trimaps and alphas are derived
from it and never part of it, except where the user brought one along (`Given`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .prompts import Prompt


@dataclass(frozen=True)
class Choice:
    """The user took another candidate than the first; later prompts refine that one."""

    index: int


Step: TypeAlias = Prompt | Choice


@dataclass(frozen=True, eq=False)
class Given:
    """A mask (bool), trimap (uint8) or alpha (float32) that the user brought along, H×W."""

    kind: Literal["mask", "trimap", "alpha"]
    pixels: NDArray[np.generic]

    @cached_property
    def digest(self) -> str:
        """Hash of the pixels."""
        return hashlib.sha256(np.ascontiguousarray(self.pixels).data).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Given) and (self.kind, self.digest) == (other.kind, other.digest)

    def __hash__(self) -> int:
        return hash((self.kind, self.digest))


@dataclass(frozen=True)
class SubjectState:
    """One subject: its steps in the order they were made, on top of what was given if anything."""

    key: int  # tells subjects of a session apart; names need not be unique
    name: str
    steps: tuple[Step, ...] = ()
    given: Given | None = None
    band: float = 1.0

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The steps without the choices."""
        return tuple(step for step in self.steps if not isinstance(step, Choice))


@dataclass(frozen=True)
class State:
    """Everything that was done to one picture."""

    subjects: tuple[SubjectState, ...] = field(default=())

    def get(self, key: int) -> SubjectState:
        """The subject with that key; `KeyError` if it is not there (after an undo, say)."""
        for subject in self.subjects:
            if subject.key == key:
                return subject
        raise KeyError(key)

    def put(self, subject: SubjectState) -> State:
        """A new state in which `subject` replaces the one with its key, or comes last."""
        keys = [other.key for other in self.subjects]
        if subject.key not in keys:
            return replace(self, subjects=(*self.subjects, subject))
        subjects = tuple(subject if o.key == subject.key else o for o in self.subjects)
        return replace(self, subjects=subjects)
