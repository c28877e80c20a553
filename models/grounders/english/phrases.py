"""Parse English noun phrases: "the woman in the red coat on the left".

`parse` cuts off what is excluded ("everything but the car"), reads a noun with the words before it
(`nouns.py`), then what follows (`clauses.py`): places, clothes, actions, objects beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pickmatte.models.errors import PhraseError

from . import nouns
from .clauses import PREPOSITIONS, follow
from .description import Description
from .lexicon import lexicon, one_letter_off, words_in
from .noun_builder import NounBuilder
from .nouns import DETERMINERS, read_noun
from .places import BEFORE, ORDINALS, SPOTS, word_at
from .tokens import Word, tokens

_OPENERS = words_in(
    "please find select show me cut out extract keep only just get give pick choose take i want "
    "need isolate grab crop the a an"
)
_NOT = (
    ("other", "than"), ("apart", "from"), ("aside", "from"), ("but", "not"), ("and", "not"),
    ("except", "for"), ("except",), ("excepting",), ("excluding",), ("but",), ("without",),
    ("minus",), ("not",), ("isn't",), ("aren't",), ("nor",),
)  # fmt: skip
_GRAMMAR = words_in(
    "other another side hand corner half edge end part picture photo image frame camera viewer "
    "away very far really quite whose"
).union(
    nouns.FUNCTION_WORDS, nouns.DETERMINERS, nouns.NUMBERS, nouns.AMOUNTS, nouns.EVERYTHING,
    nouns.THING, SPOTS, BEFORE, ORDINALS, _OPENERS, *PREPOSITIONS, *_NOT,
)  # fmt: skip


def parse(text: str) -> Description:
    """Return the meaning of a phrase.

    A noun that is in no lexicon gives a description with no classes; see `known`. Raises
    `PhraseError` for a phrase that says nothing or names no object.
    """
    notes: list[str] = []
    words = [part for word in tokens(text) for part in _corrected(word, notes)]
    while words and words[0] in _OPENERS:
        words = words[1:]
    if not text.strip():
        raise PhraseError("The phrase is empty; say what to keep, like: the dog on the left.")
    requested, *excluded = _split(words)
    noun = _read(requested) if requested or not excluded else NounBuilder(noun="thing", count=None)
    if not (noun.noun and noun.noun.isascii()):
        raise PhraseError(
            f'"{text.strip()}" names no thing; say one in English, like: the dog on the left.'
        )
    without = [_excluded(words, noun) for words in excluded]
    return noun.description(text.strip(), without, notes)


def known(description: Description) -> Description:
    """Return the description unchanged if the starter set has a class for its noun.

    Objects it stands in a relation to may be unknown: that relation then goes unchecked. Raises
    `PhraseError` that names the unknown word and the nearest known ones.
    """
    for one in (description, *description.without):
        if one.classes or one.finer or one.anything:
            continue
        words = lexicon()
        if one.noun in words.beyond or one.noun in words.wear:
            what = "is none of the things the starter set can find"
            hint = "click on it, or use an open-vocabulary grounder"
        else:
            what, near = "is not a word I know", words.nearest(one.noun)
            hint = f"nearest: {', '.join(near)}" if near else "say it with a more common word"
        raise PhraseError("; ".join((*description.notes, f'"{one.said}" {what}', f"{hint}.")))
    return description


def _corrected(word: Word, notes: list[str]) -> list[Word]:
    """Return the word as it is if it is known; else with its hyphen undone, or one letter mended.

    A word that English has stays, known here or not: "whiskers" is no misspelt "whiskey".
    """
    words = lexicon()
    if "-" in word and not _is_known(word):
        parts = word.parts()
        joined = "".join(parts)
        return [word.instead(joined)] if words.noun(joined) else parts
    mended = None if word in words.real else mend(word)
    if mended is None:
        return [word]
    notes.append(f'"{word.typed}" is taken for "{mended}"')
    return [word.instead(mended, mended=True)]


def mend(word: str) -> str | None:
    """Return the known word, perhaps a plural, that an unknown one is one letter off, or None."""
    if _is_known(word) or word.endswith(("ing", "ed")):  # "taking" is no misspelt "talking"
        return None
    known = lexicon().everything | _GRAMMAR
    stem = one_letter_off(word[:-1], known) if word.endswith("s") else None
    return f"{stem}s" if stem and not _is_known(word[:-1]) else one_letter_off(word, known)


def _is_known(word: str) -> bool:
    words = lexicon()
    return word in words.everything or word in _GRAMMAR or words.noun(word) is not None


def _split(words: Sequence[Word]) -> list[list[Word]]:
    """Split the words into what is meant and each thing that is excluded.

    "without" is kept as "with" at the head of its part.
    """
    parts: list[list[Word]] = [[]]
    at = 0
    while at < len(words):
        marker = next((m for m in _NOT if tuple(words[at : at + len(m)]) == m), None)
        again = len(parts) > 1 and words[at] in ("and", "or", ",") and parts[-1]
        if marker:
            parts.append([words[at].instead("with")] if marker == ("without",) else [])
            at += len(marker)
        elif again and word_at(words, at + 1) in DETERMINERS:
            parts.append([])
            at += 1
        else:
            parts[-1].append(words[at])
            at += 1
    return [parts[0], *(part for part in parts[1:] if part)]


def _excluded(words: Sequence[Word], main: NounBuilder) -> Description:
    """Return what is excluded; "not the left one" and "without a hat" are said of the same noun.

    A place said after the clothes of an excluded one still belongs to the main noun.
    """
    other = _read(words, main)
    if other.noun == main.noun and other.worn and other.places:
        main.place(*other.places)
        other.places = []
    return other.description(" ".join(words))


def _read(words: Sequence[Word], same: NounBuilder | None = None) -> NounBuilder:
    """Return a noun with all that is said of it; `same` is the noun where the words have none."""
    starts_with_verb = same is not None and word_at(words, 0) in lexicon().verbs
    noun, at = (NounBuilder(), 0) if starts_with_verb else read_noun(words, 0, lexicon())
    if same is not None and noun.noun in ("", "thing"):
        noun.like(same)
    elif not noun.noun:
        return noun
    follow(words, at, noun, lexicon())
    return noun
