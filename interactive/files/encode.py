"""Straight RGBA and grey pixels to the bytes of PNG and WebP files, losslessly; TIFF is in `tiff`.

PNG is written here because no library at hand writes RGBA at 16 bits with a profile, and because
it is compressed in pieces, so that all cores help.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from PIL import Image

from pickmatte.interactive.pictures.metadata import exif as exif_block
from pickmatte.interactive.pictures.metadata.record import NO_METADATA, Metadata
from pickmatte.interactive.pictures.png_chunks import png_chunks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WEBP_SIDE = 16383  # the format's own limit
_PIECE = 1 << 20  # bytes of pixels compressed at a time
_T = TypeVar("_T")


def pieces(pixels: NDArray[Any]) -> tuple[int, list[NDArray[Any]]]:
    """Cut a picture into runs of whole rows of about `_PIECE` bytes: rows each, and the runs."""
    rows = max(1, _PIECE // (pixels.nbytes // len(pixels)))
    return rows, [pixels[top : top + rows] for top in range(0, len(pixels), rows)]


def spread(work: Callable[[NDArray[Any]], _T], pieces: list[NDArray[Any]]) -> list[_T]:
    """Do the pieces on a few threads (zlib lets go of Python's lock), in order."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(work, pieces))


def differences(pixels: NDArray[Any]) -> NDArray[Any]:
    """Each pixel less its left neighbour, channel by channel, modulo the dtype's range."""
    rows = pixels.copy()
    rows[:, 1:] -= pixels[:, :-1]
    return rows


def deflate(data: NDArray[Any], window: int, end: int) -> bytes:
    """Run lengths and Huffman codes alone.

    On differences of photo pixels a search for longer matches takes much longer and finds next to
    nothing. `window` and `end` are zlib's: which wrapping, and how the stream stops.
    """
    squeeze = zlib.compressobj(1, zlib.DEFLATED, window, 9, zlib.Z_RLE)
    return squeeze.compress(data.data) + squeeze.flush(end)


def _joined_adler(sums: list[tuple[int, int]]) -> int:
    """The Adler-32 of data from those of its parts: (sum, length) each, in order."""
    low, high = 1, 0
    for checksum, length in sums:
        high = (high + (checksum >> 16) + length * (low - 1)) % 65521
        low = (low + (checksum & 0xFFFF) - 1) % 65521
    return high << 16 | low


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(name))
    return b"".join((struct.pack(">I", len(data)), name, data, struct.pack(">I", checksum)))


def png(pixels: NDArray[Any], icc: bytes | None = None, metadata: Metadata = NO_METADATA) -> bytes:
    """PNG of uint8 or uint16 H×W×C: grey (1), RGB (3) or straight RGBA (4)."""
    height, width, channels = pixels.shape

    def squeeze(piece: NDArray[Any]) -> tuple[bytes, int, int]:
        # The filter works on bytes, high with high and low with low, as the file has them.
        stored = piece if piece.dtype == np.uint8 else piece.astype(">u2")
        stored = np.ascontiguousarray(stored).view(np.uint8).reshape(len(piece), width, -1)
        rows = np.empty((len(piece), 1 + stored.shape[1] * stored.shape[2]), np.uint8)
        rows[:, 0] = 1  # the filter "Sub": less the left neighbour
        rows[:, 1:] = differences(stored).reshape(len(piece), -1)
        # No end mark, closed on a byte: so pieces can follow one another in one zlib stream.
        return deflate(rows, -15, zlib.Z_FULL_FLUSH), zlib.adler32(rows.data), rows.nbytes

    runs = spread(squeeze, pieces(pixels)[1])
    total = _joined_adler([(checksum, length) for _, checksum, length in runs])
    colour = {1: 0, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8 * pixels.itemsize, colour, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", header)]
    parts.extend(_chunk(name, data) for name, data in png_chunks(icc, metadata))
    parts.append(_chunk(b"IDAT", b"\x78\x01"))
    parts.extend(_chunk(b"IDAT", data) for data, _, _ in runs)
    parts.append(_chunk(b"IDAT", b"\x03\x00" + struct.pack(">I", total)))  # empty last block
    parts.append(_chunk(b"IEND", b""))
    return b"".join(parts)


def webp(
    pixels: NDArray[np.uint8], icc: bytes | None = None, metadata: Metadata = NO_METADATA
) -> bytes:
    """Lossless WebP of uint8 H×W×4, straight RGBA; colours under alpha 0 are kept too."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(
        out,
        "WEBP",
        lossless=True,
        exact=True,
        method=0,  # the next step takes three times as long for a sixth less
        quality=20,
        icc_profile=icc or b"",
        exif=exif_block.body(metadata.exif_with_resolution or b""),
        xmp=metadata.xmp or b"",
    )
    return out.getvalue()
