"""Cut the part of a picture that needs work into rectangles, and blend what comes back.

Nothing is cut that fits into one piece; a cut goes where it crosses the fewest pixels that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import Mask

_COARSE = 8  # how much smaller a mask is made before its depth is measured


def cut(needed: Mask, fits: Callable[[Rectangle], bool], *, context: int) -> list[Rectangle]:
    """Disjoint rectangles, top to bottom, that cover every pixel of `needed`.

    Each one `fits`, or is not cut further because it is no larger than `context`, the margin it
    will be given. Gaps wider than two contexts are left out: what lies across is independent.
    """
    whole = Rectangle.whole(needed.shape)
    found = list(_cut(needed, whole, fits, context))
    return sorted(found, key=lambda tile: (tile.y0, tile.x0))


def _cut(
    needed: Mask, tile: Rectangle, fits: Callable[[Rectangle], bool], context: int
) -> Iterator[Rectangle]:
    part = needed[tile.slices]
    rows = np.count_nonzero(part, axis=1)
    columns = np.count_nonzero(part, axis=0)
    if not rows.any():
        return
    top, bottom = _extent(rows)
    left, right = _extent(columns)
    rows, columns = rows[top:bottom], columns[left:right]
    tile = Rectangle(left, top, right, bottom).moved(tile.x0, tile.y0)
    row, row_gap = _widest_gap(rows)
    column, column_gap = _widest_gap(columns)
    if max(row_gap, column_gap) > 2 * context:
        across = row_gap >= column_gap
        place = row if across else column
    elif fits(tile) or max(tile.height, tile.width) <= max(context, 2):
        yield tile
        return
    else:
        across = tile.height >= tile.width
        place = _thinnest(rows if across else columns)
    if across:
        halves = (
            Rectangle(tile.x0, tile.y0, tile.x1, tile.y0 + place),
            Rectangle(tile.x0, tile.y0 + place, tile.x1, tile.y1),
        )
    else:
        halves = (
            Rectangle(tile.x0, tile.y0, tile.x0 + place, tile.y1),
            Rectangle(tile.x0 + place, tile.y0, tile.x1, tile.y1),
        )
    for half in halves:
        yield from _cut(needed, half, fits, context)


def _extent(counts: NDArray[np.intp]) -> tuple[int, int]:
    used = np.flatnonzero(counts)
    return int(used[0]), int(used[-1]) + 1


def _widest_gap(counts: NDArray[np.intp]) -> tuple[int, int]:
    """Middle and width of the longest run of zeros."""
    used = np.flatnonzero(counts)
    gaps = np.diff(used) - 1
    if len(gaps) == 0 or gaps.max() == 0:
        return 0, 0
    at = int(gaps.argmax())
    return int(used[at] + 1 + gaps[at] // 2), int(gaps[at])


def _thinnest(counts: NDArray[np.intp]) -> int:
    """Where to cut: few pixels on the line, and a fair share on both sides."""
    total = np.cumsum(counts)
    share = total[:-1] / total[-1]
    fair = (share >= 0.3) & (share <= 0.7)
    if not fair.any():
        return max(1, len(counts) // 2)
    crossing = (counts[:-1] + counts[1:]).astype(np.float64)
    crossing[~fair] = np.inf
    return int(crossing.argmin()) + 1


def weights(
    tile: Rectangle, tiles: list[Rectangle], area: Rectangle, fade: int
) -> NDArray[np.float32]:
    """How much `tile`'s answer counts in each pixel of `area`, where all tiles' sum to 1.

    A tile counts in full inside and fades out linearly, half at its edge and nothing `fade` pixels
    beyond it. Pixels that no tile reaches get 0.
    """
    own = _presence(tile, area, fade)
    total = own.copy()
    for other in tiles:
        if other is not tile and _reach(other, fade).meets(area):
            total += _presence(other, area, fade)
    return np.divide(own, total, out=np.zeros_like(own), where=total > 0)


def _reach(tile: Rectangle, fade: int) -> Rectangle:
    return Rectangle(tile.x0 - fade, tile.y0 - fade, tile.x1 + fade, tile.y1 + fade)


def _presence(tile: Rectangle, area: Rectangle, fade: int) -> NDArray[np.float32]:
    def along(start: int, stop: int, first: int, last: int) -> NDArray[np.float32]:
        centres = np.arange(first, last, dtype=np.float32) + np.float32(0.5)
        depth = np.minimum(centres - start, stop - centres)
        share: NDArray[np.float32] = np.clip((depth + fade) / (2 * fade), 0, 1).astype(np.float32)
        return share

    presence: NDArray[np.float32] = np.minimum.outer(
        along(tile.y0, tile.y1, area.y0, area.y1),
        along(tile.x0, tile.x1, area.x0, area.x1),
    )
    return presence


def depth(mask: Mask) -> int:
    """About how many pixels the innermost pixel of a mask lies from one outside it."""
    size = tuple(max(1, -(-side // _COARSE)) for side in mask.shape[::-1])
    blocks = cv2.resize(mask.view(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    blocks = (blocks > 127).astype(np.uint8)
    if blocks.all():
        return int(max(mask.shape))
    deepest = float(cv2.distanceTransform(blocks, cv2.DIST_L2, 3).max())
    return int(_COARSE * (1 + deepest))
