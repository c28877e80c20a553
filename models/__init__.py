"""The networks. Each stands behind one protocol (`models.protocols`); none knows a session.

Loading imports only what the named model needs, and keeps it: the same name gives the same object.
"""

from __future__ import annotations

from functools import cache, lru_cache

from .errors import UnknownModel
from .protocols import Matting, Salient, Segmenter


@cache
def load_segmenter(name: str = "mobile-sam") -> Segmenter:
    """A promptable segmenter by name; raises `UnknownModel`, or `WeightsError` without its files."""
    from .segmenters.onnx_sam import load

    return load(name)


@cache
def load_matting(name: str = "closed-form") -> Matting:
    """A matting model by name; raises `UnknownModel`."""
    if name != "closed-form":
        raise UnknownModel(f"There is no matting model {name!r}; there is 'closed-form'.")
    from .matting.closed_form import ClosedForm

    return ClosedForm()


@cache
def load_salient(name: str = "u2netp") -> Salient:
    """A salient-object network by name; raises `UnknownModel`, or `WeightsError`."""
    from .salient.u2net import load

    return load(name)
