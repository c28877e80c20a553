"""What the prompts of one subject, or of several beside each other, led to, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.edits.state import SubjectState
from pickmatte.models.protocols import Findings

from .candidate import Candidate
from .several.depth_order import insides
from .several.slivers import without_slivers

_DETECTION = 1 << 10  # bytes of a detection beside its mask, and of a search that found none


@dataclass(frozen=True, eq=False)
class CandidateSet:
    """What a prompt led to: candidates, best first, and which of them is taken."""

    candidates: tuple[Candidate, ...]
    chosen: int = 0
    drops: tuple[Click, ...] = ()  # other subjects' clicks that the taken one gave way to

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(candidate.nbytes for candidate in self.candidates)

    @property
    def taken(self) -> Candidate:
        """The one that is taken; there is one as soon as anything is said."""
        return self.candidates[self.chosen]


@dataclass(frozen=True, eq=False)
class CandidateGroup:
    """The candidate sets of subjects that know of each other, by key, and who is in front."""

    sets: dict[int, CandidateSet]
    order: tuple[int, ...]  # keys, front to back

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(chosen_set.nbytes for chosen_set in self.sets.values())


@dataclass(frozen=True, eq=False)
class KeptFindings:
    """Findings as the cache holds them."""

    findings: Findings

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        every = {id(hit): hit for hit in (*self.findings.hits, *self.findings.seen)}.values()
        masks = [hit.logits.nbytes for hit in every if hit.logits is not None]
        return (len(every) + 1) * _DETECTION + sum(masks)


def without_rims(sets: Sequence[CandidateSet]) -> list[CandidateSet]:
    """The sets, what is taken in each without rims around what lies inside it."""
    taken = [chosen_set.taken for chosen_set in sets]
    tidied = without_slivers(taken, insides(taken))
    return [
        chosen_set if after is before else replace(chosen_set, candidates=_put(chosen_set, after))
        for chosen_set, before, after in zip(sets, taken, tidied, strict=True)
    ]


def _put(chosen_set: CandidateSet, candidate: Candidate) -> tuple[Candidate, ...]:
    """The candidates of a set with this one as the one that is taken."""
    before, after = (
        chosen_set.candidates[: chosen_set.chosen],
        chosen_set.candidates[chosen_set.chosen + 1 :],
    )
    return (*before, candidate, *after)


def is_lone_click(subject: SubjectState) -> bool:
    """Whether all that is said of a subject leaves open what is meant: a part, it, a group."""
    return (
        len(subject.steps) == 1 and isinstance(subject.steps[0], Click) and not subject.user_layer
    )
