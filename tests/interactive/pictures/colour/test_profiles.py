"""Profiles are kept or carried out, as the picture's kind of colour asks."""

from __future__ import annotations

import io

import numpy as np
import pytest
from making import (
    cmyk_profile,
    deep_file,
    grey_profile,
    noise,
    other_rgb_profile,
    saved,
    smooth,
    with_png_chunk,
)
from PIL import Image, ImageCms

from pickmatte.interactive.pictures.colour.profiles import srgb
from pickmatte.interactive.pictures.picture import open_picture


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
