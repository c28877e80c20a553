"""Joint choice: one candidate for each of several subjects, so that their masks do not collide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.models.protocols import Mask

from .depth_order import insides

_COLLISION = 2.0  # what two masks cost that take each other's clicks; scores lie between 0 and 1.5
_AREA_LOSS = 0.05  # for each e-fold of area that a whole loses to what lies in front of it
_SPECK = 0.01  # of a mask's area: less than this is a detail of it and says nothing of its extent
_GAIN = 1e-4  # less is rounding

Costs: TypeAlias = NDArray[np.float32]  # N×M, of N candidates of one subject and M of another


def drops_for(candidate: Candidate, others: Sequence[Click]) -> tuple[Click, ...]:
    """Drop clicks for a candidate: the other subjects' keep clicks that lie inside its mask."""
    return tuple(
        Click(click.x, click.y, keep=False)
        for click in others
        if click.keep and _holds(candidate, click)
    )


def unwelcome(
    candidates: Sequence[Candidate], clicks: Sequence[Sequence[Click]]
) -> tuple[tuple[Click, ...], ...]:
    """Drop clicks for each subject's candidate, from the keep clicks of the other subjects.

    A subject that lies inside another gives no drops to it: it takes its own pixels from it.
    """
    contained = insides(candidates)
    return tuple(
        tuple(
            drop
            for other, other_clicks in enumerate(clicks)
            if other != index and (other, index) not in contained
            for drop in drops_for(candidate, other_clicks)
        )
        for index, candidate in enumerate(candidates)
    )


def holds_all(candidate: Candidate, clicks: Sequence[Click]) -> bool:
    """Whether every one of these clicks lies inside the candidate's mask."""
    return all(_holds(candidate, click) for click in clicks)


def choose_together(
    subjects: Sequence[Sequence[Candidate]], clicks: Sequence[Sequence[Click]]
) -> tuple[int, ...]:
    """The index of the candidate to take for each subject, so that all explain the picture best.

    `subjects` are the candidates of each, best first (a single one where the user chose it),
    `clicks` those of each. A set of masks is worth the sum of its scores, less what collisions
    cost. A mask may hold another subject's clicks, as a whole around a part or behind a thing in
    front; but only where the segmenter by itself separates that other one, since otherwise the
    two masks are the same group twice.
    """
    scores = [np.array([one.score for one in pool], np.float32) for pool in subjects]
    masks = [[candidate.coarse for candidate in pool] for pool in subjects]
    costs: dict[tuple[int, int], Costs] = {}
    for one, two in combinations(range(len(masks)), 2):
        first_holds = [_holds_any(candidate, clicks[two]) for candidate in subjects[one]]
        second_holds = [_holds_any(candidate, clicks[one]) for candidate in subjects[two]]
        costs[one, two] = _pair_costs(masks[one], masks[two], first_holds, second_holds)
        costs[two, one] = costs[one, two].T
    chosen, improved = [0] * len(masks), True
    # Change two subjects at a time while that helps: exact for two, and ten stay quick.
    while improved:
        improved = False
        for one, two in combinations(range(len(masks)), 2):
            worth = scores[one][:, None] + scores[two] - costs[one, two]
            for other, index in enumerate(chosen):
                if other not in (one, two):
                    worth -= costs[one, other][:, index, None] + costs[two, other][:, index]
            pair = np.unravel_index(int(worth.argmax()), worth.shape)
            if worth[pair] > worth[chosen[one], chosen[two]] + _GAIN:
                chosen[one], chosen[two] = int(pair[0]), int(pair[1])
                improved = True
    return tuple(chosen)


def _holds(candidate: Candidate, click: Click) -> bool:
    column, row = candidate.place(click.x, click.y)
    return bool(candidate.inside[row, column])


def _holds_any(candidate: Candidate, clicks: Sequence[Click]) -> bool:
    return any(_holds(candidate, click) for click in clicks if click.keep)


def _pair_costs(
    first: Sequence[Mask],
    second: Sequence[Mask],
    first_holds: Sequence[bool],
    second_holds: Sequence[bool],
) -> Costs:
    """What each pair of masks of two subjects costs, len(first)×len(second).

    `first_holds` says which masks of the first hold the second's clicks, `second_holds` the
    reverse.
    """
    costs = np.zeros((len(first), len(second)), np.float32)
    areas = [int(np.count_nonzero(mask)) for mask in first]
    other_areas = [int(np.count_nonzero(mask)) for mask in second]
    for i, j in product(range(len(first)), range(len(second))):
        both = int(np.count_nonzero(first[i] & second[j]))
        if first_holds[i] and second_holds[j]:
            costs[i, j] = 2 * _COLLISION  # worse than any whole with a part
        elif first_holds[i]:
            costs[i, j] = _whole_cost(areas[i], other_areas[j], both, separate=not second_holds[0])
        elif second_holds[j]:
            costs[i, j] = _whole_cost(other_areas[j], areas[i], both, separate=not first_holds[0])
        else:
            costs[i, j] = _COLLISION * both / max(1, min(areas[i], other_areas[j]))
    return costs


def _whole_cost(area: int, part: int, both: int, *, separate: bool) -> float:
    """The cost of a mask of `area` cells that holds the clicks of a part of `part` cells.

    `both` cells are common to the two; `separate` says that the segmenter separates the part.
    """
    outside = 1 - both / max(1, part)
    lost = -_AREA_LOSS * float(np.log(max(area - both, 1) / max(area, 1)))
    unlikely = (not separate) + (part < _SPECK * area)
    return _COLLISION * (outside + unlikely) + lost
