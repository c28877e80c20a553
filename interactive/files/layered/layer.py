"""What goes into a layered file: layers one at a time, front to back, and what lies behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pickmatte.interactive.pictures.metadata.record import NO_METADATA, Metadata
from pickmatte.models.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

PHOTO = "Photo"
# Control characters, surrogates and non-characters: XML has no way to write them.
_UNWRITABLE = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: its name, its pixels, and where they lie.

    `rgba` is a straight h×w×4 piece of uint8 or uint16, at least one pixel; `at` is x, y of its
    top left pixel in the picture. Control characters in the name become spaces. Raises
    `ExportError` for other pixels.
    """

    name: str
    rgba: NDArray[Any]
    at: tuple[int, int] = (0, 0)
    visible: bool = True
    locked: bool = False

    def __post_init__(self) -> None:
        shape, dtype = self.rgba.shape, self.rgba.dtype
        if len(shape) != 3 or shape[2] != 4 or 0 in shape or dtype not in (np.uint8, np.uint16):
            raise ExportError(f"A layer is h×w×4, uint8 or uint16; this is {dtype} {shape}.")
        name = _UNWRITABLE.sub(" ", self.name).strip() or "subject"
        object.__setattr__(self, "name", name)

    @property
    def where(self) -> tuple[slice, slice]:
        """Index of it in an array of the whole picture."""
        (x, y), (height, width) = self.at, self.rgba.shape[:2]
        return slice(y, y + height), slice(x, x + width)


@dataclass(frozen=True, eq=False)
class Layered:
    """A picture in layers, to be written once.

    size    height and width of the picture
    layers  front to back, all of one dtype; a generator is asked for one at a time
    photo   the picture itself, H×W×3 or straight H×W×4 of that dtype: a locked, hidden bottom layer
    icc     the RGB profile of all pixels; None means sRGB
    metadata  resolution, EXIF, XMP, IPTC and text, for the formats that have a place for them
    """

    size: tuple[int, int]
    layers: Iterable[Layer]
    photo: NDArray[Any] | None = None
    icc: bytes | None = None
    metadata: Metadata = NO_METADATA

    def front_to_back(self) -> Iterator[Layer]:
        """The layers, checked one by one, and the photo behind them.

        Raises `ExportError` where there is no layer, where one reaches out of the picture, and
        where one has more or fewer bits than the first.
        """
        dtype = None
        for layer in self.layers:
            rows, columns = layer.where
            inside = rows.start >= 0 and columns.start >= 0
            if not inside or rows.stop > self.size[0] or columns.stop > self.size[1]:
                raise ExportError(f"The layer {layer.name!r} reaches out of the picture.")
            if layer.rgba.dtype != (dtype or layer.rgba.dtype):
                raise ExportError("All layers of a file must be 8 bits, or all 16 bits.")
            dtype = layer.rgba.dtype
            yield layer
        if dtype is None:
            raise ExportError("There are no layers to write: make a subject and click on it first.")
        if self.photo is not None:
            if self.photo.shape[:2] != self.size or self.photo.dtype != dtype:
                raise ExportError("The photo must have the size and the bits of the layers.")
            yield Layer(PHOTO, _opaque(self.photo), visible=False, locked=True)


def _opaque(photo: NDArray[Any]) -> NDArray[Any]:
    """The photo as RGBA."""
    if photo.shape[2] == 4:
        return photo
    rgba = np.full((*photo.shape[:2], 4), np.iinfo(photo.dtype).max, photo.dtype)
    rgba[..., :3] = photo
    return rgba
