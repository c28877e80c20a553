"""Layers to the pages of a TIFF file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from pickmatte.interactive.files.tiff import TiffWriter
from pickmatte.models.errors import ExportError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layer import Layer, Layered


def write_tiff(file: BinaryIO, layered: Layered) -> None:
    """Write a page for each visible layer, the bottom one first, with its name and place.

    GIMP opens pages as layers, the last one on top, on a canvas that just holds them all: so one
    page, the front one, is as large as the picture. TIFF has no word for hidden pages. Raises
    `ExportError` where no layer is visible, `struct.error` past 4 GiB.
    """
    writer, empty = TiffWriter(file, layered.metadata), True
    for layer in layered.front_to_back():
        if not layer.visible:
            continue
        rgba, at = (_whole(layer, layered.size), (0, 0)) if empty else (layer.rgba, layer.at)
        writer.page(rgba, layered.icc, name=layer.name, at=at)
        empty = False
    if empty:
        raise ExportError("All layers are hidden; show one, or write a format that can hide them.")


def _whole(layer: Layer, size: tuple[int, int]) -> NDArray[Any]:
    rgba = np.zeros((*size, 4), layer.rgba.dtype)
    rgba[layer.where] = layer.rgba
    return rgba
