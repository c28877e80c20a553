"""Layers to a ZIP of PNG files with a manifest, for programs and for people without an editor."""

from __future__ import annotations

import json
import re
import zipfile
from typing import TYPE_CHECKING, BinaryIO

from pickmatte.interactive.files import encode

if TYPE_CHECKING:
    from .layer import Layered

VERSION = 1
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\s]+')  # in names of files, here or there
_LONGEST = 60  # characters of a layer's name in the name of its file


def write_zip(file: BinaryIO, layered: Layered) -> None:
    """Write `manifest.json` and a straight RGBA PNG for each layer, cut to what it shows.

    The manifest tells the picture's size and, front to back, each layer's name, file, place and
    whether it is visible: see docs/layers.md.
    """
    height, width = layered.size
    entries = []
    with zipfile.ZipFile(file, "w") as archive:
        for order, layer in enumerate(layered.front_to_back()):
            name = _FORBIDDEN.sub("-", layer.name)[:_LONGEST].strip("-. ") or "subject"
            entry = {
                "name": layer.name,
                "file": f"{order + 1:02}-{name}.png",
                "order": order,
                "x": layer.at[0],
                "y": layer.at[1],
                "width": layer.rgba.shape[1],
                "height": layer.rgba.shape[0],
                "visible": layer.visible,
                "locked": layer.locked,
            }
            put(
                archive,
                f"{order + 1:02}-{name}.png",
                encode.png(layer.rgba, layered.icc, layered.metadata),
            )
            entries.append(entry)
        manifest = {"version": VERSION, "width": width, "height": height, "layers": entries}
        put(archive, "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False).encode())


def put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add a file as it is (PNGs are compressed already), at a fixed time: same layers, same ZIP."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)
