"""Coordinates between a picture and the padded square a segmenter works in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pickmatte.models.protocols import Candidates, Embedding, content_size, upscale

sizes = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
small_sizes = st.tuples(st.integers(1, 500), st.integers(1, 500))


@given(sizes, st.sampled_from([64, 256, 320, 1024]))
def test_content_fills_the_long_side_and_keeps_proportions(
    size: tuple[int, int], side: int
) -> None:
    height, width = content_size(size, side)
    assert max(height, width) == side
    assert min(height, width) >= 1
    scale = side / max(size)
    assert abs(height - size[0] * scale) <= max(0.5, 1 - size[0] * scale) + 1e-9
    assert abs(width - size[1] * scale) <= max(0.5, 1 - size[1] * scale) + 1e-9


@pytest.mark.parametrize(
    ("size", "expected"),
    # What segment-anything's ResizeLongestSide.get_preprocess_shape gives for 1024.
    [
        ((1200, 1800), (683, 1024)),
        ((1365, 2048), (683, 1024)),
        ((640, 427), (1024, 683)),
        ((375, 500), (768, 1024)),
        ((1, 1), (1024, 1024)),
        ((333, 777), (439, 1024)),
    ],
)
def test_content_rounds_as_segment_anything(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert content_size(size, 1024) == expected


@given(sizes, st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_points_go_to_the_square_and_back(size: tuple[int, int], u: float, v: float) -> None:
    height, width = size
    new_height, new_width = content_size(size, 1024)
    x, y = np.float32(u * width), np.float32(v * height)
    there = np.float32([x * (new_width / width), y * (new_height / height)])
    assert 0 <= there[0] <= new_width + 1e-3  # float32 rounds
    assert 0 <= there[1] <= new_height + 1e-3
    back = there / np.float32([new_width / width, new_height / height])
    assert np.abs(back - [x, y]).max() <= 1e-2


@given(small_sizes, st.floats(0, 1), st.floats(0, 1))
def test_a_point_in_the_logits_is_that_point_of_the_picture(
    size: tuple[int, int], u: float, v: float
) -> None:
    """A slope that crosses zero at a place in the picture crosses it there when brought up."""
    height, width = size
    rows, columns = content_size(size, 256)
    # Logits that grow with the distance from a cut, in picture pixels, sampled at cells' middles.
    cut = u * width
    x = (np.arange(256) + 0.5) * width / columns
    layer = np.broadcast_to((x - cut).astype(np.float32), (256, 256)).copy()
    seen = upscale(layer, size)
    assert seen.shape == size
    assert seen.dtype == np.float32
    middles = np.arange(width) + 0.5
    # Two linear resizes and the clamp at the frame: within a cell of the exact place.
    sure = np.abs(middles - cut) > width / columns + 0.5
    assert ((seen > 0) == (middles > cut))[:, sure].all()

    cut = v * height
    y = (np.arange(256) + 0.5) * height / rows
    layer = np.broadcast_to((y - cut).astype(np.float32)[:, None], (256, 256)).copy()
    seen = upscale(layer, size)
    middles = np.arange(height) + 0.5
    sure = np.abs(middles - cut) > height / rows + 0.5
    assert ((seen > 0) == (middles > cut)[:, None])[sure].all()


@given(small_sizes)
def test_padding_has_no_say(size: tuple[int, int]) -> None:
    height, width = content_size(size, 256)
    layer = np.full((256, 256), 4, np.float32)
    # One cell of padding may blend in at the content's own edge.
    layer[height + 1 :] = -100
    layer[:, width + 1 :] = -100
    assert (upscale(layer, size) == 4).all()


@given(small_sizes)
def test_a_stretched_layer_is_the_picture_all_over(size: tuple[int, int]) -> None:
    assert content_size(size, 288, "stretch") == (288, 288)
    layer = np.linspace(-1, 1, 64, dtype=np.float32)[:, None] * np.ones((1, 64), np.float32)
    seen = upscale(layer, size, "stretch")
    assert seen.shape == size
    assert (np.diff(seen, axis=0) >= 0).all()
    assert np.abs(seen + seen[::-1]).max() < 1e-4, "as much above as below the middle"
    found = Candidates(layer[None], np.ones(1, np.float32), size, "stretch")
    assert found.content.shape == (1, 64, 64)
    np.testing.assert_array_equal(found.masks[0], seen > 0)


def test_candidates_bring_their_masks_to_the_pictures_size() -> None:
    logits = np.full((4, 256, 256), -5, np.float32)
    logits[1, :, :128] = 5
    logits[2] = 5
    found = Candidates(logits, np.float32([0.1, 0.9, 0.2, 0.3]), (101, 203))
    assert len(found) == 4
    assert found.content.shape == (4, 127, 256)
    assert found.masks.shape == (4, 101, 203)
    assert found.masks.dtype == bool
    assert not found.masks[0].any()
    assert found.masks[1, :, :100].all()
    assert not found.masks[1, :, 104:].any()
    assert found.masks[2].all()


def test_an_embedding_tells_its_bytes() -> None:
    features = np.zeros((1, 256, 64, 64), np.float32)
    assert Embedding((features,), (10, 20)).nbytes == 4 << 20
    finer = np.zeros((1, 32, 256, 256), np.float32)
    assert Embedding((finer, features), (10, 20)).nbytes == 12 << 20
