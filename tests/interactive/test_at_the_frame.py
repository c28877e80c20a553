"""Subjects that end just before the picture's border, and such that go on beyond it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pickmatte import Session, Subject
from pickmatte.interactive.masks.margins import SIDES, measure
from pickmatte.models.protocols import RGB, Mask

SIZE = (400, 600)


def turned(layer: np.ndarray, side: str) -> np.ndarray:
    """A layer made for the left side as it would be at another."""
    across = layer if side in ("left", "right") else layer.swapaxes(0, 1)
    flips = {"right": np.s_[:, ::-1], "bottom": np.s_[::-1]}
    return np.ascontiguousarray(across[flips[side]] if side in flips else across)


def scene(gap: int, *, soft: float = 0.0, noise: float = 0.0) -> tuple[RGB, Mask]:
    """A red rectangle on blue, `gap` pixels from the left, and its true mask."""
    truth = np.zeros(SIZE, np.float32)
    truth[60:340, gap:240] = 1
    alpha = cv2.GaussianBlur(truth, (0, 0), soft) if soft else truth
    random = np.random.default_rng(7)
    cloth = cv2.GaussianBlur(random.normal(0, 1, SIZE).astype(np.float32), (0, 0), 4)
    red = np.float32((200, 40, 40)) + noise * (cloth / cloth.std())[..., None]
    seen = alpha[..., None] * red + (1 - alpha[..., None]) * np.float32((40, 70, 190))
    seen += random.normal(0, noise, seen.shape) if noise else 0
    return np.clip(seen, 0, 255).astype(np.uint8), truth > 0


def cells(truth: Mask) -> Mask:
    """The mask on a segmenter's grid, glued to the border as its outermost cells are."""
    shape = round(truth.shape[0] * 256 / max(truth.shape)), 256
    grid = cv2.resize(truth.astype(np.float32), shape[::-1], interpolation=cv2.INTER_AREA) > 0.5
    grid[:, :6] = grid[:, 6:7]
    return np.asarray(grid)


@pytest.mark.parametrize("soft", [False, True], ids=["plain", "textured"])
@pytest.mark.parametrize("gap", [0, 1, 2, 3, 5, 8, 12])
def test_the_gap_is_measured_to_the_pixel(gap: int, soft: bool) -> None:
    rgb, truth = scene(gap, soft=0.8, noise=10) if soft else scene(gap)
    margins = measure(rgb, cells(truth), ["left"], [], [])
    assert [side for side in SIDES if getattr(margins, side).any()] in ([], ["left"])
    beside = margins.left[40:140]  # the rectangle's rows, but for its corners
    assert np.abs(beside - gap).max() <= (1.2 if soft else 0)


@pytest.mark.parametrize("side", SIDES)
def test_every_side_is_measured_alike(side: str) -> None:
    rgb, truth = scene(5)
    margins = measure(turned(rgb, side), turned(cells(truth), side), SIDES, [], [])
    assert (getattr(margins, side)[40:140] == 5).all()
    assert sum(bool(getattr(margins, other).any()) for other in SIDES) == 1


def test_a_window_inside_the_picture_has_no_margins() -> None:
    rgb, truth = scene(5)
    assert not measure(rgb, cells(truth), [], [], [])


def test_colours_that_only_change_are_no_background() -> None:
    """A hem, a shoe, a shadow: unlike the subject further in, and unlike what is beside it."""
    rgb, truth = scene(0)
    rgb[60:340, :6] = 230, 220, 60
    assert not measure(rgb, cells(truth), ["left"], [], [])


def test_a_click_in_the_gap_decides() -> None:
    rgb, truth = scene(5)
    assert not measure(rgb, cells(truth), ["left"], [(0, 85)], [])
    rgb[60:340, :5] = 230, 220, 60  # like nothing beside it
    assert measure(rgb, cells(truth), ["left"], [], [(1, 85)]).left[85] == 5


def cut_out(rgb: RGB, matting: str = "nano") -> Subject:
    subject = Session(rgb, matting=matting).subject()
    subject.click(*((120, 200) if rgb.shape[1] == SIZE[1] else (600, 1000)))
    return subject


@pytest.mark.parametrize(("gap", "matting"), [(3, "nano"), (8, "closed-form")])
def test_nothing_before_the_subject_is_kept(gap: int, matting: str) -> None:
    rgb, _ = scene(gap)
    subject = cut_out(rgb, matting)
    assert subject.mask[75:325, :gap].mean() < 0.01  # its outline may bend by part of a cell
    assert subject.alpha[:, :gap].max() < 0.02
    assert subject.alpha[62:338, gap].min() > 0.98
    subject.click(gap // 2, 200, keep=False)
    assert subject.alpha[:, :gap].max() < 0.02
    assert subject.alpha[62:338, gap:230].min() > 0.9
    boxed = Session(rgb, matting=matting).subject()
    boxed.box(gap, 60, 240, 340)
    assert boxed.alpha[:, :gap].max() < 0.02


def test_a_large_picture_is_as_exact() -> None:
    small, _ = scene(0)
    rgb = cv2.resize(small, (3000, 2000), interpolation=cv2.INTER_NEAREST)
    rgb[:, :20] = rgb[0, -1]
    subject = cut_out(np.asarray(rgb, np.uint8))
    assert subject.alpha[:, :20].max() < 0.02
    assert subject.alpha[310:1690, 22].min() > 0.98


@pytest.mark.parametrize("side", SIDES)
def test_what_touches_the_border_stays_gapless(side: str) -> None:
    rgb, _ = scene(0, soft=1.0, noise=10)
    session = Session(turned(rgb, side))
    subject = session.subject()
    truth = turned(scene(0)[1], side)
    y, x = (round(float(at.mean())) for at in np.nonzero(truth))
    subject.click(x, y)
    border = turned(np.pad(np.ones((270, 1), bool), ((65, 65), (0, 599))), side)
    assert subject.mask[border].all()
    assert subject.alpha[border].min() == 1
