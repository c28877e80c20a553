"""Point at a subject in a photo, or name it, and get a production cut-out of exactly that subject.

    from pickmatte import Session

    session = Session.open("photo.jpg")
    session.subject("dog").click(430, 220)
    session.save("dog.png")

What is named here is the public interface. It is imported when it is first asked for, so that
`pickmatte --help` need not wait for NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pickmatte import models as models
    from pickmatte.interactive.edits.paint import Paint as Paint
    from pickmatte.interactive.edits.prompts import Box as Box
    from pickmatte.interactive.edits.prompts import Click as Click
    from pickmatte.interactive.edits.prompts import Phrase as Phrase
    from pickmatte.interactive.edits.prompts import Prompt as Prompt
    from pickmatte.interactive.edits.prompts import Stroke as Stroke
    from pickmatte.interactive.pictures.picture import Picture as Picture
    from pickmatte.interactive.pictures.picture import open_picture as open_picture
    from pickmatte.interactive.session import Session as Session
    from pickmatte.interactive.subject import Subject as Subject
    from pickmatte.models.errors import PickmatteError as PickmatteError

_HOME = {
    "Box": "interactive.edits.prompts",
    "Click": "interactive.edits.prompts",
    "Paint": "interactive.edits.paint",
    "Phrase": "interactive.edits.prompts",
    "PickmatteError": "models.errors",
    "Picture": "interactive.pictures.picture",
    "Prompt": "interactive.edits.prompts",
    "Session": "interactive.session",
    "Stroke": "interactive.edits.prompts",
    "Subject": "interactive.subject",
    "open_picture": "interactive.pictures.picture",
}
__all__ = ["models", *_HOME]


def __getattr__(name: str) -> Any:
    if name == "models":
        return import_module(".models", __name__)
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
