"""What a user says about a subject. Frozen values, validated when they are made.

Coordinates are pixels (x, y) of the upright full-size picture, origin at its top-left corner.
Whether a prompt lies inside a given picture is asked with `check_inside`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from pickmatte.models.errors import PhraseError, PromptError
from pickmatte.models.protocols import Alpha

Point: TypeAlias = tuple[float, float]

_LONGEST = 300  # characters of a phrase


def _finite(*values: float) -> None:
    if not all(math.isfinite(value) for value in values):
        raise PromptError("A prompt's coordinates must be finite numbers.")


@dataclass(frozen=True)
class Click:
    """One point on the subject (`keep`) or on something that is not it (drop)."""

    x: float
    y: float
    keep: bool = True

    def __post_init__(self) -> None:
        _finite(self.x, self.y)


@dataclass(frozen=True)
class Box:
    """A rectangle around the subject; x1 and y1 are exclusive."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        _finite(self.x0, self.y0, self.x1, self.y1)
        if self.x1 - self.x0 < 1 or self.y1 - self.y0 < 1:
            raise PromptError(
                f"The box {self.x0:g},{self.y0:g},{self.x1:g},{self.y1:g} has no area; "
                "give its left, top, right and bottom."
            )

    @classmethod
    def between(cls, a: Point, b: Point) -> Box:
        """The box with two opposite corners, in any order."""
        return cls(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


@dataclass(frozen=True)
class Stroke:
    """A scribble: a line through points, on the subject (`keep`) or on what is not it (drop)."""

    points: tuple[Point, ...]
    keep: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", tuple((float(x), float(y)) for x, y in self.points))
        if not self.points:
            raise PromptError("A stroke needs at least one point.")
        for point in self.points:
            _finite(*point)


@dataclass(frozen=True)
class Phrase:
    """Words that name the subject, such as "the dog on the left".

    `take` is which of the detections is meant, from 0; None takes what the words ask for, which
    are several of them for "the two dogs".
    """

    text: str
    take: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", " ".join(str(self.text).split()))
        if not self.text:
            raise PhraseError("The phrase is empty; name what to keep, such as 'the dog'.")
        if len(self.text) > _LONGEST:
            raise PhraseError(f"The phrase is longer than {_LONGEST} characters; say it shorter.")
        take = self.take
        if take is not None and not (take >= 0 and float(take).is_integer()):
            raise PromptError(f"There is no detection {self.take}; they are counted from 0.")


Prompt: TypeAlias = Click | Box | Stroke | Phrase

_FINGERTIP = 0.01  # of the picture's long side: so far beside a thing a click is still meant for it


def check_inside(prompt: Prompt, size: tuple[int, int]) -> Prompt:
    """Return the prompt, a box cut to the picture; raise `PromptError` if it lies outside.

    `size` is the picture's height and width.
    """
    height, width = size
    if isinstance(prompt, Phrase):
        return prompt
    if isinstance(prompt, Box):
        if prompt.x0 >= width or prompt.y0 >= height or prompt.x1 <= 0 or prompt.y1 <= 0:
            raise PromptError(f"The box lies outside the picture of {width}×{height} pixels.")
        return Box(
            max(0, prompt.x0), max(0, prompt.y0), min(width, prompt.x1), min(height, prompt.y1)
        )
    points = ((prompt.x, prompt.y),) if isinstance(prompt, Click) else prompt.points
    for x, y in points:
        if not (0 <= x < width and 0 <= y < height):
            raise PromptError(
                f"The point {x:g},{y:g} is outside the picture of {width}×{height} pixels "
                f"(x runs from 0 to {width - 1}, y from 0 to {height - 1})."
            )
    return prompt


def check_visible(prompt: Prompt, own: Alpha | None) -> Prompt:
    """Return the prompt, a click just beside what is visible moved onto it.

    `own` is the picture's own alpha, float32 H×W; None where all of it is opaque. Raises
    `PromptError` for a prompt that keeps a place where nothing of the picture shows.
    """
    if own is None or isinstance(prompt, Phrase):
        return prompt
    if isinstance(prompt, Box):
        rows = slice(int(prompt.y0), math.ceil(prompt.y1))
        if not own[rows, int(prompt.x0) : math.ceil(prompt.x1)].any():
            raise PromptError("All in the box is transparent; draw it around what can be seen.")
        return prompt
    if not prompt.keep:
        return prompt
    points = ((prompt.x, prompt.y),) if isinstance(prompt, Click) else prompt.points
    nearest = [place for x, y in points if (place := _nearest_visible(x, y, own)) is not None]
    if not nearest:
        x, y = points[0]
        raise PromptError(
            f"The picture is transparent at {x:g},{y:g}; point at something that can be seen."
        )
    return (
        replace(prompt, x=nearest[0][0], y=nearest[0][1]) if isinstance(prompt, Click) else prompt
    )


def _nearest_visible(x: float, y: float, own: Alpha) -> Point | None:
    """The point itself, or the middle of the nearest visible pixel within a fingertip."""
    column, row = int(x), int(y)
    if own[row, column] > 0:
        return x, y
    reach = max(1, round(_FINGERTIP * max(own.shape)))
    top, left = max(0, row - reach), max(0, column - reach)
    rows, columns = np.nonzero(own[top : row + reach + 1, left : column + reach + 1])
    if not len(rows):
        return None
    at = int(np.argmin(np.hypot(rows + top - row, columns + left - column)))
    return float(columns[at] + left) + 0.5, float(rows[at] + top) + 0.5
