"""What Pillow finds in a file beside pixels and profile, as `Metadata`."""

from __future__ import annotations

from typing import Any

from PIL import Image

from . import exif
from .record import Metadata

_INCH = 0.0254  # metres
_IPTC_RESOURCE, _IPTC_TAG, _XMP_TAG = 0x0404, 33723, 700
_XMP_KEYWORD = "XML:com.adobe.xmp"
_PROFILE = "Raw profile type "  # how ImageMagick and exiftool put foreign blocks into PNG text
# Texts that tell how the stored pixels lie, which no longer holds once they are turned.
_STALE = ("exif:orientation", "tiff:orientation")


def metadata_of(image: Any, kind: str) -> Metadata:
    """Return what a loaded picture's file says, as it says it: `Metadata.upright` comes after.

    `kind` is the format as `decode` names it. What is damaged is left out.
    """
    info = image.info
    if kind == "TIFF":
        return _of_tiff(image)
    block, packet = info.get("exif"), info.get("xmp")
    records: bytes | None = None
    text: tuple[tuple[str, str], ...] = ()
    across: tuple[float, float] | None = None
    if kind == "JPEG":
        across = _of_jfif(info)
        records = info.get("photoshop", {}).get(_IPTC_RESOURCE)
    elif kind == "BMP":
        across = _positive(info.get("dpi"))
    elif kind == "PNG":
        across = _of_phys(info.get("dpi"))
        texts = dict(image.text)
        profiles = {
            name.removeprefix(_PROFILE).lower(): _raw_profile(texts.pop(name))
            for name in [name for name in texts if name.startswith(_PROFILE)]
        }
        records = profiles.get("iptc") or None
        packet = packet or profiles.get("xmp")
        texts.pop(_XMP_KEYWORD, None)
        text = tuple((k, str(v)) for k, v in texts.items() if k.lower() not in _STALE)
    return Metadata(across or exif.resolution(block), block, _bytes(packet), records or None, text)


def _of_jfif(info: dict[str, Any]) -> tuple[float, float] | None:
    """A JPEG's own density. Pillow's `dpi` is no help: it makes up 72 for damaged EXIF."""
    scale = {1: 1.0, 2: 2.54}.get(info.get("jfif_unit", 0))
    if scale is None:
        return None
    across, down = info["jfif_density"]
    return _positive((across * scale, down * scale))


def _of_phys(dpi: tuple[float, float] | None) -> tuple[float, float] | None:
    """A PNG's own resolution: whole pixels a metre, in which 300 an inch is 11811."""
    if dpi is None:
        return None
    whole = [round(value) for value in dpi]
    near = [
        float(w) if round(w / _INCH) == round(value / _INCH) else value
        for w, value in zip(whole, dpi, strict=True)
    ]
    return _positive((near[0], near[1]))


def _positive(dpi: tuple[float, float] | None) -> tuple[float, float] | None:
    return dpi if dpi is not None and min(dpi) > 0 else None


def _bytes(packet: str | bytes | None) -> bytes | None:
    return packet.encode() if isinstance(packet, str) else packet or None


def _raw_profile(text: str) -> bytes:
    """The block in such a text: a name, a length, and the bytes in hexadecimal."""
    try:
        _, _, rest = text.lstrip().partition("\n")
        _, _, digits = rest.lstrip().partition("\n")
        return bytes.fromhex(digits)
    except ValueError:
        return b""


def _of_tiff(image: Any) -> Metadata:
    tags = image.tag_v2
    across, down = (_number(tags.get(tag)) for tag in (282, 283))
    # As they are stored: libtiff counts them in fours, of which Pillow would give the first alone.
    records = tags._tagdata.get(_IPTC_TAG) or tags.get(_IPTC_TAG)
    packet = tags.get(_XMP_TAG)
    return Metadata(
        exif.per_inch(across, down, tags.get(296, 2)),
        tiff_exif(image),
        packet if isinstance(packet, bytes) else None,
        records if isinstance(records, bytes) else None,
    )


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None


def tiff_exif(image: Any) -> bytes | None:
    """A TIFF keeps EXIF among its own fields: gather those about the photo into a block."""
    kept = Image.Exif()
    source = image.getexif()
    # description, make, model, resolution, software, date, artist, copyright
    for tag in (270, 271, 272, 282, 283, 296, 305, 306, 315, 33432):
        if tag in source:
            kept[tag] = source[tag]
    for tag in (0x8769, 0x8825):  # EXIF and GPS directories
        fields = source.get_ifd(tag)
        if fields:
            kept[tag] = dict(fields)
    try:
        return kept.tobytes() if len(kept) else None
    except Exception:  # Pillow cannot write back some fields that it reads; the pixels matter more
        return None
