"""Cut-outs come back from their files pixel for pixel, and files appear whole or not at all."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import exif_block, noise, other_rgb_profile
from PIL import Image

from pickmatte.interactive.files import deflating
from pickmatte.interactive.files.export import encode_cutout, encode_grey, save_cutout, save_grey
from pickmatte.interactive.pictures.metadata.record import Metadata
from pickmatte.interactive.pictures.picture import open_alpha, open_mask, open_picture
from pickmatte.models.errors import ExportError

FORMATS = [
    ("PNG", np.uint8),
    ("PNG", np.uint16),
    ("TIFF", np.uint8),
    ("TIFF", np.uint16),
    ("WEBP", np.uint8),
]


def pillow(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


# --- round trips, read by others as well as by us --------------------------------------------


@pytest.mark.parametrize(("format", "dtype"), FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (37, 53), (700, 400)])
def test_round_trip(format: str, dtype: type, size: tuple[int, int]) -> None:
    rgba = noise(*size, 4, dtype)
    rgba[: size[0] // 2, :, 3] = 0  # colours under alpha 0 must survive
    data = encode_cutout(rgba, format)
    picture = open_picture(data)
    pixels = picture.rgb if dtype is np.uint8 else picture.deep
    assert (pixels == rgba[..., :3]).all()
    full = np.iinfo(dtype).max
    alpha = np.ones(size, np.float32) if picture.alpha is None else picture.alpha
    assert (alpha == rgba[..., 3] / np.float32(full)).all()
    if dtype is np.uint8:
        assert pillow(data).mode == "RGBA"
        assert (np.asarray(pillow(data)) == rgba).all()
    else:
        other = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert (other[..., [2, 1, 0, 3]] == rgba).all()


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    format=st.sampled_from(FORMATS),
    piece=st.integers(1, 4000),
    exif=st.sampled_from([None, exif_block(1, "<"), exif_block(1, ">"), b"rubbish"]),
)
def test_round_trip_however_the_rows_are_cut(
    width: int, height: int, format: tuple[str, type], piece: int, exif: bytes | None
) -> None:
    rgba = noise(height, width, 4, format[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deflating, "_PIECE", piece)
        data = encode_cutout(rgba, format[0], metadata=Metadata(exif=exif))
    picture = open_picture(data)
    assert ((picture.rgb if format[1] is np.uint8 else picture.deep) == rgba[..., :3]).all()


def test_pictures_wide_and_tall_enough_for_many_pieces() -> None:
    rgba = noise(1500, 900, 4)
    for format in ("PNG", "TIFF"):
        assert (np.asarray(pillow(encode_cutout(rgba, format))) == rgba).all()


@pytest.mark.parametrize(("format", "dtype"), FORMATS)
def test_the_profile_is_carried_byte_for_byte(format: str, dtype: type) -> None:
    profile = other_rgb_profile()
    data = encode_cutout(noise(9, 8, 4, dtype), format, icc=profile)
    assert pillow(data).info["icc_profile"] == profile
    assert open_picture(data).icc == profile


@pytest.mark.parametrize(("format", "dtype"), FORMATS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_is_carried(format: str, dtype: type, order: str) -> None:
    block = exif_block(1, order)
    rgba = noise(9, 8, 4, dtype)
    data = encode_cutout(rgba, format, icc=other_rgb_profile(), metadata=Metadata(exif=block))
    exif = pillow(data).getexif()
    assert exif[271] == "Pickmatte"
    assert exif.get_ifd(0x8769)[33434] == 1 / 250
    assert exif.get(274, 1) == 1
    if format != "TIFF":
        assert open_picture(data).exif == block
    picture = open_picture(data)
    assert ((picture.rgb if dtype is np.uint8 else picture.deep) == rgba[..., :3]).all()


def test_exif_that_is_damaged_does_not_stop_a_tiff() -> None:
    rgba = noise(9, 8, 4)
    for exif in (b"", b"Exif\0\0", b"II*\0\xff\xff\xff\xff", exif_block(1)[:40]):
        assert (
            open_picture(encode_cutout(rgba, "TIFF", metadata=Metadata(exif=exif))).rgb
            == rgba[..., :3]
        ).all()


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".webp", ".tif", ".tiff"])
def test_the_file_holds_the_same_bytes_as_the_download(tmp_path: Path, suffix: str) -> None:
    rgba = noise(9, 8, 4)
    format = {".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}.get(suffix, "PNG")
    options = {"icc": other_rgb_profile(), "metadata": Metadata(exif=exif_block(1))}
    target = tmp_path / f"out{suffix}"
    assert save_cutout(target, rgba, **options) == target
    assert target.read_bytes() == encode_cutout(rgba, format, **options)
    assert target.read_bytes() == encode_cutout(rgba, format, **options)


def test_arrays_that_are_views_are_written_as_they_look() -> None:
    rgba = noise(40, 30, 4)[::-1, ::2]
    for format in ("PNG", "TIFF", "WEBP"):
        assert (np.asarray(pillow(encode_cutout(rgba, format))) == rgba).all()


# --- masks and alphas ------------------------------------------------------------------------


def test_grey_layers_round_trip(tmp_path: Path) -> None:
    mask = noise(31, 22, 1)[..., 0] > 100
    assert (open_mask(save_grey(tmp_path / "m.png", mask), (31, 22)) == mask).all()
    trimap = noise(31, 22, 1)[..., 0] // 100 * 127
    image = pillow(save_grey(tmp_path / "t.png", trimap).read_bytes())
    assert image.mode == "L"
    assert (np.asarray(image) == trimap).all()
    alpha = (noise(31, 22, 1, np.uint16)[..., 0] / np.float32(65535)).astype(np.float32)
    back = open_alpha(save_grey(tmp_path / "a.png", alpha), (31, 22))
    assert np.abs(back - alpha).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_alpha_rounds_to_the_nearest(dtype: type) -> None:
    alpha = np.array([[0, 0.00195, 0.00197, 0.5, 0.99803, 0.99805, 1, 1.0000001]], dtype)
    assert np.asarray(pillow(encode_grey(alpha))).tolist() == [[0, 0, 1, 128, 254, 255, 255, 255]]


@pytest.mark.parametrize(
    "layer",
    [
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((4, 4), np.int64),
        np.full((4, 4), np.nan, np.float32),
        np.full((4, 4), 255, np.float32),
    ],
)
def test_layers_that_cannot_be_written(layer: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(ExportError):
        save_grey(tmp_path / "out.png", layer)
    assert list(tmp_path.iterdir()) == []


def test_layers_are_png_only(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"\.png"):
        save_grey(tmp_path / "mask.jpg", np.ones((2, 2), bool))


# --- what cannot be written, and is told in a sentence ---------------------------------------


@pytest.mark.parametrize(
    ("name", "pixels", "says"),
    [
        ("out.jpg", noise(2, 2, 4), "no transparency"),
        ("out.jpeg", noise(2, 2, 4), "no transparency"),
        ("out.xyz", noise(2, 2, 4), r"\.png, \.webp or \.tiff"),
        ("out", noise(2, 2, 4), "without suffix"),
        ("out.webp", noise(2, 2, 4, np.uint16), "8 bits"),
        ("out.webp", np.zeros((1, 16384, 4), np.uint8), "16383"),
        ("out.png", noise(2, 2, 3), "H×W×4"),
        ("out.png", np.zeros((2, 2, 4), np.float32), "float32"),
        ("out.png", np.zeros((0, 2, 4), np.uint8), "no pixels"),
        ("no/such/out.png", noise(2, 2, 4), "does not exist"),
        ("a-file/out.png", noise(2, 2, 4), "not a folder"),
        ("a-folder.png", noise(2, 2, 4), "is a folder"),
        ("full.png", noise(2, 2, 4), "is a device"),
        ("n" * 300 + ".png", noise(2, 2, 4), "cannot be written"),
        ("nul\0.png", noise(2, 2, 4), "cannot be written"),
    ],
)
def test_refusals(tmp_path: Path, name: str, pixels: np.ndarray, says: str) -> None:
    (tmp_path / "a-file").write_text("here")
    (tmp_path / "a-folder.png").mkdir()
    (tmp_path / "full.png").symlink_to("/dev/full")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ExportError, match=says) as caught:
        save_cutout(tmp_path / name, pixels)
    assert str(caught.value).endswith(".")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match="no permission"):
        save_cutout(tmp_path / "out.png", noise(2, 2, 4))


def test_a_folder_on_a_file_system_that_refuses() -> None:
    with pytest.raises(ExportError, match=r"\."):
        save_cutout("/proc/out.png", noise(2, 2, 4))


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    old = encode_cutout(noise(2, 2, 4))
    target.write_bytes(old)
    program = (
        "import resource, sys, numpy as np\n"
        "from pickmatte.interactive.files.export import save_cutout\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "rgba = np.random.default_rng(0).integers(0, 256, (200, 200, 4), dtype=np.uint8)\n"
        "try: save_cutout(sys.argv[1], rgba)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(target)], capture_output=True, text=True
    )
    assert ran.stdout.startswith("ExportError There is no room left for"), ran
    assert ran.stderr == ""
    assert target.read_bytes() == old
    assert list(tmp_path.iterdir()) == [target]


# --- the file itself -------------------------------------------------------------------------


def test_a_file_that_was_there_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    target.write_text("old")
    save_cutout(target, noise(3, 4, 4))
    assert open_picture(target).size == (3, 4)
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_text("old")
    (tmp_path / "link.png").symlink_to("real.png")
    save_cutout(tmp_path / "link.png", noise(3, 4, 4))
    assert (tmp_path / "link.png").is_symlink()
    assert open_picture(tmp_path / "real.png").size == (3, 4)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_files_mode_follows_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        save_cutout(tmp_path / "out.png", noise(2, 2, 4))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.png").stat().st_mode) == 0o666 & ~mask


def test_a_name_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert save_cutout("out.png", noise(2, 2, 4)) == Path("out.png")
    assert open_picture("out.png").name == "out"
