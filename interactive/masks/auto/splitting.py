"""A part of the map as one subject or several, without losing any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pickmatte.interactive.edits.prompts import Click
from pickmatte.models.protocols import Alpha, Mask

from .asking import Found, Look, deepest, seen_after, shallow, subject_of
from .standing_out import STANDS_OUT

AGREES = 0.85  # soft IoU from which the segmenter and the map see the same; fitted, docs/auto.md
_ONE = 0.95  # ... from which a part of the map is one subject, whatever its pieces
_PIECES = 5  # things looked for in one part
_WITHIN = 0.85  # of a piece must stand out, else it is background or reaches into it
_PIECE = 0.1  # of a part: smaller pieces belong to others
_INSIDE = 0.7  # of a piece inside another: it is a part of that one


@dataclass(frozen=True, eq=False)
class Share:
    """A share of the map that is one subject, and what the segmenter has for it."""

    wanted: Alpha  # the map, 0 where it is not this subject's
    found: Found

    @property
    def agreed(self) -> bool:
        """Whether the segmenter sees the same as the map, so that its finer mask may be taken."""
        return self.found.fit >= AGREES

    @property
    def inside(self) -> Mask:
        """What is taken for the subject, on the grid of the segmenter's logits."""
        return self.found.inside if self.agreed else self.wanted > STANDS_OUT


def subjects_of(look: Look, wanted: Alpha, size: tuple[int, int]) -> list[Share]:
    """One share for a part of the map, or several where the segmenter surely sees several.

    Several it is where no one mask agrees very well with the map, and lone clicks are taken for
    things apart, none part of another, among which the map can be divided so that the segmenter
    agrees with it on each: what would be lost by a split belongs to no piece of it.
    """
    one = Share(wanted, subject_of(look, wanted, size))
    several = pieces(look, wanted, size) if one.found.fit < _ONE else []
    if len(several) < 2:
        return [one]
    split = [Share(share, subject_of(look, share, size)) for share in shares(wanted, several)]
    return split if all(share.agreed for share in split) else [one]


def shares(wanted: Alpha, several: Sequence[Found]) -> list[Alpha]:
    """The map divided among pieces of it: what is nearest to each."""
    away = [
        cv2.distanceTransform((~piece.inside).astype(np.uint8), cv2.DIST_L2, 5) for piece in several
    ]
    nearest = np.argmin(away, axis=0)
    return [np.where(nearest == place, wanted, np.float32(0)) for place in range(len(several))]


def pieces(look: Look, wanted: Alpha, size: tuple[int, int]) -> list[Found]:
    """Things in a part of the map, each as a click on the deepest place not yet taken shows it."""
    area = wanted > STANDS_OUT
    left = area.copy()
    found: list[Found] = []
    for _ in range(_PIECES):
        click, depth = deepest(left, size)
        if depth < shallow(wanted):
            break
        seen = seen_after(look, (click,), wanted)
        inner = [one for one in seen if float(area[one.inside].mean()) > _WITHIN]
        if inner:
            found.append(inner[0])
            left &= ~inner[0].inside
        else:  # what lies there cannot be told from what does not stand out
            left &= ~_disc(click, depth, area.shape, size)
    least = _PIECE * float(area.sum())
    return [
        one
        for one in found
        if one.inside.sum() >= least and not any(_is_part(one, other) for other in found)
    ]


def _disc(click: Click, depth: float, grid: tuple[int, ...], size: tuple[int, int]) -> Mask:
    rows, columns = np.ogrid[: grid[0], : grid[1]]
    row, column = click.y / size[0] * grid[0] - 0.5, click.x / size[1] * grid[1] - 0.5
    disc: Mask = np.hypot(rows - row, columns - column) <= depth + 1
    return disc


def _is_part(one: Found, other: Found) -> bool:
    both = int((one.inside & other.inside).sum())
    return (
        one is not other
        and both > _INSIDE * int(one.inside.sum())
        and (int(one.inside.sum()) <= int(other.inside.sum()))
    )
