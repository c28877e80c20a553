"""Which of the things found in a picture a phrase means, and why.

Every cue (the detector's score, colours, places, relations) gives log-odds, and these add up: no
cue rules a thing out alone, so that the error of one can be made good by the others. Only at the
end, where every candidate clearly lacks what was said, the answer is that nothing fits.
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

from .cues import Cue, ObjectScorer
from .detected_objects import DetectedObject

_SHOWN = 12  # detections, unless more are meant
_NOTHING = -2.0  # log-odds of none of the candidates being meant
_SURE = 0.4  # of the best score: whose looks count when we say that nothing fits
_EXCLUDED = 0.99  # at most, that a thing is one of those not wanted
# Where all or several are asked for, each is taken for itself: log-odds in favour of its being
# there, how much more what is said must hold, and the chance from which it is meant.
_MANY, _EACH, _MEANT = 1.0, 1.5, 0.4
_RIVAL = 0.7  # of the chance of what is meant: as likely, for all that can be told here
_THERE = 0.6  # a detector's score from which a thing is surely there
_LEAST = 0.04  # chance below which a thing is not meant even when nothing fits better


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
        """What is plainly not as the phrase has it; "" where nothing is."""
        return next((cue.lacks for cue in self.cues if cue.lacks), "")


def rank(description: Description, rgb: RGB, things: Sequence[DetectedObject]) -> Findings:
    """Detections for a description, best first; none where it is clearly not there.

    `rgb` is uint8 H×W×3, `things` are all things found, of whatever class: those of the head noun
    are ranked, the others bear out relations ("holding the umbrella").
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
    rivals = sum(chances[at] > _RIVAL * chances[order[requested - 1]] for at in order[requested:])
    hits = tuple(
        Detection(
            fits[at].thing.box,
            fits[at].thing.label,
            round(chances[at], 4),
            sentences.why(description, len(cohort), [cue.says for cue in fits[at].cues]),
            place < requested,
            fits[at].thing.logits,
        )
        for place, at in enumerate(order[: max(_SHOWN, requested)])
    )
    return Findings(
        hits if requested else (),
        sentences.note(description, requested, rivals if requested else 0, checked),
        tuple(
            Detection(thing.box, thing.label, thing.score, "", requested=False)
            for thing in things
            if thing.score >= _THERE
        ),
    )


def _chances(
    description: Description, fits: Sequence[_Fit], scorer: ObjectScorer, *, excluding: bool = True
) -> list[float]:
    """How likely each is meant, 0..1: one of them or none, or each for itself where many can be."""
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
    """How likely each is one of those that the phrase leaves out."""
    cohort = scorer.cohort(other)
    same = other.names == description.names
    if other.tells:
        theirs = [
            _Fit(thing, (Cue(0.0), *cues[1:]) if same else tuple(cues))
            for thing, cues in zip(cohort, scorer.cues(other, cohort), strict=True)
        ]
        chances = _chances(other, theirs, scorer, excluding=False)
    else:  # the noun alone; where that is what is wanted too, nothing here can tell them apart
        chances = [0.0 if same else 1.0] * len(cohort)
    found = {id(thing): chance for thing, chance in zip(cohort, chances, strict=True)}
    return np.array([found.get(id(fit.thing), 0.0) for fit in fits])


def _meant(description: Description, chances: Sequence[float]) -> int:
    """How many of the best are meant."""
    if description.count is None:
        return sum(chance >= _MEANT for chance in chances)
    return min(description.count, sum(chance >= _LEAST for chance in chances))
