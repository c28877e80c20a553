from __future__ import annotations

import numpy as np

from pickmatte.models.choice import NAMES, chance_right, features
from pickmatte.models.choice.score import Chance, Linear, fitted


def test_the_score_is_a_chance() -> None:
    told = np.random.default_rng(0).normal(0, 100, (50, len(NAMES))).astype(np.float32)
    scores = chance_right(told)
    assert 0 <= scores.min() < 0.3
    assert 0.8 < scores.max() <= 1


def test_the_chance_grows_with_the_expected_iou() -> None:
    chance = Chance(slope=8, offset=-4)
    assert np.allclose(chance(np.array([0, 0.5, 1])), [0.018, 0.5, 0.982], atol=1e-3)


def test_it_is_linear_within_those_bounds() -> None:
    score = Linear(np.array([0.1, -0.2]), 0.5)
    assert np.allclose(score(np.array([[1, 1], [0, 0], [9, 0]], np.float32)), [0.4, 0.5, 1])


def test_every_feature_has_a_weight() -> None:
    linear, chance = fitted()
    assert len(linear.weights) == len(NAMES)
    assert np.isfinite(linear.weights).all()
    assert chance.slope > 0


def test_the_whole_that_stands_out_is_meant_before_its_part_and_all_there_is() -> None:
    size = (192, 256)
    layers = np.full((3, *size), -8, np.float32)
    layers[0, 70:100, 110:140] = layers[1, 40:160, 70:190] = layers[2, 2:190, 2:254] = 8
    salience = (layers[1] > 0).astype(np.float32)
    told = features(layers, np.full(3, 0.9, np.float32), np.array([1, 2, 3]), (135, 95), salience)
    scores = chance_right(told)
    assert scores.argmax() == 1
    assert scores[1] > scores[0] + 0.1
