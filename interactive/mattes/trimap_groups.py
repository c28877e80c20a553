"""Subjects whose soft edges meet are solved together; those far from all others alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TypeAlias

from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle, enclosing
from pickmatte.models.protocols import Alpha, Mask, Trimap

from .exclusive_alphas import split_alphas
from .exclusive_trimaps import exclusive_trimap, union_trimap
from .trimap import make_trimap

_CONTEXT = 128  # pixels around the trimaps that a solve sees; matting models ask for less

Solve: TypeAlias = Callable[[Rectangle, Trimap], Alpha]


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


def meeting(key: int, places: Mapping[int, Rectangle], order: Sequence[int]) -> tuple[int, ...]:
    """The keys of a subject and of all it meets, directly or through others, front to back.

    `places` are the rectangles that the subjects' trimaps fill, by their keys in any order; `order`
    holds these keys, front first.
    """
    reached = {key}
    waiting = [key]
    while waiting:
        at = places[waiting.pop()]
        met = [other for other, place in places.items() if place.meets(at)]
        waiting += [other for other in met if other not in reached]
        reached.update(met)
    return tuple(other for other in order if other in reached)


def trimap_beside_others(key: int, trimaps: Mapping[int, CroppedLayer]) -> CroppedLayer:
    """The trimap of one subject beside those it meets.

    `trimaps` are of each by itself, front to back, from masks that do not overlap. The core of one
    in front becomes background to those behind.
    """
    own = trimaps[key]
    front = [
        other.within(own.at) for other in takewhile(lambda one: one is not own, trimaps.values())
    ]
    if not front:
        return own
    beside = exclusive_trimap(0, [own.pixels, *front], [*range(1, len(front) + 1), 0])
    return CroppedLayer.of(beside, (own.at.x0, own.at.y0))


def solve_group(
    solve: Solve,
    trimaps: Mapping[int, CroppedLayer],
    size: tuple[int, int],
    held: Callable[[Rectangle], Mask] | None,
    given: Mapping[int, Alpha],
    remnants: Collection[int] = (),
) -> Iterator[tuple[int, CroppedLayer]]:
    """The keys of subjects that meet and their alphas, front to back; they add up to at most 1.

    `trimaps` are those of `trimap_beside_others` by their keys, front to back, `size` is the
    picture's height and width. `held` gives, bool, what the masks of several hold together in an
    area of it, None where there is only one; `given` are alphas, H×W, that are known already;
    `remnants` are keys of subjects of which others own nearly all. `solve` makes the alpha of a
    trimap over an area.
    """
    keys = list(trimaps)
    area = enclosing(part.at for part in trimaps.values()).grown(_CONTEXT, size)
    corner = area.x0, area.y0
    layers = [part.within(area) for part in trimaps.values()]
    known = {place: given[key][area.slices] for place, key in enumerate(keys) if key in given}
    if held is None:
        (key,) = keys
        yield (
            key,
            CroppedLayer.of(given[key])
            if given
            else CroppedLayer.of(solve(area, layers[0]), corner),
        )
        return
    union = held(area)
    together = union_trimap(layers, make_trimap(union) if union.any() else layers[0])
    left = [place for place, key in enumerate(keys) if key in remnants]
    places = range(len(keys))
    for place, alpha in split_alphas(partial(solve, area), layers, together, places, known, left):
        yield keys[place], CroppedLayer.of(alpha, corner)
