from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pickmatte.interactive.mattes.solver import solve
from pickmatte.interactive.mattes.tiles import cut, depth, weights
from pickmatte.models.errors import Cancelled, TrimapError
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.matting.closed_form import ClosedForm
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import TileRules


def closed_form(**rules: int) -> ClosedForm:
    matting = ClosedForm()
    matting.rules = replace(ClosedForm.rules, **rules)  # type: ignore[misc]
    return matting


def ring(side: int = 400, softness: float = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A noisy soft disc: picture, true alpha, trimap with a ring of unknown."""
    ys, xs = np.mgrid[:side, :side]
    away = np.hypot(ys - side / 2, xs - side / 2) - side / 3
    alpha = np.clip(0.5 - away / softness, 0, 1).astype(np.float32)
    shade = (1 + 0.2 * np.sin(xs / 17) * np.cos(ys / 23))[..., None]
    front, back = np.array([190.0, 60, 50]) * shade, np.array([40.0, 120, 160]) / shade
    rgb = alpha[..., None] * front + (1 - alpha[..., None]) * back
    trimap = np.full(alpha.shape, UNKNOWN, np.uint8)
    trimap[away < -softness] = FOREGROUND
    trimap[away > softness] = BACKGROUND
    return np.rint(rgb).astype(np.uint8), alpha, trimap


def known_exact(alpha: np.ndarray, trimap: np.ndarray) -> bool:
    return bool(
        (alpha[trimap == FOREGROUND] == 1).all() and (alpha[trimap == BACKGROUND] == 0).all()
    )


@pytest.mark.parametrize("largest", [15_000, 11_000, 7_000])
def test_tiles_give_the_answer_of_one_piece_without_seams(largest: int) -> None:
    rgb, truth, trimap = ring()
    steps: list[float] = []
    alpha = solve(closed_form(largest=largest), rgb, trimap, progress=steps.append)
    whole = solve(ClosedForm(), rgb, trimap)
    assert len(steps) > 2, "the case must be cut for the test to mean anything"
    assert np.abs(alpha - whole).max() < 1 / 255
    assert np.abs(alpha - truth).mean() < 0.002
    assert known_exact(alpha, trimap)


def test_the_memory_bound_makes_tiles_smaller() -> None:
    rgb, _, trimap = ring()
    asked: list[int] = []

    class Watched(ClosedForm):
        def alpha(self, rgb: np.ndarray, trimap: np.ndarray) -> np.ndarray:
            asked.append(int((trimap == UNKNOWN).sum()) * 500 + trimap.size * 40)
            return super().alpha(rgb, trimap)

    matting = Watched()
    memory = 12_000_000
    solve(matting, rgb, trimap, memory=memory)
    assert len(asked) > 1
    assert max(asked) * matting.rules.at_once <= memory


def test_a_band_wider_than_any_tile_is_still_solved() -> None:
    rgb, truth, trimap = ring(side=300, softness=80)
    alpha = solve(closed_form(largest=9_000), rgb, trimap)
    assert np.abs(alpha - truth).mean() < 0.02
    assert known_exact(alpha, trimap)


def test_progress_rises_to_one() -> None:
    rgb, _, trimap = ring()
    steps: list[float] = []
    solve(closed_form(largest=12_000), rgb, trimap, progress=steps.append)
    assert steps == sorted(steps)
    assert steps[-1] == 1


def test_cancelling_stops_between_tiles() -> None:
    rgb, _, trimap = ring()
    solved: list[int] = []

    class Counted(ClosedForm):
        def alpha(self, rgb: np.ndarray, trimap: np.ndarray) -> np.ndarray:
            solved.append(1)
            return super().alpha(rgb, trimap)

    matting = Counted()
    matting.rules = replace(ClosedForm.rules, largest=7_000)  # type: ignore[misc]
    before = trimap.copy()
    with pytest.raises(Cancelled):
        solve(matting, rgb, trimap, cancelled=lambda: len(solved) >= 1)
    assert len(solved) <= 1 + matting.rules.at_once
    assert (trimap == before).all()
    with pytest.raises(Cancelled):
        solve(matting, rgb, trimap, cancelled=lambda: True)


def test_subjects_far_apart_are_solved_apart() -> None:
    rgb, truth, trimap = ring(side=120)
    wide = np.zeros((120, 2000, 3), np.uint8)
    wide[:] = rgb[0, 0]
    far = np.zeros((120, 2000), np.uint8)
    expected = np.zeros((120, 2000), np.float32)
    for left in (0, 1880):
        wide[:, left : left + 120] = rgb
        far[:, left : left + 120] = trimap
        expected[:, left : left + 120] = truth
    widths: list[int] = []

    class Watched(ClosedForm):
        def alpha(self, rgb: np.ndarray, trimap: np.ndarray) -> np.ndarray:
            widths.append(trimap.shape[1])
            return super().alpha(rgb, trimap)

    alpha = solve(Watched(), wide, far)
    assert np.abs(alpha - expected).max() < 0.1
    assert len(widths) == 2
    assert max(widths) < 300


@pytest.mark.parametrize("known", [FOREGROUND, BACKGROUND])
def test_without_unknown_the_trimap_is_the_answer(known: int) -> None:
    steps: list[float] = []
    trimap = np.full((5, 7), known, np.uint8)
    alpha = solve(ClosedForm(), np.zeros((5, 7, 3), np.uint8), trimap, progress=steps.append)
    assert (alpha == (known == FOREGROUND)).all()
    assert steps == [1.0]


@pytest.mark.parametrize(("known", "value"), [(FOREGROUND, 1), (BACKGROUND, 0)])
def test_one_kind_of_known_spreads(known: int, value: int) -> None:
    trimap = np.full((40, 50), UNKNOWN, np.uint8)
    trimap[10:20, 10:20] = known
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    assert np.abs(solve(ClosedForm(), rgb, trimap) - value).max() < 1e-3


def test_bad_trimaps_are_refused() -> None:
    rgb = np.zeros((5, 7, 3), np.uint8)
    with pytest.raises(TrimapError):
        solve(ClosedForm(), rgb, np.zeros((7, 5), np.uint8))
    with pytest.raises(TrimapError):
        solve(ClosedForm(), rgb, np.full((5, 7), 127, np.uint8))
    with pytest.raises(TrimapError, match="unknown everywhere"):
        solve(ClosedForm(), rgb, np.full((5, 7), UNKNOWN, np.uint8))


@pytest.mark.parametrize("row", [0, 20, 39])
def test_a_band_of_one_pixel_even_at_the_border(row: int) -> None:
    rgb = np.zeros((40, 40, 3), np.uint8)
    rgb[:row] = 200
    rgb[row] = 100
    trimap = np.where(np.arange(40)[:, None] < row, FOREGROUND, BACKGROUND).astype(np.uint8)
    trimap = np.repeat(trimap, 40, axis=1)
    trimap[row] = UNKNOWN
    alpha = solve(ClosedForm(), rgb, trimap)
    assert known_exact(alpha, trimap)
    if row == 20:
        assert np.abs(alpha[row] - 0.5).max() < 0.02


def test_one_pixel_pictures() -> None:
    trimap = np.array([[FOREGROUND, UNKNOWN]], np.uint8)
    alpha = solve(ClosedForm(), np.zeros((1, 2, 3), np.uint8), trimap)
    assert alpha[0, 0] == 1
    assert alpha[0, 1] > 0.99


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 900), st.integers(0, 12))
def test_tiles_cover_what_is_needed_once(seed: int, largest: int, context: int) -> None:
    random = np.random.default_rng(seed)
    needed = random.random((30, 45)) < random.random() ** 2
    tiles = cut(needed, lambda tile: tile.height * tile.width <= largest, context=context)
    covered = np.zeros(needed.shape, int)
    for tile in tiles:
        covered[tile.slices] += 1
    assert (covered[needed] == 1).all()
    assert covered.max(initial=0) <= 1
    whole = Rectangle.whole(needed.shape)
    if tiles:
        total = sum(weights(tile, tiles, whole, 4) for tile in tiles)
        assert np.abs(total[needed] - 1).max(initial=0) < 1e-5


def test_depth_is_that_of_the_innermost_pixel() -> None:
    mask = np.zeros((200, 300), bool)
    mask[50:150, 20:280] = True
    assert 50 <= depth(mask) <= 66
    mask[:] = True
    assert depth(mask) == 300


def test_other_models_rules_are_kept() -> None:
    class Half:
        name = "half"
        rules = TileRules(context=8, largest=3_000, bytes_per_unknown=1, bytes_per_pixel=1)

        def alpha(self, rgb: np.ndarray, trimap: np.ndarray) -> np.ndarray:
            assert (trimap == UNKNOWN).sum() <= self.rules.largest
            return np.where(trimap == UNKNOWN, 0.5, trimap / 255).astype(np.float32)

    rgb, _, trimap = ring(side=300, softness=4)
    alpha = solve(Half(), rgb, trimap)
    assert np.abs(alpha[trimap == UNKNOWN] - 0.5).max() < 1e-6
    assert known_exact(alpha, trimap)
