"""The figures of the overlap bench on subjects whose errors are known."""

from __future__ import annotations

import numpy as np
import pytest

from pickmatte.bench.overlap import Cut, measure, seam


def halves() -> list[np.ndarray]:
    left = np.zeros((10, 20), np.float32)
    left[:, :10] = 1
    return [left, 1 - left]


def test_the_truth_has_no_error() -> None:
    truths = halves()
    figures = measure([Cut(truth > 0.5, truth) for truth in truths], truths)
    assert figures == {"IoU": [1, 1], "leak": [0, 0], "SAD": [0, 0], "MSE": [0, 0]}


def test_taking_half_of_the_neighbour_leaks_half() -> None:
    truths = halves()
    greedy = np.zeros((10, 20), np.float32)
    greedy[:, :15] = 1
    figures = measure([Cut(greedy > 0, greedy), Cut(truths[1] > 0)], truths)
    assert figures["leak"] == [0.5, 0]
    assert figures["IoU"] == [pytest.approx(2 / 3), 1]
    assert figures["SAD"] == [pytest.approx(0.05)]
    assert figures["MSE"] == [pytest.approx(250)]


def test_a_seam_shows_where_two_mix_and_only_there() -> None:
    rgb = np.full((20, 40, 3), 100, np.uint8)
    ramp = np.tile(np.linspace(1, 0, 40, dtype=np.float32), (20, 1))

    def layers(one: np.ndarray, two: np.ndarray, colour: np.ndarray) -> list[Cut]:
        return [Cut(alpha > 0.5, np.float32(alpha), colour) for alpha in (one, two)]

    assert seam(rgb, layers(ramp, 1 - ramp, rgb)) < 1
    assert seam(rgb, layers(ramp, 1 - ramp, rgb + np.uint8(10))) == pytest.approx(10, abs=1)
    assert seam(rgb, layers(ramp > 0.7, ramp < 0.3, rgb)) == 0
