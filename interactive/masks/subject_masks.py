"""The masks of all subjects that anything is said of, at any size, and their fingerprints."""

from __future__ import annotations

from pickmatte.interactive.edits.state import Key, State, SubjectState
from pickmatte.interactive.fingerprints import Fingerprint, Fingerprints, fingerprint_of_mask
from pickmatte.interactive.picture_caches import PictureCaches, Size
from pickmatte.models.errors import MaskError
from pickmatte.models.protocols import Mask

from .candidate import Candidate
from .candidate_store import CandidateStore
from .several.labels import mask_alone, own_pixels
from .several.pixel_owners import Labels


class SubjectMasks:
    """Which subject owns which pixel. All methods raise `MaskError` before any prompt."""

    def __init__(self, candidate_store: CandidateStore, store: PictureCaches) -> None:
        self._candidates, self._caches = candidate_store, store

    def place(self, state: State, subject: SubjectState) -> int:
        """Which of `state.prompted` the subject is."""
        if subject not in state.prompted:
            raise MaskError(f"Nothing is known about {subject.name!r} yet: click on it first.")
        return state.prompted.index(subject)

    def mask(self, state: State, subject: SubjectState, size: Size) -> Mask:
        """Bool at `size` (height, width), from a close look for the picture's own size."""
        place = self.place(state, subject)
        if len(state.prompted) == 1:
            return self._only(state, subject, size)
        mask: Mask = self.labels(state, size) == place
        return mask

    def fingerprint(self, state: State, subject: SubjectState, size: Size) -> Fingerprint:
        """The fingerprint of that mask, which need not be there for it."""

        def make() -> Fingerprints:
            return Fingerprints(
                {
                    one.key: fingerprint_of_mask(self.mask(state, one, size))
                    for one in state.prompted
                }
            )

        self.place(state, subject)
        return self._caches.fingerprints.get(Key("mask", state.masks_key, size), make).of[
            subject.key
        ]

    def labels(self, state: State, size: Size) -> Labels:
        """The place in `state.prompted` of each pixel's owner, int8 H×W, -1 for none."""

        def make() -> Labels:
            taken = [self._seen(state, one, size) for one in state.prompted]
            return own_pixels(state.prompted, taken, self._candidates.group(state).order, size)

        cache = self._caches.of_size(size)
        return self._caches.layer(cache, "mask", (state.masks_key, size), make)

    def _only(self, state: State, subject: SubjectState, size: Size) -> Mask:
        """The mask of the only subject that anything is said of."""

        def make() -> Mask:
            taken = self._seen(state, subject, size) if subject.steps else None
            return mask_alone(subject, taken, size)

        cache = self._caches.of_size(size)
        return self._caches.layer(cache, "mask", (state.masks_key, size), make)

    def _seen(self, state: State, subject: SubjectState, size: Size) -> Candidate:
        """The candidate that is taken, seen closely for the picture's own size."""
        closely = size == self._caches.size
        return (self._candidates.zoomed if closely else self._candidates.taken)(state, subject)
