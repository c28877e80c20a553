"""What networks run on: the device that was asked for, else the best there is.

`PICKMATTE_DEVICE` asks for one, for every network that nobody asks a device for.
"""

from __future__ import annotations

import os
from collections.abc import Collection

from pickmatte.models.errors import DeviceError

DEVICES = ("auto", "cpu", "cuda", "tensorrt", "directml", "mps")
_VARIABLE = "PICKMATTE_DEVICE"
# ONNX Runtime's name for each. mps, an Apple GPU, is reached through CoreML.
PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "mps": "CoreMLExecutionProvider",
}
# TensorRT builds an engine for minutes before its first picture, and CoreML, which comes with every
# ONNX Runtime for macOS, computes some layers in half precision: both only where asked for.
_BEST_PROVIDERS = ("cuda", "directml", "cpu")
_BEST_TORCH = ("cuda", "mps", "cpu")


def known(device: str) -> str:
    """One of `DEVICES`, however it is written; raises `DeviceError`."""
    name = device.strip().lower()
    if name not in DEVICES:
        raise DeviceError(f"{device!r} is no device; there are: {', '.join(DEVICES)}.")
    return name


def wanted() -> str:
    """The device that `PICKMATTE_DEVICE` asks for, `auto` by default; raises `DeviceError`."""
    return known(os.environ.get(_VARIABLE) or "auto")


def for_onnx(device: str, present: Collection[str]) -> str:
    """The device for a graph, of ONNX Runtime's `present` providers; raises `DeviceError`."""
    here = [name for name, provider in PROVIDERS.items() if provider in present]
    advice = "onnxruntime-gpu brings cuda and tensorrt, onnxruntime-directml brings directml"
    return _choose(device, here, _BEST_PROVIDERS, "ONNX Runtime", advice)


def for_torch(device: str, here: Collection[str]) -> str:
    """The device for a PyTorch network, of those that are `here`; raises `DeviceError`."""
    advice = "the PyTorch for your GPU is found on https://pytorch.org"
    return _choose(device, here, _BEST_TORCH, "PyTorch", advice)


def _choose(
    device: str, here: Collection[str], best: tuple[str, ...], runtime: str, advice: str
) -> str:
    if device == "auto":
        return next(name for name in best if name in here)
    if device not in here:
        raise DeviceError(
            f"{runtime} cannot use {device} here, only {', '.join(here)}; ask for one of these or "
            f"for auto ({advice})."
        )
    return device
