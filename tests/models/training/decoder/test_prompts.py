from __future__ import annotations

import numpy as np
import pytest

from pickmatte.models.training.decoder.prompts import (
    DROP,
    KEEP,
    Prompts,
    begun,
    box,
    central_click,
    corrected,
    random_click,
    scribble,
    with_salience,
    wrong,
)

THING = np.zeros((120, 200), bool)
THING[20:100, 50:150] = True


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_clicks_lie_on_the_thing() -> None:
    assert central_click(THING).points == ((pytest.approx(100, abs=11), pytest.approx(60, abs=1)),)
    dice = rng()
    for prompts in [random_click(THING, dice) for _ in range(100)] + [scribble(THING, dice)]:
        assert set(prompts.labels) == {KEEP}
        assert all(51 <= x <= 149 and 21 <= y <= 99 for x, y in prompts.points)


def test_a_thing_of_one_cell_can_be_clicked() -> None:
    speck = np.zeros((9, 9), bool)
    speck[4, 4] = True
    assert random_click(speck, rng()).points == ((4.5, 4.5),)


def test_boxes_are_as_loose_as_asked() -> None:
    assert box(THING, 0, rng()).points == ((50, 20), (150, 100))
    dice = rng()
    for _ in range(50):
        found = np.array(box(THING, 0.1, dice).points).ravel()
        assert (np.abs(found - (50, 20, 150, 100)) <= (10, 8, 10, 8)).all()


@pytest.mark.parametrize("missing", [True, False])
def test_a_correction_is_in_the_larger_error(missing: bool) -> None:
    logits = np.full((256, 256), -5, np.float32)
    logits[20:100, 50 : 100 if missing else 150] = 5
    if not missing:
        logits[20:100, 150:195] = 5
    logits[0:4, 0:4] = 5
    for seed in range(20):
        after = corrected(Prompts(((60, 60),), (KEEP,)), logits, THING, np.random.default_rng(seed))
        assert after.labels == (KEEP, KEEP if missing else DROP)
        x, y = after.points[-1]
        assert (100 if missing else 150) <= x <= (150 if missing else 195)
        assert 20 <= y <= 100
        assert after.mask is logits


def test_a_right_mask_needs_no_correction() -> None:
    logits = np.full((256, 256), 5, np.float32)
    assert wrong(logits, THING)
    logits[:120, :200] = np.where(THING, 5, -5)
    assert not wrong(logits, THING)


def test_what_stands_out_under_the_click_comes_along() -> None:
    salience = np.where(THING, np.float32(0.9), np.float32(0))
    hinted = with_salience(Prompts(((60, 60),), (KEEP,)), salience)
    assert hinted.mask is not None
    assert np.array_equal(hinted.mask[:120, :200] > 0, THING)
    assert with_salience(Prompts(((5, 5),), (KEEP,)), salience).mask is None


def test_users_begin_in_several_ways() -> None:
    dice = rng()
    every = [begun(THING, THING.astype(np.float32), dice) for _ in range(200)]
    kinds = {(one.labels[:2] == (2, 3), len(one.labels) > 2, one.mask is not None) for one in every}
    assert kinds >= {(False, False, False), (True, False, False), (False, False, True)}
