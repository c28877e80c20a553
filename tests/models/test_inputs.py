"""Every way of the catalogue to hand a network its picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pickmatte.models.inputs import prepare
from pickmatte.models.protocols import content_size
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Input

MEAN, STD = (10.0, 20.0, 30.0), (2.0, 4.0, 5.0)
sizes = st.tuples(st.integers(1, 90), st.integers(1, 90))


def rules(name: str) -> Input:
    found = catalogue.find(name).input
    assert found is not None
    return found


@given(sizes)
def test_padding_is_zero_and_right_and_below(size: tuple[int, int]) -> None:
    rgb = np.full((*size, 3), (110, 20, 5), np.uint8)
    ready = prepare(rgb, Input(64, MEAN, STD, "1CHW", "pad"))
    assert ready.shape == (1, 3, 64, 64)
    assert ready.dtype == np.float32
    height, width = content_size(size, 64)
    np.testing.assert_array_equal(ready[0, :, 0, 0], [50, 0, -5])
    assert (ready[0, :, :height, :width] == ready[:, :, :1, :1][0]).all()
    assert not ready[0, :, height:].any()
    assert not ready[0, :, :, width:].any()


@given(sizes)
def test_the_long_side_alone_has_no_padding(size: tuple[int, int]) -> None:
    rgb = np.full((*size, 3), (110, 20, 5), np.uint8)
    ready = prepare(rgb, Input(64, (0, 0, 0), (1, 1, 1), "HWC", "long side"))
    assert ready.shape == (*content_size(size, 64), 3)
    assert (ready == (110, 20, 5)).all()


@given(sizes)
def test_stretching_fills_the_square(size: tuple[int, int]) -> None:
    rgb = np.full((*size, 3), (110, 20, 5), np.uint8)
    ready = prepare(rgb, Input(64, MEAN, STD, "1CHW", "stretch"))
    assert ready.shape == (1, 3, 64, 64)
    assert (ready == np.float32([50, 0, -5])[None, :, None, None]).all()


@pytest.mark.parametrize("top", [0, 1, 100, 255])
def test_dark_pictures_are_brightened_where_a_network_learned_so(top: int) -> None:
    rgb = np.zeros((8, 8, 3), np.uint8)
    rgb[..., 1] = top
    ready = prepare(rgb, Input(8, (0, 0, 0), (1, 1, 1), "HWC", "stretch", brightest=True))
    assert ready.max() == pytest.approx(255 if top else 0)
    assert not ready[..., 0].any()


def test_it_is_segment_anythings_preprocessing(chelsea: NDArray[np.uint8]) -> None:
    """SAM: enlarge, `(x - pixel_mean) / pixel_std`, then pad with zeros."""
    expected = np.zeros((1024, 1024, 3), np.float32)
    enlarged = cv2.resize(chelsea, (1024, 683), interpolation=cv2.INTER_LINEAR)
    expected[:683] = (enlarged - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375]
    ready = prepare(chelsea, rules("mobile-sam"))
    np.testing.assert_allclose(ready[0].transpose(1, 2, 0), expected, atol=1e-5)


def test_it_is_u2nets_preprocessing(chelsea: NDArray[np.uint8]) -> None:
    """U²-Net: to 320×320, divide by the maximum, ImageNet mean and deviation."""
    square = cv2.resize(chelsea, (320, 320), interpolation=cv2.INTER_LINEAR)
    expected = (square / square.max() - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    ready = prepare(chelsea, rules("u2netp"))
    np.testing.assert_allclose(ready[0].transpose(1, 2, 0), expected, atol=1e-5)


@pytest.mark.parametrize("name", ["mobile-sam", "mobile-sam-hub", "u2netp"])
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2000), (4000, 2)])
def test_tiny_pictures_fit_every_network(name: str, size: tuple[int, int]) -> None:
    ready = prepare(np.full((*size, 3), 90, np.uint8), rules(name))
    assert np.isfinite(ready).all()
    assert ready.size > 0
