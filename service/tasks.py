"""What to do with a picture, as values: prompts for subjects, automatic selection, or a recipe."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias, get_args

from pickmatte.interactive.edits.prompts import Box, Click, Phrase
from pickmatte.interactive.edits.state import Choice, Material
from pickmatte.models.errors import JobError, PromptError
from pickmatte.models.grounders.categories import Category

Source: TypeAlias = Path | bytes | BinaryIO

_NOTHING_SAID = "Say what to cut out: by a click, a box, a phrase, a mask or a recipe."


@dataclass(frozen=True)
class Take:
    """Of what the last phrase found, the detection with this number, from 0, is meant."""

    index: int

    def __post_init__(self) -> None:
        if self.index < 0:
            raise PromptError(f"There is no detection {self.index}; they are counted from 0.")


Prompt: TypeAlias = Click | Box | Phrase | Take | Choice


@dataclass(frozen=True)
class LayerFile:
    """A mask, trimap or alpha that the user has already, as a picture file of the photo's size."""

    kind: Literal["mask", "trimap", "alpha"]
    source: Source


@dataclass(frozen=True)
class SubjectPrompts:
    """What is said of one subject: prompts in their order, on top of a layer if one is given.

    band      scales the unknown band at the edge, 0 to 10; None leaves it as it is
    material  "glass" for what one sees through

    Raises `JobError` where nothing is said or one thing leaves nothing to another, and
    `PromptError` for a band or material that is none.
    """

    prompts: tuple[Prompt, ...] = ()
    name: str | None = None
    layer: LayerFile | None = None
    band: float | None = None
    material: Material | None = None

    def __post_init__(self) -> None:
        if self.layer is None and not self.prompts:
            raise JobError(_NOTHING_SAID)
        kind = self.layer.kind if self.layer else "mask"
        left = {"prompts": bool(self.prompts), "a material": self.material is not None}
        left["a band"] = kind == "alpha" and self.band is not None
        for what, said in left.items():
            if kind != "mask" and said:
                raise JobError(f"A given {kind} leaves nothing to {what}; give one of them.")
        if self.band is not None and not 0 <= self.band <= 10:
            raise PromptError(f"The band's scale must be between 0 and 10, not {self.band:g}.")
        if self.material not in (None, *get_args(Material)):
            raise PromptError(f"There is no material {self.material!r}; there are: solid, glass.")


@dataclass(frozen=True)
class Prompted:
    """Cut out these subjects. Raises `JobError` where there is none."""

    subjects: tuple[SubjectPrompts, ...]

    def __post_init__(self) -> None:
        if not self.subjects:
            raise JobError(_NOTHING_SAID)


@dataclass(frozen=True)
class Auto:
    """Cut out what stands out, or the largest of it, or what of it is of one kind."""

    model: str = "u2netp"
    largest: bool = False
    kind: Category | None = None


@dataclass(frozen=True, eq=False)
class Recipe:
    """Do again what a recipe tells, models included; `file` is where it was read from."""

    data: dict[str, Any]
    file: Path | None = None


def read_recipe(source: Path | BinaryIO) -> Recipe:
    """Read a recipe's JSON from a file; raises `PromptError` where that cannot be done."""
    file = source if isinstance(source, Path) else None
    try:
        text = source.read_bytes() if isinstance(source, Path) else source.read()
        return Recipe(json.loads(text.decode("utf-8")), file)
    except OSError as error:
        raise PromptError(
            f"The recipe {file or 'given'} cannot be read: {error.strerror}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise PromptError(f"{file or 'What was given'} is no recipe: {error}.") from error
