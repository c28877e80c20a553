"""Form the plural of English nouns, and find the nouns that a plural can belong to.

The library inflect knows more plurals, but takes two seconds of CPU time to import, and takes
"bus", "cactus" and "sunglasses" for plurals. These rules were compared with its answers for every
noun of the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterator

_PLURALS = {
    "man": "men", "woman": "women", "child": "children", "person": "people", "mouse": "mice",
    "goose": "geese", "ox": "oxen", "foot": "feet", "tooth": "teeth", "bus": "buses",
    "grown-up": "grown-ups", "passer-by": "passers-by", "gateau": "gateaux", "calf": "calves",
    "half": "halves", "knife": "knives", "leaf": "leaves", "life": "lives", "loaf": "loaves",
    "scarf": "scarves", "shelf": "shelves", "thief": "thieves", "wife": "wives", "wolf": "wolves",
}  # fmt: skip
_SINGULARS = {plural: noun for noun, plural in _PLURALS.items()}
# These take their plural along into compounds: "bookshelf", "fireman", "businessperson".
_JOINED = (
    "man", "person", "calf", "knife", "leaf", "life", "loaf", "scarf", "shelf", "wife", "wolf",
)  # fmt: skip
_NO_MEN = frozenset(("human", "german", "roman", "shaman", "talisman", "caiman", "ottoman",
                     "doberman"))  # fmt: skip
_WITH_ES = frozenset(("potato", "tomato", "hero", "echo", "torpedo", "volcano", "mosquito",
                      "mango", "buffalo"))  # fmt: skip
# The same for one and for many, or one thing for all their ending.
_SAME = frozenset({
    "sheep", "deer", "reindeer", "fish", "goldfish", "lionfish", "crayfish", "crawfish", "starfish",
    "jellyfish", "salmon", "coho", "bison", "aircraft", "livestock", "cattle", "luggage", "baggage",
    "furniture", "clothing", "jewellery", "jewelry", "siamese", "pekinese", "malinois", "pyrenees",
    "patas", "triceratops", "longlegs", "flandres", "scissors", "shears", "skis", "sunglasses",
    "binoculars", "jeans", "trousers", "shorts", "pyjamas", "pajamas", "headphones", "pliers",
    "khakis",
})  # fmt: skip
_SINGULAR = frozenset(("lens", "canvas", "gas", "atlas"))  # whatever their ending
_NO_PLURAL = ("ss", "us", "is")  # endings of nouns in the singular
_ENDINGS = (
    ("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("zzes", "z"),
    ("oes", "o"), ("s", ""),
)  # fmt: skip
# More that a known noun may be found by; of an unknown one they would be too bold a guess.
_BOLD = (
    ("men", "man"),
    ("people", "person"),
    ("ses", "s"),
    ("zes", "z"),
    ("ves", "f"),
    ("ves", "fe"),
)


def plural(noun: str) -> str:
    """Return the plural of a lower-case noun of one or more words."""
    first, of, rest = noun.partition(" of ")
    if of:
        return f"{plural(first)}{of}{rest}"
    head, space, last = noun.rpartition(" ")
    return f"{head}{space}{_plural(last)}"


def _plural(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    if word in _SAME or is_plural(word) or word in _SINGULARS:
        return word
    joined = next((end for end in _JOINED if word.endswith(end) and word not in _NO_MEN), None)
    if joined:
        return word.removesuffix(joined) + _PLURALS[joined]
    if word.endswith("y") and word[-2:-1] not in ("", *"aeou"):
        return word[:-1] + "ies"
    with_es = word in _WITH_ES or word.endswith(("s", "x", "z", "ch", "sh"))
    return word + ("es" if with_es else "s")


def singulars(word: str) -> Iterator[str]:
    """Yield the nouns that a word, or the last of several, could be the plural of."""
    head, space, last = word.rpartition(" ")
    if last in _SINGULARS:
        yield head + space + _SINGULARS[last]
        return
    if last in _SAME or last in _SINGULAR:
        return
    for ending, singular in (*_ENDINGS, *_BOLD):
        if last.endswith(ending) and len(last) > len(ending):
            yield head + space + last[: -len(ending)] + singular


def is_irregular(word: str) -> bool:
    """Return whether a single word is a plural that follows no rule: "leaves", "people"."""
    return word in _SINGULARS


def is_plural(word: str) -> bool:
    """Return whether a word that is in no lexicon looks like a plural."""
    last = word.rpartition(" ")[2]
    if last in _SINGULARS:
        return True
    if last in _SAME or last in _SINGULAR or last.endswith(_NO_PLURAL):
        return False
    return last.endswith("s") and len(last) > 3
