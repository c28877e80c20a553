"""Every kind of picture comes in upright, at its depth, with its own colours and transparency."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import (
    cmyk_profile,
    deep_file,
    exif_block,
    grey_profile,
    noise,
    other_rgb_profile,
    png_chunk,
    saved,
    smooth,
    stored,
    with_png_chunk,
)
from PIL import Image, ImageCms

from interactive.colour import srgb
from interactive.export import encode_cutout
from interactive.images import open_picture, picture_from_array
from models.errors import PictureError

LOSSLESS = [("PNG", {}), ("TIFF", {}), ("BMP", {}), ("WEBP", {"lossless": True, "exact": True})]


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool((a == b).all())


# --- formats and depths ----------------------------------------------------------------------


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


# --- colour profiles -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_an_rgb_profile_is_kept(kind: str) -> None:
    profile = other_rgb_profile()
    assert open_picture(saved(noise(9, 9), kind, icc_profile=profile)).icc == profile


def test_an_rgb_profile_of_a_16_bit_png_is_kept() -> None:
    import zlib

    chunk = b"it\0\0" + zlib.compress(other_rgb_profile())
    png = with_png_chunk(deep_file(noise(9, 9, 3, np.uint16), ".png"), b"iCCP", chunk)
    assert open_picture(png).icc == other_rgb_profile()


@pytest.mark.parametrize("profile", [b"rubbish", cmyk_profile(), srgb()[:200], grey_profile(1.8)])
def test_a_profile_that_is_not_for_rgb_is_not_kept(profile: bytes) -> None:
    assert open_picture(saved(smooth(9, 9), "JPEG", icc_profile=profile)).icc is None


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_is_turned_to_srgb_by_its_profile(mode: str) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    profile = grey_profile(1.0)
    if mode == "L":
        file = saved(grey, "PNG", icc_profile=profile)
    elif mode == "LA":
        both = np.dstack([grey, grey])
        file = saved(Image.fromarray(both, "LA"), "PNG", icc_profile=profile)
    else:
        file = saved(Image.fromarray(grey.astype(np.uint16) * 257), "PNG", icc_profile=profile)
    picture = open_picture(file)
    linear = grey / 255
    encoded = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    )
    assert np.abs(picture.rgb - 255 * encoded[..., None]).max() < 1.6
    assert picture.icc == srgb()
    assert (picture.alpha is None) == (mode != "LA")
    assert (picture.deep is None) == (mode != "I;16")


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_turned_to_srgb_by_its_profile(kind: str) -> None:
    inks = np.zeros((16, 64, 4), np.uint8)
    inks[:, 16:32, 0] = 255
    inks[:, 32:48, 1] = 255
    inks[:, 48:, 3] = 255
    image = Image.fromarray(inks, "CMYK")
    options = {"quality": 95} if kind == "JPEG" else {}
    profile = cmyk_profile()
    picture = open_picture(saved(image, kind, icc_profile=profile, **options))
    assert picture.icc == srgb()
    white, cyan, magenta, black = (picture.rgb[8, x].astype(int) for x in (8, 24, 40, 56))
    assert white.min() > 250
    assert black.max() < 10
    assert 60 < cyan[0] < 160 < cyan[2]  # a dull ink: not the 0, 255, 255 of plain arithmetic
    assert magenta[1] < magenta[0] < 250
    lab = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    reference = ImageCms.profileToProfile(
        image,
        lab,
        ImageCms.createProfile("sRGB"),
        renderingIntent=1,
        outputMode="RGB",
        flags=0x2000,
    )
    assert np.abs(picture.rgb.astype(int) - np.asarray(reference)).max() <= 4


def test_cmyk_without_a_profile_is_not_a_negative() -> None:
    inks = np.zeros((8, 16, 4), np.uint8)
    inks[:, 8:] = 255
    for kind in ("JPEG", "TIFF"):  # Pillow writes a JPEG's inks inverted, as Adobe does
        rgb = open_picture(saved(Image.fromarray(inks, "CMYK"), kind)).rgb
        assert rgb[4, 3].tolist() == [255, 255, 255]
        assert rgb[4, 12].tolist() == [0, 0, 0]


# --- which way is up -------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "kind", ["PNG", "PNG alpha", "PNG 16", "PNG 16 alpha", "PNG 16 grey", "WEBP"]
)
def test_orientation_of_lossless_files(kind: str, orientation: int, order: str) -> None:
    channels = 4 if "alpha" in kind else 1 if "grey" in kind else 3
    upright = noise(141, 33, channels, np.uint16 if "16" in kind else np.uint8)
    block = exif_block(orientation, order)
    turned = stored(upright, orientation)
    if kind == "WEBP":
        file = saved(turned, "WEBP", lossless=True, exif=block)
    elif "16" in kind:
        file = with_png_chunk(deep_file(turned, ".png"), b"eXIf", block[6:])
    else:
        file = saved(turned, "PNG", exif=block)
    picture = open_picture(file)
    pixels = picture.deep if "16" in kind else picture.rgb
    assert same(pixels, np.broadcast_to(upright[..., :3], (141, 33, 3)))
    if "alpha" in kind:
        assert same(picture.alpha, upright[..., 3] / np.float32(np.iinfo(upright.dtype).max))
    assert picture.exif == exif_block(1, order)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
@pytest.mark.parametrize("deep", [False, True])
def test_orientation_of_tiffs(orientation: int, compression: str | None, deep: bool) -> None:
    upright = noise(33, 21, 3, np.uint16 if deep else np.uint8)
    turned = stored(upright, orientation)
    if deep and compression:
        file = bytearray(encode_cutout(np.dstack([turned, turned[..., :1]]), "TIFF"))
        at = file.rindex(b"\x12\x01\x03\x00\x01\x00\x00\x00\x01")  # the field as export writes it
        file[at + 8] = orientation
    elif deep:
        file = bytearray(big_endian_tiff(turned, 2, orientation=orientation))
    else:
        file = bytearray(
            saved(turned, "TIFF", compression=compression, tiffinfo={274: orientation})
        )
    picture = open_picture(bytes(file))
    assert same(picture.deep if deep else picture.rgb, upright)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
def test_orientation_of_lossy_files(kind: str, orientation: int) -> None:
    upright = smooth(96, 64)
    file = saved(stored(upright, orientation), kind, quality=95, exif=exif_block(orientation))
    picture = open_picture(file)
    assert picture.rgb.shape == upright.shape
    assert np.abs(picture.rgb.astype(int) - upright).max() < 12


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    orientation=st.integers(1, 8),
    place=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
    order=st.sampled_from("<>"),
)
def test_a_marked_pixel_lands_at_its_upright_place(
    width: int, height: int, orientation: int, place: tuple[float, float], order: str
) -> None:
    x, y = int(place[0] * width), int(place[1] * height)
    upright = np.zeros((height, width, 3), np.uint8)
    upright[y, x] = 255
    file = saved(
        Image.fromarray(stored(upright, orientation)), "PNG", exif=exif_block(orientation, order)
    )
    assert np.argwhere(open_picture(file).rgb[..., 0]).tolist() == [[y, x]]


# --- EXIF ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_is_carried_saying_upright_and_without_thumbnail(kind: str) -> None:
    file = saved(smooth(16, 16), kind, exif=exif_block(6, thumbnail=True))
    block = open_picture(file).exif
    assert block.startswith(b"Exif\0\0")
    exif = Image.Exif()
    exif.load(block)
    assert exif[274] == 1
    assert exif[271] == "Pickmatte"
    assert exif.get_ifd(0x8769)[33434] == 1 / 250
    assert not exif.get_ifd(1)


def test_exif_of_a_tiff_is_carried() -> None:
    exif = Image.Exif()
    exif.load(exif_block(1))
    block = open_picture(saved(smooth(16, 16), "TIFF", exif=exif)).exif
    exif = Image.Exif()
    exif.load(block)
    assert exif[271] == "Pickmatte"
    assert exif.get_ifd(0x8769)[33434] == 1 / 250
    assert 256 not in exif


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_exif_block_never_stops_a_picture(data: st.DataObject) -> None:
    block = bytearray(exif_block(6, data.draw(st.sampled_from("<>"))))
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(6, len(block) - 1))] = data.draw(st.integers(0, 255))
    block = block[: data.draw(st.integers(7, len(block)))]
    picture = open_picture(saved(smooth(8, 4), "PNG", exif=bytes(block)))
    assert sorted(picture.size) == [4, 8]


# --- sources and names -----------------------------------------------------------------------


def test_paths_bytes_and_files_are_the_same(tmp_path: Path) -> None:
    file = saved(noise(5, 9), "PNG")
    path = tmp_path / "holiday.one.png"
    path.write_bytes(file)
    with path.open("rb") as opened:
        pictures = [open_picture(s) for s in (path, str(path), file, io.BytesIO(file), opened)]
    assert [p.name for p in pictures] == ["holiday.one"] * 2 + ["picture"] * 2 + ["holiday.one"]
    assert len({p.digest for p in pictures}) == 1
    with path.open("rb") as opened:
        opened.seek(3)
        with pytest.raises(PictureError):
            open_picture(opened)


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    file = saved(noise(5, 9), "PNG")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(file,))
    writer.start()
    assert open_picture(pipe).size == (5, 9)
    writer.join()


def test_the_name_of_the_file_does_not_decide_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(noise(5, 9), "PNG"))
    assert open_picture(path).size == (5, 9)


def test_the_first_frame_of_an_animation_and_the_first_page() -> None:
    frames = [Image.fromarray(np.full((8, 8, 3), value, np.uint8)) for value in (200, 100, 0)]
    for kind in ("GIF", "PNG", "WEBP", "TIFF", "AVIF"):
        file = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        assert np.abs(open_picture(file).rgb.astype(int) - 200).max() <= 6, kind


# --- the pixel limit -------------------------------------------------------------------------


def test_the_limit_is_exact_and_told() -> None:
    file = saved(noise(10, 20), "PNG")
    assert open_picture(file, limit=200).size == (10, 20)
    with pytest.raises(PictureError, match=r"20×10 = 0\.0 million pixels, over the limit"):
        open_picture(file, limit=199)


def test_pillows_own_limit_plays_no_part_and_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # what a host program might do
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF"):
            assert open_picture(saved(smooth(300, 400), kind)).size == (300, 400)
    assert Image.MAX_IMAGE_PIXELS == 100


# --- arrays ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_arrays(dtype: type, channels: int) -> None:
    array = noise(6, 7, channels or 1, dtype)
    picture = picture_from_array(array[..., 0] if channels == 0 else array)
    expected = np.broadcast_to(array[..., :3], (6, 7, 3))
    if dtype is np.uint8:
        assert same(picture.rgb, expected)
        assert picture.deep is None
    else:
        assert same(picture.deep, expected)
        assert same(picture.rgb, np.rint(expected / 257).astype(np.uint8))
    assert (picture.alpha is not None) == (channels == 4)


def test_a_picture_does_not_change_with_the_array_it_came_from() -> None:
    array = noise(6, 7)
    picture = picture_from_array(array)
    digest = picture.digest
    array[:] = 0
    assert picture.rgb.any()
    assert picture_from_array(np.array(picture.rgb)).digest == digest
    with pytest.raises(ValueError, match="read-only"):
        picture.rgb[0, 0] = 0


def test_the_digest_knows_the_shape() -> None:
    zeros = np.zeros((4, 6, 3), np.uint8)
    assert picture_from_array(zeros).digest != picture_from_array(zeros.reshape(6, 4, 3)).digest


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((4, 4, 3), np.float32), "float32"),
        (np.zeros((4, 4, 3), bool), "bool"),
        (np.zeros((4, 4, 2), np.uint8), "shape"),
        (np.zeros((4,), np.uint8), "shape"),
        (np.zeros((1, 4, 4, 3), np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "has no area"),
        (np.zeros((4, 0), np.uint8), "has no area"),
        ([[1, 2], [3, 4]], "list"),
        (None, "NoneType"),
        (np.broadcast_to(np.uint8(0), (10001, 10000, 3)), "limit"),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray, says: str) -> None:
    with pytest.raises(PictureError, match=says):
        picture_from_array(array)


# --- HEIC ------------------------------------------------------------------------------------


def heic(mode: str, pixels: np.ndarray, **options: object) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    made = pillow_heif.from_bytes(mode, pixels.shape[1::-1], pixels.tobytes())
    out = io.BytesIO()
    made.save(out, quality=95, chroma=444, **options)
    return out.getvalue()


def test_heic() -> None:
    rgb = smooth(64, 96)
    picture = open_picture(heic("RGB", rgb, exif=exif_block(1)))
    assert np.abs(picture.rgb.astype(int) - rgb).max() < 8
    assert picture.deep is None
    assert picture.exif == exif_block(1)


def test_a_10_bit_heic_keeps_its_depth() -> None:
    deep = smooth(64, 96).astype(np.uint16) * 257
    deep[:32] = 65535
    picture = open_picture(heic("RGB;16", deep))
    assert np.abs(picture.deep.astype(int) - deep).mean() < 700
    assert picture.deep[4:20].max() == 65535
    assert same(picture.rgb, np.rint(picture.deep / 257).astype(np.uint8))


def test_heic_with_alpha() -> None:
    rgba = smooth(64, 96, 4)
    picture = open_picture(heic("RGBA", rgba))
    assert np.abs(picture.alpha * 255 - 60).max() < 4


def test_heic_over_the_limit() -> None:
    with pytest.raises(PictureError, match="limit"):
        open_picture(heic("RGB", smooth(64, 96)), limit=1000)


def test_heic_without_the_extra_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40)
    program = (
        "import sys; sys.modules['pillow_heif'] = None\n"
        "from interactive.images import open_picture\n"
        "try: open_picture(sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "photo.heic")],
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith("PictureError 'photo.heic' is a HEIC picture")
    assert 'pip install "pickmatte[heic]"' in ran.stdout
    assert ran.stderr == ""
