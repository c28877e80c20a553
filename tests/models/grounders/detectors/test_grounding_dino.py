"""Grounding DINO, old and new, of a tiny random configuration, served on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny
from loopback import Loopback

from pickmatte import models
from pickmatte.models.grounders.detectors.grounding_dino import GroundingDino
from pickmatte.models.grounders.open_vocabulary import OpenVocabulary

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
transformers = pytest.importorskip("transformers", reason="needs pip install 'pickmatte[torch]'")

KINDS = {"grounding-dino-tiny": "GroundingDino", "mm-grounding-dino": "MMGroundingDino"}


@pytest.fixture(scope="module", params=KINDS)
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the hub's repository; the folder is named as the model."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("hub") / request.param
    folder.mkdir()
    tokens = tiny.bert(folder)
    tiny.preprocessor(
        folder, "GroundingDinoImageProcessor", size={"longest_edge": 160, "shortest_edge": 96}
    )
    backbone = transformers.SwinConfig(
        embed_dim=8, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=4, image_size=64,
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    words = transformers.BertConfig(
        vocab_size=tokens, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32,
    )  # fmt: skip
    config = getattr(transformers, f"{KINDS[request.param]}Config")(
        backbone_config=backbone, text_config=words, num_queries=30, encoder_layers=1,
        decoder_layers=2, d_model=32, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=32, decoder_ffn_dim=32, encoder_n_points=2, decoder_n_points=2,
    )  # fmt: skip
    network = getattr(transformers, f"{KINDS[request.param]}ForObjectDetection")(config)
    network.save_pretrained(folder)
    return folder


@pytest.fixture
def grounder(
    saved: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenVocabulary]:
    """What `load_grounder` makes of it, fetched from the loopback's hub."""
    tiny.serve(saved.name, saved, loopback, monkeypatch)
    assert models.choose_grounder("auto") == "starter"
    loaded = models.load_grounder(saved.name)
    assert isinstance(loaded, OpenVocabulary)
    yield loaded
    models.unload()


@pytest.mark.parametrize("size", [(97, 300), (60, 41)])
def test_agrees_with_the_library(
    grounder: OpenVocabulary, saved: Path, size: tuple[int, int]
) -> None:
    detector = grounder.detector
    assert isinstance(detector, GroundingDino)
    rgb, texts = tiny.picture(*size), ["dog", "the red coat"]
    processor = transformers.AutoProcessor.from_pretrained(saved, backend="pil")
    inputs = processor(images=rgb, text=[texts], return_tensors="pt")
    tokens, spans = detector.caption(texts)
    assert tokens == inputs["input_ids"][0].tolist()
    network = transformers.AutoModelForZeroShotObjectDetection.from_pretrained(saved).eval()
    with torch.no_grad():
        outputs = network(**inputs)
    answers = detector.detect(rgb, texts)
    logits = outputs.logits.clone()
    for (start, stop), answer in zip(spans, answers, strict=True):
        outputs.logits = torch.full_like(logits, -torch.inf)
        outputs.logits[..., start:stop] = logits[..., start:stop]
        found = processor.post_process_grounded_object_detection(
            outputs, threshold=-1, target_sizes=[size]
        )[0]
        np.testing.assert_allclose(answer.scores, found["scores"].numpy(), atol=1e-5)
        within = found["boxes"].numpy().clip(0, [size[1], size[0], size[1], size[0]])
        np.testing.assert_allclose(answer.corners, within, atol=1e-3 * max(size))


@pytest.mark.parametrize("size", [(2, 5000), (700, 1), (1, 1)])
def test_thin_pictures(saved: Path, size: tuple[int, int]) -> None:
    detector = GroundingDino(saved.name, saved, 0.3)
    (answer,) = detector.detect(np.full((*size, 3), 99, np.uint8), ["dog"])
    assert (answer.corners[:, 2:] <= (size[1], size[0])).all()
    assert (answer.corners >= 0).all()


def test_long_phrases_are_cut(grounder: OpenVocabulary) -> None:
    detector = grounder.detector
    assert isinstance(detector, GroundingDino)
    tokens, spans = detector.caption(["dog " * 300, "cat"])
    assert len(tokens) < 256
    assert [stop - start for start, stop in spans] == [48, 1]
    assert len(detector.detect(tiny.picture(64, 64), ["dog " * 300, "cat"])) == 2


def test_auto_is_the_best_that_is_here(grounder: OpenVocabulary) -> None:
    assert models.choose_grounder("auto") == grounder.name
    assert models.load_grounder() is grounder


def test_searches(grounder: OpenVocabulary) -> None:
    findings = grounder.search(tiny.picture(90, 140), "the red dog on the left")
    assert findings.hits or findings.note
    assert all(0 <= hit.box[0] < hit.box[2] <= 140 for hit in findings.hits)
