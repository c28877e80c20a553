"""Layers to the pages of a TIFF file."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from interactive.tiff import TiffWriter

if TYPE_CHECKING:
    from .layer import Layer, Layered


def write_tiff(file: BinaryIO, layered: Layered) -> None:
    """Write a page a layer, the bottom one first, each with its name and place.

    GIMP opens pages as layers, the last one on top, on a canvas that just holds them all: so one
    page, the front one, is as large as the picture. TIFF has no word for hidden pages.
    """
    writer = TiffWriter(file, layered.exif)
    for index, layer in enumerate(layered.front_to_back()):
        rgba, at = layer.rgba, layer.at
        if index == 0:
            rgba, at = _whole(layer, layered.size), (0, 0)
        writer.page(rgba, layered.icc, name=layer.name, at=at)


def _whole(layer: Layer, size: tuple[int, int]) -> np.ndarray:
    rgba = np.zeros((*size, 4), layer.rgba.dtype)
    rgba[layer.where] = layer.rgba
    return rgba
