"""ICC profiles: which one a picture may carry, and grey and CMYK turned to sRGB by theirs."""

from __future__ import annotations

import functools
import io

from PIL import Image, ImageCms

_SPACES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}


@functools.cache
def srgb() -> bytes:
    """The sRGB profile, the same bytes every time (LittleCMS stamps the hour; we do not)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = b"\x07\xd0\0\x01\0\x01\0\0\0\0\0\0"
    return bytes(profile)


def space(icc: bytes | None) -> str | None:
    """Return the Pillow mode ("RGB", "L", "CMYK") a profile is for; None when it is unusable."""
    if icc is None or len(icc) < 128 or icc[36:40] != b"acsp":
        return None
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(icc))
    except (ImageCms.PyCMSError, OSError):
        return None
    return _SPACES.get(icc[16:20])


def to_srgb(image: Image.Image, icc: bytes) -> Image.Image | None:
    """Return the picture (mode "L" or "CMYK") as sRGB by its own profile; None if that fails.

    Relative colorimetric with black point compensation, as photo editors do it by default.
    """
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(srgb())),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError:
        return None
