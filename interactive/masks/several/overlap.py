"""Several subjects in one picture: what each is best taken for, who is in front, who owns a pixel.

A lone click is ambiguous: a part, the object, or a group with its neighbours. Clicks on the
neighbours settle most of it, because the masks of subjects that are told apart do not collide.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.masks.cleanup import CRUMB
from pickmatte.models.geometry.rectangle import bounding_box
from pickmatte.models.protocols import Mask

_COLLISION = 2.0  # what two masks cost that take each other's clicks; scores lie between 0 and 1.5
_SIZE = 0.05  # for each e-fold of area that a whole loses to what lies in front of it
_SPECK = 0.01  # of a mask's area: less than this is a detail of it and says nothing of its extent
_INSIDE = 0.7  # of a mask's area: so much of it inside another means a part, or a thing before it
_SURE = 1.0  # logits that must lie between two subjects before they, not the order, decide
_CELLS = 256  # long side of the grid on which masks are compared
_WAVER = 4  # cells from where two are cut apart in which crumbs of one are not it
_GAIN = 1e-4  # less is rounding
_TOUCH = np.ones((7, 7), np.uint8)  # cells around a mask in which another touches it
_STRIP = 2_000_000  # pixels of a picture that are worked on at a time

Costs: TypeAlias = NDArray[np.float32]  # N×M, of N candidates of one subject and M of another
Labels: TypeAlias = NDArray[np.int8]  # H×W, the place of the subject that owns a pixel, or -1


def crossed(candidate: Candidate, others: Sequence[Click]) -> tuple[Click, ...]:
    """The clicks that keep other subjects and collide with this candidate, as drops for it."""
    return tuple(
        Click(click.x, click.y, keep=False)
        for click in others
        if click.keep and _holds(candidate, click)
    )


def unwelcome(
    candidates: Sequence[Candidate], clicks: Sequence[Sequence[Click]]
) -> tuple[tuple[Click, ...], ...]:
    """For each of the subjects' candidates, the clicks of others that it must give up, as drops.

    A subject that lies inside another may stay there: it takes its own pixels from it.
    """
    inner = insides(candidates)
    return tuple(
        tuple(
            drop
            for other, theirs in enumerate(clicks)
            if other != index and (other, index) not in inner
            for drop in crossed(candidate, theirs)
        )
        for index, candidate in enumerate(candidates)
    )


def holds_all(candidate: Candidate, clicks: Sequence[Click]) -> bool:
    """Whether every one of these clicks lies inside."""
    return all(_holds(candidate, click) for click in clicks)


def choose_together(
    subjects: Sequence[Sequence[Candidate]], clicks: Sequence[Sequence[Click]]
) -> tuple[int, ...]:
    """Which candidate of each subject to take so that all together explain the picture.

    `subjects` are the candidates of each, best first (one alone where it is settled), `clicks`
    those of each. A set of masks is worth their scores, less what they collide. A mask may hold
    another subject's clicks, as a whole around a part or behind a thing in front; but only where
    the segmenter by itself takes that other one for a thing apart, since else the two masks are
    the same group seen twice.
    """
    scores = [np.array([one.score for one in pool], np.float32) for pool in subjects]
    masks = [[candidate.coarse for candidate in pool] for pool in subjects]
    costs: dict[tuple[int, int], Costs] = {}
    for one, two in combinations(range(len(masks)), 2):
        takes = [_holds_one(candidate, clicks[two]) for candidate in subjects[one]]
        taken = [_holds_one(candidate, clicks[one]) for candidate in subjects[two]]
        costs[one, two] = _together(masks[one], masks[two], takes, taken)
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


def front_to_back(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """A guess at the order of the subjects, the front one first, from their masks.

    Of two that touch, the one in front bites into the other: it lies inside the other's mask, or
    in a hollow of its outline. Where that says nothing, what ends lower in the picture is nearer.
    """
    masks = [candidate.coarse for candidate in candidates]
    near = [cv2.dilate(mask.view(np.uint8), _TOUCH).view(np.bool_) for mask in masks]
    ahead = np.zeros(len(masks))
    for one, two in combinations(range(len(masks)), 2):
        if not (near[one] & masks[two]).any():
            continue
        lead = _bite(masks[one], masks[two])
        ahead[one] += lead
        ahead[two] -= lead
    return tuple(int(index) for index in np.argsort(-ahead, kind="stable"))


def own(candidates: Sequence[Candidate], order: Sequence[int], size: tuple[int, int]) -> Labels:
    """Who owns each pixel, int8 at `size`: the place of a subject in `candidates`, -1 for none.

    A subject inside another's mask takes what it covers. Else the surer of two takes a disputed
    pixel, and the front one in `order` (front first) where neither is. Works in strips: 9 bytes
    for each of their pixels beyond the answer.
    """
    owner = np.full(size, -1, np.int8)
    inner = insides(candidates)
    step = max(1, _STRIP // size[1])
    boxes = [candidate.outer_box(size) for candidate in candidates]
    height, width = candidates[0].size
    across, down = width / size[1], height / size[0]
    for top in range(0, size[0], step):
        bottom = min(size[0], top + step)
        lead = np.zeros((bottom - top, size[1]), np.float32)
        labels = owner[top:bottom]
        for index in order:
            x0, y0, x1, y1 = boxes[index]
            y0, y1 = max(y0, top), min(y1, bottom)
            if y0 >= y1 or x0 >= x1:
                continue
            where = slice(y0 - top, y1 - top), slice(x0, x1)
            window = x0 * across, y0 * down, x1 * across, y1 * down
            logits = candidates[index].seen(window, (y1 - y0, x1 - x0))
            before, surest = labels[where], lead[where]
            wins = (logits > 0) & ((before < 0) | (logits > surest + _SURE))
            for other in range(len(candidates)):
                if (index, other) in inner:  # it lies inside the other
                    wins |= (before == other) & (logits > 0)
                elif (other, index) in inner:
                    wins &= before != other
            before[wins] = index
            surest[wins] = logits[wins]
    return owner


def settle(masks: Sequence[Mask], owner: Labels, order: Sequence[int]) -> Labels:
    """Labels of the pixels that `masks`, bool H×W each, hold, but for crumbs cut off from one.

    Where several hold a pixel, `owner` decides if it names one of them, else `order`, front first.
    """
    labels = np.full(owner.shape, -1, np.int8)
    disputed = np.zeros(owner.shape, bool)
    for index in reversed(order):
        disputed |= masks[index] & (labels >= 0)
        labels[masks[index]] = index
    for index, mask in enumerate(masks):
        labels[disputed & mask & (owner == index)] = index
    for index, mask in enumerate(masks):
        _sweep(labels, index, mask & disputed)
    return labels


def insides(candidates: Sequence[Candidate]) -> set[tuple[int, int]]:
    """Pairs of places of which the first's mask lies inside the second's."""
    masks = [candidate.coarse for candidate in candidates]
    areas = [max(1, int(mask.sum())) for mask in masks]
    found = set()
    for one, two in combinations(range(len(masks)), 2):
        both = int((masks[one] & masks[two]).sum())
        small, large = (one, two) if areas[one] <= areas[two] else (two, one)
        if both > _INSIDE * areas[small]:
            found.add((small, large))
    return found


def _sweep(labels: Labels, index: int, disputed: Mask) -> None:
    """Give away, in place, the crumbs of a subject that lie beside what others took of it."""
    mine = (labels == index).view(np.uint8)
    box = bounding_box(mine.view(np.bool_))
    if box is None or not disputed.any():
        return
    where = slice(box[1], box[3]), slice(box[0], box[2])
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mine[where], connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < CRUMB * np.count_nonzero(mine)
    small[0] = False
    lost = (disputed & ~mine.view(np.bool_))[where]
    # As far as a segmenter's outline may waver: some of its cells.
    reach = _WAVER * -(-max(labels.shape) // _CELLS)
    window = np.ones((2 * reach + 1,) * 2, np.uint8)
    beside = cv2.dilate(np.ascontiguousarray(lost).view(np.uint8), window).view(np.bool_)
    cut_off = np.zeros(count, bool)
    cut_off[np.unique(pieces[beside])] = True
    crumbs = np.where((small & cut_off)[pieces], pieces, 0).astype(np.float32)
    grown = cv2.dilate(crumbs, np.ones((3, 3), np.uint8))
    ring = (grown > 0) & (crumbs == 0)
    heirs = np.full(count, -1, np.int8)
    names, around = grown[ring].astype(np.intp), labels[where][ring]
    total = np.bincount(names, minlength=count)
    for other in np.unique(around[around >= 0]):
        # A pin-hole in which the whole showed belongs to what is all around it.
        share = np.bincount(names[around == other], minlength=count)
        heirs[2 * share > total] = other
    part = labels[where]
    part[crumbs > 0] = heirs[pieces[crumbs > 0]]


def _holds(candidate: Candidate, click: Click) -> bool:
    column, row = candidate.place(click.x, click.y)
    return bool(candidate.inside[row, column])


def _holds_one(candidate: Candidate, clicks: Sequence[Click]) -> bool:
    return any(_holds(candidate, click) for click in clicks if click.keep)


def _together(
    ones: Sequence[Mask], twos: Sequence[Mask], takes: Sequence[bool], taken: Sequence[bool]
) -> Costs:
    """What each pair of masks of two subjects costs, len(ones)×len(twos).

    `takes` tells which of the first hold the second's clicks, `taken` the reverse.
    """
    costs = np.zeros((len(ones), len(twos)), np.float32)
    areas = [int(np.count_nonzero(mask)) for mask in ones]
    theirs = [int(np.count_nonzero(mask)) for mask in twos]
    for i, j in product(range(len(ones)), range(len(twos))):
        both = int(np.count_nonzero(ones[i] & twos[j]))
        if takes[i] and taken[j]:
            costs[i, j] = 2 * _COLLISION  # worse than any whole with a part
        elif takes[i]:
            costs[i, j] = _whole(areas[i], theirs[j], both, apart=not taken[0])
        elif taken[j]:
            costs[i, j] = _whole(theirs[j], areas[i], both, apart=not takes[0])
        else:
            costs[i, j] = _COLLISION * both / max(1, min(areas[i], theirs[j]))
    return costs


def _whole(area: int, part: int, both: int, *, apart: bool) -> float:
    """The cost of a mask of so many cells that holds the clicks of a part of it."""
    outside = 1 - both / max(1, part)
    lost = -_SIZE * float(np.log(max(area - both, 1) / max(area, 1)))
    unlikely = (not apart) + (part < _SPECK * area)
    return _COLLISION * (outside + unlikely) + lost


def _bite(one: Mask, two: Mask) -> float:
    """How much the first of two masks that touch lies in front of the second, -1..1."""
    both = one & two
    least = max(1, min(int(one.sum()), int(two.sum())))
    if int(both.sum()) > _INSIDE * least:
        return 1.0 if one.sum() <= two.sum() else -1.0
    ones, twos = one & ~two, two & ~one
    hollow = _hollow(twos) & one, _hollow(ones) & two
    into = (int(hollow[0].sum()) - int(hollow[1].sum())) / least
    lower = float(np.flatnonzero(one.any(1))[-1] - np.flatnonzero(two.any(1))[-1]) / len(one)
    return float(np.clip(into * 4 + 0.5 * lower, -1, 1))


def _hollow(mask: Mask) -> Mask:
    """The convex hull's part that is not the mask."""
    points = cv2.findNonZero(mask.view(np.uint8))
    hull = np.zeros(mask.shape, np.uint8)
    if points is not None:
        cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    return hull.view(np.bool_) & ~mask
