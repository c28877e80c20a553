"""Build a description while a phrase is read word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .description import Description, Place, Relation, RelationKind, Worn
from .lexicon import Meaning
from .places import counted
from .tokens import Word, understood

# Colours that said of a person mean skin, which is not measured.
_OF_SKIN = frozenset(("black", "white", "brown", "yellow", "dark", "light"))
NOTHING = Meaning()


@dataclass
class NounBuilder:
    """A noun under construction, with all that was read of it so far."""

    noun: str = ""  # singular
    said: str = ""  # the same before it was made singular: "glasses"
    words: tuple[Word, ...] = ()  # of the noun, as typed; none for a noun that goes without saying
    meaning: Meaning = NOTHING
    count: int | None = 1
    nth: int | None = None  # "second", until it is said from where
    sex: str = ""
    age: str = ""
    colours: list[str] = field(default_factory=list)
    worn: list[Worn] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    relations: list[tuple[RelationKind, NounBuilder, str]] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)  # as typed
    tints: dict[str, str] = field(default_factory=dict)  # colour terms as typed
    heights: list[str] = field(default_factory=list)  # words for its height as typed
    phrase: str = ""  # all of it as typed, with the words before it

    @property
    def is_person(self) -> bool:
        """Whether the noun is a person, who can wear clothes."""
        return "person" in self.meaning.classes

    def like(self, other: NounBuilder) -> None:
        """Take over the noun of another one, without what is said of that."""
        self.noun, self.words, self.meaning = other.noun, other.words, other.meaning
        self.sex, self.age, self.count = other.sex, other.age, None

    def place(self, *places: Place) -> None:
        """Add places; a "second" that was read before counts along the first of them."""
        if self.nth is not None and places:
            places = (counted(places[0], self.nth), *places[1:])
            self.nth = None
        self.places += places

    def description(
        self, text: str = "", without: Sequence[Description] = (), notes: Sequence[str] = ()
    ) -> Description:
        """Return the finished description."""
        meaning = self.meaning
        if self.nth is not None:  # "the second dog" is counted as one reads
            self.place(Place("across", 1))
        colours, worn, unchecked = list(self.colours), list(self.worn), list(self.unchecked)
        if self.is_person and colours:
            skin = [colour for colour in colours if colour in _OF_SKIN]
            unchecked += [self.tints.get(colour, colour) for colour in skin]
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
            said=understood(self.words) or self.noun,
        )  # fmt: skip
