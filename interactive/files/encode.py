"""Straight RGBA and grey pixels to the bytes of PNG and WebP files, losslessly; TIFF is in `tiff`.

PNG is written here because no library at hand writes RGBA at 16 bits with a profile, and because
it is compressed in pieces, so that all cores help. What is in a piece decides how it is
compressed: photos fast, flat art small.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pickmatte.interactive.pictures.metadata import exif as exif_block
from pickmatte.interactive.pictures.metadata.record import NO_METADATA, Metadata
from pickmatte.interactive.pictures.png_chunks import png_chunks

from .deflating import LONG_SEARCH, SEARCH, deflate, is_flat_art, pieces, spread
from .flat_art import sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEBP_SIDE = 16383  # the format's own limit
_NONE, _SUB, _UP = 0, 1, 2  # PNG's filters: as it is, less the left neighbour, less the one above
_DENSE = (
    0.45  # of the pixels' bytes: what run lengths leave of nearly every photo, and of no drawing
)
_SPARSE = 0.01  # of the pixels' bytes
# WebP's method and quality. On photos the next method takes three times as long for a sixth less;
# the good ones are Pillow's own.
_FAST, _GOOD = (0, 20), (4, 80)
_FLAT_BITS = 3  # a visible pixel: no photo takes so few
_TILE, _WEBP_GAIN = 64, 0.8


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
        # Filters work on bytes, high with high and low with low, as the file has them.
        stored = piece if piece.dtype == np.uint8 else piece.astype(">u2")
        data, rows = _smallest(
            np.ascontiguousarray(stored).view(np.uint8).reshape(len(piece), width, -1)
        )
        return data, zlib.adler32(rows.data), rows.nbytes

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


def _smallest(stored: NDArray[np.uint8]) -> tuple[bytes, NDArray[np.uint8]]:
    """Filter and compress rows of H×W×bytes; where they are flat art, in whichever way is best.

    No end mark, closed on a byte: so pieces can follow one another in one zlib stream.
    """

    def packed(filter: int, search: int) -> tuple[bytes, NDArray[np.uint8]]:
        rows = _filtered(stored, filter)
        return deflate(rows, -15, zlib.Z_FULL_FLUSH, search), rows

    best = packed(_SUB, 0)
    size = best[1].nbytes
    if not is_flat_art(stored):
        return best
    searched = [packed(filter, SEARCH) for filter in (_NONE, _SUB, _UP)]
    winner = min(range(3), key=lambda filter: len(searched[filter][0]))
    best = min(best, searched[winner], key=lambda one: len(one[0]))
    if len(best[0]) < _SPARSE * size:  # little is left to be searched
        best = min(best, packed(winner, LONG_SEARCH), key=lambda one: len(one[0]))
    return best


def _filtered(stored: NDArray[np.uint8], filter: int) -> NDArray[np.uint8]:
    """Rows of H×W×bytes as a PNG has them, each after the number of its filter."""
    height, _, step = stored.shape
    flat = stored.reshape(height, -1)
    rows = np.empty((height, 1 + flat.shape[1]), np.uint8)
    rows[:, 0], rows[:, 1:] = filter, flat
    if filter == _SUB:
        rows[:, 1 + step :] -= flat[:, :-step]
    elif filter == _UP:
        rows[1:, 1:] -= flat[:-1]
        rows[:1] = _filtered(stored[:1], _SUB)  # a piece does not depend on the one before
    return rows


def webp(
    pixels: NDArray[np.uint8], icc: bytes | None = None, metadata: Metadata = NO_METADATA
) -> bytes:
    """Lossless WebP of uint8 H×W×4, straight RGBA; colours under alpha 0 are kept too."""

    def packed(pixels: NDArray[np.uint8], effort: tuple[int, int], **more: bytes) -> bytes:
        out = io.BytesIO()
        method, quality = effort
        image = Image.fromarray(pixels)
        image.save(out, "WEBP", lossless=True, exact=True, method=method, quality=quality, **more)
        return out.getvalue()

    more = {
        "icc_profile": icc or b"",
        "exif": exif_block.body(metadata.exif_with_resolution or b""),
        "xmp": metadata.xmp or b"",
    }
    fast = packed(pixels, _FAST, **more)
    carried = sum(map(len, more.values()))
    if 8 * (len(fast) - carried) > _FLAT_BITS * np.count_nonzero(pixels[..., 3]):
        return fast
    tiles = sample(pixels, _TILE)
    if tiles is None or len(packed(tiles, _GOOD)) > _WEBP_GAIN * len(packed(tiles, _FAST)):
        return fast
    return min(fast, packed(pixels, _GOOD, **more), key=len)
