"""SAM's prompt encoder and mask decoder in PyTorch, with the starter's numbers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from segment_anything import modeling
from segment_anything.utils.onnx import SamOnnxModel
from torch import Tensor, nn

# Where the constants come from that the exporter folded, by the nodes that use them.
_NORMS = {
    "/mask_downscaling/mask_downscaling.1": "prompt_encoder.mask_downscaling.1",
    "/mask_downscaling/mask_downscaling.4": "prompt_encoder.mask_downscaling.4",
    "/output_upscaling/output_upscaling.1": "mask_decoder.output_upscaling.1",
}
_ENCODED = 1024  # pixels of the square that the encoder sees


def numbers_of(path: Path) -> dict[str, NDArray[np.float32]]:
    """The state of a `Sam` without its image encoder, out of an exported decoder's graph.

    The exporter kept their names, but folded normalisations, tokens and products with matrices
    into constants of its own.
    """
    graph = onnx.load(path).graph
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


def modules(numbers: dict[str, NDArray[np.float32]]) -> tuple[Any, Any]:
    """segment-anything's prompt encoder and mask decoder at their real size with those numbers."""
    prompts = modeling.PromptEncoder(256, (64, 64), (_ENCODED, _ENCODED), mask_in_chans=16)
    decoder = modeling.MaskDecoder(
        transformer_dim=256, transformer=modeling.TwoWayTransformer(2, 256, 8, 2048)
    )
    state = {name: torch.from_numpy(value.copy()) for name, value in numbers.items()}
    for module, start in ((prompts, "prompt_encoder."), (decoder, "mask_decoder.")):
        own = {name.removeprefix(start): it for name, it in state.items() if name.startswith(start)}
        module.load_state_dict(own)  # strict: every number, and no other
    return prompts, decoder


class Decoder(nn.Module):
    """Prompts on one embedding -> four masks and their scores each; what is exported, too.

    Points come with the labels of the exported graph: 1 keep, 0 drop, 2 and 3 a box's corners,
    -1 none.
    """

    def __init__(self, numbers: dict[str, NDArray[np.float32]]) -> None:
        super().__init__()
        self.prompts, self.decoder = modules(numbers)
        self.prompts.requires_grad_(False)
        sam: Any = SimpleNamespace(
            mask_decoder=self.decoder,
            prompt_encoder=self.prompts,
            image_encoder=SimpleNamespace(img_size=_ENCODED),
        )
        # Held in a tuple: its parameters are ours already.
        self._by_graph = (SamOnnxModel(sam, return_single_mask=False),)

    def forward(
        self,
        image_embeddings: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask_input: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """1×256×64×64, K×N×2, K×N, K×1×256×256, K -> K×4×256×256 and K×4."""
        (graph,) = self._by_graph
        has_mask = has_mask_input.reshape(-1, 1, 1, 1)
        masks, scores = self.decoder.predict_masks(
            image_embeddings=image_embeddings,
            image_pe=self.prompts.get_dense_pe(),
            sparse_prompt_embeddings=graph._embed_points(point_coords, point_labels),
            dense_prompt_embeddings=graph._embed_masks(mask_input, has_mask),
        )
        return masks, scores
