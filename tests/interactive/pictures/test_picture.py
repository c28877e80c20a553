"""Picture files of every format and depth come in as the pixels they hold."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from making import (
    big_endian_tiff,
    deep_file,
    noise,
    png_chunk,
    same,
    saved,
    smooth,
)
from PIL import Image

from pickmatte.interactive.pictures.picture import open_picture

LOSSLESS = [("PNG", {}), ("TIFF", {}), ("BMP", {}), ("WEBP", {"lossless": True, "exact": True})]


@pytest.mark.parametrize(("kind", "options"), LOSSLESS)
def test_lossless_formats_come_in_exactly(kind: str, options: dict) -> None:
    rgb = noise(37, 53)
    picture = open_picture(saved(rgb, kind, **options))
    assert same(picture.rgb, rgb)
    assert picture.size == (37, 53)
    assert picture.deep is None
    assert picture.alpha is None
    assert picture.name == "picture"


@pytest.mark.parametrize(("kind", "options"), [row for row in LOSSLESS if row[0] != "BMP"])
def test_alpha_comes_in_exactly_and_colours_under_it_stay(kind: str, options: dict) -> None:
    rgba = noise(37, 53, 4)
    rgba[:10, :, 3] = 0
    picture = open_picture(saved(rgba, kind, **options))
    assert same(picture.rgb, rgba[..., :3])
    assert same(picture.alpha, rgba[..., 3] / np.float32(255))


def test_an_opaque_alpha_channel_is_no_transparency() -> None:
    rgba = noise(5, 6, 4)
    rgba[..., 3] = 255
    assert open_picture(saved(rgba, "PNG")).alpha is None


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "GIF"])
def test_lossy_formats_come_in_close(kind: str) -> None:
    rgb = smooth(48, 64)
    picture = open_picture(saved(rgb, kind, **({} if kind == "GIF" else {"quality": 95})))
    assert np.abs(picture.rgb.astype(int) - rgb).mean() < 6


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".png", ()),
        (".tiff", (cv2.IMWRITE_TIFF_COMPRESSION, 1)),
        (".tiff", (cv2.IMWRITE_TIFF_COMPRESSION, 5)),
        (".tiff", (cv2.IMWRITE_TIFF_COMPRESSION, 8)),
        (".tiff", (cv2.IMWRITE_TIFF_COMPRESSION, 32773)),
    ],
)
def test_16_bits_come_in_exactly(suffix: str, options: tuple[int, ...], channels: int) -> None:
    deep = noise(150, 53, channels, np.uint16)  # more rows than are handed over at a time
    picture = open_picture(deep_file(deep, suffix, *options))
    assert same(picture.deep, np.broadcast_to(deep[..., :3], (150, 53, 3)))
    assert same(picture.rgb, np.rint(picture.deep / 257).astype(np.uint8))
    if channels == 4:
        assert same(picture.alpha, deep[..., 3] / np.float32(65535))
    else:
        assert picture.alpha is None


def test_a_big_endian_16_bit_tiff_comes_in_exactly() -> None:
    for channels, photometric in ((1, 1), (3, 2)):
        deep = noise(20, 31, channels, np.uint16)
        picture = open_picture(big_endian_tiff(deep, photometric))
        assert same(picture.deep, np.broadcast_to(deep, (20, 31, 3)))


def test_associated_alpha_is_divided_out() -> None:
    alpha = np.array([[0, 1000, 32768, 65535]], np.uint16)
    colour = np.array([[0, 500, 8192, 12345]], np.uint16)
    pixels = np.dstack([colour, colour, colour, alpha])
    picture = open_picture(big_endian_tiff(pixels, 2, extra=1))
    assert picture.deep[0, :, 0].tolist() == [0, 32768, 16384, 12345]
    assert same(picture.alpha, alpha / np.float32(65535))


def deep_png(kind: int, pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A 16 bit PNG of any colour type, unfiltered."""
    import struct
    import zlib

    height, width = pixels.shape[:2]
    rows = pixels.astype(">u2").reshape(height, -1).view(np.uint8)
    data = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())
    body = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    body += b"".join(png_chunk(*chunk) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + body + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def test_16_bit_grey_with_alpha_in_a_png() -> None:
    both = noise(140, 21, 2, np.uint16)
    picture = open_picture(deep_png(4, both))
    assert same(picture.deep, np.repeat(both[..., :1], 3, axis=2))
    assert same(picture.alpha, both[..., 1] / np.float32(65535))


def test_the_transparent_colour_of_a_16_bit_png() -> None:
    rgb = noise(9, 8, 3, np.uint16)
    rgb[2, 3] = rgb[5, 1]
    picture = open_picture(deep_png(2, rgb, (b"tRNS", rgb[5, 1].astype(">u2").tobytes())))
    assert np.argwhere(picture.alpha == 0).tolist() == [[2, 3], [5, 1]]
    grey = noise(9, 8, 1, np.uint16)
    picture = open_picture(deep_png(0, grey, (b"tRNS", grey[4, 4].astype(">u2").tobytes())))
    assert [4, 4] in np.argwhere(picture.alpha == 0).tolist()


def test_white_is_zero_tiffs_are_not_negatives() -> None:
    grey = noise(6, 7, 1)
    eight = open_picture(saved(Image.fromarray(grey[..., 0]), "TIFF", tiffinfo={262: 0}))
    assert eight.rgb.shape == (6, 7, 3)
    deep = noise(6, 7, 1, np.uint16)
    little = bytearray(deep_file(deep, ".tiff", cv2.IMWRITE_TIFF_COMPRESSION, 1))
    at = little.index(b"\x06\x01\x03\x00\x01\x00\x00\x00\x01\x00")
    little[at + 8] = 0
    assert same(open_picture(bytes(little)).deep[..., :1], 65535 - deep)


# --- grey, palettes, one bit -----------------------------------------------------------------


def test_grey_comes_in_as_three_equal_channels() -> None:
    grey = noise(11, 13, 1)
    for kind in ("PNG", "TIFF", "BMP"):
        assert same(open_picture(saved(grey, kind)).rgb, np.repeat(grey, 3, axis=2))


def test_grey_with_alpha() -> None:
    both = noise(11, 13, 2)
    picture = open_picture(saved(Image.fromarray(both, "LA"), "PNG"))
    assert same(picture.rgb, np.repeat(both[..., :1], 3, axis=2))
    assert same(picture.alpha, both[..., 1] / np.float32(255))


def test_one_bit() -> None:
    bits = noise(11, 13, 1)[..., 0] > 127
    for kind in ("PNG", "TIFF", "BMP"):
        picture = open_picture(saved(Image.fromarray(bits), kind))
        assert same(picture.rgb, np.repeat(bits[..., None], 3, axis=2).astype(np.uint8) * 255)


def palette_image(alpha: bool) -> tuple[Image.Image, np.ndarray]:
    table = noise(1, 16, 4)[0]
    index = np.arange(15 * 14).reshape(15, 14).astype(np.uint8) % 16
    image = Image.fromarray(index, "P")
    image.putpalette(table[:, :3].tobytes())
    if alpha:
        image.info["transparency"] = table[:, 3].tobytes()
    return image, table[index]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "BMP"])
def test_palettes(kind: str) -> None:
    image, expected = palette_image(alpha=False)
    assert same(open_picture(saved(image, kind)).rgb, expected[..., :3])


def test_palettes_with_transparency() -> None:
    image, expected = palette_image(alpha=True)
    picture = open_picture(saved(image, "PNG", transparency=image.info["transparency"]))
    assert same(picture.rgb, expected[..., :3])
    assert same(picture.alpha, expected[..., 3] / np.float32(255))
    picture = open_picture(saved(image, "GIF", transparency=3))
    assert ((picture.alpha == 0) == (np.arange(15 * 14).reshape(15, 14) % 16 == 3)).all()


def test_the_transparent_grey_of_a_2_bit_png() -> None:
    import struct
    import zlib

    header = struct.pack(">IIBBBBB", 4, 1, 2, 0, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + png_chunk(b"tRNS", b"\0\x02")
    body += png_chunk(b"IDAT", zlib.compress(b"\0" + bytes([0b00011011]))) + png_chunk(b"IEND", b"")
    picture = open_picture(b"\x89PNG\r\n\x1a\n" + body)
    assert picture.rgb[0, :, 0].tolist() == [0, 85, 170, 255]
    assert picture.alpha.tolist() == [[1, 1, 0, 1]]
