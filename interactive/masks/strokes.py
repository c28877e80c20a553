"""Scribbles become well-chosen points: few, spread out, and sharp turns included."""

from __future__ import annotations

import numpy as np

from pickmatte.interactive.edits.prompts import Click, Stroke

_MOST = 6  # the segmenter was trained on about ten points in all


def clicks_of(stroke: Stroke) -> tuple[Click, ...]:
    """At most six clicks along a stroke: as far from each other as they can be.

    Farthest-point sampling over the line drawn between the given points; a dot gives one click.
    """
    line = _drawn(np.array(stroke.points, float))
    chosen = [len(line) // 2]
    reach = np.hypot(*(line - line[chosen[0]]).T)
    # Points nearer to each other than this tell the segmenter the same thing twice.
    apart = max(2.0, 0.12 * float(np.hypot(*np.ptp(line, axis=0))))
    while len(chosen) < _MOST and reach.max() >= apart:
        chosen.append(int(reach.argmax()))
        reach = np.minimum(reach, np.hypot(*(line - line[chosen[-1]]).T))
    return tuple(Click(float(x), float(y), stroke.keep) for x, y in line[sorted(chosen)])


def _drawn(points: np.ndarray) -> np.ndarray:
    """The stroke's line as points at most a pixel apart, on a budget for endless scribbles."""
    lengths = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(0)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    places = np.linspace(0, along[-1], min(2000, int(along[-1]) + 1))
    x, y = (np.interp(places, along, points[:, axis]) for axis in (0, 1))
    return np.stack([x, y], axis=1)
