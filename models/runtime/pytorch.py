"""PyTorch and transformers, where they are installed, and the device that networks run on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    here = ["cpu"]
    if torch.cuda.is_available():
        here.insert(0, "cuda")
    if torch.backends.mps.is_available():
        here.insert(0, "mps")
    asked = devices.wanted() if device == "auto" else device
    return torch, transformers, devices.for_torch(asked, here)


@contextmanager
def without_bars(transformers: Any) -> Iterator[None]:
    """Read files with no bar: what takes long is fetching them, and that has one.

    The library's switch is the whole process's; it is put back as it was.
    """
    talk = transformers.utils.logging
    shown = talk.is_progress_bar_enabled()
    talk.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            talk.enable_progress_bar()


def missing(name: str, packages: str) -> MissingExtra:
    """The error for a model whose packages are not installed."""
    return MissingExtra(f"{name} needs {packages}; install with: pip install 'pickmatte[torch]'.")
