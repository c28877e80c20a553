"""Decoded pixels, and the small arithmetic that every reader of files shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pickmatte.models.errors import PictureError

from .metadata.record import Metadata

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Decoded:
    """Upright pixels and what belongs to them; the fields are those of `images.Picture`."""

    rgb: NDArray[np.uint8]
    deep: NDArray[np.uint16] | None
    alpha: NDArray[np.float32] | None
    icc: bytes | None
    metadata: Metadata


def check_size(size: tuple[int, int], limit: int, label: str) -> None:
    """Raise `PictureError` for a width or height of 0 and for more pixels than `limit`."""
    width, height = size
    if not limit >= 1:  # written so that NaN is caught
        raise PictureError(f"The limit of {limit:g} pixels leaves no picture; give 1 or more.")
    if width < 1 or height < 1:
        raise PictureError(f"{label} is {width}×{height} pixels: it has no area; give another.")
    if width * height > limit:
        raise PictureError(
            f"{label} has {width}×{height} = {width * height / 1e6:.1f} million pixels, over the "
            f"limit of {limit / 1e6:g} million; make it smaller, or raise the limit: "
            f"--limit {math.ceil(width * height / 1e6)} on the command line, "
            f"limit={width * height:_} in Python."
        )


def as_float(alpha: NDArray[Any]) -> NDArray[np.float32] | None:
    """An integer alpha channel as 0..1, or None where nothing is transparent."""
    full = np.iinfo(alpha.dtype).max
    if alpha.min() == full:
        return None
    return np.asarray(np.divide(alpha, np.float32(full), dtype=np.float32))


def to_8_bit(deep: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """16 bit values to the nearest of 8 bit: 65535 is 255 as 257 is 1."""
    flat = deep.reshape(deep.shape[0], -1)  # keeps OpenCV from dropping an axis of length 1
    return np.asarray(cv2.convertScaleAbs(flat, alpha=1 / 257), np.uint8).reshape(deep.shape)
