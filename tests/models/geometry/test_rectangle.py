from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pickmatte.models.geometry.rectangle import Rectangle, bounding_box, enclosing, strips

SIDES = st.integers(0, 12)


@st.composite
def rectangles(draw: st.DrawFn) -> Rectangle:
    x0, y0 = draw(SIDES), draw(SIDES)
    return Rectangle(x0, y0, x0 + draw(st.integers(1, 8)), y0 + draw(st.integers(1, 8)))


def drawn(*those: Rectangle) -> np.ndarray:
    picture = np.zeros((24, 24), bool)
    for one in those:
        picture[one.slices] = True
    return picture


def test_it_is_x_before_y_and_its_slices_are_rows_before_columns() -> None:
    box = Rectangle(2, 1, 7, 4)
    assert tuple(box) == (2, 1, 7, 4)
    assert box.size == (3, 5)
    assert np.zeros((9, 9))[box.slices].shape == (3, 5)
    assert Rectangle.whole((9, 8, 3)) == Rectangle(0, 0, 8, 9)


@given(rectangles(), rectangles())
def test_what_two_have_in_common(a: Rectangle, b: Rectangle) -> None:
    both = drawn(a) & drawn(b)
    assert a.meets(b) is bool(both.any())
    if a.meets(b):
        np.testing.assert_array_equal(drawn(a.common(b)), both)
        assert drawn(a)[a.slices][a.common(b).slices_in(a)].shape == a.common(b).size
    box = bounding_box(drawn(a, b))
    assert box == enclosing([a, b])


@given(rectangles(), st.integers(0, 9))
def test_a_margin_ends_at_the_border(box: Rectangle, by: int) -> None:
    grown = box.grown(by, (24, 24))
    assert grown.common(Rectangle.whole((24, 24))) == grown
    assert grown.common(box) == box
    assert grown.grown(0, (24, 24)) == grown


@given(arrays(bool, (6, 9)))
def test_the_box_around_a_mask_is_as_small_as_it_can_be(mask: np.ndarray) -> None:
    box = bounding_box(mask)
    if box is None:
        assert not mask.any()
        return
    assert mask[box.slices].sum() == mask.sum()
    for side in (mask[box.slices][0], mask[box.slices][-1]):
        assert side.any()
    for side in (mask[box.slices][:, 0], mask[box.slices][:, -1]):
        assert side.any()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 500))
def test_strips_cover_all_once_and_in_order(height: int, width: int, pixels: int) -> None:
    count = np.zeros((height, width), int)
    for strip in strips((height, width, 3), pixels):
        count[strip.slices] += 1
        assert strip.height == 1 or strip.height * strip.width <= pixels
    assert (count == 1).all()
