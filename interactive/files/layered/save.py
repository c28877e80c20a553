"""Layers to a file, its format told by the suffix."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pickmatte.interactive.files.export import replacing
from pickmatte.models.errors import ExportError

from .archive import write_zip
from .openraster import write_ora
from .psd import write_psd
from .tiff import write_tiff

if TYPE_CHECKING:
    from collections.abc import Callable

    from .layer import Layered

_WRITERS: dict[str, Callable[[BinaryIO, Layered], None]] = {
    ".zip": write_zip,
    ".psd": write_psd,
    ".tif": write_tiff,
    ".tiff": write_tiff,
    ".ora": write_ora,
}


def save_layers(path: str | os.PathLike[str], layered: Layered) -> Path:
    """Write layers as .psd, .ora, .tif or .tiff, or as a .zip of PNGs with a manifest.

    Layers are asked for one at a time and written at once. The file appears whole or not at all,
    and one that was there stays until then. Returns the path. Raises `ExportError`.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _WRITERS:
        raise ExportError(
            f"'{target.name}': layers cannot be written as {suffix or 'a name without suffix'}; "
            "name it .psd, .ora, .tiff or .zip."
        )
    if suffix in (".psd", ".tif", ".tiff"):
        layered.metadata.check_colours(layered.icc, suffix)
    with replacing(target) as file:
        try:
            _WRITERS[suffix](file, layered)
        except struct.error as error:  # a length that the format has no room for
            raise ExportError(
                f"The layers are more than a {suffix} file can hold; write them as .zip or .ora."
            ) from error
    return target
