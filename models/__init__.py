"""The networks. Each stands behind one protocol (`models.protocols`); none knows a session.

Every loader takes a device of `runtime.devices.DEVICES` and gives the same object for the same name
and device; see `registry.load` for what `auto` means and what is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from . import registry, weights
from .registry import register, unload
from .weights import catalogue

if TYPE_CHECKING:
    from .grounders.categories import CategoryClassifier
    from .matting.nano import Nano
    from .protocols import Grounder, Matting, Salient, Segmenter
    from .weights.records import Grid, Role

__all__ = [
    "DEFAULT_SEGMENTER",
    "PHRASE_SEGMENTER",
    "choose_grounder",
    "choose_matting",
    "load_categories",
    "load_fast_saliency",
    "load_grounder",
    "load_matting",
    "load_nano",
    "load_salient",
    "load_segmenter",
    "place",
    "register",
    "segmenter_grid",
    "unload",
    "weights",
]


DEFAULT_SEGMENTER = "mobile-sam-whole"
# Of the same encoder, for what a phrase found: on photos to fit on neither decoder gives more right
# masks for detected boxes, and the cues that rank them were made with this one's.
PHRASE_SEGMENTER = "mobile-sam"


def load_segmenter(name: str = DEFAULT_SEGMENTER, device: str = "auto") -> Segmenter:
    """A promptable segmenter by name."""
    return cast("Segmenter", registry.load("segmenter", name, device))


def segmenter_grid(name: str) -> Grid:
    """The grid of a segmenter's logits, without loading it; raises `UnknownModel`."""
    grid = catalogue.find(name, "segmenter").grid
    assert grid is not None, f"{name}: say in the catalogue what its logits are"
    return grid


def load_matting(name: str = "nano", device: str = "auto") -> Matting:
    """A matting model by name, or the `auto` one."""
    return cast("Matting", registry.load("matting", choose_matting(name), device))


def load_nano() -> Nano:
    """The matting network that ships with the project, on the CPU, for quick looks."""
    return cast("Nano", registry.load("matting", "nano", "cpu"))


def choose_matting(name: str) -> str:
    """The name itself, or for `auto` that of the best matting model that is present.

    Present means that its files are here and its packages are installed. Raises `UnknownModel`.
    """
    if name == "auto":
        return next(best for best in catalogue.BEST_MATTING if weights.present(best))
    return catalogue.find(name, "matting").name


def load_salient(name: str = "u2netp", device: str = "auto") -> Salient:
    """A salient-object network by name."""
    return cast("Salient", registry.load("salient", name, device))


def load_fast_saliency() -> Salient:
    """u2netp shown half as many pixels: what stands out, for the choice among candidates.

    Candidates are no finer, it takes half of the time, and `bench/clicks.py` tells no
    difference. It runs on the CPU. Raises `WeightsError`.
    """
    from .salient.onnx_salient import load_fast

    return load_fast()


def load_grounder(name: str = "auto", device: str = "auto") -> Grounder:
    """A grounder by name, or the `auto` one."""
    return cast("Grounder", registry.load("grounder", choose_grounder(name), device))


def choose_grounder(name: str) -> str:
    """The name itself, or for `auto` that of the best grounder that is present, else the starter.

    Present means that its files are here and its packages are installed. Raises `UnknownModel`.
    """
    if name == "auto":
        present = (best for best in catalogue.BEST_GROUNDERS if weights.present(best))
        return next(present, catalogue.BEST_GROUNDERS[-1])
    return catalogue.find(name, "grounder").name


def place(role: Role, name: str, device: str) -> str:
    """The device for a model where `device` is asked for all of them: the CPU if it is small.

    The name may be `auto`. Raises `UnknownModel`.
    """
    choose = {"matting": choose_matting, "grounder": choose_grounder}.get(role, str)
    return "cpu" if catalogue.find(choose(name), role).small else device


def load_categories() -> CategoryClassifier:
    """What tells person, animal and product, by the starter set's networks on the CPU."""
    from .grounders.starter import load_categories

    return load_categories()
