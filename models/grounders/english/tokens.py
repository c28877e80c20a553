"""Split a phrase into words, each of which remembers how it was typed.

Messages quote what the user typed, letter for letter, and never what became of it here: lower case,
a plural made singular, a hyphen undone or a mended spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_APOSTROPHES, _HYPHENS = "'’", "-‐‑"
_LETTERS = "(?:[^\\W_]|[\u0300-\u036f])+"  # and accents that are written as marks of their own
_TOKEN = re.compile(rf"{_LETTERS}(?:[{_HYPHENS}{_APOSTROPHES}]{_LETTERS})*|,|&")
_OF_SEVERAL = re.compile(rf"[{_APOSTROPHES}](?=\s+\w)")  # "the boys' ball"
_IS = ("who", "that", "it", "he", "she", "there")  # "'s" after these is short for "is"


class Word(str):
    """A word of a phrase as it is understood: in lower case, without accents, perhaps mended.

    `typed` is the same place in the phrase as it was typed; `mended` says whether the spelling was
    taken for a mistake.
    """

    phrase: str
    start: int
    end: int
    mended: bool

    def __new__(
        cls, understood: str, phrase: str, start: int, end: int, *, mended: bool = False
    ) -> Word:
        """Make a word that stands at `phrase[start:end]`."""
        word = super().__new__(cls, understood)
        word.phrase, word.start, word.end, word.mended = phrase, start, end, mended
        return word

    @property
    def typed(self) -> str:
        """The word as it was typed."""
        return self.phrase[self.start : self.end]

    def instead(self, understood: str, *, mended: bool = False) -> Word:
        """Return another word that this one is understood as, at the same place."""
        return Word(understood, self.phrase, self.start, self.end, mended=mended)

    def parts(self) -> list[Word]:
        """Return the parts between hyphens, each at its own place."""
        return [
            Word(
                plain(part.group()), self.phrase, self.start + part.start(), self.start + part.end()
            )
            for part in re.finditer(f"[^{_HYPHENS}]+", self.typed)
        ]


def tokens(phrase: str) -> list[Word]:
    """Return the words, commas and ampersands of a phrase.

    A possessive "'s" and the "not" of "isn't" are words of their own.
    """
    return [word for found in _TOKEN.finditer(phrase) for word in _split(phrase, found)]


def _split(phrase: str, found: re.Match[str]) -> Iterator[Word]:
    start, end = found.span()
    understood = plain(found.group())
    stem, apostrophe, ending = understood.rpartition("'")
    if apostrophe and ending == "s":
        yield Word(stem, phrase, start, end - 2)
        yield Word("is" if stem in _IS else "'s", phrase, end - 2, end)
    elif understood.endswith("n't"):
        yield Word(understood[:-3], phrase, start, end)
        yield Word("not", phrase, start, end)
    else:
        yield Word(understood, phrase, start, end)
        if understood.endswith("s") and _OF_SEVERAL.match(phrase, end):
            yield Word("'s", phrase, end, end + 1)


def plain(text: str) -> str:
    """Return the text in lower case without accents, with plain apostrophes and hyphens."""
    letters = unicodedata.normalize("NFKD", text.lower())
    text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(f"[{_APOSTROPHES}]", "'", re.sub(f"[{_HYPHENS}]", "-", text))


def typed(words: Sequence[Word]) -> str:
    """Return what was typed from the first of some neighbouring words to the last."""
    return words[0].phrase[words[0].start : words[-1].end] if words else ""


def understood(words: Sequence[Word]) -> str:
    """Return the same as `typed`, but with the mended spelling if any of the words was mended."""
    return " ".join(words) if any(word.mended for word in words) else typed(words)
