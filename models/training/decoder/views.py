"""What the encoder is shown of each photo: all of it, mirrored, and windows around its things.

A thing fills a window that is cut around it. So the decoder meets large things, and things that
the picture's border cuts, as often as small ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pickmatte.models.geometry.rectangle import Rectangle, bounding_box
from pickmatte.models.protocols import RGB, Mask

from .photos import PERSON, Photo, Thing, labels_of

_LEAST = 48  # square root of a thing's area in pixels from which a window is cut around it
_WINDOWS = {"person": 1, "other": 2}  # around each such thing
_ROOM = (0.05, 0.8)  # of a thing's sides, left free on each side of it
_SCENERY = 3  # windows of a picture without marked things
_LONG = 1024  # pixels of a picture's long side that reach the encoder

_labels = lru_cache(4)(labels_of)


@dataclass(frozen=True)
class View:
    """A window of a photo, mirrored or not."""

    photo: Photo
    window: Rectangle
    mirrored: bool

    def rgb(self) -> RGB:
        """The window's pixels, uint8 h×w×3."""
        return self._seen(_rgb(self.photo))

    def things(self) -> list[tuple[Thing, Mask]]:
        """The things in the window with their masks, bool h×w; those that all but left it do not
        count."""
        if self.photo.labels is None:
            return []
        labels = _labels(self.photo.labels)
        found = []
        for thing in self.photo.things:
            mask = mask_of(labels, thing)
            seen = self._seen(mask)
            if seen.sum() > 0.3 * mask.sum():
                found.append((thing, seen))
        return found

    def _seen(self, layer: NDArray[Any]) -> NDArray[Any]:
        seen = layer[self.window.y0 : self.window.y1, self.window.x0 : self.window.x1]
        return np.ascontiguousarray(seen[:, ::-1] if self.mirrored else seen)


def mask_of(labels: NDArray[np.uint8], thing: Thing) -> Mask:
    """Where a label image shows a thing."""
    return labels > 0 if thing.value == 0 else labels == thing.value


def whole_of(photo: Photo) -> View:
    """All of a photo as it is."""
    return View(photo, Rectangle.whole(_rgb(photo).shape), mirrored=False)


def views(photo: Photo, rng: np.random.Generator) -> Iterator[View]:
    """The views of a photo that are trained on."""
    whole = whole_of(photo).window
    if photo.kind == "objects":
        yield whole_of(photo)
        yield View(photo, whole, mirrored=True)
        labels = _labels(photo.labels)
        for thing in photo.things:
            mask = mask_of(labels, thing)
            if mask.sum() > _LEAST**2:
                for _ in range(_WINDOWS["person" if thing.category == PERSON else "other"]):
                    yield View(photo, _around(mask, rng), bool(rng.integers(2)))
    elif photo.kind == "people":
        window = whole if rng.random() < 0.6 else _part(whole, rng)
        yield View(photo, window, bool(rng.integers(2)))
    else:
        for _ in range(_SCENERY):
            yield View(photo, _part(whole, rng), bool(rng.integers(2)))


def _around(mask: Mask, rng: np.random.Generator) -> Rectangle:
    box = bounding_box(mask)
    assert box is not None
    height, width = mask.shape
    wide, tall = box.x1 - box.x0, box.y1 - box.y0
    left, top, right, bottom = rng.uniform(*_ROOM, 4)
    return Rectangle(
        max(0, int(box.x0 - left * wide)),
        max(0, int(box.y0 - top * tall)),
        min(width, int(box.x1 + right * wide) + 1),
        min(height, int(box.y1 + bottom * tall) + 1),
    )


def _part(whole: Rectangle, rng: np.random.Generator) -> Rectangle:
    width, height = whole.x1, whole.y1
    wide, tall = (int(side * rng.uniform(0.5, 1)) for side in (width, height))
    x, y = int(rng.integers(width - wide + 1)), int(rng.integers(height - tall + 1))
    return Rectangle(x, y, x + wide, y + tall)


@lru_cache(4)
def _rgb(photo: Photo) -> RGB:
    with Image.open(photo.path) as image:
        rgb = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    scale = _LONG / max(rgb.shape[:2])
    if photo.kind == "scenery" and scale < 1:  # wallpapers of 20 MP
        rgb = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return rgb
