"""Pictures, EXIF blocks and colour profiles made for the tests: nothing is shipped as a file."""

from __future__ import annotations

import io
import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pickmatte.interactive.pictures.colour.profiles import srgb


def noise(height: int, width: int, channels: int = 3, dtype: Any = np.uint8) -> NDArray[Any]:
    """Random values in which any mix-up of pixels, channels or bytes shows."""
    rng = np.random.default_rng(height * 1000 + width * 10 + channels)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype=dtype)


def smooth(height: int, width: int, channels: int = 3) -> NDArray[np.uint8]:
    """Values that a lossy format keeps within a few steps."""
    y, x = np.mgrid[:height, :width]
    planes = [40 + 170 * x / width, 40 + 170 * y / height, 200 - 120 * x / width, 60 + 0.0 * x]
    return np.stack(planes[:channels], axis=2).astype(np.uint8)


def saved(pixels: NDArray[Any] | Image.Image, kind: str, **options: Any) -> bytes:
    """A file's bytes as Pillow writes them."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.squeeze(pixels))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def deep_file(pixels: NDArray[np.uint16], suffix: str, *options: int) -> bytes:
    """A 16 bit PNG or TIFF as OpenCV writes it: a writer that is not ours."""
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[pixels.shape[2]]
    return bytes(cv2.imencode(suffix, np.ascontiguousarray(pixels[..., order]), options)[1])


def png_chunk(name: bytes, data: bytes) -> bytes:
    import zlib

    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_png_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    """The PNG with a chunk put in after its header."""
    return png[:33] + png_chunk(name, data) + png[33:]


def exif_block(orientation: int, order: str = "<", *, thumbnail: bool = False) -> bytes:
    """Orientation, a maker's name, and an EXIF directory with an exposure time at an offset."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    maker, exposure = 8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 10
    directory = exposure + 8
    after = directory + 2 + 12 + 4 if thumbnail else 0
    first = [
        struct.pack(order + "HHII", 271, 2, 10, maker),
        struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0),
        struct.pack(order + "HHII", 0x8769, 4, 1, directory),
    ]
    block = (
        mark + struct.pack(order + "IH", 8, 3) + b"".join(first) + struct.pack(order + "I", after)
    )
    block += b"Pickmatte\0" + struct.pack(order + "II", 1, 250)
    block += struct.pack(order + "HHHIII", 1, 33434, 5, 1, exposure, 0)
    if thumbnail:
        block += struct.pack(order + "HHHIHHI", 1, 259, 3, 1, 6, 0, 0)
    return b"Exif\0\0" + block


def stored(upright: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The pixels as a camera stores them, of which EXIF then says `orientation`."""
    turned = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),  # EXIF 6: turn clockwise to see it upright
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation](upright)
    return np.ascontiguousarray(turned)


def other_rgb_profile() -> bytes:
    """An RGB profile that is not byte for byte the one Pickmatte itself would attach."""
    profile = bytearray(srgb())
    profile[24:26] = struct.pack(">H", 1999)
    return bytes(profile)


def _profile(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"made for a test\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    tags = {b"desc": described, b"cprt": b"text\0\0\0\0" + text, b"wtpt": white, **tags}
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"\0\0\0\0", 0x02400000, kind, space, connection
    )
    head += struct.pack(">HHHHHH", 2000, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += struct.pack(">iii", 63190, 65536, 54061) + b"\0" * 48
    return head + struct.pack(">I", len(tags)) + table + body


def grey_profile(gamma: float) -> bytes:
    """A grey profile of one gamma."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    return _profile(b"GRAY", b"XYZ ", b"mntr", {b"kTRC": curve})


def cmyk_profile() -> bytes:
    """A CMYK profile of dull inks: what they make lies well inside sRGB."""
    grid = b""
    for corner in range(16):
        c, m, y, k = (corner >> bit & 1 for bit in (3, 2, 1, 0))
        light = (1 - k) * (1 - 0.3 * c) * (1 - 0.35 * m) * (1 - 0.05 * y)
        a, b = (1 - k) * (-15 * c + 25 * m), (1 - k) * (-20 * c + 30 * y)
        grid += bytes((round(255 * light), round(128 + a), round(128 + b)))
    ramp = bytes(range(256))
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + grid + ramp * 3
    return _profile(b"CMYK", b"Lab ", b"prtr", {b"A2B0": table})


def big_endian_tiff(
    pixels: np.ndarray, photometric: int, extra: int | None = None, orientation: int = 1
) -> bytes:
    """An uncompressed TIFF with the high byte first, field by field."""
    import struct

    height, width, channels = pixels.shape
    bits = struct.pack(f">{channels}H", *[16] * channels).ljust(8, b"\0")
    fields = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, channels, 8 if channels > 1 else 16 << 16),
        (259, 3, 1, 1 << 16),
        (262, 3, 1, photometric << 16),
        (273, 4, 1, 16),
        (274, 3, 1, orientation << 16),
        (277, 3, 1, channels << 16),
        (278, 4, 1, height),
        (279, 4, 1, pixels.nbytes),
    ]
    if extra is not None:
        fields.append((338, 3, 1, extra << 16))
    data = bits + pixels.astype(">u2").tobytes()
    directory = struct.pack(">H", len(fields))
    directory += b"".join(struct.pack(">HHII", *field) for field in fields) + b"\0\0\0\0"
    return b"MM\0*" + struct.pack(">I", 8 + len(data)) + data + directory


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool((a == b).all())
