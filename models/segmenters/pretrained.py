"""SAM-like models of transformers, from the files of a hub's repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pickmatte.models import weights
from pickmatte.models.errors import WeightsError
from pickmatte.models.runtime.pytorch import import_torch, without_bars
from pickmatte.models.weights.records import Model


def pretrained(model: Model, kind: str, device: str) -> tuple[Any, str]:
    """The network of an entry as transformers' class `kind`, and the device it is on.

    Its files are fetched if need be. Raises `MissingExtra` or `DeviceError` before that, or
    `WeightsError`.
    """
    _, transformers, on = import_torch(model.name, device)
    folder = weights.files(model)["config.json"].parent
    return _read(transformers, kind, folder).eval().float().to(on), on


def _read(transformers: Any, kind: str, folder: Path) -> Any:
    """The part of a hub's repository that this class is, every weight of it from there.

    Most are repositories of models for video, which hold all that their models for pictures need.
    The library warns of that, and no more than warns where something is missing.
    """
    talk = transformers.utils.logging
    before = talk.get_verbosity()
    talk.set_verbosity_error()
    try:
        with without_bars(transformers):
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
