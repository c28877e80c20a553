"""Paths, bytes, files, pipes and arrays; the pixel limit; HEIC."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from making import (
    exif_block,
    noise,
    same,
    saved,
    smooth,
)
from PIL import Image

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
