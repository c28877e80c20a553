from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.geometry.masks import deepest_point, mask_iou, soft_iou, stability


def test_iou_of_masks() -> None:
    left, right = np.zeros((4, 6), bool), np.zeros((4, 6), bool)
    assert mask_iou(left, right) == 1
    left[:, :4], right[:, 2:] = True, True
    assert mask_iou(left, right) == 8 / 24
    assert mask_iou(left, left) == 1
    assert mask_iou(left, ~left) == 0


def test_the_deepest_point_of_a_block_is_its_middle() -> None:
    mask = np.zeros((20, 30), bool)
    mask[5:10, 8:19] = True
    x, y, depth = deepest_point(mask)
    assert y == 7.5
    assert 10 < x < 17
    assert 2.5 < depth < 3.5
    assert deepest_point(np.zeros((3, 3), bool))[2] == 0


@given(arrays(bool, (7, 9)))
def test_the_deepest_point_lies_in_the_mask(mask: np.ndarray) -> None:
    x, y, depth = deepest_point(mask)
    assert bool(mask[int(y), int(x)]) is bool(mask.any())
    assert (depth > 0) is bool(mask.any())


def test_stability() -> None:
    steep = np.where(np.arange(10) < 5, 9.0, -9.0).astype(np.float32)[None]
    assert stability(steep) == 1
    assert stability(np.linspace(-2, 2, 41, dtype=np.float32)[None]) < 0.4
    assert stability(np.full((3, 3), -5, np.float32)) == 0


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 2000))
def test_what_fits_is_no_longer_and_no_larger(height: int, width: int, side: int) -> None:
    fitted = fit_long_side((height, width), side)
    assert max(fitted) == min(side, max(height, width))
    assert min(fitted) >= 1
    if max(height, width) <= side:
        assert fitted == (height, width)


def test_soft_iou_is_that_of_masks_for_a_hard_map() -> None:
    a, b = np.zeros((2, 8, 8), bool)
    a[2:6, 1:5], b[2:6, 3:7] = True, True
    assert soft_iou(a, b.astype(np.float32)) == mask_iou(a, b)
    assert soft_iou(a, np.zeros((8, 8), np.float32)) == 0
