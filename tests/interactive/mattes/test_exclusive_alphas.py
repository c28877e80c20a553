"""Alphas of several subjects add up, whatever the order and whatever each solve says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pickmatte import models
from pickmatte.interactive.mattes.exclusive_alphas import split_alphas
from pickmatte.interactive.mattes.exclusive_trimaps import exclusive_trimap, union_trimap
from pickmatte.interactive.mattes.solver import solve
from pickmatte.interactive.mattes.trimap import make_trimap

SIZE = (160, 240)


def pair() -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """A green disc with hairs over a red block, on grey: the picture, alphas, masks."""
    hair = np.zeros(SIZE, np.uint8)
    cv2.circle(hair, (100, 80), 40, 255, -1, cv2.LINE_AA)
    for angle in np.arange(-0.9, 0.9, 0.15):
        end = round(100 + 58 * np.cos(angle)), round(80 + 58 * np.sin(angle))
        cv2.line(hair, (100, 80), end, 255, 1, cv2.LINE_AA)
    block = np.zeros(SIZE, np.uint8)
    block[30:130, 120:220] = 255
    front = hair / np.float32(255)
    behind = block / np.float32(255) * (1 - front)
    rest = 1 - front - behind
    colours = np.array([[40, 150, 40], [180, 40, 40], [128, 128, 128]], float)
    layers = np.stack([front, behind, rest])
    rgb = np.tensordot(layers, colours, axes=(0, 0)).round().astype(np.uint8)
    disc = cv2.circle(np.zeros(SIZE, np.uint8), (100, 80), 40, 1, -1) > 0
    return rgb, [front, behind], [disc, (block > 0) & ~disc]


def solved(order: tuple[int, int]) -> tuple[list[np.ndarray], np.ndarray]:
    rgb, _, masks = pair()
    alone = [make_trimap(mask, band=3) for mask in masks]
    alone[0][30:130, 120:165][alone[0][30:130, 120:165] == 0] = 128
    beside = [exclusive_trimap(index, alone, order) for index in (0, 1)]
    together = union_trimap(beside, make_trimap(masks[0] | masks[1], band=3))
    nano = models.load_matting("nano")
    found = dict(split_alphas(lambda trimap: solve(nano, rgb, trimap), beside, together, order))
    return [found[0], found[1]], together


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_they_add_up_to_at_most_one_and_to_one_where_no_background_shows(
    order: tuple[int, int],
) -> None:
    alphas, together = solved(order)
    total = alphas[0] + alphas[1]
    assert min(alpha.min() for alpha in alphas) >= 0
    assert total.max() <= 1 + 1e-6
    assert total[together == 255].min() >= 1 - 1e-6


def test_hair_in_front_lies_over_what_is_behind() -> None:
    _, truths, _ = pair()
    alphas, _ = solved((0, 1))
    over = np.s_[60:100, 145:156]  # beyond the disc, where its hairs cross the block
    for alpha, truth in zip(alphas, truths, strict=True):
        assert np.abs(alpha[over] - truth[over]).mean() < 0.08
    assert truths[0][over].mean() > 0.1


def test_an_alpha_the_user_brought_stays_and_the_others_leave_it_room() -> None:
    trimaps = [np.full((4, 4), 255, np.uint8), np.full((4, 4), 128, np.uint8)]
    given = {1: np.full((4, 4), 0.25, np.float32)}
    whole = np.full((4, 4), 255, np.uint8)

    def full(trimap: np.ndarray) -> np.ndarray:
        return np.ones(trimap.shape, np.float32)

    found = dict(split_alphas(full, trimaps, whole, (1, 0), given))
    assert (found[1] == 0.25).all()
    assert (found[0] == 0.75).all()


def test_only_the_contested_are_solved_by_themselves() -> None:
    apart = [np.zeros((40, 80), np.uint8) for _ in range(3)]
    for index, trimap in enumerate(apart):
        trimap[10:30, 25 * index + 2 : 25 * index + 18] = 128
        trimap[15:25, 25 * index + 5 : 25 * index + 15] = 255
    asked = []

    def half(trimap: np.ndarray) -> np.ndarray:
        asked.append(trimap)
        return np.float32(0.5) * (trimap == 128) + (trimap == 255)

    found = dict(split_alphas(half, apart, np.maximum.reduce(apart), (0, 1, 2)))
    assert len(asked) == 1
    for index, trimap in enumerate(apart):
        assert (found[index] == half(trimap)).all()


def test_an_island_that_only_looks_alike_is_left_to_what_it_lies_in() -> None:
    front, behind = np.zeros((2, 60, 120), np.uint8)
    front[20:40, 5:25] = 255
    front[10:50, 30:100] = 128
    front[20:40, 25:30] = 128
    behind[10:50, 30:110] = 128
    behind[10:50, 100:110] = 255

    def solved(trimap: np.ndarray) -> np.ndarray:
        alpha = np.float32(trimap == 255)
        if trimap is front:
            alpha[30, 25:60] = 0.8  # a strand
            alpha[20:24, 80:84] = 0.9  # an island
        else:
            alpha[trimap == 128] = 1
        return alpha

    together = np.maximum(front, behind)
    found = dict(split_alphas(solved, [front, behind], together, (0, 1)))
    assert (found[0][30, 30:60] == np.float32(0.8)).all()
    assert (found[0][20:24, 80:84] == 0).all()
    assert (found[1][20:24, 80:84] == 1).all()


def test_a_remnant_has_its_core_and_costs_no_solve() -> None:
    whole, crumb = np.zeros((2, 40, 80), np.uint8)
    whole[5:35, 5:70] = 128
    whole[10:30, 10:60] = 255
    crumb[15:25, 60:75] = 128
    crumb[18:20, 70:72] = 255
    together = np.maximum(whole, crumb)
    asked = []

    def half(trimap: np.ndarray) -> np.ndarray:
        asked.append(trimap)
        return np.float32(0.5) * (trimap == 128) + (trimap == 255)

    for order in ((0, 1), (1, 0)):
        asked.clear()
        found = dict(split_alphas(half, [whole, crumb], together, order, remnants=[1]))
        assert len(asked) == 1
        meet = (whole == 128) & (crumb == 128)
        assert (found[0][meet] == 0.5).all()
        assert (found[1][meet] == 0).all()
        assert (found[1][crumb == 255] == 1).all()
        assert (found[0] + found[1] <= 1).all()
