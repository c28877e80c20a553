"""Drawings, text and gradients come out small, in every format, and exactly as they were."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from making import noise, smooth
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pickmatte.interactive.files import deflating
from pickmatte.interactive.files.deflating import is_flat_art
from pickmatte.interactive.files.export import encode_cutout, encode_grey
from pickmatte.interactive.files.layered import Layer, Layered, save_layers

HEIGHT, WIDTH = 900, 800
Y, X = np.mgrid[:HEIGHT, :WIDTH]


def opaque(*planes: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.dstack([*planes, np.full_like(Y, 255)]).astype(np.uint8)


def chequer() -> NDArray[np.uint8]:
    square = (X // 20 + Y // 20) % 2
    return opaque(square * 255, square * 100, 255 - square * 255)


def page_of_text() -> NDArray[np.uint8]:
    image = Image.new("RGBA", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    words = ["point", "at", "a", "subject", "of", "photos", "and", "get", "exactly", "its", "hair"]
    order = np.random.default_rng(0)
    for top in range(30, HEIGHT - 40, 26):
        draw.text((40, top), " ".join(order.choice(words, 12)), "black", font)
    return np.asarray(image)


def gradient() -> NDArray[np.uint8]:
    return opaque(X * 255 // WIDTH, Y * 255 // HEIGHT, (X + Y) * 255 // (WIDTH + HEIGHT))


def small_steep_gradient() -> NDArray[np.uint8]:
    """No pixel is like its neighbours, and yet all are told by them."""
    return opaque(X, Y, (X + Y) // 2)[:256, :256]


def sticker() -> NDArray[np.uint8]:
    image = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((90, 120, 700, 780), 60, (20, 120, 200, 255), (255, 255, 255, 255), 12)
    for at in range(6):
        draw.ellipse(
            (130 + 90 * at, 180 + 80 * at, 210 + 90 * at, 290 + 80 * at), (240, 60, 40, 255)
        )
    return np.asarray(image)


def dithered() -> NDArray[np.uint8]:
    dots = np.where(np.random.default_rng(0).random(X.shape) < X / WIDTH, 255, 0)
    return opaque(dots, dots, dots)


ART = [chequer, page_of_text, gradient, small_steep_gradient, sticker, dithered]


def by_pillow(rgba: NDArray[np.uint8], kind: str = "PNG", **options: object) -> int:
    out = io.BytesIO()
    Image.fromarray(rgba).save(out, kind, **options)
    return len(out.getvalue())


@pytest.mark.parametrize("art", ART)
def test_a_png_is_about_as_small_as_pillows_smallest(art: object) -> None:
    rgba = art()
    png = encode_cutout(rgba, "PNG")
    assert len(png) < 1.3 * by_pillow(rgba, optimize=True)
    assert (np.asarray(Image.open(io.BytesIO(png))) == rgba).all()


@pytest.mark.parametrize("art", ART)
def test_a_webp_is_about_as_small_as_pillows(art: object) -> None:
    rgba = art()
    webp = encode_cutout(rgba, "WEBP")
    assert len(webp) < 1.3 * by_pillow(rgba, "WEBP", lossless=True, exact=True)
    assert (np.asarray(Image.open(io.BytesIO(webp)).convert("RGBA")) == rgba).all()


@pytest.mark.parametrize("art", ART)
def test_a_tiff_is_small_too(art: object) -> None:
    rgba = art()
    data = encode_cutout(rgba, "TIFF")
    assert len(data) < 1.3 * by_pillow(rgba, "TIFF", compression="tiff_adobe_deflate")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert (file.pages[0].asarray() == rgba).all()


@pytest.mark.parametrize("art", ART)
def test_16_bits_are_small_and_exact(art: object) -> None:
    rgba = art().astype(np.uint16) * 257
    png, tiff = encode_cutout(rgba, "PNG"), encode_cutout(rgba, "TIFF")
    back = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert (back[..., [2, 1, 0, 3]] == rgba).all()
    assert (tifffile.imread(io.BytesIO(tiff)) == rgba).all()
    theirs = cv2.imencode(".png", rgba, [cv2.IMWRITE_PNG_COMPRESSION, 6])[1]
    assert len(png) < 1.3 * len(theirs)


def test_a_mask_is_small() -> None:
    mask = (np.hypot(X - 400, Y - 450) < 300) & ((X // 30 + Y // 30) % 2 == 0)
    png = encode_grey(mask)
    assert len(png) < 1.3 * by_pillow((mask * 255).astype(np.uint8), optimize=True)
    assert ((np.asarray(Image.open(io.BytesIO(png))) > 0) == mask).all()


@pytest.mark.parametrize("suffix", [".ora", ".zip", ".tiff"])
def test_layers_are_small(tmp_path: Path, suffix: str) -> None:
    layer = Layer("text", page_of_text())
    path = save_layers(tmp_path / f"out{suffix}", Layered((HEIGHT, WIDTH), [layer]))
    pngs = 2 if suffix == ".ora" else 1  # the layer, and what all show together
    thumbnail = 0
    if suffix == ".ora":
        with zipfile.ZipFile(path) as archive:
            thumbnail = archive.getinfo("Thumbnails/thumbnail.png").file_size
    alone = by_pillow(layer.rgba, optimize=True)
    assert path.stat().st_size < pngs * 1.3 * alone + thumbnail + 4000


def test_photos_take_the_fast_way(chelsea: NDArray[np.uint8]) -> None:
    """For them a search takes many times as long: what is told apart must be told rightly."""
    for photo in (chelsea, cv2.GaussianBlur(noise(400, 600), (0, 0), 2), noise(400, 600)):
        assert not is_flat_art(np.asarray(photo))
    for art in ART:
        assert is_flat_art(art())


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (33, 2), (3, 33)])
def test_thin_drawings(size: tuple[int, int]) -> None:
    rgba = np.zeros((*size, 4), np.uint8)
    rgba[::2, ::2] = 255
    for format in ("PNG", "WEBP", "TIFF"):
        back = Image.open(io.BytesIO(encode_cutout(rgba, format))).convert("RGBA")
        assert (np.asarray(back) == rgba).all()


def test_a_drawing_and_a_photo_in_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is compressed in its own way, and filters reach over no border of pieces."""
    monkeypatch.setattr(deflating, "_PIECE", 90_000)
    rgba = np.vstack([chequer()[:300], noise(300, WIDTH, 4), page_of_text()[:300]])
    rgba = np.vstack([rgba, np.dstack([smooth(200, WIDTH), np.full((200, WIDTH), 255, np.uint8)])])
    for format in ("PNG", "TIFF"):
        assert (np.asarray(Image.open(io.BytesIO(encode_cutout(rgba, format)))) == rgba).all()
