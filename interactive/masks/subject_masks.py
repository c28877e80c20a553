"""The masks of all subjects that anything is said of, at any size, and their stamps."""

from __future__ import annotations

from pickmatte.interactive.edits.state import Key, State, SubjectState
from pickmatte.interactive.fingerprints import Fingerprint, Fingerprints, fingerprint_of_mask
from pickmatte.interactive.picture_caches import PictureCaches, Size
from pickmatte.models.errors import MaskError
from pickmatte.models.protocols import Mask

from .candidate import Candidate
from .candidate_store import CandidateStore
from .several.labels import mask_alone, share_out
from .several.overlap import Labels


class SubjectMasks:
    """Which subject owns which pixel. All methods raise `MaskError` before any prompt."""

    def __init__(self, looks: CandidateStore, store: PictureCaches) -> None:
        self._looks, self._store = looks, store

    def place(self, state: State, subject: SubjectState) -> int:
        """Which of `state.told` the subject is."""
        if subject not in state.told:
            raise MaskError(f"Nothing is known about {subject.name!r} yet: click on it first.")
        return state.told.index(subject)

    def mask(self, state: State, subject: SubjectState, size: Size) -> Mask:
        """Bool at `size` (height, width), from a close look for the picture's own size."""
        place = self.place(state, subject)
        if len(state.told) == 1:
            return self._only(state, subject, size)
        mask: Mask = self.labels(state, size) == place
        return mask

    def stamp(self, state: State, subject: SubjectState, size: Size) -> Fingerprint:
        """The stamp of that mask, which need not be there for it."""

        def make() -> Fingerprints:
            return Fingerprints(
                {one.key: fingerprint_of_mask(self.mask(state, one, size)) for one in state.told}
            )

        self.place(state, subject)
        return self._store.stamps.get(Key("mask", state.drawn, size), make).of[subject.key]

    def labels(self, state: State, size: Size) -> Labels:
        """Of several subjects the place in `state.told` of who owns a pixel, int8, -1 for none."""

        def make() -> Labels:
            taken = [self._seen(state, one, size) for one in state.told]
            return share_out(state.told, taken, self._looks.group(state).order, size)

        cache = self._store.of_size(size)
        return self._store.layer(cache, "mask", (state.drawn, size), make)

    def _only(self, state: State, subject: SubjectState, size: Size) -> Mask:
        """The mask of the only subject that anything is said of."""

        def make() -> Mask:
            taken = self._seen(state, subject, size) if subject.steps else None
            return mask_alone(subject, taken, size)

        cache = self._store.of_size(size)
        return self._store.layer(cache, "mask", (state.drawn, size), make)

    def _seen(self, state: State, subject: SubjectState, size: Size) -> Candidate:
        """The candidate that is taken, seen closely for the picture's own size."""
        closely = size == self._store.size
        return (self._looks.sharp if closely else self._looks.taken)(state, subject)
