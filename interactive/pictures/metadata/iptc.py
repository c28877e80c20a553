"""IPTC-IIM, the press agencies' records of captions and places, as JPEG, TIFF and PSD carry them.

A record is 0x1C, the numbers of its record and its data set, a length, and that many bytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of record 2: content location code and name, city, sublocation, province, country code and name.
_PLACES = frozenset({26, 27, 90, 92, 95, 100, 101})


def without_location(records: bytes) -> bytes | None:
    """Return the records without the names of places; None when they are damaged or all go."""
    try:
        kept = [data for number, data in _records(records) if not _is_place(number)]
    except (ValueError, struct.error):
        return None
    return b"".join(kept) or None


def _is_place(number: tuple[int, int]) -> bool:
    return number[0] == 2 and number[1] in _PLACES


def _records(data: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Walk the records: their numbers, and their bytes with the head."""
    at = 0
    while at < len(data):
        if data[at] != 0x1C:
            if not data[at:].strip(b"\0"):  # padding: TIFF counts such records in fours
                return
            raise ValueError("not an IPTC record")
        record, dataset, length = struct.unpack_from(">BBH", data, at + 1)
        start = at + 5
        if length & 0x8000:  # the length of the length
            wide = length & 0x7FFF
            length = int.from_bytes(data[start : start + wide], "big")
            start += wide
        if start + length > len(data):
            raise ValueError("an IPTC record that is cut short")
        yield (record, dataset), data[at : start + length]
        at = start + length
