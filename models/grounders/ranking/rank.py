"""Decide which of the detected objects a phrase means, and why.

Every cue (the detector's score, colours, places, relations) gives log-odds, and these add up: no
cue alone rules an object out, so that other cues can make good the error of one. Only where every
candidate clearly lacks what was said, the answer is that nothing fits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.grounders.english import sentences
from pickmatte.models.grounders.english.description import Description
from pickmatte.models.protocols import RGB, Detection, Findings

from . import sexes
from .cues import Cue, ObjectScorer
from .detected_objects import DetectedObject

_SHOWN = 12  # the most detections that are listed, unless more are meant
_NOTHING = -2.0  # log-odds that none of the candidates is meant
_SURE = 0.4  # objects below this share of the best score do not count when nothing seems to fit
_EXCLUDED = 0.99  # the greatest chance that an object is one of those excluded
# Where several are asked for, each is judged alone: log-odds in favour of its being there, the
# factor on the log-odds of what is said, and the chance from which it is meant.
_MANY, _EACH, _MEANT = 1.0, 1.5, 0.4
_RIVAL = 0.7  # an object with more than this share of the chance of what is meant is a rival
_THERE = 0.6  # the detector's score from which an object is surely there
_LEAST = 0.04  # an object with less of a chance is not meant even when nothing fits better


Values: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Fit:
    thing: DetectedObject
    cues: tuple[Cue, ...]

    @property
    def odds(self) -> float:
        return sum(cue.odds for cue in self.cues)

    @property
    def lacks(self) -> str:
        """What is plainly not as the phrase says; "" where nothing is."""
        return next((cue.lacks for cue in self.cues if cue.lacks), "")


def rank(description: Description, rgb: RGB, things: Sequence[DetectedObject]) -> Findings:
    """Return the detections for a description, best first; none where it is clearly not there.

    `rgb` is uint8 H×W×3, `things` are all detected objects of any class: those of the head noun are
    ranked, the others support relations ("holding the umbrella"). Where sex decides and cannot be
    told, no detection is marked as meant.
    """
    scorer = ObjectScorer(rgb, things)
    cohort = scorer.cohort(description)
    if not cohort:
        return Findings((), sentences.missing(description, Counter(t.label for t in things)))
    fits = [
        _Fit(thing, tuple(cues))
        for thing, cues in zip(cohort, scorer.cues(description, cohort), strict=True)
    ]
    best = max(thing.score for thing in cohort)
    likely = [fit for fit in fits if fit.thing.score >= _SURE * best]
    if all(fit.lacks for fit in likely):
        closest = max(likely, key=lambda fit: fit.odds)
        instead = scorer.instead(description, closest.thing)
        return Findings((), sentences.none_such(description, len(likely), closest.lacks, instead))
    chances = _chances(description, fits, scorer)
    order = sorted(range(len(fits)), key=lambda at: -chances[at])
    checked = {name for thing in cohort for name in thing.wears}
    requested = _meant(description, [chances[at] for at in order])
    there = [fits[at] for n, at in enumerate(order) if n < requested or fits[at] in likely]
    told, doubt = _told(description, there, requested)
    if _in_doubt_of(description, scorer):
        requested = requested or len(fits)
        told, doubt = False, sentences.untold("person", requested, told=False)
    rivals = sum(chances[at] > _RIVAL * chances[order[requested - 1]] for at in order[requested:])
    hits = tuple(
        Detection(
            fits[at].thing.box,
            fits[at].thing.label,
            round(chances[at], 4),
            sentences.why(description, len(cohort), [cue.says for cue in fits[at].cues]),
            told and place < requested,
            fits[at].thing.logits,
        )
        for place, at in enumerate(order[: max(_SHOWN, requested)])
    )
    return Findings(
        hits if requested else (),
        sentences.note(description, requested, rivals if requested and told else 0, checked, doubt),
        tuple(
            Detection(thing.box, thing.label, thing.score, "", requested=False)
            for thing in things
            if thing.score >= _THERE
        ),
        guess=requested,
    )


def _told(description: Description, fits: Sequence[_Fit], requested: int) -> tuple[bool, str]:
    """Return whether the first `requested` objects, best first, are told from the others.

    They are too where sex does not matter. The second value is a sentence for a person where the
    sex was not seen, else "".
    """
    cues = [fit.cues for fit in fits]
    first = cues[:requested]
    if not requested or not sexes.in_question(cues) or sexes.by_clothes(first):
        return True, ""
    told = sexes.by_the_rest(description, first, cues[requested:])
    return told, sentences.untold(fits[0].thing.label, requested, told=told)


def _in_doubt_of(description: Description, scorer: ObjectScorer) -> bool:
    """Return whether a woman or man to be left out of people cannot be told from them."""
    return any(
        _is_of_people(description, other)
        and not sexes.are_told(scorer.cues(other, scorer.cohort(other)))
        for other in description.without
    )


def _is_of_people(description: Description, other: Description) -> bool:
    return bool(other.sex) and "person" in description.classes


def _chances(
    description: Description, fits: Sequence[_Fit], scorer: ObjectScorer, *, excluding: bool = True
) -> list[float]:
    """Return how likely each object is meant, 0..1.

    For one object the chances compete with each other and with none; for several each stands alone.
    """
    kept = np.ones(len(fits))
    if excluding:
        for other in description.without:
            kept *= 1 - np.minimum(_left_out(description, other, fits, scorer), _EXCLUDED)
    if description.count == 1:
        odds = np.array([fit.odds for fit in fits]) + np.log(kept)
        likely = np.exp(odds - odds.max())
        return [float(x) for x in likely / (likely.sum() + np.exp(_NOTHING - odds.max()))]
    there = _probability([fit.cues[0].odds + _MANY for fit in fits])
    said = np.array([sum(cue.odds for cue in fit.cues[1:]) for fit in fits])
    fitting = np.where(said == 0, 1, _probability(_EACH * said))  # 0 is nothing that could be seen
    return [float(x) for x in there * fitting * kept]


def _probability(odds: Sequence[float] | Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.asarray(odds))))


def _left_out(
    description: Description, other: Description, fits: Sequence[_Fit], scorer: ObjectScorer
) -> Values:
    """Return how likely each object is one that the phrase excludes, 0..1."""
    cohort = scorer.cohort(other)
    same = other.names == description.names
    if other.tells or _is_of_people(description, other):
        theirs = [
            _Fit(thing, (Cue(0.0, "thing"), *cues[1:]) if same else tuple(cues))
            for thing, cues in zip(cohort, scorer.cues(other, cohort), strict=True)
        ]
        chances = _chances(other, theirs, scorer, excluding=False)
    else:  # the noun alone; where that is what is wanted too, nothing here can tell them apart
        chances = [0.0 if same else 1.0] * len(cohort)
    found = {id(thing): chance for thing, chance in zip(cohort, chances, strict=True)}
    return np.array([found.get(id(fit.thing), 0.0) for fit in fits])


def _meant(description: Description, chances: Sequence[float]) -> int:
    """Return how many of the best objects are meant; `chances` come best first."""
    if description.count is None:
        return sum(chance >= _MEANT for chance in chances)
    return min(description.count, sum(chance >= _LEAST for chance in chances))
