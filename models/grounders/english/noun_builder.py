"""A description in the making, while a phrase is read word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .description import Description, Place, Relation, RelationKind, Worn
from .lexicon import Meaning
from .places import counted

# A person of these colours would be a matter of skin, which is not for colour terms to tell.
_OF_SKIN = frozenset(("black", "white", "brown", "yellow", "dark", "light"))
NOTHING = Meaning()


@dataclass
class NounBuilder:
    """A description in the making."""

    noun: str = ""
    said: str = ""  # the same as it was said, "glasses"
    meaning: Meaning = NOTHING
    count: int | None = 1
    nth: int | None = None  # "second", until it is said from where
    sex: str = ""
    age: str = ""
    colours: list[str] = field(default_factory=list)
    worn: list[Worn] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    relations: list[tuple[RelationKind, NounBuilder, str]] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    @property
    def is_person(self) -> bool:
        """Whether clothes said of it are on a body."""
        return "person" in self.meaning.classes

    def like(self, other: NounBuilder) -> None:
        """Take over what another noun names, not what is said of it."""
        self.noun, self.meaning, self.sex, self.age = (
            other.noun,
            other.meaning,
            other.sex,
            other.age,
        )
        self.count = None

    def place(self, *places: Place) -> None:
        """Add places; a "second" said before counts along the first of them."""
        if self.nth is not None and places:
            places = (counted(places[0], self.nth), *places[1:])
            self.nth = None
        self.places += places

    def description(
        self, text: str = "", without: Sequence[Description] = (), notes: Sequence[str] = ()
    ) -> Description:
        """The finished description."""
        meaning = self.meaning
        if self.nth is not None:  # "the second dog" is counted as one reads
            self.place(Place("across", 1))
        colours, worn, unchecked = list(self.colours), list(self.worn), list(self.unchecked)
        if self.is_person and colours:
            skin = [colour for colour in colours if colour in _OF_SKIN]
            unchecked += skin
            if len(skin) < len(colours):
                worn.append(Worn("clothes", "whole", tuple(c for c in colours if c not in skin)))
            colours = []
        relations = [
            Relation(kind, other.description(other.noun), said)
            for kind, other, said in self.relations
        ]
        return Description(
            text or self.noun, self.noun, meaning.classes, meaning.finer,
            sex=self.sex or meaning.sex, age=self.age or meaning.age,  # type: ignore[arg-type]
            colours=tuple(colours), worn=tuple(worn), places=tuple(dict.fromkeys(self.places)),
            relations=tuple(relations), count=self.count, without=tuple(without),
            unchecked=tuple(dict.fromkeys(unchecked)), notes=tuple(notes),
        )  # fmt: skip
