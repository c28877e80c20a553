"""SAM by its makers' own package, segment-anything, and their own checkpoints.

A. Kirillov et al.: Segment Anything, ICCV 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pickmatte.models import weights
from pickmatte.models.runtime.pytorch import import_torch, missing
from pickmatte.models.weights.records import Model

from .torch_segmenter import Prompt, Tensor, TorchSegmenter


class Sam:
    """The encoder, prompt encoder and mask decoder of a `segment_anything.modeling.Sam`."""

    def __init__(self, sam: Any) -> None:
        self.sam = sam

    def encode(self, pixels: Tensor) -> list[Tensor]:
        """B×3×1024×1024 -> the image embedding, B×256×64×64."""
        return [self.sam.image_encoder(pixels)]

    def decode(self, features: Sequence[Tensor], prompt: Prompt) -> tuple[Tensor, Tensor]:
        """All four masks and scores; `MaskDecoder.forward` gives the first or the other three."""
        points = None if prompt.points is None else (prompt.points, prompt.labels)
        sparse, dense = self.sam.prompt_encoder(points=points, boxes=prompt.box, masks=prompt.mask)
        masks, scores = self.sam.mask_decoder.predict_masks(
            image_embeddings=features[0],
            image_pe=self.sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
        )
        return masks[0], scores[0]


def registry(name: str) -> Any:
    """segment-anything's builders by the sizes vit_b, vit_l, vit_h; raises `MissingExtra`."""
    try:
        from segment_anything import sam_model_registry
    except ImportError as error:
        raise missing(name, "segment-anything") from error
    return sam_model_registry


def load(model: Model, device: str) -> TorchSegmenter:
    """The segmenter of an entry, its checkpoint fetched if need be.

    The catalogue's names end in its size: b, l or h. Raises `MissingExtra` or `DeviceError` before
    anything is fetched, or `WeightsError`.
    """
    torch, _, on = import_torch(model.name, device)
    build = registry(model.name)[f"vit_{model.name[-1]}"]
    (checkpoint,) = weights.files(model).values()
    sam = build()  # without the checkpoint, which it would unpickle
    sam.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
    return TorchSegmenter(model, Sam(sam.eval().to(on)), on)
