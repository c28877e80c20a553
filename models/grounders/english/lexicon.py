"""The lexicon: which everyday words are known, and what each can mean.

`lexicon.txt` beside this file says how it is written. Nothing here knows grammar beyond plurals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Literal, cast, get_args

from .description import RelationKind, Zone

_FILES = ("lexicon.txt", "imagenet.txt")
_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "people": "person", "mice": "mouse",
    "geese": "goose", "oxen": "ox", "calves": "calf", "wolves": "wolf", "knives": "knife",
    "loaves": "loaf", "leaves": "leaf", "halves": "half", "scarves": "scarf", "feet": "foot",
    "teeth": "tooth", "wives": "wife", "shelves": "shelf", "thieves": "thief", "buses": "bus",
    "grown-ups": "grown-up", "passers-by": "passer-by",
}  # fmt: skip
_PLURAL_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"),
                   ("zzes", "z"), ("oes", "o"), ("s", ""))  # fmt: skip
# One thing for all their ending, or the same for one and many.
_SINGLE = frozenset({
    "scissors", "pair of scissors", "shears", "skis", "sunglasses", "binoculars", "jeans", "lens",
    "trousers", "shorts", "pyjamas", "pajamas", "bus", "glass", "dress", "mattress", "octopus",
    "cactus", "canvas", "walrus", "platypus", "headphones", "pliers", "traffic lights",
})  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What a noun can mean to the starter set, and what it tells besides."""

    classes: tuple[str, ...] = ()
    finer: tuple[str, ...] = ()
    sex: Literal["", "woman", "man"] = ""
    age: Literal["", "grown", "young", "baby"] = ""
    relation: tuple[RelationKind, str] | None = None  # a surfer is riding a surfboard


@dataclass(frozen=True)
class Verb:
    """What a verb makes of two things, and the other thing where it goes without saying."""

    kind: RelationKind | None
    other: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Words in lower case, singular, by what they are; some are several words."""

    things: dict[str, Meaning]
    wear: dict[str, Zone]
    colours: dict[str, tuple[str, ...]]
    hair: dict[str, tuple[str, ...]]
    verbs: dict[str, Verb]
    plain: frozenset[str]
    beyond: frozenset[str]

    def noun(self, words: str) -> tuple[str, bool] | None:
        """A known noun in the singular and whether it was a plural; None for other words."""
        forms = [*singulars(words), words] if words in _IRREGULAR else [words, *singulars(words)]
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
        """Up to three known names of things that are written much like a word."""
        return get_close_matches(word, list(self.things), 3, 0.7)


def words_in(text: str) -> frozenset[str]:
    """The words of a text, for short lists of them."""
    return frozenset(text.split())


def singulars(word: str) -> Iterator[str]:
    """What a plural could be the plural of, likeliest first; nothing for a plain singular."""
    head, space, last = word.rpartition(" ")
    if last in _IRREGULAR:
        yield head + space + _IRREGULAR[last]
    elif word not in _SINGLE and not last.endswith(("ss", "us", "is")) and len(last) > 3:
        for ending, singular in _PLURAL_ENDINGS:
            if last.endswith(ending):
                yield head + space + last[: -len(ending)] + singular


def is_plural(word: str) -> bool:
    """Whether a word that is in no lexicon looks like a plural."""
    return next(singulars(word), None) is not None


def one_letter_off(word: str, known: Collection[str]) -> str | None:
    """The known word that differs by one letter: changed, missing, doubled or swapped.

    Short words are left alone, and so is the first letter, which people hardly get wrong: "goat"
    is no misspelt "boat". None where several would do equally.
    """
    if len(word) < 5 or not word.isalpha():
        return None
    near = {
        other
        for other in known
        if other[0] == word[0] and abs(len(other) - len(word)) <= 1 and _near(word, other)
    }
    same = {other for other in near if sorted(other) == sorted(word)}  # swapped letters: surest
    return next(iter(same or near)) if len(same or near) == 1 else None


def _near(a: str, b: str) -> bool:
    """Whether the edit distance with swaps (Damerau) is one."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if start is None:
        return abs(len(a) - len(b)) == 1
    rest_a, rest_b = a[start:], b[start:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of this package, read once."""
    here = files(__package__)
    return read("\n".join(here.joinpath(name).read_text("utf-8") for name in _FILES))


def read(text: str) -> Lexicon:
    """A lexicon from its text; see `lexicon.txt` for the form."""
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
    """From "classes / finer + hint + hint"."""
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
    """A word on two lines of the lexicon can mean either."""
    if first is None:
        return second
    return replace(first, classes=first.classes + second.classes, finer=first.finer + second.finer)


def _doing(left: str) -> Verb:
    kind = next((kind for kind in get_args(RelationKind) if left.startswith(kind)), None)
    return Verb(kind, left.removeprefix(kind or left).strip())


def _list(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
