"""What a file says of its picture beside the pixels: resolution, EXIF, XMP, IPTC, text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from pickmatte.models.errors import ExportError

from . import exif, iptc, xmp

Strip: TypeAlias = Literal["location", "all"]

_PLACES = ("gps", "location")  # in the keyword of a text that tells where a photo was taken


@dataclass(frozen=True)
class Metadata:
    """Everything a picture's file tells but pixels and profile; each format takes what it can.

    resolution  pixels per inch across and down the upright picture; None when the file is silent
    exif        an EXIF block, starting ``Exif\\0\\0``, saying orientation 1
    xmp         an XMP packet, XML in UTF-8, saying orientation 1
    iptc        IPTC-IIM records
    text        pairs of keyword and text, as PNG has them
    cicp        coding-independent code points, 4 bytes (ITU-T H.273: primaries, transfer, matrix,
                range), of HDR colours, which no ICC profile tells; None for all others
    """

    resolution: tuple[float, float] | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    text: tuple[tuple[str, str], ...] = ()
    cicp: bytes | None = None

    def upright(self, orientation: int) -> Metadata:
        """Return what holds once pixels of that EXIF orientation (1 to 8) are turned upright.

        A block or packet that is damaged is left out.
        """
        across = self.resolution
        if across is not None and orientation >= 5:
            across = across[1], across[0]
        return replace(
            self,
            resolution=across,
            exif=exif.upright(self.exif),
            xmp=None if self.xmp is None else xmp.upright(self.xmp),
        )

    def stripped(self, what: Strip | None) -> Metadata:
        """Return it without where the photo was taken ("location"), or without anything ("all").

        A location is GPS in EXIF and XMP, and the names of places in XMP, IPTC and text. What
        colours mean always stays. Raises `ExportError` for any other word.
        """
        if what is None:
            return self
        if what == "all":
            return Metadata(cicp=self.cicp)
        if what != "location":
            raise ExportError(f"Metadata is stripped of 'location' or 'all', not of {what!r}.")
        return replace(
            self,
            exif=None if self.exif is None else exif.without_location(self.exif),
            xmp=None if self.xmp is None else xmp.without_location(self.xmp),
            iptc=None if self.iptc is None else iptc.without_location(self.iptc),
            text=tuple(
                (keyword, text)
                for keyword, text in self.text
                if not any(place in keyword.lower() for place in _PLACES)
            ),
        )

    def check_colours(self, icc: bytes | None, format: str) -> None:
        """Raise `ExportError` where a format that has only ICC profiles cannot tell the colours."""
        if self.cicp is not None and icc is None:
            raise ExportError(
                f"The photo's colours are HDR, which {format} cannot tell; write it as .png."
            )

    @property
    def exif_with_resolution(self) -> bytes | None:
        """The EXIF block with the resolution in it; None when there is neither."""
        if self.resolution is None:
            return self.exif
        return exif.with_resolution(self.exif, self.resolution)


NO_METADATA = Metadata()
