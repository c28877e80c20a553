from __future__ import annotations

import numpy as np
import pytest

from pickmatte.bench.metrics import connectivity, gradient, mse, sad

TRUTH = np.zeros((20, 20), np.float32)
TRUTH[:, 10:] = 1
ALL = np.ones((20, 20), bool)


def test_nothing_is_wrong_with_the_truth() -> None:
    for metric in (sad, mse, gradient, connectivity):
        assert metric(TRUTH, TRUTH, ALL) == 0


def test_sums_and_means_count_unknown_pixels_only() -> None:
    off = TRUTH.copy()
    off[:, 12] = 0.5  # 20 pixels, each half wrong
    band = np.zeros_like(ALL)
    band[:, 8:13] = True
    assert sad(off, TRUTH, band) == pytest.approx(20 * 0.5 / 1000)
    assert mse(off, TRUTH, band) == pytest.approx(20 * 0.25 / 100 * 1000)
    assert sad(off, TRUTH, ~band) == 0


def test_gradient_sees_a_blurred_edge_and_not_a_constant() -> None:
    soft = TRUTH.copy()
    soft[:, 9:11] = 0.5
    assert gradient(soft, TRUTH, ALL) > 0
    # A constant has no slope anywhere, so only the truth's own slopes are missed.
    flat = np.full_like(TRUTH, 0.3)
    other = np.full_like(TRUTH, 0.7)
    assert gradient(flat, TRUTH, ALL) == pytest.approx(gradient(other, TRUTH, ALL))


def test_connectivity_minds_islands_more_than_faint_haze() -> None:
    island = TRUTH.copy()
    island[5:8, 2:5] = 1  # 9 solid pixels that hang on nothing
    haze = TRUTH.copy()
    haze[5:8, 2:5] = 0.1
    assert connectivity(island, TRUTH, ALL) == pytest.approx(9 / 1000)
    assert connectivity(haze, TRUTH, ALL) == 0
