"""Files read by Pillow: how deep, which way up, whose colours.

Its plug-ins are called by name rather than through `Image.open`, so that Pillow's process-wide
pixel limit, which the host program may have set for itself, plays no part here.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from pickmatte.models.errors import PictureError

from .colour import png as png_colour
from .colour import profiles as colour
from .colour.spaces import has_profile
from .metadata import exif
from .metadata.from_pillow import metadata_of
from .pixels import Decoded, as_float, check_size, to_8_bit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_ROWS = 128  # rows handed over at a time: no second copy of the picture in between


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height from a WebP's first chunk: its decoder reserves memory before it tells."""
    form = head[12:16]
    if form == b"VP8X":
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if form == b"VP8L":
        (packed,) = struct.unpack_from("<I", head, 21)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", head, 26)
    return width & 0x3FFF, height & 0x3FFF


class _Tiff(TiffImagePlugin.TiffImageFile):
    """Pillow's TIFF reader without its own pixel limit (ours has been applied by then)."""

    def load_prepare(self) -> None:
        if self._im is None:
            self.im = Image.core.new(  # type: ignore[attr-defined]
                self.mode, self._tile_size
            )
        ImageFile.ImageFile.load_prepare(self)


_OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "TIFF": _Tiff,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}


def _canvas(
    size: tuple[int, int], channels: int, dtype: type, turn: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a zeroed upright array, and the same memory seen as the file stores it (H×W×C).

    Writing stored rows into the second turns the picture without another copy. `turn` is the
    EXIF orientation of the stored pixels; `size` is their width and height.
    """
    width, height = size
    if turn >= 5:
        width, height = height, width
    upright: NDArray[Any] = np.zeros((height, width, channels), dtype)
    stored = upright
    if turn in (2, 3, 6, 7):
        stored = stored[:, ::-1]
    if turn in (3, 4, 7, 8):
        stored = stored[::-1]
    return upright, stored.swapaxes(0, 1) if turn >= 5 else stored


def _bands(image: Image.Image) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Walk a loaded picture in groups of rows, each as H×W×C."""
    width, height = image.size
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        # The crop beneath `Image.crop`, which minds the host program's pixel limit.
        rows = np.asarray(image._new(image.im.crop((0, top, width, bottom))))
        yield slice(top, bottom), rows if rows.ndim == 3 else rows[..., None]


class Reader:
    """One file being read by Pillow."""

    def __init__(
        self, file: IO[bytes], kind: str, head: bytes, label: str, limit: int, managed: bool
    ) -> None:
        self.file, self.kind, self.head = file, kind, head
        self.label, self.limit, self.managed = label, limit, managed
        self.cicp: bytes | None = None
        self.tiff_turn = 1

    def open(self) -> Any:
        """Read the header. Called again for each pass over the pixels."""
        if self.kind == "WebP":
            check_size(_webp_size(self.head), self.limit, self.label)
        if self.kind == "PNG":
            self.cicp = png_colour.code_points(self.file)
        self.file.seek(0)
        image = _OPENERS[self.kind](self.file)
        check_size(image.size, self.limit, self.label)
        return image

    def read(self) -> Decoded:
        """Decode the file in the way its mode and depth ask for."""
        return self.decode(self.open())

    def decode(self, image: Any) -> Decoded:
        """Decode a picture whose header is read, or all of it."""
        if self.kind == "TIFF":
            self.check_tiff(image)
        layout = self.layout(image)
        if image.mode.startswith("I;16"):
            return self.read_deep_grey(image)
        if image.mode == "F":
            return self.read_float(image)
        if layout in ("RGB", "RGBX", "RGBA", "RGBa"):
            return self.read_deep_colour(image, layout)
        if layout == "LA":
            return self.read_deep_grey_alpha(image)
        return self.read_8_bit(image)

    def layout(self, image: Any) -> str | None:
        """The channels a file stores at 16 bits each, as Pillow names them; None at 8 bits."""
        if self.kind not in ("PNG", "TIFF"):
            return None
        arguments = image.tile[0].args
        raw = arguments if isinstance(arguments, str) else arguments[0]
        channels, deep, _ = raw.partition(";16")
        return channels if deep else None

    def check_tiff(self, image: Any) -> None:
        """Refuse the TIFFs that would open as something else than what they hold."""
        tags = image.tag_v2
        self.tiff_turn = tags.get(274, 1)  # gone once Pillow has turned the pixels
        if tags.get(254, 0) & 1 or 50706 in tags:
            # The first picture in NEF, ARW, CR2 and DNG files is the thumbnail.
            raise PictureError(
                f"{self.label} looks like a camera's raw file; develop it to TIFF or JPEG first."
            )
        if tags.get(284) == 2 and max(tags.get(258, (1,))) > 8 and image.mode[:2] != "I;":
            raise PictureError(
                f"{self.label} keeps its 16 bit channels in separate planes, which Pickmatte does "
                "not read; save it with interleaved channels."
            )

    def turn(self, image: Any) -> int:
        """EXIF orientation of a loaded picture (Pillow itself turns TIFFs as it loads them)."""
        return 1 if self.kind == "TIFF" else exif.orientation(image.info.get("exif"))

    def finish(
        self,
        image: Any,
        rgb: NDArray[np.uint8] | None,
        deep: NDArray[np.uint16] | None = None,
        alpha: NDArray[Any] | None = None,
        icc: bytes | None = None,
    ) -> Decoded:
        """Add what belongs to the pixels; `rgb` None is made from `deep`."""
        turned = self.tiff_turn if self.kind == "TIFF" else self.turn(image)
        metadata = metadata_of(image, self.kind).upright(turned)
        if self.cicp is not None and not has_profile(self.cicp):
            metadata = replace(metadata, cicp=self.cicp)
        image.close()  # frees Pillow's copy before ours are made
        if rgb is None:
            assert deep is not None
            rgb = to_8_bit(deep)
        floats = None if alpha is None else as_float(alpha)
        return Decoded(rgb, deep, floats, icc, metadata)

    def profile(self, image: Any, wanted: str) -> bytes | None:
        """The embedded profile when it is for colours of the mode `wanted`."""
        icc = image.info.get("icc_profile")
        if self.kind == "PNG":
            icc = png_colour.profile(image.info, self.cicp)
        return icc if self.managed and colour.space(icc) == wanted else None

    def read_8_bit(self, image: Any) -> Decoded:
        """Everything of 8 bits and less, and CMYK at 16."""
        image.load()
        turn = self.turn(image)
        icc = self.profile(image, "RGB")
        pixels: Image.Image = image
        if image.mode == "CMYK":
            own = self.profile(image, "CMYK")
            managed = colour.cmyk_to_srgb(image, own) if own else None
            icc = colour.srgb() if managed else None
            pixels = managed or image.convert("RGB")
        elif image.mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "La"):
            if "transparency" in image.info and image.mode in ("1", "L") and self.kind == "PNG":
                # Stored in the file's own 1, 2 or 4 bits, while Pillow has spread pixels to 0..255.
                image.info["transparency"] *= 255 // (2 ** self.head[24] - 1)
            if image.mode in ("1", "La") and "transparency" not in image.info:
                pixels = image.convert("LA" if image.mode == "La" else "L")
            elif image.has_transparency_data and image.mode not in ("LA", "RGBA"):
                pixels = image.convert("RGBA")
            elif image.mode in ("P", "RGBX"):
                pixels = image.convert("RGB")
        else:
            raise PictureError(
                f"{self.label} stores its pixels as {image.mode}, which Pickmatte does not read; "
                "save it as an 8 or 16 bit RGB picture."
            )
        if pixels.mode in ("L", "LA"):
            own = self.profile(image, "L")
            curve = colour.grey_to_srgb(own) if own else None
            if curve is not None:
                same = list(range(256)) if pixels.mode == "LA" else []
                pixels, icc = pixels.point([*curve.tolist(), *same]), colour.srgb()
        colours = 1 if pixels.mode[0] == "L" else 3
        rgb, stored_rgb = _canvas(pixels.size, 3, np.uint8, turn)
        alpha, stored_alpha = None, None
        if pixels.mode[-1] == "A":
            alpha, stored_alpha = _canvas(pixels.size, 1, np.uint8, turn)
        for rows, band in _bands(pixels):
            stored_rgb[rows] = band[..., :colours]
            if stored_alpha is not None:
                stored_alpha[rows] = band[..., colours:]
        return self.finish(image, rgb, alpha=None if alpha is None else alpha[..., 0], icc=icc)

    def read_deep_colour(self, image: Any, layout: str) -> Decoded:
        """RGB and RGBA at 16 bits, of which Pillow keeps 8: ask for the high bytes, then the low.

        Its unpackers for either byte order take the first of each pair of bytes, so the one for the
        wrong order gives the low bytes, through any compression. OpenCV's `imdecodeWithMetadata`
        would read both at once, but of a damaged file it prints what libpng and libtiff say to
        standard error, where only a redirected file descriptor would stop it; it gives no profile
        of a TIFF, and overlooks the transparent value of a grey PNG.
        """
        channels = "RGBX" if layout == "RGBX" else layout.upper()
        deep = stored = alpha = stored_alpha = None
        for shift in (8, 0):
            if shift == 0:
                image = self.open()
            image.tile = [_for_bytes(tile, channels, high=shift == 8) for tile in image.tile]
            image.load()
            if deep is None or stored is None:
                deep, stored = _canvas(image.size, 3, np.uint16, self.turn(image))
                if channels == "RGBA":
                    alpha, stored_alpha = _canvas(image.size, 1, np.uint16, self.turn(image))
            for rows, band in _bands(image):
                stored[rows] |= band[..., :3].astype(np.uint16) << shift
                if stored_alpha is not None:
                    stored_alpha[rows] |= band[..., 3:].astype(np.uint16) << shift
        assert deep is not None  # the loop above always runs
        if alpha is not None:
            alpha = alpha[..., 0]
            if layout == "RGBa":
                _unpremultiply(deep, alpha)
        elif "transparency" in image.info:
            clear = (deep == np.array(image.info["transparency"], np.uint16)).all(axis=2)
            alpha = np.where(clear, np.uint16(0), np.uint16(65535))
        return self.finish(image, None, deep, alpha, self.profile(image, "RGB"))

    def read_deep_grey(self, image: Any) -> Decoded:
        """Grey at 16 bits, with or without a transparent value."""
        image.load()
        grey, stored = _canvas(image.size, 1, np.uint16, self.turn(image))
        for rows, band in _bands(image):
            stored[rows] = band
        alpha = None
        if "transparency" in image.info:
            clear = grey[..., 0] == image.info["transparency"]
            alpha = np.where(clear, np.uint16(0), np.uint16(65535))
        if self.kind == "TIFF":
            if image.tag_v2.get(258, (16,))[0] == 12:
                raise PictureError(f"{self.label} has 12 bits a channel; save it with 8 or 16.")
            if image.tag_v2.get(262) == 0:  # white is zero
                np.subtract(65535, grey, out=grey)
        return self.grey(image, grey, alpha)

    def read_deep_grey_alpha(self, image: Any) -> Decoded:
        """A PNG's grey and alpha at 16 bits: four bytes a pixel, taken as if they were RGBA's."""
        image.tile = [tile._replace(args="RGBA") for tile in image.tile]
        image.load()
        both, stored = _canvas(image.size, 2, np.uint16, self.turn(image))
        for rows, band in _bands(image):
            stored[rows] = band[..., 0::2].astype(np.uint16) << 8 | band[..., 1::2]
        return self.grey(image, both[..., :1], both[..., 1])

    def read_float(self, image: Any) -> Decoded:
        """Floating-point grey between 0 and 1: masks and alphas come like that."""
        image.load()
        grey, stored = _canvas(image.size, 1, np.uint16, self.turn(image))
        for rows, band in _bands(image):
            if not (band.min() >= 0 and band.max() <= 1):  # written so that NaN is caught
                raise PictureError(
                    f"{self.label} holds floating-point values outside 0..1; "
                    "save it with 8 or 16 bits."
                )
            stored[rows] = np.rint(band * np.float32(65535))
        return self.grey(image, grey, None)

    def grey(
        self, image: Any, grey: NDArray[np.uint16], alpha: NDArray[np.uint16] | None
    ) -> Decoded:
        """16 bit grey as RGB, by its own profile where it has one."""
        icc = self.profile(image, "RGB")
        own = self.profile(image, "L")
        curve = colour.grey_to_srgb(own) if own else None
        if curve is not None:
            table = np.interp(np.arange(65536) / 257, np.arange(256), curve * 257.0)
            grey, icc = np.rint(table).astype(np.uint16)[grey], colour.srgb()
        deep = np.repeat(grey, 3, axis=2)
        return self.finish(image, None, deep, alpha, icc)


def _for_bytes(tile: Any, channels: str, *, high: bool) -> Any:
    """Return a Pillow tile that unpacks the high or the low byte of each 16 bit value."""
    arguments = tile.args
    raw = arguments if isinstance(arguments, str) else arguments[0]
    big = raw[-1] == "B" or (raw[-1] == "N" and sys.byteorder == "big")
    raw = f"{channels};16{'B' if big == high else 'L'}"
    return tile._replace(args=raw if isinstance(arguments, str) else (raw, *arguments[1:]))


def _unpremultiply(deep: NDArray[np.uint16], alpha: NDArray[np.uint16]) -> None:
    """Divide colours by their alpha, in place; under alpha 0 there is no colour to recover."""
    for top in range(0, len(deep), _ROWS):
        a = np.maximum(alpha[top : top + _ROWS, :, None], 1).astype(np.uint32)
        rows = deep[top : top + _ROWS]
        rows[...] = np.minimum((rows * np.uint32(65535) + a // 2) // a, 65535)
