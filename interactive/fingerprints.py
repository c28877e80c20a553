"""What tells a layer of a picture from others without its pixels, worked out when it is made.

What follows from a layer is found by its fingerprint. So an edit that leaves a layer's pixels as
they were leaves all that follows from them, and nothing is hashed to read something again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle, bounding_box
from pickmatte.models.protocols import Mask

_BYTES = 512  # of a fingerprint and of the key it is kept under, about


@dataclass(frozen=True)
class Fingerprint:
    """A hash of a layer's pixels, the rectangle around what is not 0, and how many those are."""

    digest: bytes
    at: Rectangle
    count: int


@dataclass(frozen=True, eq=False)
class Fingerprints:
    """Fingerprints of layers that were made together, by the keys of their subjects."""

    of: Mapping[int, Fingerprint]

    @property
    def nbytes(self) -> int:
        """Bytes held, about."""
        return _BYTES * (1 + len(self.of))


def fingerprint_of_mask(mask: Mask) -> Fingerprint:
    """The fingerprint of a mask, bool H×W."""
    at = bounding_box(mask) or Rectangle(0, 0, 0, 0)
    inside = mask[at.slices]
    return Fingerprint(_digest(np.packbits(inside)), at, int(np.count_nonzero(inside)))


def fingerprint_of_layer(part: CroppedLayer) -> Fingerprint:
    """The fingerprint of a layer that is kept as the part that is not 0."""
    return Fingerprint(_digest(part.pixels), part.at, int(np.count_nonzero(part.pixels)))


def _digest(pixels: NDArray[Any]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16).digest()
