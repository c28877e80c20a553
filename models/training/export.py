"""The trained network as an ONNX file."""

from __future__ import annotations

import io
from pathlib import Path

import torch

from pickmatte.models.matting.evidence import CHANNELS

from .network import Nano


def export(network: Nano, path: Path) -> None:
    """Write it, batch norms folded in, for evidence of any height and width that 8 divides."""
    network = network.cpu().float().eval()
    example = torch.zeros(1, CHANNELS, 64, 96)
    written = io.BytesIO()
    torch.onnx.export(
        network,
        (example,),
        written,
        input_names=["evidence"],
        output_names=["alpha", "error"],
        dynamic_axes={name: {2: "height", 3: "width"} for name in ("evidence", "alpha", "error")},
        opset_version=17,
        dynamo=False,
    )
    path.write_bytes(written.getvalue())
