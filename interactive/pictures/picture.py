"""Pictures, and the masks, trimaps and alphas that people bring with them.

What a `Picture` carries beside its pixels is what `export` gives back: the depth, the profile, the
metadata, the transparency. How files are read is in `decode`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pickmatte.interactive.edits.state import ROUNDING
from pickmatte.models.errors import MaskError, PickmatteError, PictureError, TrimapError
from pickmatte.models.runtime.memory import release_free_memory

from .decode import Source, decode, describe, path_of
from .metadata.record import NO_METADATA, Metadata
from .pixels import Decoded, as_float, check_size, to_8_bit
from .transparency import is_visible, over_grey

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIXEL_LIMIT = 100_000_000


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded photo, upright. Its arrays are read-only: caches are keyed by what they hold.

    rgb    uint8 H×W×3, the file's colours, those under transparent pixels too; see `seen`
    deep   uint16 H×W×3, the same pixels, when the file had more than 8 bits a channel
    alpha  float32 H×W in 0..1, the file's own transparency; None when nothing is transparent
    icc    the RGB colour profile that `rgb` and `deep` are in; None means sRGB
    metadata  resolution, EXIF, XMP, IPTC and text of the file
    name   the file's name without suffix, for naming results
    source  the file itself, absolute, so that no result is written over it; None without one
    """

    rgb: NDArray[np.uint8]
    deep: NDArray[np.uint16] | None = None
    alpha: NDArray[np.float32] | None = None
    icc: bytes | None = None
    metadata: Metadata = NO_METADATA
    name: str = "picture"
    source: Path | None = None

    def __post_init__(self) -> None:
        for array in (self.rgb, self.deep, self.alpha):
            if array is not None:
                array.flags.writeable = False

    @property
    def exif(self) -> bytes | None:
        """The EXIF block, starting ``Exif\\0\\0``, saying orientation 1."""
        return self.metadata.exif

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @cached_property
    def seen(self) -> NDArray[np.uint8]:
        """uint8 H×W×3 as networks and people see it: transparent parts over a plain grey.

        It is `rgb` itself where nothing is transparent; else it is made once and kept.
        """
        if self.alpha is None:
            return self.rgb
        seen = over_grey(self.rgb, self.alpha)
        seen.flags.writeable = False
        return seen

    @cached_property
    def digest(self) -> str:
        """A hash of `seen` and its size: what looks the same has the same digest."""
        state = hashlib.blake2b(str(self.seen.shape).encode(), digest_size=16)
        state.update(np.ascontiguousarray(self.seen).data)
        return state.hexdigest()


def open_picture(source: Source | NDArray[Any] | Picture, *, limit: int = PIXEL_LIMIT) -> Picture:
    """Read a JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC picture, turned upright.

    Takes a path, the file's bytes, or a file opened in binary mode (read from where it stands);
    also a PIL image, an array as `picture_from_array` takes it, or a `Picture`, which is returned
    as it is. Grey becomes RGB, CMYK becomes sRGB by the embedded profile. 16 bit PNG and TIFF and
    10 bit HEIC keep their depth; AVIF and 16 bit CMYK are read at 8. Of several frames or pages the
    first. Raises `PictureError` for anything that is no whole picture of at most `limit` pixels,
    and for one of which nothing is visible.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ndarray):
        return picture_from_array(source, limit=limit)
    decoded = decode(source, limit=limit)
    _check_visible(decoded.alpha, describe(source))
    release_free_memory()  # what the decoder worked with
    path = path_of(source)
    return Picture(
        decoded.rgb,
        decoded.deep,
        decoded.alpha,
        decoded.icc,
        decoded.metadata,
        Path(path).stem if path else "picture",
        Path(path).absolute() if path else None,
    )


def picture_from_array(rgb: NDArray[Any], *, limit: int = PIXEL_LIMIT) -> Picture:
    """Make a `Picture` of a copy of an array: H×W, H×W×1, H×W×3 or H×W×4 (straight alpha).

    uint8 or uint16. Raises `PictureError` for any other shape or dtype, for one without pixels, for
    one of more than `limit` pixels and for one of which nothing is visible.
    """
    if not isinstance(rgb, np.ndarray):
        raise PictureError(
            f"A picture must be a NumPy array or a PIL image, not {type(rgb).__name__}; "
            "a file is opened with Session.open or open_picture."
        )
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
    _check_visible(alpha, "The picture")
    if colours.dtype == np.uint16:
        return Picture(to_8_bit(colours), colours, alpha)
    return Picture(colours, None, alpha)


def _check_visible(alpha: NDArray[np.float32] | None, label: str) -> None:
    if alpha is not None and not is_visible(alpha):
        raise PictureError(
            f"{label} is transparent everywhere: there is nothing to be seen in it; give another."
        )


def open_mask(source: Source | NDArray[Any], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Read a mask as bool H×W of `size` (height, width), from a file, a PIL image or an array.

    Files and arrays are read by one rule, that of `mask_from_array`, on a file's brightest channel.
    A file of which something is less than half opaque owns what is at least half opaque instead,
    so a cut-out serves as a mask. Raises `MaskError` for a wrong size or a mask that owns nothing,
    `PictureError` for a bad file.
    """
    if isinstance(source, np.ndarray):
        return mask_from_array(source, size)
    decoded = _layer(source, size, "mask", MaskError)
    told = _brightest(decoded) if decoded.alpha is None else decoded.alpha
    return mask_from_array(told, size, f"The mask {describe(source)}")


def mask_from_array(
    values: NDArray[Any], size: tuple[int, int], label: str = "The mask"
) -> NDArray[np.bool_]:
    """Return a mask as bool H×W of `size`: what is at least half white is the subject.

    White is True, 1 of floats, 255 of integers, and of uint16 65535 where anything is above 255;
    in integers with nothing but 0 and 1, 1 is white. Raises `MaskError` for another size, for other
    values, NaN among them, and for a mask that owns nothing.
    """
    _check_fit(values.shape, size, "mask", MaskError)
    low, high = _span(values, label, MaskError)
    white = 1.0
    if values.dtype.kind in "ui" and high > 1:
        white = 65535.0 if values.dtype == np.uint16 and high > 255 else 255.0
    if not (low >= 0 and high <= white):  # written so that NaN is caught
        raise MaskError(
            f"{label} holds {values.dtype} from {low:g} to {high:g}; give bool, integers from 0 to "
            "255, uint16, or floats from 0 to 1."
        )
    mask = np.asarray(values >= white / 2, np.bool_)
    if not mask.any():
        raise MaskError(f"{label} is empty; paint the subject white.")
    return mask


def open_trimap(source: Source | NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Read a trimap as uint8 0, 128, 255 of `size`, from a file, a PIL image or an array.

    See `trimap_from_array` for how values are read. Transparency in a file is ignored.
    Raises `TrimapError` for a wrong size or contents, `PictureError` for a bad file.
    """
    if isinstance(source, np.ndarray):
        return trimap_from_array(source, size)
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


def open_alpha(source: Source | NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Read an alpha as float32 0..1 of `size` (height, width), at 8, 16 or 32 bits.

    From a file, a PIL image or an array as `alpha_from_array` takes it. A file of which something
    is less than half opaque gives its opacity; otherwise white (the brightest channel) is opaque.
    Raises `MaskError` for a wrong size or contents, `PictureError` for a bad file.
    """
    if isinstance(source, np.ndarray):
        return alpha_from_array(source, size)
    decoded = _layer(source, size, "alpha", MaskError)
    told = _brightest(decoded) if decoded.alpha is None else decoded.alpha
    return alpha_from_array(told, size)


def alpha_from_array(values: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return an alpha as float32 H×W in 0..1 of `size`.

    Takes floats and bool from 0 to 1, uint8 to 255 and uint16 to 65535; integers with nothing but 0
    and 1 are that. Raises `MaskError` for another size and other values, NaN among them.
    """
    _check_fit(values.shape, size, "alpha", MaskError)
    low, high = _span(values, "The alpha", MaskError)
    opaque = 1
    if values.dtype in (np.uint8, np.uint16) and high > 1:
        opaque = np.iinfo(values.dtype).max
    if not (low >= -ROUNDING and high <= opaque + ROUNDING):  # written so that NaN is caught
        raise MaskError(
            f"The alpha holds {values.dtype} from {low:g} to {high:g}; give floats from 0 to 1 "
            "(the subject), uint8 or uint16."
        )
    alpha = np.divide(values, np.float32(opaque), dtype=np.float32)
    return np.asarray(np.clip(alpha, 0, 1, out=alpha))


def _brightest(decoded: Decoded) -> NDArray[Any]:
    """The brightest channel of each pixel, at the file's own depth."""
    values: NDArray[Any] = decoded.rgb if decoded.deep is None else decoded.deep
    return np.asarray(values.max(axis=2))


def _span(values: NDArray[Any], label: str, error: type[PickmatteError]) -> tuple[float, float]:
    """The least and the largest of real numbers; NaN where one of them is."""
    if values.dtype.kind not in "buif":
        raise error(f"{label} holds {values.dtype}; give bool, uint8, uint16 or floats.")
    return float(values.min()), float(values.max())


def _layer(
    source: Source, size: tuple[int, int], word: str, error: type[PickmatteError]
) -> Decoded:
    """Decode a file that goes with a picture of `size`: stored values, no colour management.

    Its alpha is None where that leaves no doubt of anything: where all is at least half opaque.
    """
    decoded = decode(source, limit=max(PIXEL_LIMIT, size[0] * size[1]), managed=False)
    _check_fit(decoded.rgb.shape[:2], size, word, error)
    if decoded.alpha is not None and decoded.alpha.min() >= 0.5:
        return replace(decoded, alpha=None)
    return decoded


def _check_fit(
    got: tuple[int, ...], size: tuple[int, int], word: str, error: type[PickmatteError]
) -> None:
    if len(got) != 2:
        raise error(f"The {word}'s shape is {got}; give one channel, H×W.")
    if got != tuple(size):
        raise error(
            f"The {word} is {got[1]}×{got[0]} pixels, but the picture is {size[1]}×{size[0]}; "
            "make them the same size."
        )
