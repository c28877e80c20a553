"""OWLv2 of a tiny random configuration, served on the loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny
from loopback import Loopback

from pickmatte import models
from pickmatte.models.grounders.detectors.owlv2 import Owlv2
from pickmatte.models.grounders.open_vocabulary import OpenVocabulary

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
transformers = pytest.importorskip("transformers", reason="needs pip install 'pickmatte[torch]'")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the hub's repository."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("owlv2")
    tokens = tiny.clip(folder)
    tiny.preprocessor(folder, "Owlv2ImageProcessor", size={"height": 64, "width": 64})
    small = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
    config = transformers.Owlv2Config(
        text_config={**small, "num_hidden_layers": 1, "vocab_size": tokens,
                     "bos_token_id": tokens - 2, "eos_token_id": tokens - 1},
        vision_config={**small, "num_hidden_layers": 1, "image_size": 64},
        projection_dim=16,
    )  # fmt: skip
    transformers.Owlv2ForObjectDetection(config).save_pretrained(folder)
    return folder


@pytest.fixture
def grounder(
    saved: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenVocabulary]:
    """What `load_grounder` makes of it, fetched from the loopback's hub."""
    tiny.serve("owlv2-base", saved, loopback, monkeypatch)
    loaded = models.load_grounder("owlv2-base")
    assert isinstance(loaded, OpenVocabulary)
    yield loaded
    models.unload()


def library(saved: Path, rgb: np.ndarray, text: str) -> dict[str, np.ndarray]:
    """Boxes and scores of the library's own processor and network."""
    processor = transformers.Owlv2Processor.from_pretrained(saved)
    network = transformers.Owlv2ForObjectDetection.from_pretrained(saved).eval()
    labels = [[f"a photo of a {text}"]]
    inputs = processor(images=rgb, text=labels, return_tensors="pt", truncation=True, max_length=16)
    with torch.no_grad():
        outputs = network(**inputs)
    found = processor.post_process_grounded_object_detection(
        outputs, threshold=-1, target_sizes=[rgb.shape[:2]], text_labels=labels
    )[0]
    height, width = rgb.shape[:2]
    within = found["boxes"].numpy().clip(0, [width, height, width, height])
    return {"scores": found["scores"].numpy(), "corners": within}


@pytest.mark.parametrize("size", [(120, 100), (50, 77), (64, 64)])
def test_agrees_with_the_library(
    grounder: OpenVocabulary, saved: Path, size: tuple[int, int]
) -> None:
    rgb, texts = tiny.picture(*size), ["dog", "red coat"]
    for text, answer in zip(texts, grounder.detector.detect(rgb, texts), strict=True):
        expected = library(saved, rgb, text)
        np.testing.assert_allclose(answer.scores, expected["scores"], atol=1e-5)
        np.testing.assert_allclose(answer.corners, expected["corners"], atol=1e-3)


def test_large_photos_are_shrunk_first(grounder: OpenVocabulary, saved: Path) -> None:
    rgb = tiny.picture(675, 900)
    processor = transformers.Owlv2ImageProcessorPil.from_pretrained(saved)
    whole = processor(images=rgb, return_tensors="np")["pixel_values"]
    detector = grounder.detector
    assert isinstance(detector, Owlv2)
    apart = np.abs(detector.pack(rgb) - whole)
    assert apart.mean() < 0.01
    assert apart[..., :47, :].max() < 0.1, "all but the picture's lower edge"


def test_phrases_longer_than_the_network_reads(grounder: OpenVocabulary) -> None:
    (answer,) = grounder.detector.detect(tiny.picture(64, 64), ["dog " * 40])
    assert np.isfinite(answer.scores).all()


def test_searches(grounder: OpenVocabulary) -> None:
    findings = grounder.search(tiny.picture(90, 140), "dog")
    assert findings.hits or findings.note
