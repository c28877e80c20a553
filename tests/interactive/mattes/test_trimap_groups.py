"""Which subjects meet, and their trimaps beside each other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pickmatte.interactive.masks.several.labels import union_of
from pickmatte.interactive.mattes.exclusive_trimaps import exclusive_trimap
from pickmatte.interactive.mattes.trimap_groups import meeting, trimap_beside_others
from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle

SIZE = (7, 9)
EVERYWHERE = Rectangle.whole(SIZE)
trimaps = arrays.arrays(np.uint8, SIZE, elements=st.sampled_from((0, 0, 0, 128, 255)))


def test_subjects_meet_directly_or_through_others() -> None:
    places = {
        3: Rectangle(0, 0, 10, 10),
        1: Rectangle(0, 20, 10, 30),
        4: Rectangle(0, 9, 10, 21),
        7: Rectangle(50, 50, 60, 60),
        5: Rectangle(0, 0, 0, 0),
    }
    order = (7, 4, 1, 3, 5)
    for key in (1, 3, 4):
        assert meeting(key, places, order) == (4, 1, 3)
    assert meeting(7, places, order) == (7,)
    assert meeting(5, places, order) == (5,)  # nothing is left of it
    del places[4]
    assert meeting(3, places, order) == (3,)


@given(st.lists(trimaps, min_size=1, max_size=4))
def test_a_trimap_beside_others_is_worked_out_where_it_lies(layers: list[np.ndarray]) -> None:
    places = range(len(layers))
    parts = {10 + place: CroppedLayer.of(layers[place]) for place in places}
    for place in places:
        beside = trimap_beside_others(10 + place, parts).within(EVERYWHERE)
        np.testing.assert_array_equal(beside, exclusive_trimap(place, layers, places))


@given(
    arrays.arrays(np.int8, SIZE, elements=st.integers(-1, 5)),
    st.sets(st.integers(0, 5), min_size=1),
)
def test_the_union_is_what_any_of_them_owns(labels: np.ndarray, places: set[int]) -> None:
    union = union_of(labels, sorted(places))
    assert union.dtype == np.bool_
    np.testing.assert_array_equal(union, np.isin(labels, sorted(places)))
