"""The networks. Each stands behind one protocol (`models.protocols`); none knows a session.

Loading imports only what the named model needs, and keeps it: the same name gives the same object.
"""

from __future__ import annotations

from functools import cache

from . import catalog, weights
from .catalog import Input, Model
from .protocols import Matting, Salient, Segmenter


@cache
def load_segmenter(name: str = "mobile-sam") -> Segmenter:
    """A promptable segmenter by name; raises `UnknownModel`, or `WeightsError`."""
    model = catalog.find(name, "segmenter")
    from .segmenters.onnx_sam import OnnxSam

    files = weights.files(model)
    return OnnxSam(name, files["encoder.onnx"], files["decoder.onnx"], _input(model))


@cache
def load_matting(name: str = "closed-form") -> Matting:
    """A matting model by name; raises `UnknownModel`."""
    catalog.find(name, "matting")
    from .matting.closed_form import ClosedForm

    return ClosedForm()


@cache
def load_salient(name: str = "u2netp") -> Salient:
    """A salient-object network by name; raises `UnknownModel`, or `WeightsError`."""
    model = catalog.find(name, "salient")
    from .salient.u2net import U2Net

    return U2Net(name, weights.files(model)["u2netp.onnx"], _input(model))


def _input(model: Model) -> Input:
    assert model.input is not None, f"{model.name} takes pictures; say in the catalogue how"
    return model.input
