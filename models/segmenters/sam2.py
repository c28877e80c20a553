"""SAM 2.1 and its kin through transformers: EdgeTAM, and SAM 3's tracker for points and boxes.

N. Ravi et al.: SAM 2: Segment Anything in Images and Videos, ICLR 2025. C. Zhou et al.: EdgeTAM,
CVPR 2025. N. Carion et al.: SAM 3: Segment Anything with Concepts, 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .four_masks import four_masks
from .torch_segmenter import Prompt, Tensor


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
