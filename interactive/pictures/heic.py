"""HEIC pictures, by pillow-heif."""

from __future__ import annotations

from typing import IO

import numpy as np

from .colour import profiles as colour
from .metadata.record import Metadata
from .pixels import Decoded, as_float, check_size, to_8_bit


def read_heic(file: IO[bytes], label: str, limit: int) -> Decoded:
    """Decode a HEIC file, at 16 bits when it has 10 or 12; `decode` tells what it raises."""
    import pillow_heif  # only now: most sessions see none

    opened = pillow_heif.open_heif(file, convert_hdr_to_8bit=False)
    check_size(opened.size, limit, label)
    info = opened.info
    pixels = np.asarray(opened)[:, : opened.size[0]]  # rows may be padded; already turned upright
    bits = info["bit_depth"]
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.dtype == np.uint16:  # 10 or 12 bits in the high end of 16: let 1023 become 65535
        pixels = pixels | pixels >> bits
    has_alpha = pixels.shape[2] in (2, 4)
    alpha = np.ascontiguousarray(pixels[..., -1]) if has_alpha else None
    colours = pixels[..., : pixels.shape[2] - has_alpha]
    colours = np.ascontiguousarray(np.broadcast_to(colours, (*colours.shape[:2], 3)))
    deep = colours if colours.dtype == np.uint16 else None
    icc = info.get("icc_profile")
    return Decoded(
        rgb=colours if deep is None else to_8_bit(deep),
        deep=deep,
        alpha=None if alpha is None else as_float(alpha),
        icc=icc if colour.space(icc) == "RGB" else None,
        metadata=Metadata(exif=info.get("exif"), xmp=info.get("xmp")).upright(1),
    )
