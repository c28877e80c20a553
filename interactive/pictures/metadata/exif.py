"""The little of EXIF that matters here: which way is up, how large, where; the rest unbroken.

An EXIF block is patched in place, never parsed and rebuilt: makers' notes hold offsets that
rebuilding breaks. Blocks start with ``Exif\\0\\0``, as Pillow has them; one without is taken too.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

PREFIX = b"Exif\0\0"
ORIENTATION = 274
_ACROSS, _DOWN, _UNIT = 282, 283, 296  # resolution, and the unit it is in
_INCH, _CENTIMETRE = 2, 3
_GPS = 0x8825
_PACKED = frozenset({700, 33723, 34377})  # XMP, IPTC, Photoshop's resources
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


def resolution(exif: bytes | None) -> tuple[float, float] | None:
    """Return pixels per inch across and down; None where the block does not say them."""
    found: dict[int, float] = {}
    try:
        block = body(exif or b"")
        order = byte_order(block)
        for tag, kind, stored in entries(block):
            if tag in (_ACROSS, _DOWN) and kind == 5:
                (at,) = struct.unpack_from(order + "I", stored, 8)
                above, below = struct.unpack_from(order + "II", block, at)
                found[tag] = above / below
            elif tag == _UNIT and kind == 3:
                found[tag] = float(struct.unpack_from(order + "H", stored, 8)[0])
    except (ValueError, ZeroDivisionError):
        return None
    return per_inch(found.get(_ACROSS), found.get(_DOWN), found.get(_UNIT, _INCH))


def per_inch(across: float | None, down: float | None, unit: float) -> tuple[float, float] | None:
    """Return a resolution as TIFF and EXIF state it in pixels per inch; None where it is none.

    `unit` is 2 for inches, 3 for centimetres; with any other the two only say a pixel's shape.
    """
    if unit not in (_INCH, _CENTIMETRE) or not across or not down or min(across, down) <= 0:
        return None
    scale = 1.0 if unit == _INCH else 2.54
    return across * scale, down * scale


def ratio(value: float) -> tuple[int, int]:
    """Return a positive number as the two that EXIF and TIFF keep, as simple as they come."""
    near = Fraction(value).limit_denominator(1000)
    return min(near.numerator, 0xFFFFFFFF), near.denominator


def with_resolution(exif: bytes | None, per_inch: tuple[float, float]) -> bytes:
    """Return the block saying that resolution; a new block where there is none.

    A directory that must change is written again at the end, so that all else stays where it was.
    A damaged block is returned as it is.
    """
    said = resolution(exif)
    if exif and said and all(map(_same, said, per_inch)):
        return exif
    block = body(exif or b"") or b"II*\0\x08\0\0\0\0\0\0\0\0\0"
    try:
        order, _, _ = _directory(block)
    except ValueError:
        return exif or b""
    block += b"\0" * (len(block) % 2)
    kept = {entry.tag: entry.stored for entry in entries(block)}
    for tag, value in zip((_ACROSS, _DOWN), per_inch, strict=True):
        kept[tag] = struct.pack(order + "HHII", tag, 5, 1, len(block))
        block += struct.pack(order + "II", *ratio(value))
    kept[_UNIT] = struct.pack(order + "HHIHH", _UNIT, 3, 1, _INCH, 0)
    directory = struct.pack(order + "H", len(kept)) + b"".join(kept[tag] for tag in sorted(kept))
    head = block[:4] + struct.pack(order + "I", len(block))
    return PREFIX + head + block[8:] + directory + bytes(4)


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-5)


def without_location(exif: bytes) -> bytes | None:
    """Return the block without its GPS directory, of which no byte is left; None when damaged.

    What other programs pack into EXIF and may hold a place too (XMP, IPTC, Photoshop's
    resources) goes with it. All else stays where it was.
    """
    block = bytearray(body(exif))
    try:
        order, first, count = _directory(bytes(block))
        for at in reversed(range(first, first + 12 * count, 12)):
            (tag,) = struct.unpack_from(order + "H", block, at)
            if tag not in _PACKED and tag != _GPS:
                continue
            if tag == _GPS:
                _blank_directory(block, order, struct.unpack_from(order + "I", block, at + 8)[0])
            _blank_value(block, order, at)
            end = min(first + 12 * count + 4, len(block))
            block[at:end] = block[at + 12 : end] + bytes(12)
            count -= 1
        struct.pack_into(order + "H", block, first - 2, count)
    except (ValueError, struct.error):
        return None
    return PREFIX + bytes(block)


def _blank_directory(block: bytearray, order: str, start: int) -> None:
    """Overwrite a directory and all its values with zeros."""
    if not 8 <= start <= len(block) - 2:
        return
    (count,) = struct.unpack_from(order + "H", block, start)
    end = min(start + 2 + 12 * count, len(block))
    for at in range(start + 2, end - 11, 12):
        _blank_value(block, order, at)
    block[start:end] = bytes(end - start)


def _blank_value(block: bytearray, order: str, at: int) -> None:
    """Overwrite what a field keeps outside of its own twelve bytes with zeros."""
    kind, number, start = struct.unpack_from(order + "HII", block, at + 2)
    length = _WIDTHS.get(kind, 0) * number
    if length > 4 and start >= 8 and start + length <= len(block):
        block[start : start + length] = bytes(length)
