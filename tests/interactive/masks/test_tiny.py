"""Subjects of a few pixels in a large picture are seen in a window of their own."""

from __future__ import annotations

import numpy as np
import pytest

from pickmatte import Session
from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.interactive.masks.tiny import speck, window_around
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import RGB, Mask

SIZE = 2000, 3000
X, Y = 1701, 801


def disc(radius: int, x: int = X, y: int = Y) -> Mask:
    rows, columns = np.ogrid[: SIZE[0], : SIZE[1]]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def picture(*discs: Mask) -> RGB:
    rgb = np.full((*SIZE, 3), (200, 200, 210), np.uint8)
    for mask in discs:
        rgb[mask] = 180, 30, 30
    return rgb


def iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize("radius", [2, 3, 5, 8, 12])
def test_a_click_and_the_exact_box_take_the_disc_and_nothing_beyond(radius: int) -> None:
    mask = disc(radius)
    session = Session(picture(mask))
    clicked, boxed = session.subject(), session.subject()
    clicked.click(X + 0.5, Y + 0.5)
    alone = session.snapshot()
    boxed.box(X - radius, Y - radius, X + radius + 1, Y + radius + 1)
    clicked_mask, clicked_alpha = alone.subjects[0].mask, alone.subjects[0].alpha
    clicked.remove()
    for taken, alpha in ((clicked_mask, clicked_alpha), (boxed.mask, boxed.alpha)):
        assert iou(taken, mask) > (0.85 if radius > 2 else 0.8)  # of 13 pixels three may differ
        assert iou(alpha > 0.5, mask) > (0.85 if radius > 2 else 0.8)
        outside = np.ones(SIZE, bool)
        outside[Y - radius - 1 : Y + radius + 2, X - radius - 1 : X + radius + 2] = False
        assert not alpha[outside].any()


def test_two_specks_are_two_subjects_and_may_be_corrected() -> None:
    one, two = disc(4), disc(4, X + 60)
    session = Session(picture(one, two))
    first, second = session.subject(), session.subject()
    first.click(X + 0.5, Y + 0.5)
    second.click(X + 60.5, Y + 0.5)
    assert iou(first.mask, one) > 0.85
    assert iou(second.mask, two) > 0.85
    first.click(X + 2.5, Y + 0.5)  # more of the same changes nothing
    assert iou(first.mask, one) > 0.85


def test_a_click_far_away_makes_of_the_speck_a_part_of_something_larger() -> None:
    session = Session(picture(disc(4)))
    subject = session.subject()
    subject.click(X + 0.5, Y + 0.5)
    subject.click(300, 1500)
    assert subject.mask[1500, 300]


def test_a_speck_is_found_by_its_colour() -> None:
    assert speck(picture(disc(5)), Click(X, Y)) == Box(X - 5, Y - 5, X + 6, Y + 6)
    assert speck(picture(disc(5)), Click(X + 40, Y)) is None  # on the ground
    assert speck(picture(disc(40)), Click(X, Y)) is None  # no speck


def test_where_the_ground_is_busy_a_click_means_more_than_a_speck() -> None:
    rng = np.random.default_rng(0)
    rgb = picture(disc(5))
    rgb[:] = np.clip(rgb.astype(int) + rng.normal(0, 60, rgb.shape), 0, 255)
    assert speck(rgb, Click(X, Y)) is None


def test_only_a_tiny_box_gets_a_window() -> None:
    assert window_around(Box(10, 10, 20, 16), SIZE) == Rectangle(0, 0, 35, 31)
    assert window_around(Box(10, 10, 200, 160), SIZE) is None
