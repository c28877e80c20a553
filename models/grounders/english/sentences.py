"""Sentences for a person: why a thing ranks where it does, what is there instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .description import Description, Place, Relation

_ENDS = {
    "across": ("leftmost", "from the left", "rightmost", "from the right"),
    "down": ("topmost", "from the top", "lowest", "from the bottom"),
    "depth": ("nearest", "nearest", "farthest", "farthest"),
    "size": ("largest", "largest", "smallest", "smallest"),
    "height": ("tallest", "tallest", "shortest", "shortest"),
    "width": ("widest", "widest", "narrowest", "narrowest"),
}
_PLURALS = {
    "person": "people", "child": "children", "sheep": "sheep", "knife": "knives",
    "mouse": "mice", "skis": "skis", "scissors": "scissors",
}  # fmt: skip
_LISTED = 4  # kinds of things named as being there


def plural(noun: str) -> str:
    """More than one of a noun."""
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if noun.endswith("y") and noun[-2:-1] not in "aeou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def counted(noun: str, count: int) -> str:
    """ "1 dog", "3 people"."""
    return f"{count} {noun if count == 1 else plural(noun)}"


def either(colours: Sequence[str]) -> str:
    """Colours that will all do: "black or white"."""
    return " or ".join(colours)


def placed(place: Place, before: int) -> str:
    """Where a thing is in an order, `before` others: "leftmost", "2nd from the left"."""
    first, from_first, last, from_last = _ENDS[place.axis]
    name, end = (last, from_last) if place.nth < 0 else (first, from_first)
    if before == 0:
        return name
    ordinal = {1: "2nd", 2: "3rd"}.get(before, f"{before + 1}th")
    return f"{ordinal} {end}"


def related(relation: Relation) -> str:
    """A relation in words: "riding the horse", "the man's"."""
    if relation.said == "'s":
        return f"the {relation.other.noun}'s"
    return f"{relation.said or relation.kind} the {relation.other.noun}"


def why(description: Description, count: int, says: Sequence[str]) -> str:
    """Why a thing ranks where it does, one sentence, from what its cues say (the place last)."""
    noun = "thing" if description.anything else description.noun
    if (description.sex or description.age) and "person" in description.classes:
        noun = "person"  # what it is among: whether those are men is not known
    place = says[-1] if description.places else ""
    says = says[:-1] if place else says
    among = f"The {place} of" if place else "One of"
    first = f"The only {noun} found" if count == 1 else f"{among} {counted(noun, count)}"
    parts = [first, *(text for text in says if text)]
    if description.sex and count > 1 and description.classes == ("person",):
        parts.append("women and men are told apart by clothes at best")
    return "; ".join(parts) + "."


def missing(description: Description, labels: Mapping[str, int]) -> str:
    """Nothing of that kind is there, but what is."""
    noun = "Nothing" if description.anything else f"No {description.noun}"
    common = sorted(labels.items(), key=lambda item: -item[1])[:_LISTED]
    there = ", ".join(counted(label, count) for label, count in common)
    return f"{noun} is found in the picture; found: {there}." if there else f"{noun} is found."


def none_such(description: Description, count: int, lacks: str, instead: str) -> str:
    """The thing is there, but not as described."""
    noun = description.noun
    if description.sex and description.classes == ("person",):
        noun = "person"
    there = f"There is 1 {noun}" if count == 1 else f"There are {counted(noun, count)}"
    but = "but it is not" if count == 1 else "but none is"
    return f"{there}, {but} {lacks}{f' ({instead})' if instead else ''}."


def note(
    description: Description, requested: int, rivals: int, checked: Collection[str] = ()
) -> str:
    """What a word was taken for, what went unchecked, how many are missing; often nothing.

    `rivals` is how many that are not meant fit almost as well as those that are, `checked` the
    clothes that were looked for by name.
    """
    parts = [f"{text[0].upper()}{text[1:]}." for text in description.notes]
    bare = [w.name for w in description.worn if not w.colours and w.name not in checked]
    unchecked = [*description.unchecked, *(name for name in bare)]
    if unchecked:
        listed = ", ".join(f'"{word}"' for word in dict.fromkeys(unchecked))
        parts.append(f"Nothing here can check {listed}.")
    if description.count is not None and 0 < requested < description.count:
        parts.append(f"Only {counted(description.noun, requested)} found, not {description.count}.")
    if rivals:
        verb = "fits" if rivals == 1 else "fit"
        parts.append(f"{rivals} more {verb} almost as well.")
    if requested == 0:
        parts.append("All that was found is what the phrase leaves out.")
    return " ".join(parts)
