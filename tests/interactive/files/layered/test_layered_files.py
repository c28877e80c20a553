"""Layered files, read back by other libraries: pixels, names, places, order, what is hidden."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
import tifffile
from making import exif_block, noise, other_rgb_profile
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Resource

from pickmatte.interactive.files.layered import Layer, Layered, save_layers
from pickmatte.interactive.files.layered.stacking import Merged
from pickmatte.interactive.pictures.metadata.record import Metadata

SIZE = (60, 80)
DEPTHS = [np.uint8, np.uint16]


class Read(NamedTuple):
    name: str
    at: tuple[int, int]
    rgba: NDArray[Any]
    visible: bool


def png(data: bytes) -> NDArray[Any]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(image[..., [2, 1, 0, 3]])


def read_psd(path: Path) -> list[Read]:
    """Colours, and the alpha from the mask, or from the layer where it has none."""
    image = PSDImage.open(path)
    full = {8: 255, 16: 65535}[image.depth]
    layers = []
    for layer in image:
        colour = layer.numpy("color")
        own = layer.numpy("shape")
        alpha = layer.numpy("mask") if layer.has_mask() else own
        if layer.has_mask():
            assert own.min() == 1  # opaque: all of the edge is in the mask
            assert layer.mask.bbox == layer.bbox
            assert layer.mask.background_color == 0
        rgba = np.rint(np.dstack([colour, alpha]) * full).astype(f"u{image.depth // 8}")
        layers.append(Read(layer.name, layer.offset, rgba, layer.visible))
    return layers[::-1]


def read_tiff(path: Path) -> list[Read]:
    layers = []
    with tifffile.TiffFile(path) as file:
        for page in file.pages:
            tags = page.tags
            assert page.extrasamples == (2,)  # straight alpha
            x, y = (
                tags[f"{axis}Position"].value[0] * tags[f"{axis}Resolution"].value[0]
                // (tags[f"{axis}Position"].value[1] * tags[f"{axis}Resolution"].value[1])
                for axis in "XY"
            )  # fmt: skip
            layers.append(Read(tags["PageName"].value, (x, y), page.asarray(), True))
    return layers[::-1]


def read_ora(path: Path) -> list[Read]:
    with zipfile.ZipFile(path) as archive:
        image = ElementTree.fromstring(archive.read("stack.xml"))
        assert (int(image.get("h")), int(image.get("w"))) == SIZE
        return [
            Read(
                layer.get("name"),
                (int(layer.get("x")), int(layer.get("y"))),
                png(archive.read(layer.get("src"))),
                layer.get("visibility") == "visible",
            )
            for layer in image.iterfind("stack/layer")
        ]


def read_zip(path: Path) -> list[Read]:
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert (manifest["version"], manifest["height"], manifest["width"]) == (1, *SIZE)
        layers = manifest["layers"]
        assert [layer["order"] for layer in layers] == list(range(len(layers)))
        read = []
        for layer in layers:
            rgba = png(archive.read(layer["file"]))
            assert rgba.shape[:2] == (layer["height"], layer["width"])
            read.append(Read(layer["name"], (layer["x"], layer["y"]), rgba, layer["visible"]))
        return read


READERS = {".psd": read_psd, ".tiff": read_tiff, ".ora": read_ora, ".zip": read_zip}


def layers(dtype: type) -> list[Layer]:
    """In the middle, at two corners, one pixel, nothing at all, hidden; overlapping; odd names."""
    nothing = np.zeros((1, 1, 4), dtype)
    return [
        Layer("Søren’s 犬/dog 🐕", noise(21, 33, 4, dtype), (11, 7)),
        Layer('<a & "b">', noise(20, 30, 4, dtype), (0, 0)),
        Layer("same", noise(25, 20, 4, dtype), (60, 35)),
        Layer("same", noise(1, 1, 4, dtype), (79, 59)),
        Layer("empty", nothing),
        Layer("..\\ / up", noise(60, 80, 4, dtype), (0, 0), visible=False),
    ]


def saved(path: Path, written: list[Layer], **more: Any) -> Path:
    return save_layers(path, Layered(SIZE, iter(written), **more))


@pytest.mark.parametrize("dtype", DEPTHS)
@pytest.mark.parametrize("suffix", READERS)
def test_layers_come_back(tmp_path: Path, suffix: str, dtype: type) -> None:
    written = layers(dtype)
    read = READERS[suffix](saved(tmp_path / f"out{suffix}", written))
    if suffix == ".tiff":  # which cannot hide, and whose front page is as large as the picture
        written = [layer for layer in written if layer.visible]
        whole = np.zeros((*SIZE, 4), dtype)
        whole[written[0].where] = written[0].rgba
        written[0] = Layer(written[0].name, whole)
    assert [layer.name for layer in read] == [layer.name for layer in written]
    for back, layer in zip(read, written, strict=True):
        assert (back.at, back.visible) == (layer.at, layer.visible)
        assert back.rgba.dtype == dtype
        assert (back.rgba == layer.rgba).all()


@pytest.mark.parametrize("dtype", DEPTHS)
@pytest.mark.parametrize("suffix", [".psd", ".ora", ".zip"])
@pytest.mark.parametrize("channels", [3, 4])
def test_the_photo_lies_hidden_at_the_bottom(
    tmp_path: Path, suffix: str, dtype: type, channels: int
) -> None:
    photo = noise(*SIZE, channels, dtype)
    path = saved(tmp_path / f"out{suffix}", layers(dtype)[:2], photo=photo)
    bottom = READERS[suffix](path)[-1]
    assert (bottom.name, bottom.at, bottom.visible) == ("Photo", (0, 0), False)
    assert (bottom.rgba[..., :channels] == photo).all()
    if channels == 3:
        assert (bottom.rgba[..., 3] == np.iinfo(dtype).max).all()


def test_the_photo_is_locked(tmp_path: Path) -> None:
    photo = noise(*SIZE)
    image = PSDImage.open(saved(tmp_path / "a.psd", layers(np.uint8), photo=photo))
    assert [layer.tagged_blocks.get_data(b"lspf", 0) >> 31 for layer in image] == [1] + 6 * [0]
    with zipfile.ZipFile(saved(tmp_path / "a.ora", layers(np.uint8), photo=photo)) as archive:
        stack = ElementTree.fromstring(archive.read("stack.xml"))[0]
    assert [layer.get("edit-locked") for layer in stack] == 6 * [None] + ["true"]


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize(
    ("name", "back"),
    [("n" * 300, "n" * 300), ("🐕" * 300, "🐕" * 300), ("a\0b\nc\ud800", "a b c"), ("", "subject")],
)
def test_names_that_are_long_or_cannot_be_written(
    tmp_path: Path, suffix: str, name: str, back: str
) -> None:
    read = READERS[suffix](saved(tmp_path / f"out{suffix}", 2 * [Layer(name, noise(*SIZE, 4))]))
    if suffix == ".psd":  # names end at 255 UTF-16 units there, and not within a character
        back = back[:255] if name[0:1] != "🐕" else back[:127]
    assert [layer.name for layer in read] == [back, back]


# --- what else is in the files ---------------------------------------------------------------


def merged(written: list[Layer]) -> NDArray[Any]:
    together = Merged(SIZE)
    for layer in written:
        together.lay(layer)
    return together.rgba


def test_psd_as_a_reader_without_layers_sees_it(tmp_path: Path) -> None:
    """Pillow's own decoder: the merged picture is laid on white, as Photoshop does."""
    written = layers(np.uint8)
    path = saved(
        tmp_path / "out.psd",
        written,
        icc=other_rgb_profile(),
        metadata=Metadata(exif=exif_block(1)),
    )
    expected = merged(written).astype(np.float64)
    alpha = expected[..., 3:] / 255
    with Image.open(path) as image:
        assert image.info["icc_profile"] == other_rgb_profile()
        pixels = np.asarray(image.convert("RGB"))
    assert np.abs(pixels - (expected[..., :3] * alpha + 255 * (1 - alpha))).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("dtype", DEPTHS)
def test_psd_carries_merged_picture_profile_and_exif(tmp_path: Path, dtype: type) -> None:
    written = layers(dtype)
    path = saved(
        tmp_path / "out.psd",
        written,
        icc=other_rgb_profile(),
        metadata=Metadata(exif=exif_block(1)),
    )
    image = PSDImage.open(path)
    assert image.has_preview()
    assert image.image_resources.get_data(Resource.ICC_PROFILE) == other_rgb_profile()
    assert image.image_resources.get_data(Resource.EXIF_DATA_1) == exif_block(1)[6:]
    alpha = np.rint(image.numpy("shape")[..., 0] * np.iinfo(dtype).max)
    assert (alpha == merged(written)[..., 3]).all()


def test_psd_and_its_composite_agree(tmp_path: Path) -> None:
    """What a program makes of the layers is what is stored as merged."""
    written = [layer for layer in layers(np.uint8) if layer.name != "empty"]
    composite = PSDImage.open(saved(tmp_path / "out.psd", written)).composite(force=True)
    mine, theirs = merged(written).astype(np.float64), np.asarray(composite, np.float64)
    assert np.abs(mine[..., 3] - theirs[..., 3]).max() <= 1
    assert np.abs((mine - theirs)[..., :3] * mine[..., 3:] / 255).max() <= 2


@pytest.mark.parametrize("dtype", DEPTHS)
def test_openraster_is_what_its_specification_asks_for(tmp_path: Path, dtype: type) -> None:
    written = layers(dtype)
    path = saved(tmp_path / "out.ora", written, icc=other_rgb_profile())
    assert path.read_bytes()[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert (png(archive.read("mergedimage.png")) == merged(written)).all()
        thumbnail = Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png")))
        assert (thumbnail.mode, thumbnail.size) == ("RGBA", (80, 60))
        for name in archive.namelist():
            if name.endswith(".png"):
                image = Image.open(io.BytesIO(archive.read(name)))
                assert image.info["icc_profile"] == other_rgb_profile()


def test_thumbnails_are_small_and_free_of_hidden_colours(tmp_path: Path) -> None:
    rgba = np.zeros((2000, 30, 4), np.uint8)
    rgba[..., 0], rgba[1000:, :, 1], rgba[1000:, :, 3] = 255, 255, 255
    rgba[1000:, :, 0] = 0  # green below, hidden red above
    path = save_layers(tmp_path / "out.ora", Layered((2000, 30), [Layer("a", rgba)]))
    with zipfile.ZipFile(path) as archive:
        small = png(archive.read("Thumbnails/thumbnail.png"))
    assert small.shape == (256, 4, 4)
    assert (small[small[..., 3] > 0][:, :3] == (0, 255, 0)).all()


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_carries_profile_and_exif_on_its_first_page(tmp_path: Path, order: str) -> None:
    path = saved(
        tmp_path / "out.tif",
        layers(np.uint16),
        icc=other_rgb_profile(),
        metadata=Metadata(exif=exif_block(1, order)),
    )
    with Image.open(path) as image:  # the bottom one, a single pixel that Pillow reads as RGBA
        assert image.info["icc_profile"] == other_rgb_profile()
        assert image.getexif()[271] == "Pickmatte"
        assert image.getexif().get_ifd(0x8769)[33434] == 1 / 250
    assert len(read_tiff(path)) == 5


def test_the_same_layers_give_the_same_bytes(tmp_path: Path) -> None:
    for suffix in READERS:
        first, second = (saved(tmp_path / f"{n}{suffix}", layers(np.uint8)) for n in "ab")
        assert first.read_bytes() == second.read_bytes()


def test_files_of_a_zip_have_names_that_any_system_takes(tmp_path: Path) -> None:
    names = ["a/b", "..", "CON: <x>|?*", "  ", "x" * 300, "犬"]
    path = saved(tmp_path / "out.zip", [Layer(name, noise(*SIZE, 4)) for name in names])
    with zipfile.ZipFile(path) as archive:
        files = [name for name in archive.namelist() if name != "manifest.json"]
    assert files == [
        "01-a-b.png",
        "02-subject.png",
        "03-CON-x.png",
        "04-subject.png",
        f"05-{'x' * 60}.png",
        "06-犬.png",
    ]
