"""SAM 3 of a tiny random configuration, served on the loopback behind a gate, as the hub does."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tiny
from loopback import Loopback

from pickmatte import models
from pickmatte.models.errors import WeightsError
from pickmatte.models.grounders.detectors import sam3
from pickmatte.models.grounders.open_vocabulary import OpenVocabulary
from pickmatte.models.protocols import upscale
from pickmatte.models.weights import catalogue

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
transformers = pytest.importorskip("transformers", reason="needs pip install 'pickmatte[torch]'")

RULE = catalogue.find("sam3").input
assert RULE is not None
SMALL = replace(RULE, side=112)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the hub's repository: of the video model, with the tracker that is left out."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("sam3")
    tokens = tiny.clip(folder)
    words = transformers.CLIPTokenizer.from_pretrained(folder)
    words.backend_tokenizer.save(str(folder / "tokenizer.json"))
    for name in ("vocab.json", "merges.txt", "special_tokens_map.json"):
        (folder / name).unlink()
    small = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 32}
    eye = {
        "backbone_config": {
            **small, "model_type": "sam3_vit_model", "num_hidden_layers": 2, "image_size": 112,
            "window_size": 4, "global_attn_indexes": [1], "pretrain_image_size": 56,
        },
        "fpn_hidden_size": 32,
        "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
    }  # fmt: skip
    detector = {
        "model_type": "sam3",
        "vision_config": eye,
        "text_config": {
            **small, "model_type": "clip_text_model", "num_hidden_layers": 1, "projection_dim": 16,
            "max_position_embeddings": 32, "vocab_size": tokens, "bos_token_id": tokens - 2,
            "eos_token_id": tokens - 1,
        },
        "geometry_encoder_config": {**small, "num_layers": 1},
        "detr_encoder_config": {**small, "num_layers": 1},
        "detr_decoder_config": {**small, "num_layers": 1, "num_queries": 12},
        "mask_decoder_config": {"hidden_size": 32, "num_attention_heads": 2},
    }  # fmt: skip
    tracker = {
        "model_type": "sam3_tracker_video", "vision_config": eye, "image_size": 112,
        "prompt_encoder_config": {"hidden_size": 32, "image_size": 112},
        "mask_decoder_config": {"hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 2,
                                "iou_head_hidden_dim": 16},
        "memory_attention_hidden_size": 32, "memory_attention_num_layers": 1,
        "memory_attention_feed_forward_hidden_size": 32, "memory_encoder_hidden_size": 32,
        "memory_attention_rope_feat_sizes": [8, 8], "memory_encoder_output_channels": 16,
        "mask_downsampler_embed_dim": 32, "memory_fuser_embed_dim": 32,
        "memory_fuser_intermediate_dim": 32,
    }  # fmt: skip
    config = transformers.Sam3VideoConfig(detector_config=detector, tracker_config=tracker)
    transformers.Sam3VideoModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def gated(saved: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A hub that gives the files to those who show the right token."""
    tiny.serve("sam3", saved, loopback, monkeypatch, input=SMALL)
    loopback.token = "hf_right"
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    yield loopback
    models.unload()


@pytest.fixture
def detector(gated: Loopback) -> sam3.Sam3:
    """What `load_grounder` makes of it."""
    loaded = models.load_grounder("sam3")
    assert isinstance(loaded, OpenVocabulary)
    assert isinstance(loaded.detector, sam3.Sam3)
    return loaded.detector


def library(name: str) -> Callable[..., Any]:
    """A method of the library's `Sam3ImageProcessor`, which cannot be imported: no torchvision."""
    spec = importlib.util.find_spec("transformers.models.sam3.image_processing_sam3")
    assert spec is not None
    assert spec.origin is not None
    kept = [
        node
        for node in ast.walk(ast.parse(Path(spec.origin).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name in (name, "_scale_boxes")
    ]
    scope: dict[str, Any] = {"torch": torch}
    exec(compile(ast.Module(kept, []), spec.origin, "exec"), scope)
    method: Callable[..., Any] = scope[name]
    return method


@pytest.mark.parametrize("size", [(300, 200), (90, 777), (1400, 1300)])
def test_pictures_are_laid_out_as_by_the_library(size: tuple[int, int]) -> None:
    rgb = tiny.picture(*size)
    # What torchvision does to 8-bit pictures, and then what the library does.
    pixels = torch.from_numpy(rgb).permute(2, 0, 1)[None]
    square = torch.nn.functional.interpolate(pixels, (1008, 1008), mode="bilinear", antialias=True)
    expected = (square.float() / 255 - 0.5) / 0.5
    apart = np.abs(sam3.pack(rgb, RULE) - expected.numpy())
    assert apart.max() < 1.01 / 127.5, "one level of 255 at most"
    assert apart.mean() < 0.2 / 127.5


def test_agrees_with_the_library(detector: sam3.Sam3, saved: Path) -> None:
    rgb, size = tiny.picture(90, 140), (90, 140)
    network = transformers.Sam3Model.from_pretrained(saved).eval()
    words = transformers.CLIPTokenizer.from_pretrained(saved)
    for text, answer in zip(
        ["dog", "red coat"], detector.detect(rgb, ["dog", "red coat"]), strict=True
    ):
        # As in Sam3Processor.__call__.
        inputs = words(text, return_tensors="pt", padding="max_length", max_length=32)
        with torch.no_grad():
            outputs = network(pixel_values=torch.from_numpy(sam3.pack(rgb, SMALL)), **inputs)
        found = library("post_process_instance_segmentation")(
            None, outputs, threshold=0.05, target_sizes=[size]
        )[0]
        assert len(answer.scores) == len(found["scores"]) > 0
        np.testing.assert_allclose(answer.scores, found["scores"].numpy(), atol=1e-5)
        within = found["boxes"].numpy().clip(0, [size[1], size[0], size[1], size[0]])
        np.testing.assert_allclose(answer.corners, within, atol=1e-3)


def test_masks_agree_with_the_library() -> None:
    size = (350, 500)
    rng = np.random.default_rng(3)
    logits = torch.nn.functional.interpolate(
        torch.from_numpy(rng.normal(0, 4, (1, 5, 9, 9)).astype(np.float32)), (288, 288),
        mode="bicubic",
    )  # fmt: skip
    outputs = SimpleNamespace(
        pred_logits=torch.full((1, 5), 9.0), presence_logits=torch.full((1, 1), 9.0),
        pred_boxes=torch.rand(1, 5, 4), pred_masks=logits,
    )  # fmt: skip
    found = library("post_process_instance_segmentation")(None, outputs, target_sizes=[size])[0]
    for expected, mask in zip(found["masks"].numpy() > 0, logits[0].numpy(), strict=True):
        ours = upscale(mask, size, "stretch") > 0
        assert (ours & expected).sum() / (ours | expected).sum() > 0.99


def test_the_tracker_is_left_out(detector: sam3.Sam3, saved: Path) -> None:
    whole = transformers.Sam3VideoModel.from_pretrained(saved).detector_model.state_dict()
    ours = detector._network.state_dict()
    assert set(ours) == set(whole)
    assert all(torch.equal(ours[name], whole[name]) for name in whole)


def test_searches(gated: Loopback) -> None:
    findings = models.load_grounder("sam3").search(tiny.picture(90, 140), "dog")
    assert findings.hits or findings.note


@pytest.mark.parametrize(("token", "status"), [("", 401), ("hf_wrong", 403)])
def test_the_gate_says_how_to_get_in(
    gated: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: str, status: int
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(WeightsError) as told:
        models.load_grounder("sam3")
    text = str(told.value)
    assert f"HTTP {status}" in text
    assert "Accept the licence on https://huggingface.co/facebook/sam3" in text
    assert "hf auth login" in text
    assert "HF_TOKEN" in text
