"""Strands a mask cut off and gaps it took in become unknown, a plain edge stays as it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pickmatte import models
from pickmatte.interactive.mattes.hair import include_strands
from pickmatte.interactive.mattes.trimap import make_trimap
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND

SIZE, MIDDLE, RADIUS = 400, (200, 200), 90


def strands(length: int) -> tuple[np.ndarray, np.ndarray]:
    """A dark disc with hairs of that length on a light, slightly uneven ground; its alpha."""
    alpha = np.zeros((SIZE, SIZE), np.uint8)
    cv2.circle(alpha, MIDDLE, RADIUS, 255, -1, cv2.LINE_AA)
    for angle in np.arange(0, 2 * np.pi, 0.09) if length else ():
        way = np.array([np.cos(angle), np.sin(angle)])
        start, end = MIDDLE + way * (RADIUS - 5), MIDDLE + way * (RADIUS + length)
        a, b = (tuple(int(v) for v in point) for point in (start, end))
        cv2.line(alpha, a, b, 255, 1, cv2.LINE_AA)
    share = alpha[..., None] / 255
    rng = np.random.default_rng(5)
    ground = cv2.GaussianBlur(rng.normal(205, 40, (SIZE, SIZE, 3)), (0, 0), 12)
    rgb = share * np.array([60, 40, 30]) + (1 - share) * ground
    return rgb.clip(0, 255).astype(np.uint8), alpha / 255


def disc(radius: int = RADIUS) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    return cv2.circle(mask, MIDDLE, radius, 1, -1) > 0


def test_hair_that_the_mask_cut_off_becomes_unknown() -> None:
    rgb, alpha = strands(22)
    trimap = make_trimap(disc())
    reached = include_strands(models.load_matting("nano"), rgb, disc(), trimap, band=1)
    lost = alpha[trimap == BACKGROUND].sum()
    assert lost > 100
    assert alpha[reached == BACKGROUND].sum() < 0.6 * lost
    assert ((reached == FOREGROUND) == (trimap == FOREGROUND)).all()


def test_gaps_between_hairs_that_the_mask_took_in_become_unknown() -> None:
    rgb, alpha = strands(22)
    mask = disc(RADIUS + 12)
    trimap = make_trimap(mask)
    reached = include_strands(models.load_matting("nano"), rgb, mask, trimap, band=1)
    taken = (1 - alpha)[trimap == FOREGROUND].sum()
    assert taken > 100
    assert (1 - alpha)[reached == FOREGROUND].sum() < 0.5 * taken
    assert (reached == FOREGROUND)[disc(RADIUS - 25)].all()


def test_a_plain_edge_keeps_its_thin_band() -> None:
    rgb, _ = strands(0)
    trimap = make_trimap(disc())
    reached = include_strands(models.load_matting("nano"), rgb, disc(), trimap, band=1)
    assert (reached != trimap).mean() < 0.002


@pytest.mark.parametrize(
    ("mask", "band"),
    [(disc(), 0.0), (np.ones((SIZE, SIZE), bool), 1.0), (np.zeros((SIZE, SIZE), bool), 1.0)],
    ids=["no band", "everything", "nothing"],
)
def test_nothing_changes_where_there_is_nothing_to_look_for(mask: np.ndarray, band: float) -> None:
    rgb, _ = strands(22)
    trimap = make_trimap(disc())
    assert include_strands(models.load_matting("nano"), rgb, mask, trimap, band=band) is trimap
