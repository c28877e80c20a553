"""Keys of states and fingerprints of layers: equal where what they stand for is."""

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.edits.state import Key, State, SubjectState, UserLayer
from pickmatte.interactive.fingerprints import (
    Fingerprint,
    Fingerprints,
    fingerprint_of_layer,
    fingerprint_of_mask,
)
from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle

SIZE = (20, 30)


def block(top: int, left: int, height: int, width: int) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[top : top + height, left : left + width] = True
    return mask


def test_a_key_is_as_equal_as_what_it_is_of() -> None:
    one = SubjectState(0, "a", (Click(1, 2), Click(3, 4)))
    same = SubjectState(0, "another name", (Click(1, 2), Click(3, 4)), kept=False, band=2.0)
    other = SubjectState(0, "a", (Click(1, 2), Click(3, 5)))
    assert one.candidates_key == same.candidates_key
    assert hash(one.masks_key) == hash(same.masks_key)
    assert one.candidates_key != other.candidates_key
    assert Key(1) != 1
    assert State((one,)).masks_key == State((same,)).masks_key
    assert State((one,)).masks_key != State((one,), (0,)).masks_key
    assert (
        State((one,)).candidates_key == State((one, SubjectState(1, "nothing said"))).candidates_key
    )


def test_a_key_does_not_hold_on_to_pixels() -> None:
    mask = np.ones((1000, 1000), bool)
    tracemalloc.start()
    try:
        said = SubjectState(0, "a", user_layer=UserLayer("mask", mask)).candidates_key
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said == SubjectState(1, "b", user_layer=UserLayer("mask", mask)).candidates_key
    assert held < mask.nbytes / 10


@given(st.integers(0, 10), st.integers(0, 10), st.integers(1, 9), st.integers(1, 9))
def test_a_stamp_tells_what_and_where(top: int, left: int, height: int, width: int) -> None:
    mask = block(top, left, height, width)
    fingerprint = fingerprint_of_mask(mask)
    assert fingerprint == fingerprint_of_mask(mask.copy())
    assert fingerprint.count == mask.sum()
    assert fingerprint.at == Rectangle(left, top, left + width, top + height)
    assert fingerprint != fingerprint_of_mask(block(top, left + 1, height, width))
    holed = mask.copy()
    holed[top, left] = False
    assert fingerprint != fingerprint_of_mask(holed)
    layer = np.where(mask, 128, 0).astype(np.uint8)
    assert fingerprint_of_layer(CroppedLayer.of(layer)).at == fingerprint.at
    assert fingerprint_of_layer(CroppedLayer.of(layer)) != fingerprint_of_layer(
        CroppedLayer.of(layer * 2 - mask)
    )


def test_an_empty_mask_has_a_stamp() -> None:
    empty = fingerprint_of_mask(np.zeros(SIZE, bool))
    assert (empty.count, empty.at) == (0, Rectangle(0, 0, 0, 0))


def test_stamps_hold_what_they_say() -> None:
    cache = ByteCache(1 << 30)
    tracemalloc.start()
    try:
        for number in range(1000):
            fingerprint = Fingerprint(
                number.to_bytes(16, "big"), Rectangle(number, 1000, 2000, 3000), 999
            )
            key = Key(0, Key("trimap", Fingerprint(bytes(16), Rectangle(0, 1, 2, 3), number), None))
            cache.get(key, lambda fingerprint=fingerprint: Fingerprints({0: fingerprint}))  # type: ignore[misc]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 2 < cache.nbytes < held * 2
