"""SAM's decoder with its real numbers: segment-anything's code and the starter's graph agree.

The graph of `mobile-sam` holds SAM's own prompt encoder and mask decoder, which training reads.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from skimage import data

from pickmatte.models import weights
from pickmatte.models.protocols import Embedding, Segmenter
from pickmatte.models.segmenters.sam import Sam
from pickmatte.models.segmenters.torch_segmenter import TorchSegmenter
from pickmatte.models.weights import catalogue

pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
pytest.importorskip("segment_anything", reason="needs pip install 'pickmatte[torch]'")

from pickmatte.models.training.decoder import network


@pytest.fixture(scope="module")
def by_torch() -> TorchSegmenter:
    """segment-anything's modules at their real size, with those numbers."""
    prompts, decoder = network.modules(
        network.numbers_of(weights.files("mobile-sam")["decoder.onnx"])
    )
    sam = Sam(SimpleNamespace(prompt_encoder=prompts.eval(), mask_decoder=decoder.eval()))
    return TorchSegmenter(catalogue.find("sam-vit-b"), sam, "cpu")


PHOTOS = {"coffee": (250, 200), "astronaut": (230, 150)}


@pytest.fixture(scope="module", params=PHOTOS)
def seen(request: pytest.FixtureRequest, segmenter: Segmenter) -> tuple[Embedding, tuple[int, int]]:
    """A photo as the starter's encoder sees it, and a point on its subject."""
    return segmenter.encode(getattr(data, request.param)()), PHOTOS[request.param]


def test_both_give_the_same_masks(
    seen: tuple[Embedding, tuple[int, int]], segmenter: Segmenter, by_torch: TorchSegmenter
) -> None:
    embedding, (x, y) = seen
    height, width = embedding.size
    box = (0.1 * width, 0.1 * height, 0.8 * width, 0.9 * height)
    first = segmenter.decode(embedding, [(x, y)], [1])
    prompts: list[dict[str, Any]] = [
        {"points": [(x, y)], "labels": [1]},
        {"points": [(x, y), (5, 5), (width - 5, 9)], "labels": [1, 0, 0]},
        {"box": box},
        {"box": box, "points": [(x, y), (3, height - 3)], "labels": [1, 0]},
        {"points": [(x, y), (x + 20, y + 5)], "labels": [1, 1], "mask": first.logits[2]},
        {"box": box, "mask": first.logits[3]},
    ]
    for prompt in prompts:
        graph, network = (it.decode(embedding, **prompt) for it in (segmenter, by_torch))
        assert np.abs(graph.logits).max() > 5, "real masks"
        assert np.abs(graph.logits - network.logits).max() < 1e-3
        assert np.abs(graph.scores - network.scores).max() < 1e-4
        assert (graph.masks != network.masks).mean() < 1e-5
