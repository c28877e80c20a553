"""The figures of what was found without a prompt, by arrays of which they are known."""

from __future__ import annotations

import numpy as np
import pytest

from pickmatte.bench.auto_figures import boundary, figures

LEFT = np.zeros((40, 80), bool)
LEFT[10:30, 10:30] = True
RIGHT = LEFT[:, ::-1].copy()


def test_nothing_found_counts_as_an_empty_result() -> None:
    found = figures([np.zeros(LEFT.shape, np.float32)], [LEFT])
    assert found.empty
    assert (found.whole_iou, found.parts_iou, found.best_iou, found.boundary) == (0, 0, 0, 0)
    assert found.whole_mae == pytest.approx(LEFT.mean())


def test_the_whole_and_its_parts_are_counted_apart() -> None:
    both = (LEFT | RIGHT).astype(np.float32)
    joined = figures([both, both], [LEFT, RIGHT])  # right as one whole, wrong as one part
    assert joined.whole_iou == 1
    assert joined.whole_mae == 0
    assert joined.parts_iou == pytest.approx(0.5)
    halved = figures([both], [LEFT, RIGHT])  # connected parts, where there are no subjects
    assert halved.parts_iou == 1
    lost = figures([LEFT.astype(np.float32)], [LEFT, RIGHT])  # fits one thing, misses the other
    assert lost.whole_iou == 1
    assert lost.parts_iou == pytest.approx(0.5)


def test_a_soft_whole_has_an_error_that_its_mask_does_not_show() -> None:
    found = figures([LEFT * np.float32(0.75)], [LEFT])
    assert found.whole_iou == 1
    assert found.whole_mae == pytest.approx(0.25 * LEFT.mean())


def test_outlines_far_apart_do_not_meet() -> None:
    assert boundary(LEFT, LEFT) == 1
    assert boundary(LEFT, RIGHT) == 0
