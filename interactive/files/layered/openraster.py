"""Layers to OpenRaster 0.0.6, which Krita, GIMP and MyPaint open.

The specification is at https://www.openraster.org.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.etree import ElementTree

import cv2
import numpy as np

from pickmatte.interactive.files import encode
from pickmatte.interactive.pictures.metadata.record import Metadata

from .archive import put
from .stacking import Merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layer import Layered

_THUMBNAIL = 256  # pixels of its long side at most


def write_ora(file: BinaryIO, layered: Layered) -> None:
    """Write the layers as PNGs, what they show together, a thumbnail, and how they lie."""
    height, width = layered.size
    image = ElementTree.Element("image", version="0.0.6", w=str(width), h=str(height))
    density = Metadata(resolution=layered.metadata.resolution, cicp=layered.metadata.cicp)
    if density.resolution:
        across, down = density.resolution
        image.set("xres", str(max(1, round(across))))
        image.set("yres", str(max(1, round(down))))
    heap = ElementTree.SubElement(image, "stack")
    merged = Merged(layered.size)
    with zipfile.ZipFile(file, "w") as archive:
        put(archive, "mimetype", b"image/openraster")  # first, and not compressed
        for order, layer in enumerate(layered.front_to_back()):
            source = f"data/layer{order:03}.png"
            put(archive, source, encode.png(layer.rgba, layered.icc, density))
            about = {
                "name": layer.name,
                "src": source,
                "x": str(layer.at[0]),
                "y": str(layer.at[1]),
                "opacity": "1.0",
                "visibility": "visible" if layer.visible else "hidden",
                "composite-op": "svg:src-over",
            }
            if layer.locked:
                about["edit-locked"] = "true"
            ElementTree.SubElement(heap, "layer", about)
            merged.lay(layer)
        put(archive, "mergedimage.png", encode.png(merged.rgba, layered.icc, layered.metadata))
        small = encode.png(_thumbnail(merged.rgba), layered.icc)
        put(archive, "Thumbnails/thumbnail.png", small)
        put(archive, "stack.xml", ElementTree.tostring(image, "UTF-8", xml_declaration=True))


def _thumbnail(rgba: NDArray[Any]) -> NDArray[np.uint8]:
    """A small uint8 RGBA; colours count by their alpha, so that hidden ones do not show."""
    step = max(1, max(rgba.shape) // (4 * _THUMBNAIL))
    rough = rgba[::step, ::step] * np.float32(1 / np.iinfo(rgba.dtype).max)
    height, width = rough.shape[:2]
    scale = min(1.0, _THUMBNAIL / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    rough[..., :3] *= rough[..., 3:]
    small = np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_AREA))
    colours = small[..., :3] / np.maximum(small[..., 3:], 1 / 255)
    straight = np.clip(np.dstack([colours, small[..., 3]]), 0, 1)
    return np.asarray(np.rint(straight * 255), np.uint8)
