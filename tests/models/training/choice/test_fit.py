from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pickmatte.models.choice.score import Linear
from pickmatte.models.training.choice.fit import calibrate, fit, reliability, report
from pickmatte.models.training.choice.samples import Sample

TRUE = np.array([0.3, -0.2, 0.0])


def sample(rng: np.random.Generator, fold: int, group: str = "other") -> Sample:
    told = rng.uniform(0, 1, (5, 3)).astype(np.float32)
    return Sample(
        told,
        rng.uniform(0, 1, 5).astype(np.float32),
        np.clip(0.5 + told @ TRUE, 0, 1),
        group,
        central=bool(fold % 2),
        fold=fold,
    )


@pytest.fixture
def every() -> list[Sample]:
    rng = np.random.default_rng(3)
    return [sample(rng, number % 5) for number in range(2000)]


def test_the_fit_finds_the_weights(every: list[Sample]) -> None:
    score = fit(every)
    assert score.weights == pytest.approx(TRUE, abs=0.01)
    assert score.bias == pytest.approx(0.5, abs=0.01)


def test_what_never_varies_gets_no_weight(every: list[Sample]) -> None:
    for one in every:
        one.told[:, 2] = 7
    assert fit(every).weights[2] == 0


def test_the_report_chooses_better_than_chance_and_counts_all(every: list[Sample]) -> None:
    found = dict(report(every, 5))
    assert set(found) == {"other, central", "other, random"}
    assert sum(row["clicks"] for row in found.values()) == 2000
    for row in found.values():
        assert row["learned"] == pytest.approx(row["oracle"], abs=0.002)
        assert row["own score"] < row["oracle"] - 0.05
        assert row["foretold"] == pytest.approx(row["learned"], abs=0.01)


def test_a_chance_of_four_in_five_is_right_four_times_of_five() -> None:
    dice = np.random.default_rng(0)
    drawn = []
    for number in range(4000):
        one = sample(dice, number % 5)
        right = dice.uniform(0, 1, 5) < 1 / (1 + np.exp(-8 * (one.told[:, 0] - 0.5)))
        drawn.append(replace(one, ious=right.astype(float)))
    score = Linear(np.array([1.0, 0, 0]), 0)
    chance = calibrate(drawn, score)
    assert chance.slope == pytest.approx(8, rel=0.1)
    assert chance.offset == pytest.approx(-4, rel=0.1)
    bands = reliability(drawn, score, chance)
    assert sum(count for *_, count in bands) == 4000
    for foretold, reached, iou, count in bands:
        if count > 200:
            assert reached == pytest.approx(foretold, abs=0.06)
            assert iou == reached
