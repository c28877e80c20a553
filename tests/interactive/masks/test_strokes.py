from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pickmatte.interactive.edits.prompts import Stroke
from pickmatte.interactive.masks.strokes import clicks_of

coordinates = st.floats(0, 4000, allow_nan=False)


def test_a_dot_is_one_click() -> None:
    (click,) = clicks_of(Stroke(((5, 7),), keep=False))
    assert (click.x, click.y, click.keep) == (5, 7, False)


def test_a_line_gives_its_ends_and_points_between() -> None:
    clicks = clicks_of(Stroke(((0, 0), (300, 0))))
    xs = [click.x for click in clicks]
    assert min(xs) == 0
    assert max(xs) == 300
    assert 3 <= len(clicks) <= 6
    assert np.diff(sorted(xs)).max() <= 160  # no half of the line goes unsaid


@given(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=40))
def test_few_clicks_all_on_the_line(points: list[tuple[float, float]]) -> None:
    clicks = clicks_of(Stroke(tuple(points)))
    assert 1 <= len(clicks) <= 6
    ends = np.array(points)
    for click in clicks:
        assert (ends.min(0) - 1e-6 <= (click.x, click.y)).all()
        assert (ends.max(0) + 1e-6 >= (click.x, click.y)).all()
    assert len({(click.x, click.y) for click in clicks}) == len(clicks)
