"""Paint in a trimap: what is covered, what is not, and what stands last."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from pickmatte.interactive.edits.paint import Paint, Painted, paint_mask, paint_trimap
from pickmatte.models.errors import PromptError

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255
SQUARE = ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0))


def blank(value: int = UNKNOWN) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.full((60, 80), value, np.uint8)


def test_without_paint_the_trimap_is_the_same() -> None:
    trimap = blank()
    assert paint_trimap(trimap, ()) is trimap


@pytest.mark.parametrize(
    ("makes", "value"), [("keep", FOREGROUND), ("drop", BACKGROUND), ("unknown", UNKNOWN)]
)
def test_a_lasso_covers_what_it_encloses(makes: Painted, value: int) -> None:
    under = blank(77)
    painted = paint_trimap(under, [Paint(SQUARE, makes)])
    covered = painted != 77
    assert (painted[covered] == value).all()
    assert covered[25:36, 25:36].all()
    assert abs(int(covered.sum()) - 400) <= 44  # 20×20 and at most its outline
    assert (under == 77).all()


def test_a_brush_covers_its_radius_along_the_line_and_no_more() -> None:
    painted = paint_trimap(blank(0), [Paint(((20.5, 30.5), (60.5, 30.5)), "keep", 5)])
    rows, columns = np.indices(painted.shape)
    across = np.clip(columns + 0.5, 20.5, 60.5)
    away = np.hypot(columns + 0.5 - across, rows + 0.5 - 30.5)
    assert (painted[away <= 4] == FOREGROUND).all()
    assert (painted[away >= 6.5] == 0).all()


def test_one_point_is_a_dot_and_the_smallest_brush_is_a_pixel() -> None:
    dot = paint_trimap(blank(0), [Paint(((10.5, 10.5),), "keep", 3)])
    assert abs(int((dot > 0).sum()) - math.pi * 9) < 12
    speck = paint_trimap(blank(0), [Paint(((10.5, 10.5),), "keep", 0.1)])
    assert 1 <= int((speck > 0).sum()) <= 5


def test_later_paint_covers_earlier_and_erasing_brings_back_what_was_under_it() -> None:
    paints = [Paint(SQUARE, "keep"), Paint(SQUARE, "drop")]
    assert (paint_trimap(blank(), paints)[30, 30]) == BACKGROUND
    erased = paint_trimap(blank(), [*paints, Paint(SQUARE, "erase")])
    assert np.array_equal(erased, blank())


def test_a_mask_takes_keep_in_and_leaves_drop_out() -> None:
    mask = np.zeros((60, 80), bool)
    mask[:, 40:] = True
    paints = [Paint(((5, 5), (15, 5), (15, 15), (5, 15)), "keep"), Paint(((60, 30),), "drop", 4)]
    painted = paint_mask(mask, paints)
    assert painted[10, 10]
    assert not painted[30, 60]
    assert np.array_equal(paint_mask(mask, [Paint(SQUARE, "unknown")]), mask)


def test_paint_scales_with_a_smaller_view() -> None:
    full = paint_trimap(blank(0), [Paint(SQUARE, "keep")])
    half = paint_trimap(np.zeros((30, 40), np.uint8), [Paint(SQUARE, "keep")], 0.5)
    assert abs(int((half > 0).sum()) * 4 - int((full > 0).sum())) < 90


def test_paint_beyond_the_picture_does_no_harm() -> None:
    painted = paint_trimap(blank(0), [Paint(((-50, -50), (500, 30)), "keep", 20)])
    assert painted.shape == (60, 80)


@pytest.mark.parametrize(
    ("points", "makes", "radius"),
    [
        ((), "keep", 3),
        (((1, 1), (2, 2)), "keep", None),
        (((1, 1),), "keep", 0),
        (((1, 1),), "keep", -1),
        (((1, math.nan),), "keep", 1),
        (((1, math.inf),), "keep", 1),
        (((1, 1),), "paint", 1),
    ],
)
def test_what_is_no_paint_is_refused(points: Any, makes: Any, radius: Any) -> None:
    with pytest.raises(PromptError):
        Paint(points, makes, radius)
