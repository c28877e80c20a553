"""The trained decoder as an ONNX file, its numbers kept as float16."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from .network import Decoder
from .prompts import SIDE

_INPUTS = (
    "image_embeddings",
    "point_coords",
    "point_labels",
    "mask_input",
    "has_mask_input",
)
_LEAST = 256  # numbers of a constant from which half precision saves something


def export(decoder: Decoder, path: Path) -> None:
    """Write it with the inputs of SAM's own export, and all four masks with scores as outputs."""
    decoder = decoder.float().eval()
    example = (
        torch.zeros(1, 256, 64, 64),
        torch.zeros(1, 2, 2),
        torch.zeros(1, 2),
        torch.zeros(1, 1, SIDE, SIDE),
        torch.zeros(1),
    )
    written = io.BytesIO()
    torch.onnx.export(
        decoder,
        example,
        written,
        input_names=list(_INPUTS),
        output_names=["low_res_masks", "iou_predictions"],
        dynamic_axes={"point_coords": {1: "points"}, "point_labels": {1: "points"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load_model_from_string(written.getvalue())
    halve(model)
    path.write_bytes(model.SerializeToString())


def halve(model: onnx.ModelProto) -> None:
    """Keep large constants as float16 and cast them to float32 where they are used."""
    graph = model.graph
    casts = []
    for constant in graph.initializer:
        numbers = numpy_helper.to_array(constant)
        if numbers.dtype != np.float32 or numbers.size < _LEAST:
            continue
        name = constant.name
        constant.CopyFrom(numpy_helper.from_array(numbers.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=onnx.TensorProto.FLOAT))
    for place, cast in enumerate(casts):
        graph.node.insert(place, cast)
