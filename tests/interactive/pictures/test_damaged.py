"""Damaged, lying and foreign files: one `PictureError` with a sentence, and silence besides.

Most must be refused. Where a format cannot tell (bits flipped in a BMP's pixels), a picture of the
right size may come out; nothing else may.
"""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from making import deep_file, noise, other_rgb_profile, png_chunk, saved, smooth
from PIL import Image

from pickmatte.interactive.files.export import encode_cutout
from pickmatte.interactive.pictures.picture import open_picture
from pickmatte.models.errors import PictureError

SIZE = (120, 160)
RGB = np.bitwise_xor(smooth(*SIZE), noise(*SIZE) // 32)

GOOD = {
    "jpeg": saved(RGB, "JPEG", quality=90),
    "progressive": saved(RGB, "JPEG", quality=90, progressive=True),
    "png": saved(RGB, "PNG"),
    "png16": deep_file(noise(*SIZE, 3, np.uint16), ".png"),
    "palette": saved(Image.fromarray(RGB).quantize(64), "PNG"),
    "webp": saved(RGB, "WEBP"),
    "lossless webp": saved(RGB, "WEBP", lossless=True),
    "tiff": saved(RGB, "TIFF"),
    "lzw tiff": saved(RGB, "TIFF", compression="tiff_lzw"),
    "tiff16": deep_file(noise(*SIZE, 3, np.uint16), ".tiff", cv2.IMWRITE_TIFF_COMPRESSION, 5),
    "our tiff16": encode_cutout(noise(*SIZE, 4, np.uint16), "TIFF", icc=other_rgb_profile()),
    "bmp": saved(RGB, "BMP"),
    "gif": saved(RGB, "GIF"),
    "avif": saved(RGB, "AVIF"),
}


def refused(data: bytes, capfd: pytest.CaptureFixture[str], says: str | None = None) -> None:
    with pytest.raises(PictureError, match=says) as caught:
        open_picture(data)
    text = str(caught.value)
    assert text[0].isupper() or text[0] == "'"
    assert "\n" not in text
    assert text.endswith((".", '"'))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", GOOD)
def test_the_files_are_good_to_begin_with(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert open_picture(GOOD[kind]).size == SIZE
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97])
def test_a_file_cut_short_is_refused(
    kind: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    refused(GOOD[kind][: int(len(GOOD[kind]) * share)], capfd)


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("length", [1, 2, 4, 8, 12, 16, 20, 26, 30, 40, 64])
def test_the_first_few_bytes_alone_are_refused(
    kind: str, length: int, capfd: pytest.CaptureFixture[str]
) -> None:
    refused(GOOD[kind][:length], capfd)


@pytest.mark.parametrize("kind", GOOD)
def test_magic_followed_by_noise_is_refused(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    for keep in (4, 12, 20):
        refused(GOOD[kind][:keep] + noise(50, 40).tobytes(), capfd)


@pytest.mark.parametrize("kind", GOOD)
def test_trailing_garbage_is_no_harm(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    picture = open_picture(GOOD[kind] + b"garbage" * 100)
    assert (picture.rgb == open_picture(GOOD[kind]).rgb).all()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", GOOD)
def test_flipped_bytes_give_a_picture_or_a_sentence(
    kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(5)
    good = GOOD[kind]
    for trial in range(60):
        data = bytearray(good)
        # Half the trials strike the header, where a flip does most.
        reach = len(good) if trial % 2 else min(200, len(good))
        for at in rng.integers(0, reach, 1 + trial % 4):
            data[at] ^= int(rng.integers(1, 256))
        try:
            picture = open_picture(bytes(data), limit=2_000_000)
        except PictureError as error:
            sentence = str(error)
            assert "\n" not in sentence
        else:
            assert picture.rgb.dtype == np.uint8
            assert picture.rgb.shape == (*picture.size, 3)
            assert picture.deep is None or picture.deep.shape == picture.rgb.shape
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", GOOD)
def test_a_hole_of_zeros_gives_a_picture_or_a_sentence(
    kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    good = GOOD[kind]
    for start in (0.2, 0.5, 0.8):
        at = int(len(good) * start)
        with suppress(PictureError):
            assert open_picture(good[:at] + bytes(500) + good[at + 500 :]).size == SIZE
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("at", [100, 2000, 9000])
@pytest.mark.parametrize("kind", ["png", "png16", "palette"])
def test_a_png_whose_check_sums_fail_is_refused(
    kind: str, at: int, capfd: pytest.CaptureFixture[str]
) -> None:
    good = GOOD[kind]
    data = bytearray(good)
    data[good.index(b"IDAT") + 4 + at % (len(good) // 2)] ^= 0x55
    refused(bytes(data), capfd, "damaged")


# --- sizes that lie --------------------------------------------------------------------------


def png_saying(width: int, height: int, depth: int = 8, kind: int = 2) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    data = png_chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + data + png_chunk(b"IEND", b"")


def jpeg_saying(width: int, height: int) -> bytes:
    data = bytearray(GOOD["jpeg"])
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def bmp_saying(width: int, height: int) -> bytes:
    data = bytearray(GOOD["bmp"])
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def gif_saying(width: int, height: int) -> bytes:
    data = bytearray(GOOD["gif"])
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def tiff_saying(width: int, height: int) -> bytes:
    data = bytearray(GOOD["tiff"])
    (at,) = struct.unpack_from("<I", data, 4)
    for entry in range(at + 2, at + 2 + 24, 12):
        tag = struct.unpack_from("<H", data, entry)[0]
        value = {256: width, 257: height}[tag]
        data[entry : entry + 12] = struct.pack("<HHII", tag, 4, 1, value)
    return bytes(data)


def webp_saying(width: int, height: int, form: bytes = b"VP8X") -> bytes:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + form + struct.pack("<I", 10) + bytes(4) + sizes + GOOD["webp"][12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "data",
    [
        png_saying(60000, 60000),
        png_saying(2**31 - 1, 2**31 - 1),
        png_saying(60000, 60000, 16, 6),
        png_saying(100_000_001, 1),
        jpeg_saying(65500, 65500),
        bmp_saying(30000, 30000),
        bmp_saying(2**31 - 1, 2**31 - 1),
        gif_saying(65535, 65535),
        tiff_saying(50000, 50000),
        tiff_saying(2**32 - 1, 2**32 - 1),
        webp_saying(2**24, 2**24),
        webp_saying(16000, 16000),
    ],
)
def test_giant_sizes_are_refused_by_the_header(
    data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    refused(data, capfd, "over the limit of 100 million")


@pytest.mark.parametrize(
    "data",
    [
        png_saying(0, 10),
        png_saying(10, 0),
        png_saying(4000, 3000),
        png_saying(4000, 3000, 16, 2),
        png_saying(4000, 3000, 16, 0),
        png_saying(10, 10, 7),
        png_saying(10, 10, 8, 5),
        jpeg_saying(0, 10),
        bmp_saying(0, 10),
        bmp_saying(10, 0),
        bmp_saying(5000, 5000),
        gif_saying(0, 0)[:13] + b";",
        tiff_saying(0, 10),
        tiff_saying(10, 0),
        tiff_saying(5000, 5000),
    ],
)
def test_other_sizes_that_lie_are_refused(data: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    refused(data, capfd)


def test_a_jpeg_that_claims_more_than_it_holds_is_not_larger_than_it_claims(
    capfd: pytest.CaptureFixture[str],
) -> None:
    # It ends in order, so libjpeg fills the rest with grey, as it does for every viewer.
    assert open_picture(jpeg_saying(300, 400)).size == (400, 300)
    assert capfd.readouterr() == ("", "")


# --- bombs, foreign files, things that are no files ------------------------------------------


def test_a_profile_that_unpacks_without_end_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    bomb = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200_000_000), 9))
    refused(GOOD["png"][:33] + bomb + GOOD["png"][33:], capfd)


@pytest.mark.parametrize(
    "data",
    [
        b"Hello, I am a letter.\n" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7\n" + bytes(500),
        b"PK\x03\x04" + bytes(500),
        b"8BPS\0\x01" + bytes(500),
        b"\0" * 1000,
        b"\xff" * 1000,
        b"\n",
        "ein Brief über Bilder".encode("utf-16"),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500),
        b"RIFF\x24\0\0\0WAVEfmt " + bytes(500),
    ],
)
def test_what_is_no_picture_is_called_that(data: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    refused(data, capfd, "not a picture Pickmatte can read; give JPEG, PNG")


def test_an_empty_file_is_called_that(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    refused(b"", capfd, "empty")
    (tmp_path / "nothing.png").touch()
    with pytest.raises(PictureError, match=r"'nothing\.png' is empty"):
        open_picture(tmp_path / "nothing.png")


def test_a_camera_raw_file_is_called_that(capfd: pytest.CaptureFixture[str]) -> None:
    thumbnail = saved(RGB, "TIFF", tiffinfo={254: 1})
    refused(thumbnail, capfd, "raw file")


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (Image.new("LAB", (8, 8)), "LAB"),
        (Image.new("I", (8, 8)), "stores its pixels as I"),
        (Image.new("F", (8, 8), 7.0), "outside 0..1"),
        (Image.new("F", (8, 8), float("nan")), "outside 0..1"),
    ],
)
def test_rare_kinds_of_pixels_are_named(
    image: Image.Image, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    refused(saved(image, "TIFF"), capfd, says)


def test_16_bits_in_planes_are_refused_rather_than_misread(
    capfd: pytest.CaptureFixture[str],
) -> None:
    data = bytearray(GOOD["tiff16"])
    at = data.index(struct.pack("<HHIH", 284, 3, 1, 1))
    data[at + 8] = 2
    refused(bytes(data), capfd, "planes")


def test_places_that_hold_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path, says in (
        (tmp_path, "is a folder"),
        (tmp_path / "none.jpg", "no file"),
        (tmp_path / "file" / "none.jpg", "cannot be opened"),
        ("nul\0.jpg", "cannot be opened"),
        ("", "folder"),
        (tmp_path / ("n" * 300), "cannot be opened"),
    ):
        with pytest.raises(PictureError, match=says):
            open_picture(path)


def test_files_opened_in_the_wrong_way(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(GOOD["png"])
    with path.open(encoding="latin-1") as text, pytest.raises(PictureError, match="binary mode"):
        open_picture(text)
    with path.open("rb") as closed:
        pass
    with pytest.raises(PictureError, match="cannot be read"):
        open_picture(closed)
    with path.open("ab") as appending, pytest.raises(PictureError, match="cannot be read"):
        open_picture(appending)
    with pytest.raises(PictureError, match="cannot be read"):
        open_picture(12)


@pytest.mark.parametrize("kind", ["jpeg", "png", "lzw tiff", "tiff16", "webp", "avif"])
def test_damaged_files_on_a_disk(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "photo.bin"
    path.write_bytes(GOOD[kind])
    assert (open_picture(path).rgb == open_picture(GOOD[kind]).rgb).all()
    path.write_bytes(GOOD[kind][: len(GOOD[kind]) * 2 // 3])
    with pytest.raises(PictureError, match=r"'photo\.bin' cannot be read as"):
        open_picture(path)
    assert capfd.readouterr() == ("", "")


def test_damaged_heic_files(capfd: pytest.CaptureFixture[str]) -> None:
    out = io.BytesIO()
    pillow_heif.from_bytes("RGB", SIZE[::-1], RGB.tobytes()).save(out, quality=80)
    good = out.getvalue()
    for share in (0.02, 0.1, 0.3, 0.6, 0.9):
        refused(good[: int(len(good) * share)], capfd)
    rng = np.random.default_rng(5)
    for trial in range(60):
        data = bytearray(good)
        for at in rng.integers(0, len(good) if trial % 2 else 300, 1 + trial % 4):
            data[at] ^= int(rng.integers(1, 256))
        try:
            picture = open_picture(bytes(data), limit=2_000_000)
        except PictureError:
            continue
        assert picture.rgb.shape == (*picture.size, 3)
    assert capfd.readouterr() == ("", "")
