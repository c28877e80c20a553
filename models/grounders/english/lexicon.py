"""The lexicon: which everyday words are known, and what each can mean.

`lexicon.txt` beside this file says how it is written. Plurals are formed by `plurals`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Literal, cast, get_args

from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from .description import RelationKind, Zone
from .plurals import is_irregular, singulars

_FILES = ("lexicon.txt", "imagenet.txt")
_REAL = "real_words.txt"


@dataclass(frozen=True)
class Meaning:
    """What a noun can mean to the starter set, and what it says besides."""

    classes: tuple[str, ...] = ()
    finer: tuple[str, ...] = ()
    sex: Literal["", "woman", "man"] = ""
    age: Literal["", "grown", "young", "baby"] = ""
    relation: tuple[RelationKind, str] | None = None  # a surfer is riding a surfboard


@dataclass(frozen=True)
class Verb:
    """The relation that a verb makes, and the second object where the verb implies it."""

    kind: RelationKind | None
    other: str = ""


@dataclass(frozen=True)
class Lexicon:
    """All known words in lower case and singular, by role; some entries are several words."""

    things: dict[str, Meaning]
    wear: dict[str, Zone]
    colours: dict[str, tuple[str, ...]]
    hair: dict[str, tuple[str, ...]]
    verbs: dict[str, Verb]
    plain: frozenset[str]
    beyond: frozenset[str]
    real: frozenset[str] = frozenset()  # other words of English that look like misspelt ones

    def noun(self, words: str) -> tuple[str, bool] | None:
        """Return a known noun in the singular and whether it was a plural; None for other words."""
        forms = [*singulars(words), words] if is_irregular(words) else [words, *singulars(words)]
        for group in (self.things, self.wear, self.beyond):
            for form in forms:
                if form in group:
                    return form, form != words
        return None

    @cached_property
    def everything(self) -> frozenset[str]:
        """Every single word that is known in whatever role."""
        groups: tuple[Collection[str], ...] = (
            self.things, self.wear, self.colours, self.hair, self.verbs, self.plain, self.beyond,
        )  # fmt: skip
        return frozenset(part for group in groups for words in group for part in words.split())

    def nearest(self, word: str) -> list[str]:
        """Return up to three known nouns that are written much like a word, likest first."""
        found = process.extract(
            word, list(self.things), scorer=Indel.normalized_similarity, limit=3, score_cutoff=0.7
        )
        return [name for name, *_ in found]


def words_in(text: str) -> frozenset[str]:
    """Return the set of words of a text; it keeps short word lists readable."""
    return frozenset(text.split())


def one_letter_off(word: str, known: Collection[str]) -> str | None:
    """Return the known word that differs by one letter: changed, missing, doubled or swapped.

    Words of fewer than five letters are left alone, and so is the first letter, which people hardly
    get wrong: "goat" is no misspelt "boat". Returns None where several words would do equally.
    """
    if len(word) < 5 or not word.isalpha():
        return None
    alike = [other for other in known if other[0] == word[0]]
    near = {
        other
        for other, *_ in process.extract_iter(word, alike, scorer=OSA.distance, score_cutoff=1)
    }
    same = {other for other in near if sorted(other) == sorted(word)}  # swapped letters: surest
    return next(iter(same or near)) if len(same or near) == 1 else None


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the lexicon of this package, which is read once."""
    here = files(__package__)
    found = read("\n".join(here.joinpath(name).read_text("utf-8") for name in _FILES))
    lines = here.joinpath(_REAL).read_text("utf-8").splitlines()
    return replace(found, real=frozenset(line for line in lines if not line.startswith("#")))


def read(text: str) -> Lexicon:
    """Return a lexicon read from its text; see `lexicon.txt` for the form."""
    sections: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    lines: list[tuple[str, tuple[str, ...]]] = []
    for line in text.splitlines():
        if line.startswith("["):
            lines = sections.setdefault(line[1 : line.index("]")], [])
        elif line and not line.startswith("#"):
            left, colon, right = line.partition(": ")
            lines.append((left if colon else "", _list(right if colon else line, ",")))
    things: dict[str, Meaning] = {}
    for left, words in sections["things"]:
        for word in words:
            things[word] = _joined(things.get(word), _meaning(left))
    return Lexicon(
        things,
        {word: cast("Zone", left) for left, words in sections["wear"] for word in words},
        {word: _list(left, ";") for left, words in sections["colours"] for word in words},
        {word: _list(left, ";") for left, words in sections["hair"] for word in words},
        {
            form: _doing(left)
            for left, words in sections["doings"]
            for group in words
            for form in group.split()
        },
        frozenset(word for _, words in sections["plain"] for word in words),
        frozenset(word for _, words in sections["beyond"] for word in words),
    )


def _meaning(left: str) -> Meaning:
    """Return the meaning in "classes / finer + hint + hint"."""
    names, *hints = left.split("+")
    classes, _, finer = names.partition("/")
    meaning = Meaning(_list(classes, ";"), _list(finer, ";"))
    for hint in (hint.strip() for hint in hints):
        if hint in ("woman", "man"):
            meaning = replace(meaning, sex=cast(Literal["woman", "man"], hint))
        elif hint in ("child", "baby"):
            meaning = replace(meaning, age="young" if hint == "child" else "baby")
        else:
            doing = _doing(hint)
            assert doing.kind, f"{left}: {hint} is no hint"
            meaning = replace(meaning, relation=(doing.kind, doing.other))
    return meaning


def _joined(first: Meaning | None, second: Meaning) -> Meaning:
    """Return the meaning of a word that stands on two lines of the lexicon and can mean either."""
    if first is None:
        return second
    return replace(first, classes=first.classes + second.classes, finer=first.finer + second.finer)


def _doing(left: str) -> Verb:
    kind = next((kind for kind in get_args(RelationKind) if left.startswith(kind)), None)
    return Verb(kind, left.removeprefix(kind or left).strip())


def _list(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
