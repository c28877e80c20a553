"""Pictures, and the masks, trimaps and alphas that people bring with them.

What a `Picture` carries beside its pixels is what `export` gives back: the depth, the profile, the
EXIF block, the transparency. How files are read is in `decode`.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pickmatte.models.errors import MaskError, PickmatteError, PictureError, TrimapError
from pickmatte.models.runtime.memory import release_free_memory

from .decode import Source, decode, describe
from .pixels import Decoded, as_float, check_size, to_8_bit

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIXEL_LIMIT = 100_000_000


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded photo, upright. Its arrays are read-only: caches are keyed by what they hold.

    rgb    uint8 H×W×3, for the networks and the page
    deep   uint16 H×W×3, the same pixels, when the file had more than 8 bits a channel
    alpha  float32 H×W in 0..1, the file's own transparency; None when nothing is transparent
    icc    the RGB colour profile that `rgb` and `deep` are in; None means sRGB
    exif   the EXIF block, starting ``Exif\\0\\0``, saying orientation 1
    name   the file's name without suffix, for naming results
    """

    rgb: NDArray[np.uint8]
    deep: NDArray[np.uint16] | None = None
    alpha: NDArray[np.float32] | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    name: str = "picture"

    def __post_init__(self) -> None:
        for array in (self.rgb, self.deep, self.alpha):
            if array is not None:
                array.flags.writeable = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @cached_property
    def digest(self) -> str:
        """A hash of `rgb` and its size: equal pixels, equal digest."""
        state = hashlib.blake2b(str(self.rgb.shape).encode(), digest_size=16)
        state.update(np.ascontiguousarray(self.rgb).data)
        return state.hexdigest()


def open_picture(source: Source, *, limit: int = PIXEL_LIMIT) -> Picture:
    """Read a JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC picture, turned upright.

    Takes a path, the file's bytes, or a file opened in binary mode (read from where it stands).
    Grey becomes RGB, CMYK becomes sRGB by the embedded profile. 16 bit PNG and TIFF and 10 bit
    HEIC keep their depth; AVIF and 16 bit CMYK are read at 8. Of several frames or pages the first.
    Raises `PictureError` for anything that is no whole picture of at most `limit` pixels.
    """
    decoded = decode(source, limit=limit)
    release_free_memory()  # what the decoder worked with
    name = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    return Picture(
        decoded.rgb,
        decoded.deep,
        decoded.alpha,
        decoded.icc,
        decoded.exif,
        Path(name).stem if isinstance(name, str | os.PathLike) else "picture",
    )


def picture_from_array(rgb: NDArray[Any], *, limit: int = PIXEL_LIMIT) -> Picture:
    """Make a `Picture` of a copy of an array: H×W, H×W×1, H×W×3 or H×W×4 (straight alpha).

    uint8 or uint16. Raises `PictureError` for any other shape or dtype, for one without pixels and
    for one of more than `limit` pixels.
    """
    if not isinstance(rgb, np.ndarray):
        raise PictureError(f"A picture must be a NumPy array, not {type(rgb).__name__}.")
    if rgb.dtype not in (np.uint8, np.uint16):
        raise PictureError(
            f"The picture's values are {rgb.dtype}; give uint8 (0..255) or uint16 (0..65535)."
        )
    if rgb.ndim not in (2, 3) or (rgb.ndim == 3 and rgb.shape[2] not in (1, 3, 4)):
        raise PictureError(f"The picture's shape is {rgb.shape}; give H×W, H×W×3 or H×W×4.")
    height, width = rgb.shape[:2]
    check_size((width, height), limit, "The picture")
    pixels = rgb[..., None] if rgb.ndim == 2 else rgb
    colours = np.array(np.broadcast_to(pixels[..., :3], (height, width, 3)), order="C")
    alpha = as_float(pixels[..., 3]) if pixels.shape[2] == 4 else None
    if colours.dtype == np.uint16:
        return Picture(to_8_bit(colours), colours, alpha)
    return Picture(colours, None, alpha)


def open_mask(source: Source, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Read a mask file as bool H×W of `size` (height, width).

    A file with transparency owns what is at least half opaque, so a cut-out serves as a mask.
    Otherwise white (the brightest channel at 128 or more) is owned; with only 0 and 1 in it, 1 is.
    Raises `MaskError` for a wrong size or a mask that owns nothing, `PictureError` for a bad file.
    """
    decoded = _layer(source, size, "mask", MaskError)
    if decoded.alpha is not None:
        mask = np.asarray(decoded.alpha >= 0.5)
    else:
        brightest = decoded.rgb.max(axis=2)
        mask = np.asarray(brightest >= (1 if brightest.max() == 1 else 128))
    if not mask.any():
        raise MaskError(f"The mask {describe(source)} is empty; paint the subject white.")
    return mask


def open_trimap(source: Source, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Read a trimap file as uint8 0, 128, 255 of `size` (height, width).

    See `trimap_from_array` for how values are read. Transparency in the file is ignored.
    Raises `TrimapError` for a wrong size or contents, `PictureError` for a bad file.
    """
    return trimap_from_array(_layer(source, size, "trimap", TrimapError).rgb.max(axis=2), size)


def trimap_from_array(values: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return an H×W trimap with exactly 0, 128 and 255.

    Up to 10 is background and from 245 is foreground, so that a JPEG's noise does no harm; all
    between is unknown. Raises `TrimapError` for another size than `size` or dtype than uint8, and
    where there is no foreground, no background or no unknown.
    """
    if values.dtype != np.uint8 or values.ndim != 2:
        raise TrimapError(
            f"A trimap is H×W uint8 with 0, 128 and 255; this is {values.dtype} {values.shape}."
        )
    _check_fit(values.shape, size, "trimap", TrimapError)
    trimap = np.full(values.shape, 128, np.uint8)
    trimap[values <= 10] = 0
    trimap[values >= 245] = 255
    named = ((255, "foreground (255)"), (0, "background (0)"), (128, "unknown (128)"))
    for value, word in named:
        if not (trimap == value).any():
            raise TrimapError(
                f"The trimap has no {word}, its values run from {values.min()} to {values.max()}; "
                "mark what is surely the subject 255, what is surely not 0, and the rest 128."
            )
    return trimap


def open_alpha(source: Source, size: tuple[int, int]) -> NDArray[np.float32]:
    """Read an alpha file as float32 0..1 of `size` (height, width), at 8, 16 or 32 bits.

    A file with transparency gives that; otherwise white (the brightest channel) is opaque.
    Raises `MaskError` for a wrong size, `PictureError` for a bad file.
    """
    decoded = _layer(source, size, "alpha", MaskError)
    if decoded.alpha is not None:
        return decoded.alpha
    values: NDArray[Any] = decoded.rgb if decoded.deep is None else decoded.deep
    full = np.float32(np.iinfo(values.dtype).max)
    return np.asarray(np.divide(values.max(axis=2), full, dtype=np.float32))


def _layer(
    source: Source, size: tuple[int, int], word: str, error: type[PickmatteError]
) -> Decoded:
    """Decode a file that goes with a picture of `size`: stored values, no colour management."""
    decoded = decode(source, limit=max(PIXEL_LIMIT, size[0] * size[1]), managed=False)
    _check_fit(decoded.rgb.shape[:2], size, word, error)
    return decoded


def _check_fit(
    got: tuple[int, ...], size: tuple[int, int], word: str, error: type[PickmatteError]
) -> None:
    if got != tuple(size):
        raise error(
            f"The {word} is {got[1]}×{got[0]} pixels, but the picture is {size[1]}×{size[0]}; "
            "make them the same size."
        )
