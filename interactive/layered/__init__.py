"""Layered files: every subject a layer of its own, with its name, place and order."""

from .layer import Layer, Layered
from .save import save_layers
from .stacking import rest, stack

__all__ = ["Layer", "Layered", "rest", "save_layers", "stack"]
