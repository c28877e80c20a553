"""Subjects whose soft edges meet are solved together; those far from all others alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from pickmatte.models.geometry.rectangle import Rectangle, enclosing
from pickmatte.models.protocols import Alpha, Mask, Trimap

from .cropped_layer import CroppedLayer
from .exclusive_alphas import split_alphas
from .exclusive_trimaps import exclusive_trimap, union_trimap
from .trimap import make_trimap

_CONTEXT = 128  # pixels around the trimaps that a solve sees; matting models ask for less

Solve: TypeAlias = Callable[[Rectangle, Trimap], Alpha]


@dataclass(frozen=True, eq=False)
class TrimapGroup:
    """Trimaps of subjects that meet, by their keys, front to back."""

    trimaps: dict[int, CroppedLayer]


@dataclass(frozen=True, eq=False)
class AlphaGroup:
    """Layers of several subjects, by their keys."""

    layers: dict[int, CroppedLayer]

    @property
    def area(self) -> Rectangle:
        """A rectangle around all that is not empty."""
        return enclosing(part.at for part in self.layers.values())

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(part.nbytes for part in self.layers.values())


def trimap_group(
    key: int, trimaps: Mapping[int, CroppedLayer], order: tuple[int, ...]
) -> TrimapGroup:
    """The subject of that key and all it meets, directly or through others.

    `trimaps` are of each by itself, from masks that do not overlap. The core of one in front
    becomes background to those behind.
    """
    reached = {key}
    waiting = [key]
    while waiting:
        at = trimaps[waiting.pop()].at
        met = [other for other, part in trimaps.items() if part.at.meets(at)]
        waiting += [other for other in met if other not in reached]
        reached.update(met)
    keys = [other for other in order if other in reached]
    if len(keys) == 1:
        return TrimapGroup({key: trimaps[key]})
    area = enclosing(trimaps[other].at for other in keys)
    layers = [trimaps[other].within(area) for other in keys]
    places = range(len(keys))
    corner = area.x0, area.y0
    return TrimapGroup(
        {
            other: CroppedLayer.of(exclusive_trimap(place, layers, places), corner)
            for place, other in enumerate(keys)
        }
    )


def solve_group(
    solve: Solve,
    group: TrimapGroup,
    union: Mask,
    given: Mapping[int, Alpha],
    remnants: Collection[int] = (),
) -> Iterator[tuple[int, CroppedLayer]]:
    """The keys of a group and their alphas, front to back; they add up to at most 1.

    `union` is bool H×W, what the group's masks hold together; `given` are alphas, H×W, that are
    known already; `remnants` are keys of subjects of which others own nearly all. `solve` makes
    the alpha of a trimap over an area of the picture.
    """
    keys = list(group.trimaps)
    area = enclosing(part.at for part in group.trimaps.values()).grown(_CONTEXT, union.shape)
    corner = area.x0, area.y0
    layers = [part.within(area) for part in group.trimaps.values()]
    known = {place: given[key][area.slices] for place, key in enumerate(keys) if key in given}
    if len(keys) == 1:
        key = keys[0]
        yield (
            key,
            CroppedLayer.of(given[key])
            if given
            else CroppedLayer.of(solve(area, layers[0]), corner),
        )
        return
    held = union[area.slices]
    together = union_trimap(layers, make_trimap(held) if held.any() else layers[0])
    left = [place for place, key in enumerate(keys) if key in remnants]
    places = range(len(keys))
    for place, alpha in split_alphas(partial(solve, area), layers, together, places, known, left):
        yield keys[place], CroppedLayer.of(alpha, corner)
