"""Write the sentences that users read: why an object ranks where it does, what is there instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .description import Description, Place, Relation
from .plurals import plural

_ENDS = {
    "across": ("leftmost", "from the left", "rightmost", "from the right"),
    "down": ("topmost", "from the top", "lowest", "from the bottom"),
    "depth": ("nearest", "nearest", "farthest", "farthest"),
    "size": ("largest", "largest", "smallest", "smallest"),
    "height": ("tallest", "tallest", "shortest", "shortest"),
    "width": ("widest", "widest", "narrowest", "narrowest"),
}
_LISTED = 4  # kinds of things named as being there


def counted(noun: str, count: int) -> str:
    """Return a number with its noun: "1 dog", "3 people"."""
    return f"{count} {noun if count == 1 else plural(noun)}"


def either(colours: Sequence[str]) -> str:
    """Return colours of which any will do: "black or white"."""
    return " or ".join(colours)


def placed(place: Place, before: int) -> str:
    """Return an object's place in an order with `before` others first: "2nd from the left"."""
    first, from_first, last, from_last = _ENDS[place.axis]
    name, end = (last, from_last) if place.nth < 0 else (first, from_first)
    if before == 0:
        return name
    ordinal = {1: "2nd", 2: "3rd"}.get(before, f"{before + 1}th")
    return f"{ordinal} {end}"


def related(relation: Relation) -> str:
    """Return a relation in words, which are no quotation: "riding the horse", "the man's"."""
    if relation.said == "'s":
        return f"the {relation.other.said}'s"
    how = relation.said or {"acting on": "beside"}.get(relation.kind, relation.kind)
    return f"{how} the {relation.other.said}"


def why(description: Description, count: int, says: Sequence[str]) -> str:
    """Return one sentence on why an object ranks where it does.

    `count` is how many objects the noun can mean; `says` are the words of its cues, the place last.
    """
    noun = "thing" if description.anything else description.noun
    if (description.sex or description.age) and "person" in description.classes:
        noun = "person"  # what it is among: whether those are men is not known
    place = says[-1] if description.places else ""
    says = says[:-1] if place else says
    among = f"The {place} of" if place else "One of"
    first = f"The only {noun} found" if count == 1 else f"{among} {counted(noun, count)}"
    parts = [first, *(text for text in says if text)]
    return "; ".join(parts) + "."


def missing(description: Description, labels: Mapping[str, int]) -> str:
    """Return the sentence that no such object is there, and what is.

    `labels` counts the objects found, by label.
    """
    found = f"{'Nothing' if description.anything else f'No {description.said}'} found"
    common = sorted(labels.items(), key=lambda item: -item[1])[:_LISTED]
    there = ", ".join(counted(label, count) for label, count in common)
    return _noted(description, f"{found} in the picture, but {there}." if there else f"{found}.")


def none_such(description: Description, count: int, lacks: str, instead: str) -> str:
    """Return the sentence that `count` such objects are there, but not as described.

    `lacks` is what they lack, `instead` what they have instead, or "".
    """
    noun = description.noun
    if description.sex and "person" in description.classes:
        noun = "person"
    there = f"There is 1 {noun}" if count == 1 else f"There are {counted(noun, count)}"
    but = "but it is not" if count == 1 else "but none is"
    return _noted(description, f"{there}, {but} {lacks}{f' ({instead})' if instead else ''}.")


def untold(label: str, count: int, *, told: bool) -> str:
    """Return the sentence that women and men look alike here.

    `label` and `count` are of what is meant; `told` is whether only that can be meant all the same.
    """
    if not told:
        which = "the one" if count == 1 else "those"
        return f"Women and men cannot be told apart here; pick {which} you mean."
    those = f"this is the only {label}" if count == 1 else f"these are the only {plural(label)}"
    return f"Women and men cannot be told apart here; {those} that can be meant."


def note(
    description: Description,
    requested: int,
    rivals: int,
    checked: Collection[str] = (),
    doubt: str = "",
) -> str:
    """Return the note on a search: what went unchecked, how many are missing; often "".

    It begins with what words were taken for. `requested` is how many are meant, `rivals` how many
    more fit almost as well, `checked` the clothes that were looked for by name, `doubt` a sentence
    on what could not be told.
    """
    parts = [doubt] if doubt else []
    bare = [w.said for w in description.worn if not w.colours and w.name not in checked]
    unchecked = [*description.unchecked]
    unchecked += [said for said in bare if not any(text.endswith(said) for text in unchecked)]
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
    return _noted(description, *parts)


def _noted(description: Description, *sentences: str) -> str:
    """Return the sentences after those that say what words were taken for."""
    return " ".join((*(f"{text}." for text in description.notes), *sentences))
