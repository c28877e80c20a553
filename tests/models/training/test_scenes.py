"""Scenes, their files and their mirrors: what training needs before there is a network."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textures import draw_into, drawn

from pickmatte.models.matting.evidence import CHANNELS, gather
from pickmatte.models.matting.samples import LAYERS, REACHES
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.training import photos as photos_module
from pickmatte.models.training.augment import augment
from pickmatte.models.training.mattes import KINDS
from pickmatte.models.training.photos import fetch
from pickmatte.models.training.pool import fill, read
from pickmatte.models.training.scenes import Scene, load_photos, scene
from pickmatte.models.training.settings import SEED, STAGES, VALIDATION, TrainingError

SIDE = 96


PHOTOS = [drawn(seed) for seed in (11, 12, 13)]


def made(number: int, seed: int = SEED, *, clean: bool = False) -> Scene:
    return scene(np.random.default_rng([seed, number]), PHOTOS, SIDE, clean=clean)


@pytest.mark.parametrize("maker", [maker for maker, _ in KINDS], ids=lambda maker: maker.__name__)
def test_mattes_are_in_range_and_say_something(maker) -> None:  # type: ignore[no-untyped-def]
    drawings = [maker(np.random.default_rng(seed), SIDE) for seed in range(8)]
    for alpha in drawings:
        assert alpha.shape == (SIDE, SIDE)
        assert alpha.dtype == np.float32
        assert alpha.min() >= -1e-6
        assert alpha.max() <= 1 + 1e-6
    assert sum(np.ptp(alpha) > 0.2 for alpha in drawings) >= 6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_scenes_hold_some_of_each(number: int, clean: bool) -> None:
    found = made(number, clean=clean)
    assert found.rgb.shape == (SIDE, SIDE, 3)
    assert found.rgb.dtype == np.uint8
    assert 0 <= found.alpha.min() <= found.alpha.max() <= 1
    assert set(np.unique(found.trimap)) == {BACKGROUND, UNKNOWN, FOREGROUND}
    assert (found.trimap == FOREGROUND).mean() > 0.02
    assert (found.trimap == BACKGROUND).mean() > 0.02


def test_what_trimaps_call_known_is_mostly_true() -> None:
    """Only trimaps as of a wrong mask, one in five, leave mixed pixels out of their band."""
    wrong = []
    for number in range(80):
        found = made(number)
        known = found.trimap != UNKNOWN
        wrong.append(np.abs(found.alpha - found.trimap / 255)[known])
    true = [off.max() <= 0.02 + 1e-6 for off in wrong]
    assert 0.7 < np.mean(true) < 1
    assert np.concatenate(wrong).mean() < 0.01


def test_a_number_and_a_seed_are_a_scene() -> None:
    first, again = made(5), made(5)
    for name in ("rgb", "trimap", "alpha"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    for other in (made(6), made(5, SEED + 1)):
        assert (first.rgb != other.rgb).any()
        assert (first.alpha != other.alpha).any()


def test_clean_scenes_are_the_same_with_less_grain() -> None:
    def grain(rgb: np.ndarray) -> float:
        return float(np.abs(cv2.Laplacian(rgb.astype(np.float32), cv2.CV_32F)).mean())

    pairs = [(made(number), made(number, clean=True)) for number in range(12)]
    for rough, clean in pairs:
        np.testing.assert_array_equal(rough.trimap, clean.trimap)
    assert np.mean([grain(c.rgb) for _, c in pairs]) < np.mean([grain(r.rgb) for r, _ in pairs])


def test_stages_never_train_on_validation_or_twice_on_a_scene() -> None:
    pools = [VALIDATION, *(stage.numbers for stage in STAGES)]
    for one, other in itertools.combinations(pools, 2):
        assert not set(one) & set(other)


def test_photos_are_scaled_and_small_ones_left_out(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    cv2.imwrite(str(tmp_path / "deep" / "large.png"), drawn(1, 600))
    cv2.imwrite(str(tmp_path / "small.png"), drawn(2, 300))
    (tmp_path / "link.png").symlink_to(tmp_path / "deep" / "large.png")
    (tmp_path / "broken.jpg").write_bytes(b"none")
    (only,) = load_photos(tmp_path, longest=550)
    assert only.shape == (550, 550, 3)
    blue = cv2.imread(str(tmp_path / "deep" / "large.png"))[..., 0].mean()
    assert only[..., 2].mean() == pytest.approx(blue, abs=1)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos in `data`, three scenes in `scenes`."""
    folder = tmp_path_factory.mktemp("pool")
    draw_into(folder / "data")
    fill(folder / "scenes", folder / "data", SIDE, range(3), clean=False)
    return folder


def test_stored_scenes_read_as_they_were_made(pool: Path) -> None:
    assert sorted(path.name for path in (pool / "scenes").iterdir()) == [
        f"{number:07d}.npz" for number in range(3)
    ]
    kept = load_photos(pool / "data")[1:]  # the first is held out
    again = scene(np.random.default_rng([SEED, 2]), kept, SIDE, clean=False)
    evidence, alpha, unknown = read(pool / "scenes" / "0000002.npz")
    np.testing.assert_allclose(evidence, gather(again.rgb, again.trimap), atol=1e-3)
    np.testing.assert_allclose(alpha[0], again.alpha, atol=1e-3)
    np.testing.assert_array_equal(unknown[0], again.trimap == UNKNOWN)


def test_a_pool_is_completed_not_made_anew(pool: Path) -> None:
    paths = [pool / "scenes" / f"{number:07d}.npz" for number in range(3)]
    before = [read(path) for path in paths]
    times = [path.stat().st_mtime_ns for path in paths]
    paths[1].unlink()
    fill(pool / "scenes", pool / "data", SIDE, range(3), clean=False)
    for old, path in zip(before, paths, strict=True):
        for x, y in zip(old, read(path), strict=True):
            np.testing.assert_array_equal(x, y)
    assert [path.stat().st_mtime_ns == time for path, time in zip(paths, times, strict=True)] == [
        True,
        False,
        True,
    ]


def test_a_worker_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="Making scenes"):
        fill(tmp_path / "scenes", tmp_path / "no-photos", SIDE, range(1), clean=False)


def test_augmented_layers_stay_true_to_each_other() -> None:
    """Colours are the mix of the samples' colours by alpha, before and after."""
    rng = np.random.default_rng(3)
    side = 7
    alpha = rng.random((1, side, side), dtype=np.float32)
    alpha[0, :2] = 1
    fore, back = rng.random((2, 3, side, side), dtype=np.float32)
    evidence = rng.random((CHANNELS, side, side), dtype=np.float32)
    evidence[:3] = alpha * fore + (1 - alpha) * back
    evidence[3] = alpha[0] == 1
    firsts = [7 + LAYERS * i for i in range(len(REACHES))]
    for first in firsts:
        evidence[first : first + 3], evidence[first + 3 : first + 6] = fore, back
    seen = set()
    for _ in range(300):
        turned, share = augment(rng, evidence, alpha)
        for first in firsts:
            mixed = share * turned[first : first + 3] + (1 - share) * turned[first + 3 : first + 6]
            np.testing.assert_allclose(turned[:3], mixed, atol=1e-6)
        np.testing.assert_array_equal(turned[3], share[0] == 1)
        np.testing.assert_array_equal(np.sort(turned[6:7], axis=None), np.sort(evidence[6], None))
        seen.add((share.tobytes(), turned[:3].sum((1, 2)).tobytes()))
    assert len({share for share, _ in seen}) == 8
    assert len(seen) == 8 * 6


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs Debian's dpkg-deb")
def test_packages_are_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    (package / "DEBIAN").mkdir(parents=True)
    (package / "DEBIAN" / "control").write_text(
        "Package: photos\nVersion: 1\nArchitecture: all\nMaintainer: none\nDescription: none\n"
    )
    (package / "photo.txt").write_text("here")
    deb = tmp_path / "photos.deb"
    subprocess.run(["dpkg-deb", "--build", package, deb], check=True, capture_output=True)
    tools = tmp_path / "tools"
    tools.mkdir()
    apt = tools / "apt-get"
    apt.write_text(f'#!/bin/sh\n[ "$2" = there ] && exec cp {deb} .\necho "E: no $2" >&2; exit 9\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    monkeypatch.setattr(photos_module, "PACKAGES", ("there",))
    fetch(tmp_path / "work" / "data")
    assert (tmp_path / "work" / "data" / "there" / "photo.txt").read_text() == "here"
    monkeypatch.setattr(photos_module, "PACKAGES", ("there", "away"))
    with pytest.raises(TrainingError, match="Fetching away failed: apt-get download: E: no away"):
        fetch(tmp_path / "work" / "data")
    assert [path.name for path in (tmp_path / "work").rglob("*")] == ["data", "there", "photo.txt"]


def test_missing_tools_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TrainingError, match="needs apt-get"):
        fetch(tmp_path / "data")
