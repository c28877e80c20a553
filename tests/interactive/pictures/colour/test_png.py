"""A PNG that names its colours instead of embedding a profile comes out in the right ones."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from making import deep_file, noise, other_rgb_profile, saved, with_png_chunk
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from pickmatte.interactive.files.export import encode_cutout
from pickmatte.interactive.files.layered import Layer, Layered, save_layers
from pickmatte.interactive.pictures.colour import profiles as colour
from pickmatte.interactive.pictures.colour.spaces import SRGB, of_gamma
from pickmatte.interactive.pictures.picture import open_mask, open_picture
from pickmatte.models.errors import ExportError

PIXELS = noise(16, 16)
P3, PQ, HLG = bytes((12, 13, 0, 1)), bytes((9, 16, 0, 1)), bytes((9, 18, 0, 1))
# Linear Display P3 to linear sRGB, from the CSS Color 4 specification's sample code.
P3_TO_SRGB = np.array(
    [[1.2249401763, -0.2249401763, 0], [-0.0420569547, 1.0420569547, 0],
     [-0.0196375546, -0.0786360456, 1.0982736001]]
)  # fmt: skip


def gamma(value: float) -> bytes:
    return struct.pack(">I", round(value * 100_000))


def linear(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    v = rgb / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    v = np.clip(light, 0, 1)
    return 255 * np.where(
        v <= 0.0031308, 12.92 * v, 1.055 * np.maximum(v, 1e-9) ** (1 / 2.4) - 0.055
    )


def shown(icc: bytes | None, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What LittleCMS makes of pixels in a profile, in sRGB."""
    if icc is None:
        return rgb
    turned = ImageCms.profileToProfile(
        Image.fromarray(rgb),
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.ImageCmsProfile(io.BytesIO(colour.srgb())),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.NOOPTIMIZE,
    )
    return np.asarray(turned)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_a_linear_png_looks_the_same_in_every_format(format: str) -> None:
    picture = open_picture(with_png_chunk(saved(PIXELS, "PNG"), b"gAMA", gamma(1)))
    assert (picture.rgb == PIXELS).all()
    rgba = np.dstack([picture.rgb, np.full((16, 16), 255, np.uint8)])
    image = Image.open(io.BytesIO(encode_cutout(rgba, format, icc=picture.icc)))
    seen = shown(image.info["icc_profile"], np.asarray(image)[..., :3])
    assert np.abs(seen - encoded(PIXELS / 255)).max() < 1


def test_gamma_and_primaries_of_display_p3() -> None:
    points = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06]
    chunk = struct.pack(">8I", *(round(v * 100_000) for v in points))
    png = with_png_chunk(saved(PIXELS, "PNG"), b"cHRM", chunk)
    picture = open_picture(with_png_chunk(png, b"gAMA", gamma(1 / 2.2)))
    want = encoded((PIXELS / 255) ** 2.2 @ P3_TO_SRGB.T)
    assert np.abs(shown(picture.icc, PIXELS) - want).max() < 1.5


@pytest.mark.parametrize("deep", [False, True])
def test_code_points_of_display_p3(deep: bool) -> None:
    pixels = PIXELS.astype(np.uint16) * 257 if deep else PIXELS
    file = deep_file(pixels, ".png") if deep else saved(pixels, "PNG")
    picture = open_picture(with_png_chunk(file, b"cICP", P3))
    assert picture.metadata.cicp is None
    want = encoded(linear(picture.rgb) @ P3_TO_SRGB.T)
    assert np.abs(shown(picture.icc, picture.rgb) - want).max() < 1.5


def test_grey_keeps_its_gamma() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = open_picture(with_png_chunk(saved(grey, "PNG"), b"gAMA", gamma(1)))
    want = encoded(np.repeat(grey[..., None], 3, 2) / 255)
    assert np.abs(shown(picture.icc, picture.rgb) - want).max() < 1.5


def test_what_says_srgb_gets_no_profile() -> None:
    plain = saved(PIXELS, "PNG")
    assert open_picture(with_png_chunk(plain, b"gAMA", gamma(0.45455))).icc is None
    assert open_picture(with_png_chunk(plain, b"cICP", bytes((1, 13, 0, 1)))).icc is None
    both = with_png_chunk(with_png_chunk(plain, b"gAMA", gamma(1)), b"sRGB", b"\0")
    assert open_picture(both).icc is None


def test_who_wins_where_several_chunks_speak() -> None:
    with_profile = saved(PIXELS, "PNG", icc_profile=other_rgb_profile())
    assert open_picture(with_png_chunk(with_profile, b"gAMA", gamma(1))).icc == other_rgb_profile()
    code_points = open_picture(with_png_chunk(with_profile, b"cICP", P3)).icc
    assert code_points == open_picture(with_png_chunk(saved(PIXELS, "PNG"), b"cICP", P3)).icc
    unspecified = with_png_chunk(with_profile, b"cICP", bytes((2, 2, 0, 1)))
    assert open_picture(unspecified).icc == other_rgb_profile()


@pytest.mark.parametrize("code_points", [PQ, HLG, bytes((9, 14, 0, 0)), bytes((22, 13, 0, 1))])
def test_colours_that_no_profile_tells_stay_as_they_are_in_a_png(code_points: bytes) -> None:
    picture = open_picture(with_png_chunk(saved(PIXELS, "PNG"), b"cICP", code_points))
    assert (picture.rgb == PIXELS).all()
    rgba = np.dstack([picture.rgb, np.full((16, 16), 255, np.uint8)])
    out = encode_cutout(rgba, "PNG", icc=picture.icc, metadata=picture.metadata.stripped("all"))
    assert b"cICP" + code_points in out[:60]
    assert open_picture(out).metadata.cicp == code_points


def test_hdr_is_refused_where_it_cannot_be_told(tmp_path: Path) -> None:
    picture = open_picture(with_png_chunk(saved(PIXELS, "PNG"), b"cICP", PQ))
    rgba = np.dstack([picture.rgb, np.full((16, 16), 255, np.uint8)])
    for format in ("WEBP", "TIFF"):
        with pytest.raises(ExportError, match=r"HDR, which .* cannot tell; write it as \.png\."):
            encode_cutout(rgba, format, metadata=picture.metadata)
    layered = Layered((16, 16), [Layer("a", rgba)], metadata=picture.metadata)
    for suffix in (".psd", ".tiff"):
        with pytest.raises(ExportError, match="HDR"):
            save_layers(tmp_path / f"out{suffix}", layered)
    assert list(tmp_path.iterdir()) == []
    for suffix in (".ora", ".zip"):
        assert b"cICP" + PQ in save_layers(tmp_path / f"out{suffix}", layered).read_bytes()
    # A profile for old programs beside the code points is one that every format can have.
    assert encode_cutout(rgba, "WEBP", icc=other_rgb_profile(), metadata=picture.metadata)


def test_a_mask_is_taken_as_it_is_stored() -> None:
    grey = np.full((4, 4), 100, np.uint8)
    grey[2:] = 200
    mask = open_mask(with_png_chunk(saved(grey, "PNG"), b"gAMA", gamma(1)), (4, 4))
    assert (mask == (grey > 128)).all()


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (0, SRGB),
        (-1, SRGB),
        (1e-9, SRGB),
        (1, (0.3, 0.3, *[0.2] * 6)),
        (1, (0.3, 0, *SRGB[2:])),
        (1, (0.0,) * 8),
    ],
)
def test_numbers_that_make_no_colour_space_are_passed_over(
    value: float, points: tuple[float, ...]
) -> None:
    assert of_gamma(value, points) is None


def test_a_chunk_that_is_cut_short_does_not_stop_a_picture() -> None:
    for name, data in ((b"cICP", b"\0\1"), (b"cHRM", b"\0\0\0\1")):
        png = with_png_chunk(saved(PIXELS, "PNG"), name, data)
        png = with_png_chunk(png, b"gAMA", gamma(0.45455))
        assert (open_picture(png).rgb == PIXELS).all()


def test_pillow_still_passes_over_cicp() -> None:
    """If it no longer does, our own reading of the chunk can go."""
    assert not hasattr(PngImagePlugin.PngStream, "chunk_cICP")
