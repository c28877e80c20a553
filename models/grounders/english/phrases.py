"""English noun phrases, understood: "the woman in the red coat on the left".

`parse` cuts off what is not meant ("everything but the car"), reads a noun with the words before
it (`nouns.py`), then whatever follows: places, clothes, doings, things beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pickmatte.models.errors import PhraseError

from . import nouns
from .clauses import PREPOSITIONS, follow
from .description import Description
from .lexicon import lexicon, one_letter_off, words_in
from .noun_builder import NounBuilder
from .nouns import DETERMINERS, read_noun
from .places import BEFORE, ORDINALS, SPOTS, word_at

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
_TOKEN = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*|,|&")


def parse(text: str) -> Description:
    """What a phrase asks for.

    A noun that is in no lexicon gives a description with no classes: see `known`.
    Raises `PhraseError` for a phrase that says nothing or names no thing.
    """
    notes: list[str] = []
    words = [part for word in _words(text) for part in _corrected(word, notes)]
    while words and words[0] in _OPENERS:
        words = words[1:]
    if not text.strip():
        raise PhraseError("The phrase is empty; say what to keep, like: the dog on the left.")
    requested, *excluded = _split(words)
    noun = _read(requested) if requested or not excluded else NounBuilder(noun="thing", count=None)
    if not noun.noun:
        raise PhraseError(
            f'"{text.strip()}" names no thing; say one in English, like: the dog on the left.'
        )
    without = [_excluded(words, noun) for words in excluded]
    return noun.description(text.strip(), without, notes)


def known(description: Description) -> Description:
    """The description itself, if the lexicon tells what its noun is to the starter set.

    Things it stands in a relation to may be unknown: that relation then goes unchecked. Raises
    `PhraseError` that names the unknown word and the nearest known ones.
    """
    for one in (description, *description.without):
        if one.classes or one.finer or one.anything:
            continue
        words = lexicon()
        if one.noun in words.beyond or one.noun in words.wear:
            raise PhraseError(
                f'"{one.noun}" is none of the things the starter set can find; '
                "click on it, or use an open-vocabulary grounder."
            )
        near = words.nearest(one.noun)
        hint = f"nearest: {', '.join(near)}" if near else "say it with a more common word"
        raise PhraseError(f'"{one.noun}" is not a word I know; {hint}.')
    return description


def _words(text: str) -> list[str]:
    """Lower-case words; a possessive ending is a word "'s" of its own."""
    plain = text.lower().replace("’", "'").replace("n't", " not")
    plain = re.sub(r"\b(who|that|it|he|she|there)'s\b", r"\1 is", plain)
    words: list[str] = []
    for word in _TOKEN.findall(plain):
        stem, apostrophe, ending = word.partition("'")
        words += [stem, "'s"] if apostrophe and ending == "s" else [word]
    if re.search(r"s' \w", plain):  # "the boys' ball"
        owners = set(re.findall(r"(\w+s)'(?= )", plain))
        words = [part for word in words for part in ([word, "'s"] if word in owners else [word])]
    return words


def _corrected(word: str, notes: list[str]) -> list[str]:
    """A word of the vocabulary as it is; else its hyphen undone, or one letter mended."""
    words = lexicon()
    known = words.everything | _GRAMMAR
    if word in known or words.noun(word):
        return [word]
    if "-" in word:
        parts = word.split("-")
        return ["".join(parts)] if words.noun("".join(parts)) else parts
    verb = word.endswith(("ing", "ed"))  # "taking" is no misspelt "talking"
    mended = None if verb else one_letter_off(word, known)
    if mended is None and word.endswith("s"):
        stem = one_letter_off(word[:-1], known)
        mended = stem and stem + "s"
    if mended is None:
        return [word]
    notes.append(f'"{word}" is taken for "{mended}"')
    return [mended]


def _split(words: Sequence[str]) -> list[list[str]]:
    """What is meant, then each thing that is not; "without" leaves a "with" behind."""
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(words):
        marker = next((m for m in _NOT if tuple(words[at : at + len(m)]) == m), None)
        again = len(parts) > 1 and words[at] in ("and", "or", ",") and parts[-1]
        if marker:
            parts.append(["with"] if marker == ("without",) else [])
            at += len(marker)
        elif again and word_at(words, at + 1) in DETERMINERS:
            parts.append([])
            at += 1
        else:
            parts[-1].append(words[at])
            at += 1
    return [parts[0], *(part for part in parts[1:] if part)]


def _excluded(words: Sequence[str], main: NounBuilder) -> Description:
    """What is not meant; "not the left one" and "without a hat" are said of the same noun.

    A place said after the clothes of such a one is still the main thing's.
    """
    other = _read(words, main)
    if other.noun == main.noun and other.worn and other.places:
        main.place(*other.places)
        other.places = []
    return other.description(" ".join(words))


def _read(words: Sequence[str], same: NounBuilder | None = None) -> NounBuilder:
    """A noun with all that is said of it; `same` is the noun where the words have none."""
    starts_with_verb = same is not None and word_at(words, 0) in lexicon().verbs
    noun, at = (NounBuilder(), 0) if starts_with_verb else read_noun(words, 0, lexicon())
    if same is not None and noun.noun in ("", "thing"):
        noun.like(same)
    elif not noun.noun:
        return noun
    follow(words, at, noun, lexicon())
    return noun
