"""Crumbs and pin-holes go; real holes, such as a cup's handle, stay. Frames are filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.edits.prompts import Click
from pickmatte.models.protocols import Logits

from .candidate import Candidate

# Shares of the subject's area. Dither at the segmenter's own resolution lies far below both, the
# hole of a cup's handle or a bent arm above.
CRUMB = 0.005
PINHOLE = 0.002
_SURE = 1.0
# Cells along the picture's frame that a segmenter cannot judge: beside them is padding.
_FRAME = 2


def tidied(candidate: Candidate, clicks: Sequence[Click]) -> Candidate:
    """The candidate, its frame filled and without crumbs and pin-holes but those clicked on."""
    content = fill_frame(candidate)
    keep = [candidate.place(click.x, click.y) for click in clicks if click.keep]
    drop = [candidate.place(click.x, click.y) for click in clicks if not click.keep]
    logits = candidate.logits.copy()
    logits[: content.shape[0], : content.shape[1]] = tidy(content, keep, drop)
    return replace(candidate, logits=logits)


def fill_frame(candidate: Candidate) -> Logits:
    """The candidate's content with the cells along the picture's frame as those next to them.

    What reaches the frame is cut off by it and goes on beyond; no subject ends a hair before it.
    """
    content = candidate.content.copy()
    height, width = candidate.size
    x0, y0, x1, y1 = candidate.window
    rows, columns = content.shape
    if rows > 8 * _FRAME:
        if y0 == 0:
            content[:_FRAME] = content[_FRAME]
        if y1 == height:
            content[-_FRAME:] = content[-_FRAME - 1]
    if columns > 8 * _FRAME:
        if x0 == 0:
            content[:, :_FRAME] = content[:, _FRAME, None]
        if x1 == width:
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
