from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mattable import disc, solvable, textured

from pickmatte import Session, models
from pickmatte.interactive.mattes.solver import solve
from pickmatte.models.errors import Cancelled, TrimapError
from pickmatte.models.matting import nano as network
from pickmatte.models.matting import pyramid
from pickmatte.models.matting.evidence import CANDIDATES, CHANNELS, gather
from pickmatte.models.matting.haze import remove_haze
from pickmatte.models.matting.nano import Nano
from pickmatte.models.matting.pyramid import solve_coarse_to_fine
from pickmatte.models.matting.samples import LAYERS, sample
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import WholeMatting


@pytest.fixture(scope="module")
def nano() -> Nano:
    model = models.load_matting("nano")
    assert isinstance(model, Nano)
    return model


@settings(max_examples=40, deadline=None)
@given(solvable())
def test_known_pixels_are_exact_and_all_are_in_range(case: tuple[np.ndarray, np.ndarray]) -> None:
    rgb, trimap = case
    alpha = models.load_matting("nano").alpha(rgb, trimap)
    assert alpha.shape == trimap.shape
    assert alpha.dtype == np.float32
    assert np.isfinite(alpha).all()
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert (alpha[trimap == FOREGROUND] == 1).all()
    assert (alpha[trimap == BACKGROUND] == 0).all()


@pytest.mark.parametrize(("side", "softness"), [(160, 3.0), (160, 16.0), (400, 8.0)])
def test_a_soft_disc_is_found(nano: Nano, side: int, softness: float) -> None:
    rgb, truth, trimap = textured(side, softness)
    alpha = nano.alpha(rgb, trimap)
    assert np.abs(alpha - truth)[trimap == UNKNOWN].mean() < 0.03


def test_it_is_the_default_and_takes_whole_pictures(nano: Nano) -> None:
    assert models.load_matting() is nano
    assert isinstance(nano, WholeMatting)


@pytest.mark.parametrize(("known", "expected"), [(FOREGROUND, 1), (BACKGROUND, 0)])
def test_where_only_one_side_is_known_all_is_that_side(
    nano: Nano, known: int, expected: int
) -> None:
    trimap = np.full((30, 40), UNKNOWN, np.uint8)
    trimap[:5] = known
    alpha = nano.alpha(np.zeros((30, 40, 3), np.uint8), trimap)
    assert (alpha == expected).all()


@pytest.mark.parametrize("known", [FOREGROUND, BACKGROUND])
def test_a_single_known_pixel_is_enough_at_every_size(nano: Nano, known: int) -> None:
    trimap = np.full((400, 420), UNKNOWN, np.uint8)  # too much to solve at once
    trimap[0] = FOREGROUND + BACKGROUND - known
    trimap[201, 203] = known
    rgb = np.full((400, 420, 3), 180, np.uint8)
    rgb[150:250, 150:250] = (200, 30, 40)
    for alpha in (nano.alpha(rgb, trimap), nano.preview(rgb, trimap)):
        assert alpha[201, 203] == known / 255
        assert abs(alpha[190, 210] - known / 255) < 0.2
        assert abs(alpha[20, 20] - known / 255) > 0.8


def test_nothing_known_is_refused(nano: Nano) -> None:
    with pytest.raises(TrimapError, match="unknown everywhere"):
        nano.alpha(np.zeros((9, 9, 3), np.uint8), np.full((9, 9), UNKNOWN, np.uint8))


def test_nothing_unknown_is_its_own_answer(nano: Nano) -> None:
    trimap = np.zeros((20, 20), np.uint8)
    trimap[5:9] = FOREGROUND
    assert (nano.alpha(np.zeros((20, 20, 3), np.uint8), trimap) == (trimap > 0)).all()


@pytest.mark.parametrize("across", [True, False])
def test_a_band_of_one_pixel_at_the_border(nano: Nano, across: bool) -> None:
    rgb = np.zeros((60, 50, 3), np.uint8)
    rgb[:, :25] = 220
    trimap = np.zeros((60, 50), np.uint8)
    trimap[:, :24] = FOREGROUND
    trimap[:, 24] = UNKNOWN
    if across:
        trimap[0] = UNKNOWN
    alpha = nano.alpha(rgb, trimap)
    assert alpha[30, 24] > 0.8


def test_tiles_of_a_level_leave_no_trace(nano: Nano, monkeypatch: pytest.MonkeyPatch) -> None:
    rgb, _, trimap = textured(900, 40.0)
    budget = 40 << 20  # so little that the picture is halved before it is seen at once
    whole = nano.whole(rgb, trimap, memory=budget)
    monkeypatch.setattr(pyramid, "_TILE", 130)
    tiled = nano.whole(rgb, trimap, memory=budget)
    assert np.abs(tiled - whole).max() <= 1 / 255


@pytest.mark.parametrize("side", [64, 150])
def test_tiles_of_the_network_leave_no_trace(
    nano: Nano, monkeypatch: pytest.MonkeyPatch, side: int
) -> None:
    rgb, _, trimap = textured(500, 40.0)
    monkeypatch.setattr(network, "_TILE", 512)
    whole = nano.whole(rgb, trimap)
    predicted, error = nano.predict(rgb, trimap)
    monkeypatch.setattr(network, "_TILE", side)
    again, error_again = nano.predict(rgb, trimap)
    unknown = trimap == UNKNOWN
    assert np.abs(again - predicted)[unknown].max() <= 0.5 / 255
    assert np.abs(error_again - error)[unknown].max() < 0.05
    assert np.abs(nano.whole(rgb, trimap) - whole).max() <= 1 / 255


def test_haze_is_cleared_where_pixels_are_decided_and_kept_where_few_are() -> None:
    unknown = np.ones((40, 40), bool)
    error = np.full((40, 40), 0.08, np.float32)
    decided = np.zeros((40, 40), np.float32)
    decided[:, 20:], decided[:, :5], decided[:, 19] = 1, 0.03, 0.5
    cleared = remove_haze(decided, error, unknown).reshape(40, 40)
    assert (cleared[:, :19] == 0).all()
    np.testing.assert_allclose(cleared[:, 19], 0.5, atol=1e-6)
    assert (cleared[:, 20:] == 1).all()
    smoke = np.linspace(0.03, 0.7, 1600, dtype=np.float32).reshape(40, 40)
    np.testing.assert_allclose(remove_haze(smoke, error, unknown), smoke.ravel(), atol=1e-6)
    glass = np.where(decided == 1, np.float32(0.04), decided)
    glass[20, 20] = 1
    np.testing.assert_allclose(remove_haze(glass, error, unknown), glass.ravel(), atol=1e-3)


def test_haze_of_less_than_the_expected_error_only() -> None:
    alpha = np.full((30, 30), 0.04, np.float32)
    alpha[0] = 0
    sure = remove_haze(alpha, np.full((30, 30), 0.01, np.float32), np.ones((30, 30), bool))
    assert (sure.reshape(30, 30)[1:] > 0.034).all()


def test_a_smaller_budget_still_finds_the_disc(nano: Nano) -> None:
    rgb, truth, trimap = textured(900, 40.0)
    alpha = solve(nano, rgb, trimap, memory=40 << 20)
    assert np.abs(alpha - truth)[trimap == UNKNOWN].mean() < 0.03


def test_progress_rises_to_one_and_cancelling_stops(nano: Nano) -> None:
    rgb, _, trimap = textured(700, 40.0)
    shares: list[float] = []
    solve(nano, rgb, trimap, memory=40 << 20, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 3
    with pytest.raises(Cancelled):
        solve(nano, rgb, trimap, memory=40 << 20, cancelled=lambda: True)


def test_cancelling_stops_between_tiles(nano: Nano) -> None:
    rgb, _, trimap = textured(1200, 40.0)
    shares: list[float] = []
    with pytest.raises(Cancelled):
        solve(
            nano,
            rgb,
            trimap,
            memory=40 << 20,
            progress=shares.append,
            cancelled=lambda: len(shares) >= 3,
        )
    assert len(shares) == 3


@pytest.mark.parametrize("known", [FOREGROUND, BACKGROUND])
@pytest.mark.parametrize("some", [True, False], ids=["with unknown", "without"])
def test_the_solver_takes_trimaps_of_one_side(nano: Nano, known: int, some: bool) -> None:
    trimap = np.full((40, 50), known, np.uint8)
    if some:
        trimap[5:20, 10:30] = UNKNOWN
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    assert (solve(nano, rgb, trimap) == (known == FOREGROUND)).all()


def test_a_picture_of_16_bits_is_solved_and_keeps_them(nano: Nano) -> None:
    rgb, truth, trimap = textured(160, 3.0)
    fine = rgb.astype(np.uint16) * 257
    session = Session(fine, matting=nano)
    subject = session.subject()
    subject.use_trimap(trimap)
    assert np.abs(subject.alpha - truth)[trimap == UNKNOWN].mean() < 0.03
    cutout = session.cutout(bits=16)
    solid = trimap == FOREGROUND
    assert (cutout[solid][:, :3] == fine[solid]).all()


def test_descend_asks_for_the_first_size_that_fits() -> None:
    seen: list[tuple[int, ...]] = []

    def answer(rgb: np.ndarray, trimap: np.ndarray) -> np.ndarray:
        seen.append(trimap.shape)
        return np.where(trimap == UNKNOWN, 0.5, trimap / 255).astype(np.float32)

    rgb, _, trimap = disc(600, 100.0)
    alpha = solve_coarse_to_fine(
        answer, lambda pixels, _: pixels <= 200**2, rgb, trimap, lambda share: None
    )
    assert len(seen) == 1
    assert max(seen[0]) <= 200
    assert alpha.shape == (600, 600)
    assert (alpha[trimap == FOREGROUND] == 1).all()


def test_samples_name_the_colours_of_both_sides() -> None:
    rgb, _, trimap = disc(120, 12.0)
    layers = sample(rgb, trimap, 800.0)
    assert layers.shape == (np.count_nonzero(trimap == UNKNOWN), LAYERS)
    np.testing.assert_allclose(
        layers[:, :3] * 255, np.tile([200, 40, 50], (len(layers), 1)), atol=2
    )
    np.testing.assert_allclose(
        layers[:, 3:6] * 255, np.tile([30, 160, 90], (len(layers), 1)), atol=2
    )


@given(st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_evidence_proposes_what_is_known(height: int, width: int) -> None:
    rng = np.random.default_rng(height * 41 + width)
    trimap = rng.choice(np.array([BACKGROUND, UNKNOWN, FOREGROUND], np.uint8), (height, width))
    if len(np.unique(trimap)) < 3:
        return
    evidence = gather(rng.integers(0, 255, (height, width, 3), np.uint8), trimap)
    assert evidence.shape == (CHANNELS, height, width)
    assert np.isfinite(evidence).all()
    assert (evidence[CANDIDATES][:, trimap == FOREGROUND] == 1).all()
    assert (evidence[CANDIDATES][:, trimap == BACKGROUND] == 0).all()


@pytest.mark.parametrize("softness", [4.0, 24.0])
def test_a_sketch_is_close_to_the_answer(nano: Nano, softness: float) -> None:
    rgb, truth, trimap = textured(1024, softness)
    sketched = nano.preview(rgb, trimap)
    assert np.abs(sketched - truth)[trimap == UNKNOWN].mean() < 0.05
    assert np.abs(sketched - nano.alpha(rgb, trimap)).mean() < 1 / 255
    assert (sketched[trimap == FOREGROUND] == 1).all()
    assert (sketched[trimap == BACKGROUND] == 0).all()


@settings(max_examples=20, deadline=None)
@given(solvable())
def test_a_small_sketch_is_the_answer(case: tuple[np.ndarray, np.ndarray]) -> None:
    model = models.load_nano()
    assert (model.preview(*case) == model.alpha(*case)).all()


def test_a_sketch_of_a_decided_trimap_is_that(nano: Nano) -> None:
    rgb, _, trimap = textured(200, 4.0)
    known = np.where(trimap == UNKNOWN, FOREGROUND, trimap).astype(np.uint8)
    assert (nano.preview(rgb, known) == (known == FOREGROUND)).all()
    with pytest.raises(TrimapError, match="unknown everywhere"):
        nano.preview(rgb, np.full_like(trimap, UNKNOWN))
