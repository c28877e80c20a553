"""The making of `nano`: scenes that are what they say, and a loop that learns and goes on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from models.matting.evidence import CANDIDATES, CHANNELS, gather
from models.matting.nano import Nano
from models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from models.training.augment import augment
from models.training.mattes import KINDS
from models.training.pool import make, read
from models.training.scenes import load_photos, scene

SIDE = 64


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn photos, large enough to be taken."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(3)
    for name in ("a", "b"):
        coarse = rng.integers(0, 256, (12, 12, 3), np.uint8)
        grown = cv2.resize(coarse, (640, 560), interpolation=cv2.INTER_CUBIC)
        Image.fromarray(np.asarray(grown, np.uint8)).save(folder / f"{name}.png")
    Image.new("RGB", (100, 100)).save(folder / "small.png")
    return folder


@pytest.mark.parametrize("kind", [maker for maker, _ in KINDS], ids=lambda maker: maker.__name__)
def test_mattes_are_alphas(kind: object) -> None:
    for seed in range(3):
        alpha = kind(np.random.default_rng(seed), SIDE)  # type: ignore[operator]
        assert alpha.shape == (SIDE, SIDE)
        assert alpha.dtype == np.float32
        assert alpha.min() >= 0
        assert alpha.max() <= 1 + 1e-6


def test_small_photos_are_left_out(photos: Path) -> None:
    assert [photo.shape for photo in load_photos(photos)] == [(560, 640, 3)] * 2


@pytest.mark.parametrize("clean", [True, False])
def test_scenes_hold_some_of_each_and_repeat_by_their_seed(photos: Path, clean: bool) -> None:
    loaded = load_photos(photos)
    first, again, other = (
        scene(np.random.default_rng(seed), loaded, SIDE, clean=clean) for seed in (1, 1, 2)
    )
    assert (first.rgb == again.rgb).all()
    assert (first.trimap == again.trimap).all()
    assert (first.rgb != other.rgb).any()
    for one in (first, other):
        assert set(np.unique(one.trimap)) == {BACKGROUND, UNKNOWN, FOREGROUND}
        # a trimap from a wrong mask errs, but not at random
        assert one.alpha[one.trimap == FOREGROUND].mean() > 0.8
        assert one.alpha[one.trimap == BACKGROUND].mean() < 0.2


def test_what_is_stored_is_what_is_gathered(photos: Path, tmp_path: Path) -> None:
    make(tmp_path, photos, SIDE, 0, 1, 2, True)
    stamps = [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    make(tmp_path, photos, SIDE, 0, 1, 2, True)
    files = sorted(tmp_path.iterdir())
    assert [path.stat().st_mtime_ns for path in files] == stamps, "what is there is kept"
    evidence, alpha, unknown = read(files[0])
    with np.load(files[0]) as stored:
        fresh = gather(stored["rgb"], stored["trimap"])
    inside = unknown[0] > 0
    assert evidence.shape == (CHANNELS, SIDE, SIDE)
    assert alpha.shape == unknown.shape == (1, SIDE, SIDE)
    near = np.abs(evidence[:, inside] - fresh[:, inside])
    assert near.max() < 0.02, "half precision loses this much"


def test_mirrors_and_turns_leave_the_evidence_true(photos: Path, tmp_path: Path) -> None:
    make(tmp_path, photos, SIDE, 0, 1, 1, True)
    evidence, alpha, unknown = read(next(tmp_path.iterdir()))
    for seed in range(6):
        changed, truth, band = augment(np.random.default_rng(seed), evidence, alpha, unknown)
        assert sorted(truth.ravel()) == sorted(alpha.ravel())
        # what the samples propose stands where it stood beside the truth
        for channel in CANDIDATES:
            before = (evidence[channel] - alpha[0])[unknown[0] > 0]
            after = (changed[channel] - truth[0])[band[0] > 0]
            np.testing.assert_array_equal(np.sort(before), np.sort(after))
        # colours change places as one
        assert sorted(changed[:3].mean((1, 2))) == pytest.approx(
            sorted(evidence[:3].mean((1, 2))), abs=1e-5
        )


def test_a_stage_learns_goes_on_and_ends_in_a_file_that_loads(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
    import models.training.__main__ as command
    from models.training import network, train

    stages = (
        command.Stage("noisy", range(0, 17), clean=False, steps=4, rate=1e-2),
        command.Stage("clean", range(17, 34), clean=True, steps=4, rate=1e-2),
    )
    monkeypatch.setattr(command, "SIDE", SIDE)
    monkeypatch.setattr(command, "VALIDATION", 2)
    digest = command.make(tmp_path, photos, tmp_path / "nano.onnx", stages)
    assert command.make(tmp_path, photos, tmp_path / "nano.onnx", stages) == digest
    stored = torch.load(tmp_path / "noisy" / "checkpoint.pt", weights_only=True)
    assert stored["done"] == 4
    further = train.train(tmp_path / "noisy", 30, rate=1e-2, log=5)
    curve = (tmp_path / "noisy" / "curve.jsonl").read_text().splitlines()
    losses = [float(line.split('"loss": ')[1].split(",")[0]) for line in curve]
    assert losses[-1] < losses[0]

    shipped = network.Nano().eval()
    shipped.load_state_dict(
        torch.load(tmp_path / "clean" / "checkpoint.pt", weights_only=True)["average"]
    )
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (48, 56, 3), np.uint8)
    trimap = np.full((48, 56), UNKNOWN, np.uint8)
    trimap[:, :12], trimap[:, -12:] = BACKGROUND, FOREGROUND
    nano = Nano((tmp_path / "nano.onnx").read_bytes())
    alpha = nano.alpha(rgb, trimap)
    assert ((alpha >= 0) & (alpha <= 1)).all()
    evidence = gather(rgb, trimap)[None]
    with torch.no_grad():
        expected = shipped(torch.from_numpy(evidence))[0].numpy()
    import onnxruntime

    run = onnxruntime.InferenceSession((tmp_path / "nano.onnx").read_bytes())
    (found, _) = run.run(None, {"evidence": evidence})
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert sum(weight.numel() for weight in further.parameters()) == 285_705
