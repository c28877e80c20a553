"""Layered files: every subject a layer of its own, with its name, place and order."""

from .layer import Layer, Layered
from .save import save_layers
from .stacking import stack

__all__ = ["Layer", "Layered", "save_layers", "stack"]
