"""SAM's decoder with its real numbers: segment-anything's code and the starter's graph agree.

The graph of `mobile-sam` holds SAM's own prompt encoder and mask decoder. The exporter kept their
names, but folded normalisations, tokens and products with matrices into constants of its own.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from skimage import data

from pickmatte.models import weights
from pickmatte.models.protocols import Embedding, Segmenter
from pickmatte.models.segmenters.sam import Sam
from pickmatte.models.segmenters.torch_segmenter import TorchSegmenter
from pickmatte.models.weights import catalogue

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
modeling = pytest.importorskip(
    "segment_anything.modeling", reason="needs pip install 'pickmatte[torch]'"
)

# Where the folded constants come from, by the nodes that use them.
_NORMS = {
    "/mask_downscaling/mask_downscaling.1": "prompt_encoder.mask_downscaling.1",
    "/mask_downscaling/mask_downscaling.4": "prompt_encoder.mask_downscaling.4",
    "/output_upscaling/output_upscaling.1": "mask_decoder.output_upscaling.1",
}


def numbers() -> dict[str, NDArray[np.float32]]:
    """The state of a `Sam` without its image encoder, out of the starter's graph."""
    graph = onnx.load(weights.files("mobile-sam")["decoder.onnx"]).graph
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    state = {
        name.removeprefix("model."): value
        for name, value in constants.items()
        if not name.startswith("onnx::")
    }
    for node in graph.node:
        for name in set(node.input) & set(constants):
            value = constants[name]
            place, _, kind = node.name.rpartition("/")
            if not name.startswith("onnx::"):
                continue
            if node.op_type == "MatMul":  # x @ w here, x @ w.T in PyTorch
                state["mask_decoder" + place.replace("/", ".") + ".weight"] = value.T
            elif place in _NORMS:
                part = "weight" if kind.startswith("Mul") else "bias"
                state[f"{_NORMS[place]}.{part}"] = value.ravel()
            elif value.shape == (1, 256, 1, 1):
                state["prompt_encoder.no_mask_embed.weight"] = value.reshape(1, 256)
            elif value.shape == (1, 5, 256):
                state["mask_decoder.iou_token.weight"] = value[0, :1]
                state["mask_decoder.mask_tokens.weight"] = value[0, 1:]
    return state


@pytest.fixture(scope="module")
def by_torch() -> TorchSegmenter:
    """segment-anything's modules at their real size, with those numbers."""
    prompts = modeling.PromptEncoder(256, (64, 64), (1024, 1024), mask_in_chans=16)
    decoder = modeling.MaskDecoder(
        transformer_dim=256, transformer=modeling.TwoWayTransformer(2, 256, 8, 2048)
    )
    state = {name: torch.from_numpy(value.copy()) for name, value in numbers().items()}
    for module, start in ((prompts, "prompt_encoder."), (decoder, "mask_decoder.")):
        own = {name.removeprefix(start): it for name, it in state.items() if name.startswith(start)}
        module.load_state_dict(own)  # strict: every number, and no other
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
