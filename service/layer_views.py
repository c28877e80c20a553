"""What the page shows of each subject, made once for what it follows from and kept while it holds.

A subject is shown over the photo, in the list of subjects and in the result. All of it is small,
whatever the picture's size; the full-size arrays it is made from are not kept here.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte import Session, Subject
from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.interactive.mattes.foreground import compose
from pickmatte.interactive.pictures.picture import Picture
from pickmatte.interactive.pictures.resize import shrink
from pickmatte.interactive.pictures.transparency import averaged, shares, shrunk
from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.protocols import Alpha, Mask

from .data_uri import data_uri
from .drawing import Colour, coarse_mask, thumbnail, tint, window_around

SIDE = 1400  # long side of the photo in the browser
RESULT_SIDE = 1024  # long side of the results beside it
_QUICK_SIDE = 900  # long side of the masks that are shown first
_ICON_SIDE = 120
_LATELY = 32  # layers that are remembered, of about 1 MB
_CHOICE_SIDE = 240
_AROUND = 0.1  # of a subject's breadth, in which another one may change what becomes of it

_versions = itertools.count(1)


@dataclass(frozen=True, eq=False)
class LayerView:
    """One subject as it is shown."""

    signature: bytes  # of what it follows from
    version: int  # of overlay and icon: the browser asks for what it lacks
    place: tuple[float, float, float, float]  # of the overlay: left, top, width, height in percent
    overlay: str  # PNG
    icon: str  # WebP
    alpha: NDArray[np.uint8] | None = None  # small; a preview until it is final
    final: bool = False
    views: tuple[tuple[str, str], ...] = ()  # mask, trimap, alpha, alone: from their full size


class LayerViews:
    """The layers of a session's subjects, and some of those they had lately."""

    def __init__(self, picture: Picture) -> None:
        self.size = picture.size
        size = fit_long_side(self.size, SIDE)
        self.view = shrink(picture.seen, size)  # without transparency
        self.photo = self.view  # RGBA where the picture has transparency
        if picture.alpha is not None:
            self.photo = shrunk(picture.rgb, picture.alpha, size)
        self._small = shrink(self.photo, fit_long_side(self.size, RESULT_SIDE))
        self._quick = self._at(_QUICK_SIDE)
        self._shown = self._at(SIDE)
        self._known: dict[int, LayerView] = {}
        self._revision = -1  # of what is known
        self._lately: OrderedDict[bytes, LayerView] = OrderedDict()
        self._choices: tuple[tuple[Candidate, ...], list[str]] = ((), [])
        self._lock = threading.Lock()

    def _at(self, side: int) -> tuple[int, int]:
        """The picture's height and width with the long side at `side`, larger or smaller."""
        scale = side / max(self.size)
        return max(1, round(self.size[0] * scale)), max(1, round(self.size[1] * scale))

    def of(self, session: Session, matting: str, revision: int) -> dict[int, LayerView]:
        """The layer of each subject by its key; only those that changed are made anew."""
        with self._lock:
            if revision == self._revision:
                return self._known
        masks = {subject.key: self.coarse_mask(subject) for subject in session.subjects}
        order = [subject.key for subject in session.order]
        layers: dict[int, LayerView] = {}
        for subject in session.subjects:
            signature = _signature(subject, masks, order, matting)
            with self._lock:
                known = self._lately.get(signature)
            if known is None:
                known = self._made(signature, masks[subject.key], subject.colour)
            layers[subject.key] = known
        with self._lock:
            self._known, self._revision = layers, revision
            for layer in layers.values():
                self._remember(layer)
        return layers

    def previewed(self, subject: Subject, layer: LayerView) -> LayerView:
        """The layer with a quick alpha, if it has none yet."""
        if layer.alpha is not None:
            return layer
        alpha = subject.preview(RESULT_SIDE)[..., 3]
        return self._keep(subject.key, layer, replace(layer, alpha=np.ascontiguousarray(alpha)))

    def refined(self, subject: Subject, layer: LayerView) -> LayerView:
        """The layer from the full-size mask, trimap and alpha. Raises `Cancelled`."""
        if layer.final:
            return layer
        size = self._small.shape[0], self._small.shape[1]
        alpha = shrink(subject.alpha, size)
        trimap, mask = subject.trimap, subject.mask
        views = (
            ("mask", data_uri(shrink(mask, size), "png")),
            ("trimap", data_uri(shrink(trimap, size), "png")),
            ("alpha", data_uri(alpha, "webp")),
        )
        pixels = mask.view(np.uint8) * np.uint8(255)
        way = cv2.INTER_AREA if self._shown[0] <= self.size[0] else cv2.INTER_CUBIC
        sharp = cv2.resize(pixels, self._shown[::-1], interpolation=way) > 127
        drawn = self._made(layer.signature, sharp, subject.colour)
        return self._keep(subject.key, layer, replace(drawn, alpha=alpha, final=True, views=views))

    def alone(self, subject: Subject, layer: LayerView, cutout: NDArray[np.uint8]) -> None:
        """Show of a subject its full-size cut-out, which knows the colours of its neighbours."""
        small = data_uri(shrink(cutout, self._small.shape[:2]), "webp")
        self._keep(subject.key, layer, replace(layer, views=(*layer.views, ("alone", small))))

    def cutout(self, layers: Sequence[LayerView]) -> NDArray[np.uint8]:
        """Small straight RGBA of what the layers hold together."""
        alpha: Alpha = np.zeros(self._small.shape[:2], np.float32)
        for layer in layers:
            if layer.alpha is not None:
                alpha += layer.alpha.astype(np.float32) / 255  # their shares: together at most 1
        alpha = np.minimum(alpha, 1)
        if self._small.shape[2] == 3:
            return compose(self._small, CroppedLayer.of(alpha))
        own = np.divide(self._small[..., 3], 255, dtype=np.float32)
        return compose(self._small[..., :3], CroppedLayer.of(shares(alpha, own)), own)

    def choices(self, candidates: tuple[Candidate, ...], colour: Colour) -> list[str]:
        """A small picture of each candidate, all in the same window, to be compared."""
        known, pictures = self._choices
        if len(known) != len(candidates) or any(map(lambda a, b: a is not b, known, candidates)):
            pictures = self._compared(candidates, colour)
            self._choices = candidates, pictures
        return pictures

    def _compared(self, candidates: Sequence[Candidate], colour: Colour) -> list[str]:
        boxes = [candidate.box for candidate in candidates if candidate.box is not None]
        if not boxes:
            return []
        window = window_around(boxes, self.size)
        size = fit_long_side((window[3] - window[1], window[2] - window[0]), _CHOICE_SIDE)
        view = self.crop(window, size)
        return [
            data_uri(thumbnail(view, coarse_mask(candidate, window, size), colour), "jpeg", 82)
            for candidate in candidates
        ]

    def crop(self, window: tuple[int, int, int, int], size: tuple[int, int]) -> NDArray[np.uint8]:
        """A window of the picture at `size`, from the small view."""
        part = self._window(self.view, window)
        grown = cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA)
        return grown.astype(np.uint8, copy=False)

    def _window(
        self, view: NDArray[np.uint8], window: tuple[int, int, int, int]
    ) -> NDArray[np.uint8]:
        across, down = view.shape[1] / self.size[1], view.shape[0] / self.size[0]
        x0, y0 = int(window[0] * across), int(window[1] * down)
        x1, y1 = max(x0 + 1, round(window[2] * across)), max(y0 + 1, round(window[3] * down))
        return np.ascontiguousarray(view[y0:y1, x0:x1])

    def veil(self, mask: Mask, colour: Colour, strength: float = 0.34) -> tuple[str, list[float]]:
        """A mask over the photo as PNG, no larger than it must be, and its place in percent."""
        x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
        rim = max(mask.shape) // 100 + 4  # room for the outline
        x0, y0 = max(0, x - rim), max(0, y - rim)
        x1, y1 = min(mask.shape[1], x + width + rim), min(mask.shape[0], y + height + rim)
        part = np.ascontiguousarray(mask[y0:y1, x0:x1])
        line = max(mask.shape)
        overlay = tint(part, part.shape, colour, strength=strength, breadth=line)
        down, across = 100 / mask.shape[0], 100 / mask.shape[1]
        place = [x0 * across, y0 * down, (x1 - x0) * across, (y1 - y0) * down]
        return data_uri(overlay, "png"), place

    def coarse_mask(self, subject: Subject) -> Mask:
        """The subject's mask as it is shown first."""
        return subject.coarse_mask(self._quick)

    def _made(self, signature: bytes, mask: Mask, colour: Colour) -> LayerView:
        overlay, (left, top, width, height) = self.veil(mask, colour)
        place = left, top, width, height
        return LayerView(signature, next(_versions), place, overlay, self._icon(mask))

    def _icon(self, mask: Mask) -> str:
        """The subject alone on nothing, for the list of subjects."""
        x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
        if not width:
            return ""
        across, down = self.size[1] / mask.shape[1], self.size[0] / mask.shape[0]
        window = (
            int(x * across),
            int(y * down),
            max(int(x * across) + 1, int((x + width) * across)),
            max(int(y * down) + 1, int((y + height) * down)),
        )
        size = fit_long_side((height, width), _ICON_SIDE)
        part = mask[y : y + height, x : x + width].view(np.uint8) * np.uint8(255)
        alpha = cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA)
        if self.photo.shape[2] == 3:
            cut = np.dstack([self.crop(window, size), alpha]).astype(np.uint8)
        else:
            cut = averaged(self._window(self.photo, window), size)
            cut[..., 3] = np.minimum(cut[..., 3], alpha)
        return data_uri(cut, "webp", 80)

    def _keep(self, key: int, before: LayerView, after: LayerView) -> LayerView:
        with self._lock:
            self._remember(after)
            if self._known.get(key) is before:  # an edit may have been quicker
                self._known = {**self._known, key: after}
        return after

    def _remember(self, layer: LayerView) -> None:
        """So that what is undone and done again is shown at once."""
        self._lately[layer.signature] = layer
        self._lately.move_to_end(layer.signature)
        while len(self._lately) > max(_LATELY, len(self._known)):
            self._lately.popitem(last=False)


def _signature(
    subject: Subject, masks: dict[int, Mask], order: Sequence[int], matting: str
) -> bytes:
    """Of all that a subject's layer follows from: itself, and the others where they are near."""
    mask = masks[subject.key]
    digest = hashlib.blake2b(subject.key.to_bytes(4, "big"), digest_size=16)
    said = (subject.prompts, subject.chosen, subject.band, subject.material, subject.paint, matting)
    digest.update(repr(said).encode())
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    rim = int(_AROUND * max(width, height)) + 8
    rows, columns = (
        slice(max(0, y - rim), y + height + rim),
        slice(max(0, x - rim), x + width + rim),
    )
    for key in order:  # front to back, itself among them
        near = masks[key][rows, columns]
        if near.any():
            digest.update(key.to_bytes(4, "big") + np.packbits(near).tobytes())
    return digest.digest()
