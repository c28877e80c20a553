"""Colours by name, on paint and on the duller things of photographs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pickmatte.models.grounders.ranking.colour_names import TERMS, claims, shares
from pickmatte.models.grounders.ranking.white_balance import white_balance


def pixels(*colours: tuple[int, int, int]) -> np.ndarray:
    return np.array(colours, np.uint8)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "red"),
        ((120, 20, 25), "red"),
        ((240, 120, 30), "orange"),
        ((250, 230, 40), "yellow"),
        ((80, 110, 50), "green"),
        ((0, 0, 255), "blue"),
        ((70, 90, 125), "blue"),
        ((190, 160, 210), "purple"),
        ((250, 190, 210), "pink"),
        ((110, 70, 35), "brown"),
        ((20, 20, 22), "black"),
        ((128, 128, 128), "grey"),
        ((240, 240, 235), "white"),
    ],
)
def test_the_name_of_a_colour(rgb: tuple[int, int, int], name: str) -> None:
    assert TERMS[int(shares(pixels(rgb)).argmax())] == name


def test_shares_add_up() -> None:
    found = shares(pixels((255, 0, 0), (0, 0, 255)))
    assert found.sum() == pytest.approx(1)
    assert found[TERMS.index("red")] == pytest.approx(0.5, abs=0.1)


def test_a_red_thing_in_shade_is_still_red() -> None:
    shaded = np.linspace(0.35, 1, 20)[:, None] * np.array([220, 40, 45])
    assert claims(shaded.astype(np.uint8), ["red"]).mean() > 0.8


def test_any_of_several_colours_will_do() -> None:
    zebra = pixels((10, 10, 10), (250, 250, 250))
    assert claims(zebra, ["black"]).mean() < 0.6
    assert claims(zebra, ["black", "white"]).mean() > 0.8


def test_a_shade_tells_two_blues_apart() -> None:
    navy, sky = pixels((20, 30, 80), (150, 195, 240))
    for shade, closer, other in (("dark", navy, sky), ("light", sky, navy)):
        near, far = (claims(p[None], [f"{shade} blue"])[0] for p in (closer, other))
        assert near > far + 0.3
    assert claims(navy[None], ["dark"])[0] > 0.9 > 0.1 > claims(sky[None], ["dark"])[0]


def balanced(rgb: np.ndarray) -> np.ndarray:
    return cv2.LUT(rgb, white_balance(rgb))


def test_a_cast_and_poor_light_are_taken_off_within_reason() -> None:
    picture = np.tile(np.linspace(30, 250, 64)[None, :, None], (48, 1, 3))
    dim = (picture * np.array([0.7, 0.6, 0.5])).astype(np.uint8)
    seen = balanced(dim).astype(float)
    assert np.ptp(seen[24, 40]) < 0.25 * np.ptp(dim[24, 40].astype(float))
    assert seen.max() > 220
    green = np.full((48, 64, 3), (60, 140, 60), np.uint8)
    assert TERMS[int(shares(balanced(green).reshape(-1, 3)).argmax())] == "green"


def test_a_black_picture_stays_black() -> None:
    assert balanced(np.zeros((8, 8, 3), np.uint8)).max() == 0
