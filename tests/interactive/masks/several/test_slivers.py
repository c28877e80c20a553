"""A rim around what is in front goes, what is behind it stays."""

from __future__ import annotations

import cv2
import numpy as np

from pickmatte.interactive.masks.candidate import Candidate, logits_of_mask
from pickmatte.interactive.masks.several.slivers import without_slivers

SIZE = (200, 256)


def candidate(mask: np.ndarray) -> Candidate:
    return Candidate(logits_of_mask(mask), (0, 0, SIZE[1], SIZE[0]), SIZE, 1.0)


def disc(radius: int) -> np.ndarray:
    return cv2.circle(np.zeros(SIZE, np.uint8), (80, 100), radius, 1, -1) > 0


def body() -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[60:140, 80:220] = True
    return mask


def test_the_rim_around_the_front_one_goes() -> None:
    front, behind = candidate(disc(40)), candidate(disc(42) | body())
    found = without_slivers([front, behind], {(0, 1)})
    assert found[0] is front
    rim = disc(42) & ~disc(40) & ~body()
    assert (behind.mask & rim).sum() > 200
    assert (found[1].mask & rim).mean() < 0.2 * (behind.mask & rim).mean()
    rest = body() & ~disc(44)
    assert (found[1].mask & rest).sum() > 0.99 * rest.sum()


def test_a_pin_hole_of_the_front_one_is_not_what_is_behind() -> None:
    holed = disc(40)
    holed[98:101, 60:66] = False
    found = without_slivers([candidate(holed), candidate(disc(42) | body())], {(0, 1)})
    assert not found[1].mask[99:100, 61:65].any()


def test_a_thin_part_of_its_own_stays() -> None:
    stalk = np.zeros(SIZE, bool)
    stalk[20:60, 180:184] = True
    found = without_slivers([candidate(disc(40)), candidate(body() | stalk)], {(0, 1)})
    assert found[1].mask[25:55, 181:183].all()


def test_apart_nothing_changes() -> None:
    both = candidate(disc(40)), candidate(body())
    assert all(a is b for a, b in zip(without_slivers(both, set()), both, strict=True))
