from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")

from pickmatte.models.training.decoder import losses  # noqa: E402

TRUTH = torch.zeros(1, 32, 32)
TRUTH[:, 8:24, 8:24] = 1
EVERYWHERE = torch.ones(1, 32, 32)


def layers(*masks: torch.Tensor) -> torch.Tensor:
    return torch.stack([mask * 12 - 6 for mask in masks])[None].requires_grad_()


def test_a_right_mask_and_a_true_score_cost_next_to_nothing() -> None:
    right = layers(*[TRUTH[0]] * 4)
    loss, reached = losses.of_things(right, torch.ones(1, 4), TRUTH, EVERYWHERE, None)
    assert reached.tolist() == [[1, 1, 1, 1]]
    assert float(loss) < 0.05
    boast = losses.of_things(right, torch.zeros(1, 4), TRUTH, EVERYWHERE, None)[0]
    assert float(boast) > float(loss) + 3


def test_of_the_three_only_the_nearest_learns_the_thing() -> None:
    part, other = torch.zeros(32, 32), torch.ones(32, 32)
    part[8:24, 8:14] = 1
    found = layers(TRUTH[0] * 0.4, part, TRUTH[0] * 0.7, other)
    losses.of_things(found, torch.zeros(1, 4), TRUTH, EVERYWHERE, None)[0].backward()
    moved = found.grad.abs().amax((0, 2, 3))
    assert moved[0] > 0
    assert moved[2] > 0
    assert moved[1] == moved[3] == 0


def test_the_others_stay_near_the_original() -> None:
    found = layers(*[TRUTH[0]] * 4)
    original = layers(*[TRUTH[0]] * 4).detach()
    far = original.clone()
    far[:, 2:] = -original[:, 2:]
    near, apart = (
        float(losses.of_things(found, torch.ones(1, 4), TRUTH, EVERYWHERE, one)[0])
        for one in (original, far)
    )
    assert apart > near + 0.5


def test_what_does_not_count_costs_nothing() -> None:
    shifted = torch.roll(TRUTH, 1, 2)
    counts = (shifted == TRUTH).float()
    loss, reached = losses.of_things(
        layers(*[shifted[0]] * 4), torch.ones(1, 4), TRUTH, counts, None
    )
    assert reached.min() == 1
    assert float(loss) < 0.05


def test_scenery_is_to_be_seen_as_before() -> None:
    original = torch.from_numpy(np.random.default_rng(0).normal(0, 4, (2, 4, 16, 16)))
    same, other = losses.of_scenery(original, original), losses.of_scenery(-original, original)
    assert float(same) < 0.2 < 1 < float(other)
