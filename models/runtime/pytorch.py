"""PyTorch and transformers, where they are installed, and the device that networks run on."""

from __future__ import annotations

from typing import Any

from pickmatte.models.errors import MissingExtra

from . import devices


def import_torch(name: str, device: str = "auto") -> tuple[Any, Any, str]:
    """The modules torch and transformers, and the device to use: cuda, mps or cpu.

    It is `device`, or for `auto` the one that `devices.wanted` tells, or the best there is.
    Raises `MissingExtra`, saying that the model `name` needs them and how to install them, and
    `DeviceError` for a device that is not there.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise missing(name, "PyTorch and transformers") from error
    # Its bar comes too late: what takes long is fetching the files, and that has a bar.
    transformers.utils.logging.disable_progress_bar()
    here = ["cpu"]
    if torch.cuda.is_available():
        here.insert(0, "cuda")
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    asked = devices.wanted() if device == "auto" else device
    return torch, transformers, devices.for_torch(asked, here)


def missing(name: str, packages: str) -> MissingExtra:
    """The error for a model whose packages are not installed."""
    return MissingExtra(f"{name} needs {packages}; install with: pip install 'pickmatte[torch]'.")
