"""Crumbs and pin-holes go; real holes, such as a cup's handle, stay.

What reaches the picture's border goes on to it, and what ends before it ends there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.edits.prompts import Click
from pickmatte.models.protocols import RGB, Logits

from .candidate import Candidate
from .margins import measure

# Shares of the subject's area. Dither at the segmenter's own resolution lies far below both, the
# hole of a cup's handle or a bent arm above.
CRUMB = 0.005
PINHOLE = 0.002
_SURE = 1.0
# Cells along the picture's frame that a segmenter cannot judge: beside them is padding.
_FRAME = 2


def tidied(candidate: Candidate, clicks: Sequence[Click], rgb: RGB) -> Candidate:
    """The candidate, its border settled and without crumbs and pin-holes but those clicked on.

    `rgb` is the picture, uint8 H×W×3.
    """
    keep = [candidate.place(click.x, click.y) for click in clicks if click.keep]
    drop = [candidate.place(click.x, click.y) for click in clicks if not click.keep]
    content = fill_frame(candidate)
    x0, y0, x1, y1 = candidate.window
    found = measure(rgb[y0:y1, x0:x1], content > 0, _at_border(candidate), keep, drop)
    margins = found.wider(candidate.margins) if candidate.margins else found
    if margins:
        content[margins.cells((y1 - y0, x1 - x0))] = -_SURE
    logits = candidate.logits.copy()
    logits[: content.shape[0], : content.shape[1]] = tidy(content, keep, drop)
    return replace(candidate, logits=logits, margins=margins or None)


def _at_border(candidate: Candidate) -> list[str]:
    """The sides of the candidate's window that are the picture's."""
    height, width = candidate.size
    x0, y0, x1, y1 = candidate.window
    reached = {"left": x0 == 0, "top": y0 == 0, "right": x1 == width, "bottom": y1 == height}
    return [side for side, reaches in reached.items() if reaches]


def fill_frame(candidate: Candidate) -> Logits:
    """The candidate's content with the cells along the picture's frame as those next to them.

    What comes so near goes on beyond the frame, unless the picture's colours tell otherwise.
    """
    content = candidate.content.copy()
    sides = _at_border(candidate)
    rows, columns = content.shape
    if rows > 8 * _FRAME:
        if "top" in sides:
            content[:_FRAME] = content[_FRAME]
        if "bottom" in sides:
            content[-_FRAME:] = content[-_FRAME - 1]
    if columns > 8 * _FRAME:
        if "left" in sides:
            content[:, :_FRAME] = content[:, _FRAME, None]
        if "right" in sides:
            content[:, -_FRAME:] = content[:, -_FRAME - 1, None]
    return content


def tidy(
    logits: Logits,
    keep: Sequence[tuple[int, int]] = (),
    drop: Sequence[tuple[int, int]] = (),
) -> Logits:
    """Turn islands and holes that are small beside the subject; float32 h×w in and out.

    A crumb that holds a `keep` point and a pin-hole that holds a `drop` point (column, row) are
    meant, and stay. At least a speck of 2×2 counts as small.
    """
    inside = logits > 0
    area = int(inside.sum())
    if not area:
        return logits
    tidied = logits.copy()
    crumbs = _small(inside, CRUMB * area, keep)
    tidied[crumbs] = -np.maximum(np.abs(logits[crumbs]), _SURE)
    holes = _small(~(inside & ~crumbs), PINHOLE * area, drop)
    tidied[holes] = np.maximum(np.abs(logits[holes]), _SURE)
    return tidied


def _small(
    region: NDArray[np.bool_], limit: float, requested: Sequence[tuple[int, int]]
) -> NDArray[np.bool_]:
    """The parts of a region of at most `limit` pixels, but never the largest nor a meant one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        region.astype(np.uint8), connectivity=4
    )
    if count < 3:  # the rest and one part
        return np.zeros(region.shape, bool)
    areas = stats[:, cv2.CC_STAT_AREA]
    small = areas <= max(limit, 4)
    small[0] = False
    small[1 + int(areas[1:].argmax())] = False
    for column, row in requested:
        small[labels[row, column]] = False
    return small[labels]  # type: ignore[no-any-return]
