"""Quick stand-ins for trimaps and cut-outs, of a screen's size and from the coarse look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pickmatte import models
from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import RGB, Alpha, Trimap

from .edits.state import Key, State, SubjectState
from .masks.candidate_store import CandidateStore
from .masks.subject_masks import SubjectMasks
from .mattes.glass import vanishes
from .mattes.preview import quick_alpha, quick_cutout, quick_cutout_of_part
from .mattes.subject_trimap import subject_trimap, trimap_key
from .picture_caches import SCREEN, PictureCaches, Size
from .pictures.picture import Picture
from .pictures.resize import smaller
from .pictures.transparency import shrunk


class Previews:
    """Small views of a picture's subjects. All methods raise `MaskError` before any prompt."""

    def __init__(
        self,
        picture: Picture,
        candidate_store: CandidateStore,
        masks: SubjectMasks,
        store: PictureCaches,
    ) -> None:
        self.picture = picture
        self._candidates, self._masks, self._caches = candidate_store, masks, store

    def cutout(self, state: State, subject: SubjectState, side: int) -> NDArray[np.uint8]:
        """Straight RGBA uint8 with the long side at most `side`."""
        size = fit_long_side(self.picture.size, side)
        known = subject.known_alpha

        def make() -> NDArray[np.uint8]:
            rgb = self._rgb(size)
            if known:
                alpha: Alpha = smaller(known.pixels, size)
            else:
                trimap = self.trimap(state, subject, side)
                alpha = quick_alpha(rgb, trimap, models.load_nano())
            if self.picture.alpha is None:
                return quick_cutout(rgb, alpha)
            return quick_cutout_of_part(self._straight(self.picture.alpha, size), alpha)

        of = known.identity if known else self._trimap_key(state, subject, size)
        return self._caches.layer(self._caches.views, "preview", (of, size), make)

    def trimap(self, state: State, subject: SubjectState, side: int) -> Trimap:
        """uint8 with the long side at most `side`; nobody is asked for hair."""
        size = fit_long_side(self.picture.size, side)

        def make() -> Trimap:
            return self._trimap(state, subject, size, clear=self.is_see_through(state, subject))

        of = self._trimap_key(state, subject, size)
        return self._caches.layer(self._caches.views, "quick trimap", (of, size), make)

    def is_see_through(self, state: State, subject: SubjectState) -> bool:
        """Whether one sees through a subject: it was said so, and that leaves enough of it.

        Told from a small view and by our own network, so that it is the same for every result.
        """
        if subject.material != "glass":
            return False
        if subject.user_layer and subject.user_layer.kind != "mask":
            return True  # what the user brought along is taken as it is
        size = fit_long_side(self.picture.size, SCREEN)
        mask = self._masks.mask(state, subject, size)
        if not mask.any():
            return False

        def make() -> Alpha:
            trimap = self._trimap(state, subject, size, clear=True)
            return quick_alpha(self._rgb(size), trimap, models.load_nano())

        of = self._trimap_key(state, subject, size)
        return not vanishes(self._caches.layer(self._caches.views, "glass", of, make), mask)

    def _trimap(self, state: State, subject: SubjectState, size: Size, *, clear: bool) -> Trimap:
        mask = self._masks.mask(state, subject, size)
        logits = self._candidates.taken(state, subject).content if subject.steps else None
        window = Rectangle.whole(size) if subject.steps else None
        scale = size[0] / self.picture.size[0]
        return subject_trimap(
            self._rgb(size), mask, subject, logits, window, clear=clear, strands=None, scale=scale
        )

    def _trimap_key(self, state: State, subject: SubjectState, size: Size) -> Key:
        mask = self._masks.fingerprint(state, subject, size)
        seen = self._candidates.taken(state, subject).digest if subject.steps else None
        return Key(mask, seen, trimap_key(subject))

    def _rgb(self, size: Size) -> RGB:
        def make() -> RGB:
            return smaller(self.picture.seen, size)

        return self._caches.layer(self._caches.views, "small", size, make)

    def _straight(self, own: Alpha, size: Size) -> NDArray[np.uint8]:
        """The small view of a picture that has transparency, straight RGBA."""

        def make() -> NDArray[np.uint8]:
            return shrunk(self.picture.rgb, own, size)

        return self._caches.layer(self._caches.views, "small straight", size, make)
