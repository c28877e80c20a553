"""Where what is derived of one picture is kept: bounded by bytes, safe to share by threads."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from numpy.typing import NDArray

from pickmatte.models.geometry.fitting import fit_long_side

from .cache import ByteCache
from .edits.state import Key

SCREEN = 1024  # long side of a small view

# Bytes per pixel of mask, trimap and alpha, and some to spare; with less, the layers of several
# subjects would push each other out.
_KEPT, _KEPT_OF_SEVERAL = 6.5, 10.5
# Bytes per pixel of a small view: eight previews, their trimaps, masks and the view itself.
_KEPT_SMALL = 48
_STAMPS = 4 << 20  # of some hundred states

Size = tuple[int, int]  # height, width
Timed = Callable[[str], AbstractContextManager[None]]
T = TypeVar("T", bound=NDArray[Any])


class PictureCaches:
    """The caches of one picture of that size; `timed` notes how long a step takes.

    They are apart, so that what is only looked at on a screen pushes no full-size layer out, and
    no layer the fingerprints, by which an alpha is found without the trimaps that it was made from.
    """

    def __init__(self, size: Size, timed: Timed) -> None:
        self.size = size
        self.timed = timed
        self.layers = ByteCache(0)  # of the picture's size
        self.make_room(1)
        small = fit_long_side(size, SCREEN)
        self.views = ByteCache(_KEPT_SMALL * small[0] * small[1])  # of any other size
        self.fingerprints = ByteCache(_STAMPS)

    def make_room(self, subjects: int) -> None:
        """Keep as many layers as so many subjects need."""
        each = _KEPT if subjects < 2 else _KEPT_OF_SEVERAL
        self.layers.limit = int(each * self.size[0] * self.size[1])

    def of_size(self, size: Size) -> ByteCache:
        """Where layers of that size are kept."""
        return self.layers if size == self.size else self.views

    def layer(self, cache: ByteCache, name: str, of: Hashable, make: Callable[[], T]) -> T:
        """A layer of a cache by what it is and what it follows from, made now if it is not there.

        It is handed out and kept, so it is read-only from then on.
        """

        def timed() -> T:
            with self.timed(name):
                layer = make()
            layer.flags.writeable = False
            return layer

        return cache.get(Key(name, of), timed)
