from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from mattable import disc, solvable

from pickmatte.models.errors import TrimapError
from pickmatte.models.matting.closed_form import ClosedForm
from pickmatte.models.matting.matting_laplacian import MattingLaplacian
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN, check_trimap


@settings(max_examples=60, deadline=None)
@given(solvable())
def test_known_pixels_are_exact_and_all_are_in_range(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    rgb, trimap = case
    alpha = ClosedForm().alpha(rgb, trimap)
    assert alpha.shape == trimap.shape
    assert alpha.dtype == np.float32
    assert np.isfinite(alpha).all()
    assert alpha.min() >= 0
    assert alpha.max() <= 1
    assert (alpha[trimap == FOREGROUND] == 1).all()
    assert (alpha[trimap == BACKGROUND] == 0).all()


@pytest.mark.parametrize("side", [120, 700])  # solved at once; begun at half the size
def test_a_mix_of_two_colours_is_recovered(side: int) -> None:
    rgb, truth, trimap = disc(side, side / 10)
    alpha = ClosedForm().alpha(rgb, trimap)
    assert np.abs(alpha - truth).max() < 0.03


def test_turned_pictures_give_turned_answers() -> None:
    rgb, _, trimap = disc(90, 12)
    rgb = rgb + np.random.default_rng(0).integers(0, 6, rgb.shape, np.uint8)
    alpha = ClosedForm().alpha(rgb, trimap)
    turned = ClosedForm().alpha(np.rot90(rgb).copy(), np.rot90(trimap).copy())
    assert np.abs(np.rot90(alpha) - turned).max() < 2e-3


def test_a_brighter_picture_gives_the_same_answer() -> None:
    rgb, _, trimap = disc(90, 12)
    alpha = ClosedForm().alpha(rgb, trimap)
    assert np.abs(ClosedForm().alpha(rgb + np.uint8(20), trimap) - alpha).max() < 1e-3


def test_the_system_is_pymattings_laplacian() -> None:
    from pymatting import cf_laplacian

    rgb = np.random.default_rng(1).integers(0, 256, (9, 11, 3)).astype(np.uint8)
    unknown = np.zeros((9, 11), bool)
    unknown[2:8, 1:9] = True
    unknown[4, 5] = False
    known = (np.arange(99).reshape(9, 11) % 2).astype(np.float32)
    known[unknown] = 0
    system = MattingLaplacian.build(rgb, unknown, known, precise=True)
    full = cf_laplacian(rgb / 255.0)
    inside = unknown.ravel()
    expected = full[inside][:, inside].toarray()
    assert np.abs(system.matrix().toarray() - expected).max() < 1e-9
    goal = -(full[inside][:, ~inside] @ known.ravel()[~inside])
    assert np.abs(system.goal - goal).max() < 1e-9
    x = np.random.default_rng(2).random(int(inside.sum()))
    assert np.abs(system.multiply(x) - expected @ x).max() < 1e-9


@pytest.mark.parametrize(("known", "value"), [(FOREGROUND, 1), (BACKGROUND, 0)])
def test_one_kind_of_known_spreads(known: int, value: int) -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (30, 30, 3)).astype(np.uint8)
    trimap = np.full((30, 30), UNKNOWN, np.uint8)
    trimap[:3] = known
    assert np.abs(ClosedForm().alpha(rgb, trimap) - value).max() < 1e-3


def test_flat_and_saturated_pictures_do_not_break_it() -> None:
    for colour in (0, 128, 255):
        rgb = np.full((40, 40, 3), colour, np.uint8)
        trimap = np.full((40, 40), UNKNOWN, np.uint8)
        trimap[:8], trimap[-8:] = FOREGROUND, BACKGROUND
        alpha = ClosedForm().alpha(rgb, trimap)
        assert alpha[10].mean() > 0.7
        assert alpha[29].mean() < 0.3


def test_no_unknown_is_its_own_answer_and_all_unknown_an_error() -> None:
    rgb = np.zeros((4, 4, 3), np.uint8)
    trimap = np.zeros((4, 4), np.uint8)
    trimap[1, 1] = FOREGROUND
    assert (ClosedForm().alpha(rgb, trimap) == (trimap == FOREGROUND)).all()
    with pytest.raises(TrimapError, match="unknown everywhere"):
        ClosedForm().alpha(rgb, np.full((4, 4), UNKNOWN, np.uint8))


def test_nothing_is_printed_or_warned(capfd: pytest.CaptureFixture[str]) -> None:
    # Nearly flat noise: the Cholesky factor needs its diagonal shifted.
    rgb = np.random.default_rng(4).integers(100, 103, (60, 60, 3)).astype(np.uint8)
    trimap = np.full((60, 60), UNKNOWN, np.uint8)
    trimap[0, 0], trimap[-1, -1] = FOREGROUND, BACKGROUND
    alpha = ClosedForm().alpha(rgb, trimap)
    assert np.isfinite(alpha).all()
    assert capfd.readouterr() == ("", "")


def test_threads_do_not_disturb_each_other() -> None:
    rgb, _, trimap = disc(200, 30)
    matting = ClosedForm()
    expected = matting.alpha(rgb, trimap)
    answers: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: answers.append(matting.alpha(rgb, trimap)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all((answer == expected).all() for answer in answers)


def test_check_trimap_says_what_is_wrong() -> None:
    good = np.array([[0, 128, 255]], np.uint8)
    assert check_trimap(good, (1, 3)) is good
    with pytest.raises(TrimapError, match=r"3×1.*2×1"):
        check_trimap(good, (1, 2))
    with pytest.raises(TrimapError, match="value 7"):
        check_trimap(np.array([[0, 7]], np.uint8), (1, 2))
    with pytest.raises(TrimapError, match="8-bit"):
        check_trimap(np.zeros((1, 2), np.float32), (1, 2))
    with pytest.raises(TrimapError, match="same size"):
        check_trimap(np.zeros((1, 2, 3), np.uint8), (1, 2))


def test_compiled_code_finds_a_place_where_nothing_is_writable(tmp_path: Path) -> None:
    # numba may then keep its cache nowhere but in a folder it is told.
    lines = (
        "import numba, pickmatte.models.matting.matting_laplacian, pickmatte.models.matting.guided",
        "print(numba.config.CACHE_DIR)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=Path(__file__).parents[3],
        env={
            **os.environ,
            "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path))
