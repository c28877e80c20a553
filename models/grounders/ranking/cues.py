"""Weigh the evidence for and against each detected object being the one a phrase describes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from pickmatte.models.grounders.english import sentences
from pickmatte.models.grounders.english.description import Description, Relation, Worn
from pickmatte.models.protocols import RGB

from . import orders, relations
from .appearance import Appearance
from .detected_objects import DetectedObject
from .sexes import CLEAR, are_told
from .white_balance import white_balance

_LEAST, _MOST = -3.0, 2.2  # the bounds of the log-odds that one colour can give
_STEEP = 2.0
# The share of pixels with the colour at which the evidence is even, and the share below which the
# object clearly lacks it; by whether the colour is a mere shade. Black, white and grey occur
# as shadow, highlight and haze on everything, and clothes cover most of the zone they are worn on.
_OF_THING = {False: (0.2, 0.05), True: (0.3, 0.2)}
_OF_CLOTHES = {False: (0.3, 0.2), True: (0.55, 0.25)}
# The same for hair, hats, shoes and the like. They may be hidden, small, or outside their zone, so
# they weigh less, and are never clearly lacking.
_OF_PARTS, _STEEP_PARTS = 0.45, 1.2
_SHADES = frozenset(("black", "white", "grey", "dark", "light"))
_NEUTRAL = 0.45  # the fit of two boxes to a relation at which it says nothing either way
_RELATED = 3.0
_ALONE = 1.5  # the extra weight of fitting a relation better than all rivals
_YOUNG, _YOUNGEST = 1.5, 1.2  # log-odds for each e-fold of size below the others, and at most
_SMALLER = 0.25  # e-folds of size from which one is clearly smaller
_AREA = 0.3  # log-odds for each e-fold of area: of two alike the larger is the likelier meant
_TIE = 0.5
_WEARS, _SEEN = 2.5, 0.15  # log-odds at most for clothes by name, and what is worth saying
_DRESS = 2.0  # log-odds at most that clothes give for a sex
# The weights of the detector's score, without and with a place. The score tells whether an object
# is there; of two that are, it hardly says which is meant. Where a place is said, the score already
# decides which objects count in the order.
_DETECTED, _PLACED, _SUREST = 0.7, 0.35, 0.95
_COUNTS = 0.6  # the score from which an object counts fully in an order
_LATER_CLASS = 0.3  # log-odds against a class for each likelier class that the noun can mean


# What a cue is about: the object without the phrase, its sex, another property that is said, a
# relation to a woman or man who cannot be told from other people, or its place.
About: TypeAlias = Literal["thing", "sex", "said", "untold", "place"]


@dataclass(frozen=True)
class Cue:
    """One piece of evidence for or against an object, in log-odds."""

    odds: float  # log-odds
    about: About = "said"
    says: str = ""  # for a person; empty where it goes without saying
    lacks: str = ""  # what is plainly not as the phrase has it


class ObjectScorer:
    """The detected objects of one picture, ready to be weighed against descriptions."""

    def __init__(self, rgb: RGB, things: Sequence[DetectedObject]) -> None:
        self._rgb = rgb
        self._size = (int(rgb.shape[0]), int(rgb.shape[1]))
        self._things = list(things)
        self._looks: dict[int, Appearance] = {}

    @cached_property
    def _light(self) -> RGB:
        return white_balance(self._rgb)

    def cohort(self, description: Description) -> list[DetectedObject]:
        """Return the objects that the noun of a description can mean."""
        if description.anything:
            return list(self._things)
        return [thing for thing in self._things if thing.label in description.names]

    def cues(self, description: Description, cohort: Sequence[DetectedObject]) -> list[list[Cue]]:
        """Return the cues for each object of the cohort, in the cohort's order.

        The first cue of each is what counts without the phrase; the last is its place, if one is
        said.
        """
        if not cohort:
            return []
        cues = [
            [*self._prior(description, thing, cohort), *self._looked_at(description, thing)]
            for thing in cohort
        ]
        for relation in description.relations:
            for own, cue in zip(cues, self._related(relation, cohort), strict=True):
                own.append(cue)
        if description.age in ("young", "baby"):
            for own, cue in zip(cues, self._young(cohort), strict=True):
                own.append(cue)
        if description.places:
            for own, cue in zip(cues, self._placed(description, cohort, cues), strict=True):
                own.append(cue)
        return cues

    def instead(self, description: Description, thing: DetectedObject) -> str:
        """Return a note on an object's colour in place of the described one, or ""."""
        if not description.colours:
            return ""
        colour, share = self._look(thing).main_colour()
        return f"the likeliest is {share:.0%} {colour}"

    def _prior(
        self, description: Description, thing: DetectedObject, cohort: Sequence[DetectedObject]
    ) -> list[Cue]:
        """Return the cues of the detector's score, of the sense of the noun, of size and of sex."""
        sure = min(_SUREST, max(1 - _SUREST, thing.score))
        odds = (_PLACED if description.places else _DETECTED) * math.log(sure / (1 - sure))
        if thing.label in description.classes:
            odds -= _LATER_CLASS * description.classes.index(thing.label)
        by_size = any(place.axis in ("size", "depth", "height") for place in description.places)
        if description.count == 1 and not by_size:
            odds += _AREA * math.log(thing.area / max(other.area for other in cohort))
        cues = [Cue(odds, "thing")]
        if description.sex and thing.label == "person":
            ties = [t for t in self._things if t.label == "tie"]
            if any(relations.fit("wearing", thing, tie, self._size) > 0.8 for tie in ties):
                tie = _TIE if description.sex == "man" else -_TIE
                cues.append(Cue(tie, "sex", "wears a tie"))
            cues.append(_dressed(description.sex, thing.dress))
        return cues

    def _looked_at(self, description: Description, thing: DetectedObject) -> list[Cue]:
        """Return the cues of the object's own colours and of what is worn."""
        cues = []
        if description.colours:
            share = self._look(thing).called(description.colours)
            middle, least = _OF_THING[_is_shade(description.colours)]
            said = sentences.either(description.colours)
            cues.append(
                Cue(
                    _odds(share, middle),
                    says=f"{share:.0%} {said}",
                    lacks=said if share < least else "",
                )
            )
        cues += [self._worn(worn, thing) for worn in description.worn if worn.colours]
        for worn in description.worn:
            if worn.name in thing.wears:
                share = thing.wears[worn.name]
                says = f"{worn.name} seen, {share:.0%} sure" if share > _SEEN else ""
                cues.append(Cue(_WEARS * share, says=says))
        return cues

    def _worn(self, worn: Worn, thing: DetectedObject) -> Cue:
        share = self._look(thing).worn(worn.zone, worn.colours)
        middle, least = _OF_CLOTHES[_is_shade(worn.colours)]
        steep = _STEEP
        if worn.zone not in ("upper", "whole"):
            middle, least, steep = _OF_PARTS, 0.0, _STEEP_PARTS
        said = sentences.either(worn.colours)
        lacks = f"in {said}" if share < least else ""
        says = f"{worn.name} {share:.0%} {said}"
        return Cue(_odds(share, middle, steep), says=says, lacks=lacks)

    def _related(self, relation: Relation, cohort: Sequence[DetectedObject]) -> list[Cue]:
        """Return the cues of how well each object fits the relation to its best partner."""
        others = self.cohort(relation.other)
        how = sentences.related(relation)
        if not others:
            unchecked = f"{how}: cannot be checked, no {relation.other.said} found"
            return [Cue(0.0, says=unchecked)] * len(cohort)
        theirs = self.cues(relation.other, others)
        about: About = "said" if are_told(theirs) else "untold"
        own = [sum(cue.odds for cue in cues) for cues in theirs]
        chances = [1 / (1 + math.exp(-min(2.0, odds) - 0.5)) for odds in own]
        fits = [
            max(
                (
                    chance * relations.fit(relation.kind, thing, other, self._size)
                    for other, chance in zip(others, chances, strict=True)
                    if other is not thing
                ),
                default=0.0,
            )
            for thing in cohort
        ]
        cues = []
        for at, fit in enumerate(fits):
            rival = max((other for j, other in enumerate(fits) if j != at), default=_NEUTRAL * fit)
            odds = _RELATED * (fit - _NEUTRAL) + _ALONE * (fit - rival)
            cues.append(Cue(odds, about, f"{how}: {fit:.0%}"))
        return cues

    def _young(self, cohort: Sequence[DetectedObject]) -> list[Cue]:
        """Return the cues of how much smaller each object is than the largest: a hint at age."""
        lengths = np.array([math.sqrt(thing.area) for thing in cohort])
        below = np.log(lengths.max() / lengths)
        if below.max() < _SMALLER:
            said = "no other to tell its age by" if len(cohort) == 1 else "none is clearly smaller"
            return [Cue(0.0, says=said)] * len(cohort)
        odds = np.clip(_YOUNG * (below - below.mean()), -_YOUNGEST, _YOUNGEST)
        return [
            Cue(float(value), says=f"{share:.0%} of the size of the largest")
            for value, share in zip(odds, lengths / lengths.max(), strict=True)
        ]

    def _placed(
        self,
        description: Description,
        cohort: Sequence[DetectedObject],
        cues: Sequence[Sequence[Cue]],
    ) -> list[Cue]:
        """Return the cues of places among those that fit otherwise.

        This is what "the second man in red from the left" counts by.
        """
        fitting = np.array([sum(cue.odds for cue in own[1:]) for own in cues])
        alike = 1 / (1 + np.exp(-2 - (fitting - fitting.max())))
        weights = np.minimum(1, np.array([thing.score for thing in cohort]) / _COUNTS) * alike
        several = description.count != 1
        found = orders.evidence(description.places, cohort, weights, self._size, several=several)
        says = [
            " and ".join(
                sentences.placed(place, orders.position(place, cohort, at, self._size))
                for place in description.places
            )
            for at in range(len(cohort))
        ]
        return [Cue(float(odds), "place", text) for odds, text in zip(found, says, strict=True)]

    def _look(self, thing: DetectedObject) -> Appearance:
        if id(thing) not in self._looks:
            self._looks[id(thing)] = Appearance(thing, self._rgb, self._light)
        return self._looks[id(thing)]


def _dressed(sex: str, dress: float) -> Cue:
    """Return the cue of clothes that mostly women, or mostly men, wear."""
    mostly = "women" if dress > 0 else "men"
    odds = _DRESS * (dress if sex == "woman" else -dress)
    return Cue(odds, "sex", f"dressed as {mostly} mostly are" if abs(odds) >= CLEAR else "")


def _is_shade(colours: Sequence[str]) -> bool:
    return any(colour in _SHADES for colour in colours)


def _odds(share: float, middle: float, steep: float = _STEEP) -> float:
    return max(_LEAST, min(_MOST, steep * math.log((share + 0.04) / (middle + 0.04))))
