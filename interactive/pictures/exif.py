"""The little of EXIF that matters here: which way is up, and carrying the rest along unbroken.

An EXIF block is patched in place, never parsed and rebuilt: makers' notes hold offsets that
rebuilding breaks. Blocks start with ``Exif\\0\\0``, as Pillow has them; one without is taken too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

PREFIX = b"Exif\0\0"
ORIENTATION = 274
_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


class Entry(NamedTuple):
    """One field of a TIFF directory: its tag, its type, and its twelve bytes as stored."""

    tag: int
    kind: int
    stored: bytes


def body(exif: bytes) -> bytes:
    """The block without its prefix: a small TIFF file, byte-order mark first."""
    while exif.startswith(PREFIX):
        exif = exif[len(PREFIX) :]
    return exif


def byte_order(block: bytes) -> str:
    """Return ``<`` or ``>`` for `struct`; raise `ValueError` when this is no EXIF block."""
    marks = {b"II*\0": "<", b"MM\0*": ">"}
    if len(block) < 8 or block[:4] not in marks:
        raise ValueError("not an EXIF block")
    return marks[block[:4]]


def _directory(block: bytes) -> tuple[str, int, int]:
    """Byte order, offset of the first entry and number of entries of the first directory."""
    order = byte_order(block)
    (start,) = struct.unpack_from(order + "I", block, 4)
    if start + 2 > len(block):
        raise ValueError("an EXIF block whose directory lies outside it")
    (count,) = struct.unpack_from(order + "H", block, start)
    if start + 2 + 12 * count > len(block):
        raise ValueError("an EXIF block that is cut short")
    return order, start + 2, count


def entries(block: bytes) -> Iterator[Entry]:
    """Walk the first directory's fields, leaving out those whose value lies outside the block."""
    order, first, count = _directory(block)
    for at in range(first, first + 12 * count, 12):
        tag, kind, number, offset = struct.unpack_from(order + "HHII", block, at)
        length = _WIDTHS.get(kind, 0) * number
        if length <= 4 or offset + length <= len(block):
            yield Entry(tag, kind, block[at : at + 12])


def orientation(exif: bytes | None) -> int:
    """Return 1 to 8 as EXIF numbers them; 1 where the block is missing, damaged or silent."""
    try:
        block = body(exif or b"")
        order = byte_order(block)
        for entry in entries(block):
            if entry.tag == ORIENTATION:
                (value,) = struct.unpack_from(
                    order + ("I" if entry.kind == 4 else "H"), entry[2], 8
                )
                return int(value) if 1 <= value <= 8 else 1
    except ValueError:
        pass
    return 1


def upright(exif: bytes | None) -> bytes | None:
    """Return the block for pixels that have been turned upright; None when it is damaged.

    Orientation becomes 1, and the link to the thumbnail is cut: that one is
    neither turned nor cut out.
    """
    block = bytearray(body(exif or b""))
    try:
        order, first, count = _directory(bytes(block))
    except ValueError:
        return None
    for at in range(first, first + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", block, at)
        if tag == ORIENTATION:
            struct.pack_into(order + ("I" if kind == 4 else "H"), block, at + 8, 1)
    end = first + 12 * count
    if end + 4 <= len(block):
        struct.pack_into(order + "I", block, end, 0)
    return PREFIX + bytes(block)
