"""Straight RGBA to TIFF files of one or many pages, losslessly.

Written here because no library at hand writes RGBA at 16 bits with a profile and an EXIF block, and
because strips are compressed side by side, so that all cores help.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from pickmatte.interactive.pictures.metadata import exif as exif_block
from pickmatte.interactive.pictures.metadata.record import NO_METADATA, Metadata

from .deflating import SEARCH, deflate, differences, is_flat_art, pieces, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DPI = 72.0, 72.0  # of pages with a place in a picture that says none: TIFF counts in inches

_AS_IT_IS, _DIFFERENCES = 1, 2  # predictors
# TIFF fields that say how pixels are stored, or point at other pictures: ours, never the source's.
_STRUCTURE = frozenset(
    {
        254,
        255,
        *range(256, 260),
        *range(262, 267),
        273,
        274,
        *range(277, 282),
        284,
        *range(288, 294),
    }
    | {297, 301, *range(317, 326), 330, *range(332, 348), *range(512, 533), 34675}
)
# ... and those that say what a page is called, where it lies, and how large a pixel is.
_PLACE, _RESOLUTION = frozenset({285, 286, 287}), frozenset({282, 283, 296})
# Blocks that are written from the metadata alone: XMP, IPTC, Photoshop's resources.
_PACKED = frozenset({700, 33723, 34377})


def tiff(pixels: NDArray[Any], icc: bytes | None = None, metadata: Metadata = NO_METADATA) -> bytes:
    """TIFF of uint8 or uint16 H×W×4, straight RGBA, one page."""
    out = io.BytesIO()
    TiffWriter(out, metadata).page(pixels, icc)
    return out.getvalue()


class TiffWriter:
    """Writes pages into a seekable file: strips, deflate, horizontal differences.

    A page comes before all that were written earlier, so the last one written is the file's first.
    The file is whole after every page. Raises `struct.error` past 4 GiB, where TIFF ends.

    An EXIF block is a small TIFF whose offsets count from its start. The file begins with it, as it
    is, and the directories take over its fields: so every offset in it, makers' notes included,
    stays right.
    """

    def __init__(self, file: BinaryIO, metadata: Metadata = NO_METADATA) -> None:
        block = exif_block.body(metadata.exif or b"")
        self._metadata = metadata
        try:
            self._order = exif_block.byte_order(block)
            self._kept = [e for e in exif_block.entries(block) if e.tag not in _STRUCTURE | _PACKED]
        except ValueError:
            self._order, self._kept, block = "<", [], b"II*\0\0\0\0\0"
        self._file, self._at, self._first = file, 0, 0
        self._place(block)

    def _place(self, data: bytes) -> int:
        """Append, and return where it lies."""
        start = self._at
        self._file.write(data + b"\0" * (len(data) % 2))
        self._at += len(data) + len(data) % 2
        return start

    def page(
        self,
        pixels: NDArray[Any],
        icc: bytes | None = None,
        *,
        name: str | None = None,
        at: tuple[int, int] | None = None,
    ) -> None:
        """Write a page: uint8 or uint16 H×W×4, its name, and x, y of its top left pixel."""
        order, (height, width, channels) = self._order, pixels.shape
        stored_type = f"{order}u{pixels.itemsize}"
        rows, runs = pieces(pixels)

        def packed(predictor: int, search: int) -> tuple[int, list[bytes]]:
            def squeeze(piece: NDArray[Any]) -> bytes:
                told = differences(piece) if predictor == _DIFFERENCES else piece
                stored = np.ascontiguousarray(told.astype(stored_type))
                return deflate(stored.view(np.uint8).reshape(-1), 15, zlib.Z_FINISH, search)

            return predictor, spread(squeeze, runs)

        ways = [packed(_DIFFERENCES, 0)]
        if is_flat_art(pixels):
            ways += [packed(_AS_IT_IS, SEARCH), packed(_DIFFERENCES, SEARCH)]
        predictor, data = min(ways, key=lambda way: sum(map(len, way[1])))
        strips = [(self._place(strip), len(strip)) for strip in data]
        resolution = self._metadata.resolution or (None if at is None else _DPI)
        ours = (_PLACE if at else frozenset[int]()) | (_RESOLUTION if resolution else frozenset())
        fields = [(entry.tag, entry.stored) for entry in self._kept if entry.tag not in ours]

        def block(tag: int, kind: int, count: int, data: bytes) -> None:
            if len(data) > 4:
                data = struct.pack(order + "I", self._place(data))
            stored = struct.pack(order + "HHI", tag, kind, count) + data.ljust(4, b"\0")
            fields.append((tag, stored))

        def field(tag: int, kind: str, *values: int) -> None:
            number = {"H": 3, "I": 4}[kind]
            data = struct.pack(f"{order}{len(values)}{kind}", *values)
            block(tag, number, len(values), data)

        def ratio(tag: int, above: int, below: int) -> None:
            block(tag, 5, 1, struct.pack(order + "II", above, below))

        field(273, "I", *(start for start, _ in strips))
        field(279, "I", *(length for _, length in strips))
        field(256, "I", width)
        field(257, "I", height)
        field(258, "H", *[8 * pixels.itemsize] * channels)
        field(259, "H", 8)  # deflate
        field(262, "H", 2)  # RGB
        field(274, "H", 1)  # upright
        field(277, "H", channels)
        field(278, "I", rows)
        field(284, "H", 1)  # interleaved
        field(317, "H", predictor)
        field(338, "H", 2)  # the fourth channel is straight alpha
        if icc:
            block(34675, 7, len(icc), icc)
        if self._metadata.xmp:
            block(700, 1, len(self._metadata.xmp), self._metadata.xmp)
        if self._metadata.iptc:
            block(33723, 7, len(self._metadata.iptc), self._metadata.iptc)
        if name:
            block(285, 2, len(name.encode()) + 1, name.encode() + b"\0")
        if resolution is not None:
            field(296, "H", 2)  # inches
            for axis, inch in enumerate(map(exif_block.ratio, resolution)):
                ratio(282 + axis, *inch)
                if at is not None:
                    ratio(286 + axis, at[axis] * inch[1], inch[0])
        directory = b"".join(stored for _, stored in sorted(fields))
        after = struct.pack(order + "I", self._first)
        self._first = self._place(struct.pack(order + "H", len(fields)) + directory + after)
        self._file.seek(4)
        self._file.write(struct.pack(order + "I", self._first))
        self._file.seek(self._at)
