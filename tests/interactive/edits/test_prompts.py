from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pickmatte.interactive.edits.prompts import Box, Click, Prompt, Stroke, check_inside
from pickmatte.models.errors import PromptError

finite = st.floats(allow_nan=False, allow_infinity=False)
bad = st.sampled_from([math.nan, math.inf, -math.inf])
sizes = st.tuples(st.integers(1, 5000), st.integers(1, 5000))


@given(finite, finite, bad, st.booleans())
def test_coordinates_are_finite(x: float, y: float, wrong: float, first: bool) -> None:
    point = (wrong, y) if first else (x, wrong)
    with pytest.raises(PromptError, match="finite"):
        Click(*point)
    with pytest.raises(PromptError, match="finite"):
        Stroke(((x, y), point))
    with pytest.raises(PromptError, match="finite"):
        Box(0, 0, *point)


@pytest.mark.parametrize(
    "corners", [(5, 5, 5, 9), (5, 5, 9, 5), (9, 5, 5, 9), (5, 9, 9, 5), (5, 5, 5.5, 9)]
)
def test_a_box_has_area(corners: tuple[float, float, float, float]) -> None:
    with pytest.raises(PromptError, match="no area; give its left, top, right and bottom"):
        Box(*corners)


def test_a_stroke_has_a_point() -> None:
    with pytest.raises(PromptError, match="at least one point"):
        Stroke(())


def test_a_stroke_takes_any_sequence_of_points() -> None:
    assert Stroke([[1, 2], (3, 4)]).points == ((1.0, 2.0), (3.0, 4.0))  # type: ignore[arg-type,list-item]


@pytest.mark.parametrize("prompt", [Click(1, 2), Box(1, 2, 3, 4), Stroke(((1, 2),))])
def test_prompts_are_values(prompt: Prompt) -> None:
    field = dataclasses.fields(prompt)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(prompt, field, 0)
    assert prompt == dataclasses.replace(prompt)
    assert hash(prompt) == hash(dataclasses.replace(prompt))


@given(st.integers(0, 900), st.integers(0, 900), st.integers(1, 900), st.integers(1, 900))
def test_a_box_between_two_corners_in_any_order(x: int, y: int, width: int, height: int) -> None:
    box = Box(x, y, x + width, y + height)
    for a in ((x, y), (x + width, y)):
        b = (2 * x + width - a[0], y + height)
        assert Box.between(a, b) == Box.between(b, a) == box


@st.composite
def inside(draw: st.DrawFn) -> tuple[tuple[int, int], tuple[float, float]]:
    height, width = draw(sizes)
    x = draw(st.floats(0, width, exclude_max=True))
    y = draw(st.floats(0, height, exclude_max=True))
    return (height, width), (x, y)


@given(inside(), st.booleans())
def test_points_inside_pass_unchanged(
    case: tuple[tuple[int, int], tuple[float, float]], keep: bool
) -> None:
    size, point = case
    click, stroke = Click(*point, keep), Stroke((point, point), keep)
    assert check_inside(click, size) is click
    assert check_inside(stroke, size) is stroke


@given(sizes, st.sampled_from(["left", "top", "right", "bottom"]), st.floats(0, 1e6))
def test_points_outside_are_refused(size: tuple[int, int], side: str, by: float) -> None:
    height, width = size
    x, y = {
        "left": (-by - 0.001, 0),
        "top": (0, -by - 0.001),
        "right": (width + by, 0),
        "bottom": (0, height + by),
    }[side]
    for prompt in (Click(x, y), Stroke(((0, 0), (x, y)))):
        with pytest.raises(PromptError, match=f"outside the picture of {width}×{height}"):
            check_inside(prompt, size)


@given(sizes, st.tuples(*[st.floats(-6000, 6000)] * 2), st.tuples(*[st.floats(-6000, 6000)] * 2))
def test_a_box_is_cut_to_the_picture_or_refused(
    size: tuple[int, int], a: tuple[float, float], b: tuple[float, float]
) -> None:
    height, width = size
    try:
        box = Box.between(a, b)
        cut: Any = check_inside(box, size)
    except PromptError:
        return
    assert 0 <= cut.x0 < cut.x1 <= width
    assert 0 <= cut.y0 < cut.y1 <= height
    assert check_inside(cut, size) == cut
    if box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height:
        assert cut == box


def test_a_box_that_only_touches_the_picture_is_outside() -> None:
    for corners in ((-10, 0, 0, 10), (100, 0, 120, 10), (0, 50, 10, 60), (0, -9, 10, 0)):
        with pytest.raises(PromptError, match="outside the picture of 100×50"):
            check_inside(Box(*corners), (50, 100))
