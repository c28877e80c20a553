"""What the user did to a picture, as a small immutable value.

Every edit makes a new `State`; undo is the previous one. Masks, trimaps and alphas are derived
from it and never part of it, except where the user brought one along (`UserLayer`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.errors import MaskError, PromptError, TrimapError

from .paint import Paint
from .prompts import Prompt


class Key:
    """What something is derived from: values to find it by in a cache, hashed only once.

    Two keys are equal where their values are. A key of keys costs no more than a short tuple,
    however many steps they stand for.
    """

    __slots__ = ("_hash", "_values")

    def __init__(self, *values: Hashable) -> None:
        self._values = values
        self._hash = hash(values)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        same = isinstance(other, Key) and self._hash == other._hash
        return same and self._values == other._values  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Choice:
    """The user took another candidate than the first; later prompts refine that one."""

    index: int

    def __post_init__(self) -> None:
        if not (self.index >= 0 and float(self.index).is_integer()):
            raise PromptError(f"There is no candidate {self.index}; they are counted from 0.")


Step: TypeAlias = Prompt | Choice
Material: TypeAlias = Literal["solid", "glass"]  # glass: whatever one sees through


@dataclass(frozen=True, eq=False)
class UserLayer:
    """A mask (bool), trimap (uint8) or alpha (float32) that the user brought along, H×W.

    The pixels are a read-only copy: what happens to the user's array is no edit. Raises
    `TrimapError` for a trimap of other values than 0, 128 and 255 or without foreground,
    `MaskError` for a mask or alpha that is empty, a mask of floats, or an alpha with values outside
    of 0..1, NaN among them.
    """

    kind: Literal["mask", "trimap", "alpha"]
    pixels: NDArray[Any]

    def __post_init__(self) -> None:
        _check[self.kind](self.pixels)
        pixels: NDArray[Any] = np.array(self.pixels, _DTYPES[self.kind], order="C")
        if self.kind == "alpha":
            np.clip(pixels, 0, 1, out=pixels)
        pixels.flags.writeable = False
        object.__setattr__(self, "pixels", pixels)

    @cached_property
    def digest(self) -> str:
        """Hash of the pixels and their shape."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        digest.update(self.pixels.data)
        return digest.hexdigest()

    @property
    def identity(self) -> tuple[str, str]:
        """What tells it from others in a key, which so does not hold on to its pixels."""
        return self.kind, self.digest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UserLayer) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)


def _check_mask(pixels: NDArray[Any]) -> None:
    if pixels.dtype.kind not in "bui":
        raise MaskError("A mask holds True and False; say from where on a soft one is the subject.")
    if not pixels.any():
        raise MaskError("The mask is empty: nothing in it belongs to the subject.")


def _check_trimap(pixels: NDArray[Any]) -> None:
    if pixels.dtype != np.uint8 or not np.isin(np.unique(pixels), (0, 128, 255)).all():
        raise TrimapError("A trimap holds only 0 (background), 128 (unknown), 255 (foreground).")
    if not (pixels == 255).any():
        raise TrimapError("The trimap has no foreground (255); mark some of the subject.")


def _check_alpha(pixels: NDArray[Any]) -> None:
    fits = pixels.dtype.kind in "fiub" and pixels.min() >= -ROUNDING
    if not (fits and pixels.max() <= 1 + ROUNDING):  # so that NaN fails
        raise MaskError("An alpha holds numbers from 0 (outside) to 1 (the subject); scale it so.")
    if not (pixels > 0).any():
        raise MaskError("The alpha is empty: nothing in it belongs to the subject.")


ROUNDING = 1e-3  # how far beyond 0..1 an alpha may lie by the arithmetic that made it
_check = {"mask": _check_mask, "trimap": _check_trimap, "alpha": _check_alpha}
_DTYPES = {"mask": np.bool_, "trimap": np.uint8, "alpha": np.float32}


@dataclass(frozen=True)
class SubjectState:
    """One subject: its steps in the order they were made, on top of what was given if anything."""

    key: int  # tells subjects of a session apart; names need not be unique
    name: str
    steps: tuple[Step, ...] = ()
    user_layer: UserLayer | None = None
    band: float = 1.0
    material: Material = "solid"
    paint: tuple[Paint, ...] = ()  # laid over the trimap, in order
    kept: bool = True  # part of the cut-out
    locked: bool = False  # refuses edits

    @cached_property
    def candidates_key(self) -> Key:
        """The key of its candidates by themselves."""
        return candidates_key(self.steps, self.user_layer)

    @cached_property
    def masks_key(self) -> Key:
        """The key of its mask by itself: of its candidates and of what was painted."""
        return Key(self.candidates_key, self.paint)

    @property
    def known_alpha(self) -> UserLayer | None:
        """The alpha that the user brought along, where it is to be taken as it is."""
        user_layer = self.user_layer
        brought = user_layer is not None and user_layer.kind == "alpha"
        return user_layer if brought and not (self.steps or self.paint) else None

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The steps without the choices."""
        return tuple(step for step in self.steps if not isinstance(step, Choice))


def candidates_key(steps: tuple[Step, ...], user_layer: UserLayer | None) -> Key:
    """The key of the candidates that these steps lead to, on top of what was given if anything."""
    return Key(steps, user_layer and user_layer.identity)


@dataclass(frozen=True)
class State:
    """Everything that was done to one picture."""

    subjects: tuple[SubjectState, ...] = ()  # in the order they were made
    order: tuple[int, ...] = ()  # their keys, front to back, where the user said so

    @cached_property
    def prompted(self) -> tuple[SubjectState, ...]:
        """The subjects that have prompts, or a layer that the user brought along."""
        return tuple(subject for subject in self.subjects if subject.steps or subject.user_layer)

    @cached_property
    def candidates_key(self) -> Key:
        """The key of all candidates, which know of each other and of who is in front."""
        return Key(
            tuple((subject.key, subject.candidates_key) for subject in self.prompted), self.order
        )

    @cached_property
    def masks_key(self) -> Key:
        """The key of all masks, which share the picture's pixels among them."""
        return Key(tuple((subject.key, subject.masks_key) for subject in self.prompted), self.order)

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
            # What is made last is what the user is looking at: in front, where order was told.
            order = (subject.key, *self.order) if self.order else ()
            return replace(self, subjects=(*self.subjects, subject), order=order)
        subjects = tuple(subject if o.key == subject.key else o for o in self.subjects)
        return replace(self, subjects=subjects)

    def without(self, key: int) -> State:
        """A new state in which there is no such subject."""
        return State(
            tuple(subject for subject in self.subjects if subject.key != key),
            tuple(other for other in self.order if other != key),
        )
