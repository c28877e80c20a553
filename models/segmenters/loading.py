"""Segmenters by their names in the catalogue."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pickmatte.models import weights
from pickmatte.models.errors import WeightsError
from pickmatte.models.protocols import Segmenter
from pickmatte.models.runtime.pytorch import import_torch, missing
from pickmatte.models.weights.catalogue import Model

# The class of transformers that a model's files are for, by how its name begins.
_CLASSES = {
    "sam-hq": "SamHQModel",
    "sam2.1": "Sam2Model",
    "sam3": "Sam3TrackerModel",
    "edgetam": "EdgeTamModel",
}


def load(model: Model, device: str) -> Segmenter:
    """The segmenter of an entry on a device, its files fetched if need be.

    Raises `MissingExtra` or `DeviceError` before anything is fetched, or `WeightsError`.
    """
    assert model.input is not None, f"{model.name} takes pictures; say in the catalogue how"
    if not model.extra:
        from .onnx_sam import OnnxSam

        found = weights.files(model)
        onnx = found["encoder.onnx"], found["decoder.onnx"]
        return OnnxSam(model.name, *onnx, model.input, device)
    from .torch_segmenter import Network, TorchSegmenter

    assert model.grid is not None, f"{model.name}: say in the catalogue what its logits are"
    torch, transformers, on = import_torch(model.name, device)
    network: Network
    if model.name.startswith("sam-vit"):
        from . import sam

        sam.registry(model.name)
        (checkpoint,) = weights.files(model).values()
        network = sam.load(model.name, checkpoint, torch, on)
    else:
        if model.name == "edgetam" and find_spec("timm") is None:
            raise missing(model.name, "timm")
        name = next(kind for start, kind in _CLASSES.items() if model.name.startswith(start))
        folder = weights.files(model)["config.json"].parent
        loaded = _pretrained(transformers, name, folder).eval().float().to(on)
        if name == "SamHQModel":
            from .sam_hq import SamHq

            network = SamHq(loaded)
        else:
            from .sam2 import Sam2

            network = Sam2(loaded)
    return TorchSegmenter(model.name, network, model.input, model.grid, on)


def _pretrained(transformers: Any, kind: str, folder: Path) -> Any:
    """The part of a hub's repository that this class is, every weight of it from there.

    Most are repositories of models for video, which hold all that their models for pictures need.
    The library warns of that, and no more than warns where something is missing.
    """
    talk = transformers.utils.logging
    before = talk.get_verbosity()
    talk.set_verbosity_error()
    try:
        loaded, told = getattr(transformers, kind).from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    finally:
        talk.set_verbosity(before)
    missing_weights = sorted(told["missing_keys"] | told["mismatched_keys"])
    if missing_weights:
        raise WeightsError(
            f"The files in {folder} hold no {missing_weights[0]} that fits {kind}; delete them "
            "with `pickmatte models rm` and fetch them again."
        )
    return loaded
