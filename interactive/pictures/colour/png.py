"""What a PNG file says its colours are: cICP before iCCP before sRGB before gAMA and cHRM."""

from __future__ import annotations

import struct
from typing import IO, Any

from . import spaces as colour_space


def code_points(file: IO[bytes]) -> bytes | None:
    """Return the four bytes of a PNG's cICP chunk, which Pillow passes over; None without one."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        if name == b"cICP":
            data = file.read(length) if length == 4 else b""
            return data if colour_space.is_told(data) else None
        if name in (b"IDAT", b"IEND"):
            break
        file.seek(length + 4, 1)
    return None


def profile(info: dict[str, Any], cicp: bytes | None) -> bytes | None:
    """Return the profile that holds for a PNG with that Pillow `info`; None means sRGB.

    Colours of HDR have none; where the file brings one along for old programs, it is that.
    """
    if cicp is not None and colour_space.has_profile(cicp):
        return colour_space.of_code_points(cicp)
    if "icc_profile" in info:
        return info["icc_profile"]  # type: ignore[no-any-return]
    if cicp is not None or "srgb" in info or "gamma" not in info:
        return None
    chromaticities = info.get("chromaticity", colour_space.SRGB)
    return colour_space.of_gamma(
        info["gamma"], chromaticities if len(chromaticities) == 8 else colour_space.SRGB
    )
