"""Paths, bytes, files, pipes and arrays; the pixel limit; HEIC."""

from __future__ import annotations

import io
import os
import threading
import warnings
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from making import (
    exif_block,
    noise,
    other_rgb_profile,
    same,
    saved,
    smooth,
)
from PIL import Image, ImageOps

from pickmatte import Session
from pickmatte.interactive.pictures.picture import open_picture, picture_from_array
from pickmatte.models.errors import PictureError


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
    for wrong in (0, -1, float("nan")):
        with pytest.raises(PictureError, match="leaves no picture"):
            open_picture(file, limit=wrong)


def test_the_limit_can_be_raised_as_the_sentence_says(tmp_path: Path) -> None:
    large = Image.new("1", (10_100, 10_000))
    path = tmp_path / "large.png"
    large.save(path)
    flat = np.broadcast_to(np.uint8(0), (10_000, 10_100))
    says = r"raise the limit: --limit 101 on the command line, limit=101_000_000 in Python\."
    for refused in (lambda: open_picture(path), lambda: Session.open(path), lambda: Session(flat),
                    lambda: Session(large), lambda: Session.open(large)):  # fmt: skip
        with pytest.raises(PictureError, match=says):
            refused()
    session = Session.open(path, limit=101_000_000)
    assert session.size == (10_000, 10_100)
    with pytest.raises(PictureError, match=says):
        Session.replay(path, session.recipe())
    assert Session.replay(path, session.recipe(), limit=101_000_000).size == session.size
    assert Session(session.picture).size == session.size  # opened is opened


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


# --- PIL images ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "RGBX", "CMYK", "I;16"])
def test_a_pil_image_is_the_picture_it_would_be_as_a_file(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(noise(6, 7, 1, np.uint16)[..., 0])
    else:
        image = Image.fromarray(noise(6, 7)).convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.fromarray(noise(6, 7, 1)[..., 0]))
    before = image.tobytes()
    picture = open_picture(image)
    file = open_picture(saved(image, "TIFF"))
    assert same(picture.rgb, file.rgb)
    assert (picture.deep is None) == (file.deep is None)
    assert (picture.alpha is None) == (mode not in ("LA", "RGBA"))
    if picture.alpha is not None:
        assert same(picture.alpha, file.alpha)
    assert image.tobytes() == before  # it is still open, and as it was


@pytest.mark.parametrize("transparency", [None, 3, bytes(range(0, 256, 16))])
def test_a_pil_image_with_a_palette(transparency: int | bytes | None) -> None:
    table = noise(1, 16)[0]
    index = np.arange(15 * 14).reshape(15, 14).astype(np.uint8) % 16
    image = Image.fromarray(index, "P")
    image.putpalette(table.tobytes())
    if transparency is not None:
        image.info["transparency"] = transparency
    picture = open_picture(image)
    assert same(picture.rgb, table[index])
    if transparency is None:
        assert picture.alpha is None
    else:
        wanted = (index != 3) * 1.0 if transparency == 3 else index * 16 / 255
        np.testing.assert_allclose(picture.alpha, wanted, atol=1e-6)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_pil_image_opened_from_a_file_is_that_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "holiday.one"
    block = Image.Exif()
    block.load(exif_block(6))
    path.write_bytes(saved(smooth(20, 30), kind, exif=block, icc_profile=other_rgb_profile()))
    file = open_picture(path)
    with Image.open(path) as image:
        picture = open_picture(image)
        assert same(picture.rgb, file.rgb)
        assert (picture.icc, picture.exif, picture.name) == (file.icc, file.exif, "holiday")
        turned = open_picture(ImageOps.exif_transpose(image))  # turned already: not once more
    assert same(turned.rgb, file.rgb)
    assert Session(image).size == file.size


def test_pil_images_that_are_no_pictures(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    path.write_bytes(saved(noise(60, 60), "PNG")[:4000])
    with (
        Image.open(path) as image,
        pytest.raises(PictureError, match=r"'half\.png' cannot be read"),
    ):
        open_picture(image)
    closed = Image.new("RGB", (4, 4))
    closed.close()
    with pytest.raises(PictureError, match="cannot be read as a PIL image"):
        open_picture(closed)
    with pytest.raises(PictureError, match="stores its pixels as HSV"):
        open_picture(Image.new("HSV", (4, 4)))
    with pytest.raises(PictureError, match="has no area"):
        open_picture(Image.new("RGB", (0, 4)))
    with pytest.raises(PictureError, match=r"not str; a file is opened with Session\.open"):
        Session(str(path))


# --- HEIC ------------------------------------------------------------------------------------


def heic(mode: str, pixels: np.ndarray, **options: object) -> bytes:
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
