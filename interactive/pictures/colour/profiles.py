"""ICC profiles: which one a picture may carry, and grey and CMYK turned to sRGB by theirs."""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def _to_srgb(image: Image.Image, icc: bytes, flags: ImageCms.Flags) -> Image.Image | None:
    """Relative colorimetric with black point compensation, as photo editors do it by default."""
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(srgb())),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION | flags,
        )
    except ImageCms.PyCMSError:
        return None


def cmyk_to_srgb(image: Image.Image, icc: bytes) -> Image.Image | None:
    """Return a CMYK picture as sRGB by its own profile; None where the profile cannot do that."""
    return _to_srgb(image, icc, ImageCms.Flags.NONE)


def grey_to_srgb(icc: bytes) -> NDArray[np.uint8] | None:
    """Return the sRGB grey for each of the 256 greys of a profile; None where it cannot tell."""
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    # Without the flag LittleCMS resamples curves too coarsely for the darks.
    turned = _to_srgb(ramp, icc, ImageCms.Flags.NOOPTIMIZE)
    return None if turned is None else np.asarray(turned)[0, :, 1]
