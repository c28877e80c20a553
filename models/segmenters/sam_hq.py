"""SAM-HQ through transformers: SAM with a token that redraws edges from early features.

L. Ke et al.: Segment Anything in High Quality, NeurIPS 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pickmatte.models.weights.records import Model

from .four_masks import four_masks
from .pretrained import pretrained
from .torch_segmenter import Prompt, Tensor, TorchSegmenter


class SamHq:
    """A `transformers.SamHQModel`."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def encode(self, pixels: Tensor) -> list[Tensor]:
        """B×3×1024×1024 -> the image embedding and the first global layer's, which is all of the
        intermediate ones that the decoder reads.
        """
        embedding, intermediate = self.model.get_image_embeddings(pixels)
        return [embedding, intermediate[0]]

    def decode(self, features: Sequence[Tensor], prompt: Prompt) -> tuple[Tensor, Tensor]:
        """The single mask, then the three for a lone point, which the library sorts by score."""
        return four_masks(
            self.model, prompt, image_embeddings=features[0], intermediate_embeddings=[features[1]]
        )


def load(model: Model, device: str) -> TorchSegmenter:
    """The segmenter of an entry; see `pretrained` for what is raised."""
    network, on = pretrained(model, "SamHQModel", device)
    return TorchSegmenter(model, SamHq(network), on)
