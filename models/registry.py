"""Role and family -> loader. A new model of a known family is one entry in the catalogue.

A new family is that and a loader: a function of the entry and a device, in a file of its own, told
to `register`. Loading imports only what the named model needs, and keeps it: the same name on the
same device gives the same object.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from .errors import UnknownModel
from .runtime import devices
from .runtime.forks import guard
from .weights import catalogue
from .weights.records import Model, Role

Loader: TypeAlias = Callable[[Model, str], Any]

# Of each family the module below `models` whose function `load` makes it.
_MODULES: dict[tuple[Role, str], str] = {
    ("segmenter", "onnx-sam"): "segmenters.onnx_sam",
    ("segmenter", "sam"): "segmenters.sam",
    ("segmenter", "sam-hq"): "segmenters.sam_hq",
    ("segmenter", "sam2"): "segmenters.sam2",
    ("segmenter", "edgetam"): "segmenters.sam2",
    ("segmenter", "sam3-tracker"): "segmenters.sam2",
    ("matting", "nano"): "matting.nano",
    ("matting", "closed-form"): "matting.closed_form",
    ("matting", "vitmatte"): "matting.vitmatte",
    ("salient", "onnx-salient"): "salient.onnx_salient",
    ("grounder", "starter"): "grounders.starter",
    ("grounder", "grounding-dino"): "grounders.detectors.grounding_dino",
    ("grounder", "owlv2"): "grounders.detectors.owlv2",
    ("grounder", "sam3"): "grounders.detectors.sam3",
}
_loaders: dict[tuple[Role, str], Loader] = {}  # those told to `register`
_loaded: dict[tuple[str, str], Any] = {}  # by name and device
_loading: dict[tuple[str, str], threading.RLock] = {}
_lock = threading.Lock()


def register(model: Model, loader: Loader | None = None) -> None:
    """Add a model to the catalogue; `loader` makes models of its family if that is a new one.

    Raises `UnknownModel` for a name that is taken, and for a family that nothing loads.
    """
    kind = model.role, model.family
    if loader is None and kind not in _loaders:
        _module_of(model)
    catalogue.add(model)
    if loader is not None:
        _loaders[kind] = loader


def load(role: Role, name: str, device: str = "auto") -> Any:
    """The model of that role and name, on a device of `devices.DEVICES`.

    `auto` is the CPU for small models; for others the device that `PICKMATTE_DEVICE` tells, or the
    best there is. Two threads that ask for the same model get the same one, loaded once. Raises
    `UnknownModel`, `WeightsError`, `MissingExtra`, `DeviceError` or `ForkError`.
    """
    guard()
    model = catalogue.find(name, role)
    asked = devices.known(device)
    if asked == "auto":
        asked = "cpu" if model.small else devices.wanted()
    key = name, asked
    with _lock:
        if key in _loaded:
            return _loaded[key]
        turn = _loading.setdefault(key, threading.RLock())
    with turn:
        with _lock:
            if key in _loaded:  # while this thread waited
                return _loaded[key]
        made = _loader(model)(model, asked)
        with _lock:
            _loaded[key] = made
        return made


def unload(name: str | None = None) -> None:
    """Forget a loaded model, or all: they are loaded anew when they are next asked for."""
    with _lock:
        for key in [key for key in _loaded if name in (None, key[0])]:
            del _loaded[key]


def _loader(model: Model) -> Loader:
    kind = model.role, model.family
    if kind in _loaders:
        return _loaders[kind]
    loader: Loader = import_module(f".{_module_of(model)}", __package__).load
    return loader


def _module_of(model: Model) -> str:
    kind = model.role, model.family
    if kind not in _MODULES:
        known = ", ".join(family for role, family in {**_MODULES, **_loaders} if role == model.role)
        raise UnknownModel(
            f"Nothing here loads {model.name}: there is no {model.role} of the family "
            f"{model.family!r}; there are: {known}."
        )
    return _MODULES[kind]
