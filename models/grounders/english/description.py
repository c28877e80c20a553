"""The meaning of a phrase as immutable values, the same for every grounder.

The fields hold what the phrase says, not what a picture shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

# Where clothes, hair and the like are on a person.
Zone: TypeAlias = Literal["head", "hair", "face", "upper", "lower", "feet", "whole", "detail"]
# What things of a kind can be put in order by.
Axis: TypeAlias = Literal["across", "down", "depth", "size", "height", "width"]
RelationKind: TypeAlias = Literal[
    "holding", "with", "wearing", "riding", "sitting on", "on", "in", "under", "above", "behind",
    "in front of", "next to", "left of", "right of", "carrying it", "acting on",
]  # fmt: skip


@dataclass(frozen=True)
class Worn:
    """Something worn or part of a person that detectors have no class for: clothes, hair."""

    name: str  # singular: "coat", "hair"
    zone: Zone
    colours: tuple[str, ...] = ()  # basic colour terms; any of them will do
    said: str = field(default="", compare=False)  # as it was typed: "coats"


@dataclass(frozen=True)
class Place:
    """A place in an order of objects of one kind.

    `axis` runs from left to right ("across"), top to bottom ("down"), near to far ("depth"), large
    to small ("size"), tall to short ("height") or wide to narrow ("width"); `nth` counts from its
    beginning or, negative, from its end: 1 is leftmost, -2 second from the right, 0 the middle.
    """

    axis: Axis
    nth: int
    strict: bool = False  # "leftmost", "second from the left": the order alone decides


@dataclass(frozen=True)
class Relation:
    """A relation of the described object to another one: the object is `kind` the other.

    "acting on" is any action near the other (reading, eating, kicking). "carrying it" is the
    reverse direction: the other holds, wears or rides the object ("the man's bike").
    """

    kind: RelationKind
    other: Description
    said: str = ""  # the words, for the explanation: "riding", "with", "'s"


@dataclass(frozen=True)
class Description:
    """The parsed meaning of a phrase.

    `classes` are COCO's names, any of which the noun can mean, best guess first. `finer` are
    ImageNet's names for it, given where COCO has no class or only a broader one: "mug" is a cup,
    more narrowly a "coffee mug". Both are empty for a noun that is in no lexicon, which an
    open-vocabulary grounder can still look for.
    """

    text: str
    noun: str  # the head as said, singular, lower case: what to ask an open-vocabulary detector for
    classes: tuple[str, ...] = ()
    finer: tuple[str, ...] = ()
    sex: Literal["", "woman", "man"] = ""
    age: Literal["", "grown", "young", "baby"] = ""  # of people and of animals
    colours: tuple[str, ...] = ()  # basic colour terms of the thing itself; any of them will do
    worn: tuple[Worn, ...] = ()
    places: tuple[Place, ...] = ()
    relations: tuple[Relation, ...] = ()
    count: int | None = 1  # how many are meant; None is all
    without: tuple[Description, ...] = ()  # none of those: "everything but the car"
    unchecked: tuple[str, ...] = ()  # words no eye here can check: "old", "striped"
    notes: tuple[str, ...] = ()  # what a word was taken for: '"umbrela" is taken for "umbrella"'
    said: str = field(default="", compare=False)  # the noun as typed, or as `notes` say it is read

    @property
    def anything(self) -> bool:
        """Whether objects of every kind are meant ("everything but the car")."""
        return self.noun == "thing"

    @property
    def tells(self) -> bool:
        """Whether the phrase says something beyond the noun that can be checked in a picture."""
        looks = self.colours or any(worn.colours for worn in self.worn)
        return bool(looks or self.places or self.relations or self.age in ("young", "baby"))

    @property
    def names(self) -> frozenset[str]:
        """All labels under which a detector may report such an object."""
        return frozenset((self.noun, *self.classes, *self.finer))

    def involved(self) -> Iterator[Description]:
        """Yield this description and that of every other object the phrase mentions."""
        yield self
        for relation in self.relations:
            yield from relation.other.involved()
        for other in self.without:
            yield from other.involved()
