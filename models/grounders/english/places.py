"""Read words for a place in the picture or in an order: "far left", "nearest"."""

from __future__ import annotations

from collections.abc import Sequence

from .description import Place, RelationKind
from .lexicon import words_in

# Before a noun. A superlative means the order alone; "big" is also said of the only one there.
BEFORE = {
    **dict.fromkeys(("leftmost", "left-most"), Place("across", 1, strict=True)),
    **dict.fromkeys(("rightmost", "right-most"), Place("across", -1, strict=True)),
    **dict.fromkeys(("topmost", "uppermost", "highest"), Place("down", 1, strict=True)),
    **dict.fromkeys(("bottommost", "lowermost", "lowest"), Place("down", -1, strict=True)),
    **dict.fromkeys(
        ("nearest", "closest", "frontmost", "foremost"), Place("depth", 1, strict=True)
    ),
    **dict.fromkeys(("farthest", "furthest", "rearmost"), Place("depth", -1, strict=True)),
    **dict.fromkeys(("largest", "biggest"), Place("size", 1, strict=True)),
    **dict.fromkeys(("smallest", "littlest", "tiniest"), Place("size", -1, strict=True)),
    "tallest": Place("height", 1, strict=True),
    "shortest": Place("height", -1, strict=True),
    "widest": Place("width", 1, strict=True),
    "longest": Place("width", 1, strict=True),
    "narrowest": Place("width", -1, strict=True),
    **dict.fromkeys(("large", "big", "larger", "bigger", "huge", "giant"), Place("size", 1)),
    **dict.fromkeys(("small", "little", "smaller", "tiny", "mini"), Place("size", -1)),
    **dict.fromkeys(("tall", "taller"), Place("height", 1)),
    **dict.fromkeys(("short", "shorter"), Place("height", -1)),
    **dict.fromkeys(("wide", "wider"), Place("width", 1)),
    "narrow": Place("width", -1),
}
# Before a noun, or after "on the", "in the" and the like.
SPOTS = {
    **dict.fromkeys(("left", "left-hand", "lefthand"), Place("across", 1)),
    **dict.fromkeys(("right", "right-hand", "righthand"), Place("across", -1)),
    **dict.fromkeys(("middle", "centre", "center", "central"), Place("across", 0)),
    **dict.fromkeys(("top", "upper"), Place("down", 1)),
    **dict.fromkeys(("bottom", "lower"), Place("down", -1)),
    **dict.fromkeys(("front", "foreground", "near"), Place("depth", 1)),
    **dict.fromkeys(("back", "rear", "background", "distance", "distant"), Place("depth", -1)),
}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1,
}  # fmt: skip
_BEFORE_SPOTS = words_in("on at in to from towards toward along by")
_FAR = words_in("far very extreme absolute")
_AFTER_SPOTS = words_in("hand side corner half end edge part area row")
_PICTURE = words_in("picture image photo photograph frame shot scene view screen")
_VIEWER = words_in("camera us me viewer lens you photographer")
_BESIDE: dict[str, RelationKind] = {
    "left": "left of", "right": "right of", "front": "in front of", "top": "on", "bottom": "in",
    "middle": "in", "centre": "in", "center": "in", "back": "in", "rear": "in",
}  # fmt: skip


def spot_at(
    words: Sequence[str], at: int
) -> tuple[tuple[Place, ...], RelationKind | None, int] | None:
    """Return the places said from word `at` on, or the relation to what follows, and the end.

    "on the far left of the picture" gives places; "on the left of" anything else gives a relation.
    Returns None where neither is said.
    """
    nearest = _nearest_at(words, at)
    if nearest:
        return nearest
    here = at + (word_at(words, at) in _BEFORE_SPOTS)
    here += word_at(words, here) in ("the", "your")
    strict = False
    while word_at(words, here) in _FAR:
        strict, here = True, here + 1
    said: list[str] = []
    while True:
        word = word_at(words, here)
        if word in SPOTS and not (word == "near" and not said):
            said.append(word)
        elif word in BEFORE and BEFORE[word].axis in ("across", "down"):
            return (BEFORE[word],), None, here + 1
        elif not (said and word in _AFTER_SPOTS):
            break
        here += 1
    if not said:
        return None
    if word_at(words, here) == "of" or (word_at(words, here) == "in" and len(words) > here + 1):
        end = here + 1
        while word_at(words, end) in ("the", "this", "whole"):
            end += 1
        if word_at(words, end) in _PICTURE:
            here = end + 1
        elif word_at(words, here) == "of":
            return (), _BESIDE.get(said[-1], "next to"), here + 1
    return places_of(said, strict), None, here


def places_of(said: Sequence[str], strict: bool = False) -> tuple[Place, ...]:
    """Return the places of neighbouring words: "top left" is two places."""
    return tuple(Place(SPOTS[word].axis, SPOTS[word].nth, strict) for word in said)


def counted(place: Place, nth: int) -> Place:
    """Return the same order with a count: "second" and "right" give second from the right."""
    end = -1 if place.nth < 0 else 1
    return Place(place.axis, end * nth, strict=True)


def word_at(words: Sequence[str], at: int) -> str:
    """Return the word at an index, or "" outside the phrase."""
    return words[at] if 0 <= at < len(words) else ""


def _nearest_at(
    words: Sequence[str], at: int
) -> tuple[tuple[Place, ...], RelationKind | None, int] | None:
    """Read "nearest", "closest to the camera", "nearest to the dog", "furthest away"."""
    here = at + (word_at(words, at) in ("the", "that's"))
    place = BEFORE.get(word_at(words, here))
    if not place or place.axis != "depth" or not place.strict:
        return None
    here += 1
    if word_at(words, here) in ("away", "back"):
        return (place,), None, here + 1
    here += word_at(words, here) in ("to", "from")
    end = here + (word_at(words, here) == "the")
    if word_at(words, end) in _VIEWER:
        return (place,), None, end + 1
    if place.nth == 1 and here < len(words) and word_at(words, end) not in SPOTS:
        return (), "next to", here
    return (place,), None, here
