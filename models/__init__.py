"""The networks. Each stands behind one protocol (`models.protocols`); none knows a session.

Loading imports only what the named model needs, and keeps it: the same name gives the same object,
also where it is the default and not written out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from . import weights
from .runtime import devices
from .weights import catalogue
from .weights.catalogue import Input, Model

if TYPE_CHECKING:
    from .grounders.categories import CategoryClassifier
    from .grounders.detectors.coco_detector import Detector
    from .grounders.detectors.imagenet_classifier import Classifier
    from .matting.nano import Nano
    from .protocols import Grounder, Matting, Salient, Segmenter
    from .weights.records import Grid

_GLANCE = 224  # pixels of a side that are enough to tell which candidate stands out


def load_segmenter(name: str = "mobile-sam", device: str = "auto") -> Segmenter:
    """A promptable segmenter by name, on a device of `devices.DEVICES`.

    `auto` is the one that `PICKMATTE_DEVICE` tells, or the best there is. Raises `UnknownModel`,
    `WeightsError`, `MissingExtra` or `DeviceError`.
    """
    return _segmenter(name, devices.wanted() if device == "auto" else devices.known(device))


@cache
def _segmenter(name: str, device: str) -> Segmenter:
    model = catalogue.find(name, "segmenter")
    from .segmenters.loading import load

    return load(model, device)


def segmenter_grid(name: str) -> Grid:
    """The grid of a segmenter's logits, without loading it; raises `UnknownModel`."""
    grid = catalogue.find(name, "segmenter").grid
    assert grid is not None, f"{name}: say in the catalogue what its logits are"
    return grid


def load_matting(name: str = "nano") -> Matting:
    """A matting model by name, or the `auto` one; raises `UnknownModel`, or `WeightsError`."""
    return _matting(choose_matting(name))


def choose_matting(name: str) -> str:
    """The name itself, or for `auto` that of the best matting model that is present.

    Present means that its files are here and its packages are installed. Raises `UnknownModel`.
    """
    if name == "auto":
        return next(best for best in catalogue.BEST_MATTING if weights.present(best))
    return catalogue.find(name, "matting").name


@cache
def _matting(name: str) -> Matting:
    model = catalogue.find(name, "matting")
    if name == "closed-form":
        from .matting.closed_form import ClosedForm

        return ClosedForm()
    if model.extra == "torch":
        from .matting import vitmatte

        found = weights.files(model)
        rules = vitmatte.rules("base" in name)
        return vitmatte.ViTMatte(name, found["config.json"].parent, _input(model), rules)
    return load_nano()


@cache
def load_nano() -> Nano:
    """The matting network that ships with the project: quick previews, whichever solves after."""
    from .matting.nano import Nano

    return Nano(weights.files(catalogue.find("nano", "matting"))["nano.onnx"].read_bytes())


def load_salient(name: str = "u2netp") -> Salient:
    """A salient-object network by name; raises `UnknownModel`, or `WeightsError`."""
    return _salient(name)


@cache
def _salient(name: str) -> Salient:
    model = catalogue.find(name, "salient")
    from .salient.onnx_salient import OnnxSalient

    assert model.output is not None, f"{name}: say in the catalogue what it gives"
    return OnnxSalient(name, weights.files(model)[f"{name}.onnx"], _input(model), model.output)


@cache
def load_fast_saliency() -> Salient:
    """u2netp shown half as many pixels: what stands out, for the choice among candidates.

    Candidates are no finer, it takes half of the time, and `bench/clicks.py` tells no
    difference. Raises `WeightsError`.
    """
    model = catalogue.find("u2netp", "salient")
    from .salient.onnx_salient import OnnxSalient, any_side

    assert model.output is not None
    graph = any_side(weights.files(model)["u2netp.onnx"])
    return OnnxSalient(model.name, graph, replace(_input(model), side=_GLANCE), model.output)


def load_grounder(name: str = "auto") -> Grounder:
    """A grounder by name, or the `auto` one.

    Raises `UnknownModel`, `WeightsError`, or `MissingExtra`.
    """
    return _grounder(choose_grounder(name))


def choose_grounder(name: str) -> str:
    """The name itself, or for `auto` that of the best grounder that is present, else the starter.

    Present means that its files are here and its packages are installed. Raises `UnknownModel`.
    """
    if name == "auto":
        present = (best for best in catalogue.BEST_GROUNDERS if weights.present(best))
        return next(present, catalogue.BEST_GROUNDERS[-1])
    return catalogue.find(name, "grounder").name


@cache
def _grounder(name: str) -> Grounder:
    model = catalogue.find(name, "grounder")
    if model.extra == "torch":
        from .grounders.loading import load

        return load(model)
    from .grounders.starter import Starter

    return Starter(*_starter(), load_segmenter)


@cache
def load_categories() -> CategoryClassifier:
    """What tells person, animal and product, from the starter set; raises as `load_grounder`."""
    from .grounders.categories import CategoryClassifier

    return CategoryClassifier(*_starter())


@cache
def _starter() -> tuple[Detector, Classifier]:
    from .grounders.detectors.coco_detector import Detector
    from .grounders.detectors.imagenet_classifier import Classifier

    found = weights.files("starter")
    detector = Detector(
        found["frozen_inference_graph.pb"], found["ssd_mobilenet_v2_coco_2018_03_29.pbtxt"]
    )
    classifier = Classifier(found["efficientnet_lite3.tflite"], found["efficientnet_labels.txt"])
    return detector, classifier


def _input(model: Model) -> Input:
    assert model.input is not None, f"{model.name} takes pictures; say in the catalogue how"
    return model.input
