"""Pictures are turned upright, and their EXIF says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import (
    big_endian_tiff,
    deep_file,
    exif_block,
    noise,
    same,
    saved,
    smooth,
    stored,
    with_png_chunk,
)
from PIL import Image

from pickmatte.interactive.files.export import encode_cutout
from pickmatte.interactive.pictures.picture import open_picture


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
