"""ViTMatte of a tiny random configuration, saved as the hub keeps it and served on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from loopback import Loopback

from pickmatte import models
from pickmatte.interactive.mattes.solver import solve
from pickmatte.models.errors import MissingExtra, TrimapError
from pickmatte.models.matting import vitmatte
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Input

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
transformers = pytest.importorskip("transformers", reason="needs pip install 'pickmatte[torch]'")

RULE = catalogue.find("vitmatte-small").input
assert RULE is not None


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """config.json and model.safetensors of a network small enough for tests."""
    torch.manual_seed(0)
    backbone = transformers.VitDetConfig(
        num_channels=4, image_size=64, pretrain_image_size=32, patch_size=16, hidden_size=16,
        num_attention_heads=2, num_hidden_layers=2, use_relative_position_embeddings=True,
        window_size=2, window_block_indices=[0], residual_block_indices=[1],
        out_features=["stage2"],
    )  # fmt: skip
    config = transformers.VitMatteConfig(
        backbone_config=backbone, hidden_size=16, convstream_hidden_sizes=[4, 8, 8],
        fusion_hidden_sizes=[16, 8, 8, 4],
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("vitmatte")
    transformers.VitMatteForImageMatting(config).save_pretrained(folder)
    return folder


@pytest.fixture
def served(saved: Path, loopback: Loopback) -> Iterator[vitmatte.ViTMatte]:
    """What `load_matting` makes of it, fetched from the loopback's hub."""
    names = ("config.json", "model.safetensors")
    loopback.blobs = {name: (saved / name).read_bytes() for name in names}
    models.unload()
    matting = models.load_matting("vitmatte-small")
    assert isinstance(matting, vitmatte.ViTMatte)
    yield matting
    models.unload()


def picture(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(height * width)
    trimap = np.full((height, width), UNKNOWN, np.uint8)
    trimap[: height // 4], trimap[-height // 4 :] = BACKGROUND, FOREGROUND
    return rng.integers(0, 256, (height, width, 3), np.uint8), trimap


@pytest.mark.parametrize(("height", "width"), [(64, 96), (50, 77), (33, 31)])
def test_agrees_with_the_library(
    served: vitmatte.ViTMatte, saved: Path, height: int, width: int
) -> None:
    rgb, trimap = picture(height, width)
    processor = transformers.VitMatteImageProcessorPil(
        image_mean=[value / 255 for value in RULE.mean],
        image_std=[value / 255 for value in RULE.std],
    )
    inputs = processor(images=rgb, trimaps=trimap, return_tensors="pt")
    np.testing.assert_allclose(
        vitmatte.pack(rgb, trimap, RULE), inputs["pixel_values"].numpy(), atol=1e-5
    )
    network = transformers.VitMatteForImageMatting.from_pretrained(saved).eval()
    with torch.no_grad():
        expected = network(**inputs).alphas[0, 0, :height, :width].numpy()
    unknown = trimap == UNKNOWN
    alpha = served.alpha(rgb, trimap)
    np.testing.assert_allclose(alpha[unknown], expected[unknown], atol=1e-5)
    assert (alpha[~unknown] == (trimap[~unknown] == FOREGROUND)).all()


def test_normalisation_is_the_authors() -> None:
    rule = Input(32, (10.0, 20.0, 30.0), (2.0, 4.0, 5.0), "1CHW", "multiple")
    packed = vitmatte.pack(
        np.full((32, 32, 3), 40, np.uint8), np.full((32, 32), 255, np.uint8), rule
    )
    assert packed[0, :, 0, 0].tolist() == [15.0, 5.0, 2.0, 1.0]
    assert RULE.mean == (123.675, 116.28, 103.53), "ImageNet's, as the authors' code has it"


def test_large_pictures_go_through_in_tiles(served: vitmatte.ViTMatte) -> None:
    sizes: list[tuple[int, int]] = []
    inner = served.alpha

    class Watched:
        name, rules = served.name, served.rules

        def alpha(self, rgb: np.ndarray, trimap: np.ndarray) -> np.ndarray:
            sizes.append(trimap.shape)
            return inner(rgb, trimap)

    rgb = np.random.default_rng(1).integers(0, 256, (1500, 1700, 3), np.uint8)
    trimap = np.zeros((1500, 1700), np.uint8)
    trimap[:, 850:] = FOREGROUND
    trimap[:, 840:860] = UNKNOWN
    alpha = solve(Watched(), rgb, trimap)
    assert len(sizes) > 1
    assert max(max(size) for size in sizes) <= served.rules.longest
    assert alpha[trimap == UNKNOWN].max() > 0


def test_unknown_everywhere_is_refused(served: vitmatte.ViTMatte) -> None:
    with pytest.raises(TrimapError):
        served.alpha(np.zeros((40, 40, 3), np.uint8), np.full((40, 40), UNKNOWN, np.uint8))


def test_missing_packages_name_the_command(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r"pip install 'pickmatte\[torch\]'"):
        vitmatte.ViTMatte("vitmatte-small", saved, RULE, vitmatte.rules(False))
