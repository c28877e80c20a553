"""SAM-family segmenters exported to ONNX: an image encoder and a prompt decoder (MobileSAM).

The published decoder graph picks one mask inside and resizes it to the picture. It is cut just
before that choice, so each decode gives all four masks with their scores at 256×256, and costs
the same whatever the picture's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pickmatte.models import weights
from pickmatte.models.inputs import prepare
from pickmatte.models.protocols import RGB, Candidates, Embedding, Logits
from pickmatte.models.runtime.lazy import Lazy
from pickmatte.models.runtime.onnx_runtime import Network
from pickmatte.models.weights.derived import derived
from pickmatte.models.weights.records import Grid, Input, Model

from .prompts import scale_prompts

# The tensors just before the exported graph's own choice of one mask (DESIGN, section 4).
_MASKS, _SCORES = "/Reshape_9_output_0", "/iou_prediction_head/layers.2/Gemm_output_0"
_DECODER_INPUTS = (
    "image_embeddings",
    "point_coords",
    "point_labels",
    "mask_input",
    "has_mask_input",
)
_BOX_CORNERS = (2, 3)
_PADDING = -1
_LOW_RES = 256


class OnnxSam:
    """A SAM encoder and decoder run by ONNX Runtime.

    On two cores `encode` costs about a second, `decode` some tens of milliseconds.
    """

    grid = Grid(_LOW_RES)

    def __init__(
        self,
        name: str,
        encoder: Path,
        decoder: Path,
        rules: Input,
        device: str = "auto",
    ) -> None:
        self.name = name
        self.rules = rules
        # Made when it is needed: what another decoder's encoder saw is often there already.
        self._encoder = Lazy(lambda: Network(encoder.read_bytes(), shrinks=True, device=device))
        cut = derived(decoder, "four-masks", _cut_decoder)
        self._decoder = Network(cut, shrinks=False, device=device)
        self.device = self._decoder.device

    def encode(self, rgb: RGB) -> Embedding:
        """Look at a picture once; uint8 H×W×3 RGB."""
        encoder = self._encoder.get()
        (features,) = encoder.run(encoder.outputs, {encoder.inputs[0]: prepare(rgb, self.rules)})
        return Embedding((features,), (rgb.shape[0], rgb.shape[1]))

    def decode(
        self,
        embedding: Embedding,
        points: NDArray[np.float32] | Sequence[Sequence[float]] = (),
        labels: NDArray[np.int_] | Sequence[int] = (),
        *,
        box: Sequence[float] | None = None,
        mask: Logits | None = None,
    ) -> Candidates:
        """Four masks with scores for points, a box or both; see `Segmenter.decode`.

        Layer 0 is the mask SAM trained for prompts that leave no doubt, 1 to 3 its part, object
        and group for a lone point. Raises `PromptError` for no prompt at all.
        """
        told = scale_prompts(points, labels, box, embedding.size, self.rules.side, self.grid.fit)
        if told.box is None:
            corners, corner_kinds = np.zeros((1, 2), np.float32), [_PADDING]
        else:
            corners, corner_kinds = told.box.reshape(2, 2), [*_BOX_CORNERS]
        feeds = {
            "image_embeddings": embedding.features[0],
            "point_coords": np.concatenate([told.points, corners])[None],
            "point_labels": np.concatenate([told.labels, corner_kinds]).astype(np.float32)[None],
            "mask_input": np.zeros((1, 1, _LOW_RES, _LOW_RES), np.float32)
            if mask is None
            else np.ascontiguousarray(mask, np.float32)[None, None],
            "has_mask_input": np.array([mask is not None], np.float32),
        }
        masks, scores = self._decoder.run(self._decoder.outputs, feeds)
        return Candidates(masks[0], scores[0], embedding.size, self.grid.fit)


def _cut_decoder(path: Path) -> bytes:
    """The decoder's graph up to its four masks and scores, without the picture's size."""
    import onnx  # needed once, not at every start

    model = onnx.load(str(path))
    # An export that makes no choice inside gives all four masks under the exporter's own names.
    chooses = any(node.op_type == "ArgMax" for node in model.graph.node)
    masks, scores = (_MASKS, _SCORES) if chooses else ("low_res_masks", "iou_predictions")
    shapes = {masks: (1, 4, _LOW_RES, _LOW_RES), scores: (1, 4)}
    model.graph.value_info.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    )
    cut = onnx.utils.Extractor(model).extract_model(list(_DECODER_INPUTS), list(shapes))
    return bytes(cut.SerializeToString())


def load(model: Model, device: str) -> OnnxSam:
    """The segmenter of an entry, its two files fetched if need be; raises `WeightsError`."""
    found = weights.files(model)
    encoder = found.pop("encoder.onnx")
    (decoder,) = found.values()
    return OnnxSam(model.name, encoder, decoder, model.takes, device)
