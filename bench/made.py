"""Phrases with known answers, made of marked things: their kinds, sides, order, sizes, numbers.

What is said is true by the marks alone, so a phrase is made only where they leave no doubt: places
apart by a clear gap, sizes by a clear factor, kinds whose number in the photo is small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.grounders.english.plurals import plural

_LARGE = 0.01  # of the picture, from which a thing is named
_MANY = 6  # of a kind, from which the marks may not be complete
_GAP = 0.12  # of the picture's width between the middles of things that are told by their places
_FACTOR = 1.7  # of the areas of things that are told by their sizes
_COUNTS = {2: "two", 3: "three", 4: "four"}
_ORDERS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class Marked:
    """A thing in a photo: its label's value, what it is called, x0, y0, x1, y1 and its area."""

    value: int
    noun: str
    box: tuple[float, float, float, float]
    area: float

    @property
    def x(self) -> float:
        """The middle of its box, across."""
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True)
class MadePhrase:
    """What is said and which labels it means, all of them together; none where nothing is meant."""

    text: str
    kind: str
    values: tuple[int, ...]


def phrases_of(
    things: Sequence[Marked],
    size: tuple[int, int],
    nouns: Sequence[str],
    rng: np.random.Generator,
) -> Iterator[MadePhrase]:
    """The phrases for a photo of `size` (height, width); absent things are drawn of `nouns`."""
    by_noun: dict[str, list[Marked]] = defaultdict(list)
    for thing in things:
        by_noun[thing.noun].append(thing)
    height, width = size
    for noun, every in by_noun.items():
        if len(every) > _MANY or min(one.area for one in every) < _LARGE * height * width:
            continue
        if len(every) == 1:
            yield MadePhrase(f"the {noun}", "class", (every[0].value,))
            yield MadePhrase(noun, "class", (every[0].value,))
        yield from _by_place(noun, every, width, rng)
        yield from _by_size(noun, every)
        yield from _by_number(noun, every)
        yield from _by_relation(noun, every, by_noun, width)
    missing = [noun for noun in nouns if noun not in by_noun]
    for place in rng.permutation(len(missing))[:2]:
        yield MadePhrase(f"the {missing[place]}", "absent", ())


def _by_place(
    noun: str, every: Sequence[Marked], width: int, rng: np.random.Generator
) -> Iterator[MadePhrase]:
    row = sorted(every, key=lambda one: one.x)
    gaps: NDArray[np.float64] = np.diff([one.x for one in row])
    if len(row) > 1 and gaps.min() > _GAP * width:
        for way, one in (("left", row[0]), ("right", row[-1])):
            form = ("the {} on the {}", "the {1}most {0}")[int(rng.integers(2))]
            yield MadePhrase(form.format(noun, way), "side", (one.value,))
        if len(row) > 2:
            for way, order in (("left", row), ("right", row[::-1])):
                at = int(rng.integers(1, min(len(row), len(_ORDERS))))
                text = f"the {_ORDERS[at]} {noun} from the {way}"
                yield MadePhrase(text, "order", (order[at].value,))
        if len(row) == 3:
            yield MadePhrase(f"the {noun} in the middle", "order", (row[1].value,))
    if len(row) < len(_ORDERS):
        text = f"the {_ORDERS[len(row)]} {noun} from the left"
        yield MadePhrase(text, "absent description", ())


def _by_size(noun: str, every: Sequence[Marked]) -> Iterator[MadePhrase]:
    if len(every) < 2:
        return
    *_, second, largest = sorted(every, key=lambda one: one.area)
    if largest.area > _FACTOR * second.area:
        yield MadePhrase(f"the largest {noun}", "size", (largest.value,))
    smallest, next_to_it, *_ = sorted(every, key=lambda one: one.area)
    if next_to_it.area > _FACTOR * smallest.area:
        yield MadePhrase(f"the smallest {noun}", "size", (smallest.value,))


def _by_number(noun: str, every: Sequence[Marked]) -> Iterator[MadePhrase]:
    values = tuple(one.value for one in every)
    if len(every) in _COUNTS:
        yield MadePhrase(f"the {_COUNTS[len(every)]} {plural(noun)}", "count", values)
        yield MadePhrase(f"all the {plural(noun)}", "count", values)


def _by_relation(
    noun: str, every: Sequence[Marked], by_noun: dict[str, list[Marked]], width: int
) -> Iterator[MadePhrase]:
    for other, others in by_noun.items():
        if other == noun or len(others) != 1:
            continue
        (anchor,) = others
        apart = [one.x - anchor.x for one in every]
        if min(abs(gap) for gap in apart) < _GAP * width:
            continue
        for way, sign in (("left", -1), ("right", 1)):
            there = [one.value for one, gap in zip(every, apart, strict=True) if gap * sign > 0]
            text = f"the {noun} to the {way} of the {other}"
            if len(there) == 1:
                yield MadePhrase(text, "relation", tuple(there))
            elif not there:
                yield MadePhrase(text, "absent description", ())
