"""SAM 2.1 and its kin through transformers: EdgeTAM, and SAM 3's tracker for points and boxes.

N. Ravi et al.: SAM 2: Segment Anything in Images and Videos, ICLR 2025. C. Zhou et al.: EdgeTAM,
CVPR 2025. N. Carion et al.: SAM 3: Segment Anything with Concepts, 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from pickmatte.models.runtime.pytorch import missing
from pickmatte.models.weights.records import Model

from .four_masks import four_masks
from .pretrained import pretrained
from .torch_segmenter import Prompt, Tensor, TorchSegmenter

# The class of transformers that a family's files are for.
_CLASSES = {"sam2": "Sam2Model", "edgetam": "EdgeTamModel", "sam3-tracker": "Sam3TrackerModel"}


class Sam2:
    """A `transformers.Sam2Model`, `EdgeTamModel` or `Sam3TrackerModel`; they are called alike."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def encode(self, pixels: Tensor) -> list[Tensor]:
        """B×3×S×S -> feature maps at three sizes, the finest first."""
        return list(self.model.get_image_embeddings(pixels))

    def decode(self, features: Sequence[Tensor], prompt: Prompt) -> tuple[Tensor, Tensor]:
        """The single mask, or the best of the three where it is not stable, then the three."""
        return four_masks(self.model, prompt, image_embeddings=list(features))


def load(model: Model, device: str) -> TorchSegmenter:
    """The segmenter of an entry; see `pretrained` for what is raised."""
    if model.family == "edgetam" and find_spec("timm") is None:
        raise missing(model.name, "timm")
    network, on = pretrained(model, _CLASSES[model.family], device)
    return TorchSegmenter(model, Sam2(network), on)
