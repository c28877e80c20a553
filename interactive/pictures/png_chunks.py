"""The chunks of a PNG that tell of its pixels: profile, resolution, EXIF, XMP, IPTC, text."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from .metadata import exif as exif_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .metadata.record import Metadata

_METRE = 39.37007874015748  # inches
_LONG = 1024  # bytes from which text is compressed, as the PNG specification advises


def png_chunks(icc: bytes | None, metadata: Metadata) -> Iterator[tuple[bytes, bytes]]:
    """The names and contents of chunks that stand between a PNG's header and its pixels."""
    if metadata.cicp:
        yield b"cICP", metadata.cicp
    if icc:
        yield b"iCCP", b"ICC profile\0\0" + zlib.compress(icc)
    if metadata.resolution:
        across, down = (min(round(v * _METRE), 0x7FFFFFFF) for v in metadata.resolution)
        yield b"pHYs", struct.pack(">IIB", across, down, 1)
    if metadata.exif:
        yield b"eXIf", exif_block.body(metadata.exif_with_resolution or b"")
    if metadata.xmp:  # never compressed, so that programs find it which look for it in the bytes
        yield b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp
    if metadata.iptc:
        yield _raw_profile("iptc", metadata.iptc)
    for keyword, text in metadata.text:
        yield _text(keyword, text)


def _raw_profile(name: str, block: bytes) -> tuple[bytes, bytes]:
    """A foreign block as text, as ImageMagick and exiftool keep it in a PNG."""
    digits = block.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = f"\n{name}\n{len(block):8}\n{lines}\n"
    return b"zTXt", f"Raw profile type {name}\0\0".encode() + zlib.compress(text.encode())


def _text(keyword: str, text: str) -> tuple[bytes, bytes]:
    """Text as it needs the least: in Latin-1 where it can be, compressed where it is long."""
    head = " ".join(keyword.split()).encode("latin-1", "replace")[:79] or b"Comment"
    text = text.replace("\0", "")
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        data = text.encode("utf-8", "replace")
        packed = len(data) > _LONG
        data = zlib.compress(data) if packed else data
        return b"iTXt", head + bytes((0, packed, 0, 0, 0)) + data
    if len(data) > _LONG:
        return b"zTXt", head + b"\0\0" + zlib.compress(data)
    return b"tEXt", head + b"\0" + data
