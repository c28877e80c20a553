"""The pipeline: what follows from a state, each stage from the one before it.

state -> candidates (`CandidateStore`) -> masks (`SubjectMasks`) -> trimaps (`subject_trimap`,
`trimap_beside_others`) -> alphas (`solve_group`) -> mixed colours (`unmix`); and the same at a
screen's size (`Previews`). The stages are functions of arrays. Here stands what each follows from,
its key (`_trimap_key`, `_alphas_key`), and what it gives is kept while there is room
(`PictureCaches`).

Masks are found by the part of the state that they depend on. What is made of a layer is found by
that layer's fingerprint (`fingerprints`): an edit far away makes new masks with the old
fingerprints, and so new alphas only of the subjects that it concerns.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pickmatte import models
from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle, enclosing
from pickmatte.models.matting.trimaps import FOREGROUND
from pickmatte.models.protocols import Alpha, Findings, Mask, Matting, Trimap
from pickmatte.models.runtime.lazy import Lazy
from pickmatte.models.runtime.memory import release_free_memory

from .edits.paint import paint_trimap
from .edits.state import Key, State, SubjectState, UserLayer
from .fingerprints import Fingerprint, Fingerprints, fingerprint_of_layer
from .masks.candidate_set import CandidateSet
from .masks.candidate_store import CandidateStore
from .masks.several.labels import union_of
from .masks.several.pixel_owners import Labels
from .masks.subject_masks import SubjectMasks
from .mattes.foreground import BLEED
from .mattes.solver import solve
from .mattes.subject_trimap import subject_trimap, trimap_key
from .mattes.trimap_groups import AlphaGroup, meeting, solve_group, trimap_beside_others
from .mattes.unmix import Mixed, unmix
from .picture_caches import SCREEN, PictureCaches, Size
from .pictures.picture import Picture
from .pictures.transparency import shares, without_hidden
from .previews import Previews

_PLENTY = 16  # pixels of a small view that leave no doubt
_REMNANT = 0.02  # of what a subject would be alone: so much is no subject any more


class Pipeline:
    """The derived arrays of one picture, from its candidates; safe to share by threads.

    Each method is a function of the state it is given. Arrays that it gives are kept, and not to
    be written to. What is not known yet is computed when it is asked for, with the segmenter, the
    matting or both, and that is noted in `CandidateStore.timings`.
    """

    def __init__(
        self,
        picture: Picture,
        candidate_store: CandidateStore,
        matting: str | Matting,
        device: str = "auto",
    ) -> None:
        self.picture, self.candidate_store = picture, candidate_store
        self._device = device
        self._matting = _lazily(matting, device)
        self._caches = PictureCaches(picture.size, candidate_store.timed)
        self._masks = SubjectMasks(candidate_store, self._caches)
        self._previews = Previews(picture, candidate_store, self._masks, self._caches)
        self._cancelled: Callable[[], bool] | None = None

    @property
    def matting(self) -> Matting:
        """The model that solves the unknown region. Loads it the first time."""
        return self._matting.get()

    def with_matting(self, matting: str | Matting) -> Pipeline:
        """The same picture and what is known of it, its alphas from another model."""
        other = copy.copy(self)
        other._matting = _lazily(matting, self._device)
        return other

    def cancelled_by(self, cancelled: Callable[[], bool]) -> Pipeline:
        """The same, which stops making an alpha when `cancelled` says so."""
        other = copy.copy(self)
        other._cancelled = cancelled
        return other

    # Candidates

    def candidates_after(self, subject: SubjectState) -> CandidateSet:
        """The candidates of a subject by itself, and which of them its steps take.

        Runs the segmenter for each step that is new, for a phrase the grounder too. Raises
        `PromptError`, `NothingFound` or `MaskError` where the steps lead nowhere.
        """
        return self.candidate_store.candidates_after(subject.steps, subject.user_layer)

    def beside(self, state: State, subject: SubjectState) -> CandidateSet | None:
        """The same beside the other subjects, which it may give way to; None before any prompt."""
        return self.candidate_store.group(state).sets.get(subject.key)

    def found(self, text: str) -> Findings:
        """What a phrase finds. Runs the grounder and the segmenter the first time."""
        return self.candidate_store.found(text)

    # Masks

    def mask(self, state: State, subject: SubjectState, size: Size | None = None) -> Mask:
        """Bool H×W, or at a smaller `size` (height, width) from the coarse look.

        Raises `MaskError` before any prompt.
        """
        return self._masks.mask(state, subject, size or self.picture.size)

    # Trimaps

    def trimap(self, state: State, subject: SubjectState) -> Trimap:
        """uint8 H×W of 0, 128, 255; the core of who is in front is background."""
        group = self._group(state, subject)
        front = group[: group.index(subject) + 1]
        trimaps = {one.key: self._own_trimap(state, one) for one in front}
        return trimap_beside_others(subject.key, trimaps).within(self._everywhere)

    def _own_trimap(self, state: State, subject: SubjectState) -> CroppedLayer:
        """Of a subject by itself, whatever is in front of it."""
        user_layer = subject.user_layer

        def take(user_layer: UserLayer) -> CroppedLayer:
            with self.candidate_store.timed("trimap"):
                return CroppedLayer.of(paint_trimap(user_layer.pixels, subject.paint))

        def make() -> CroppedLayer:
            mask = self.mask(state, subject)
            seen = self.candidate_store.zoomed(state, subject) if subject.steps else None
            logits, window = (seen.content, Rectangle(*seen.window)) if seen else (None, None)
            # Always by our own network: quick, and the same whichever solves the band afterwards.
            network, rgb = models.load_nano(), self.picture.seen
            clear = self.is_see_through(state, subject)
            with self.candidate_store.timed("trimap"):
                trimap = subject_trimap(
                    rgb, mask, subject, logits, window, clear=clear, strands=network
                )
                return CroppedLayer.of(trimap)

        if user_layer and user_layer.kind == "trimap":
            return self._caches.layers.get(
                self._trimap_key(state, subject), partial(take, user_layer)
            )
        return self._caches.layers.get(self._trimap_key(state, subject), make)

    def _trimap_key(self, state: State, subject: SubjectState) -> Key:
        user_layer = subject.user_layer
        if user_layer and user_layer.kind == "trimap":
            return Key("trimap", user_layer.identity, subject.paint)
        mask = self._masks.fingerprint(state, subject, self.picture.size)
        seen = self.candidate_store.zoomed_key(state, subject) if subject.steps else None
        return Key("trimap", mask, seen, trimap_key(subject), self.is_see_through(state, subject))

    def _trimap_fingerprint(self, state: State, subject: SubjectState) -> Fingerprint:
        def make() -> Fingerprints:
            return Fingerprints(
                {subject.key: fingerprint_of_layer(self._own_trimap(state, subject))}
            )

        key = Key(subject.key, self._trimap_key(state, subject))
        return self._caches.fingerprints.get(key, make).of[subject.key]

    def _group(self, state: State, subject: SubjectState) -> tuple[SubjectState, ...]:
        """The subject and all that its soft edges may meet, front to back."""
        self._masks.place(state, subject)
        places = {one.key: self._trimap_fingerprint(state, one).at for one in state.prompted}
        keys = meeting(subject.key, places, self.candidate_store.group(state).order)
        return tuple(state.get(key) for key in keys)

    # Alphas

    def alpha(self, state: State, subject: SubjectState) -> Alpha:
        """float32 H×W in 0..1; those of all subjects add up to at most 1."""
        alphas = self._alphas(state, self._group(state, subject))
        return alphas.layers[subject.key].within(self._everywhere)

    def alpha_of(self, state: State, subjects: Sequence[SubjectState]) -> CroppedLayer:
        """The sum of several subjects' alphas, float32 in 0..1, where it is not 0."""
        parts = [self._alphas(state, self._group(state, one)).layers[one.key] for one in subjects]
        if len(parts) == 1:
            return parts[0]
        area = enclosing(part.at for part in parts)
        total: Alpha = np.zeros((area.height, area.width), np.float32)
        for part in parts:
            total[part.at.slices_in(area)] += part.pixels
        return CroppedLayer(np.clip(total, 0, 1, out=total), area)

    def _alphas(self, state: State, group: Sequence[SubjectState]) -> AlphaGroup:
        """The alphas of subjects that may meet, front to back, made together."""
        self._caches.make_room(len(state.prompted))
        known = {one.key: user_layer.pixels for one in group if (user_layer := one.known_alpha)}

        def make() -> AlphaGroup:
            alone = {one.key: self._own_trimap(state, one) for one in group}
            trimaps = {key: trimap_beside_others(key, alone) for key in alone}
            del alone
            size, held = self.picture.size, None
            if len(group) > 1:
                places = [self._masks.place(state, one) for one in group]
                held = partial(_held, self._masks.labels(state, size), places)
            floats = np.dtype(np.float32).itemsize
            self._caches.layers.make_room(floats * sum(part.nbytes for part in trimaps.values()))
            remnants = self._remnants(state, group)
            with self.candidate_store.timed("matte"):
                layers = AlphaGroup(
                    dict(solve_group(self._solve, trimaps, size, held, known, remnants))
                )
            release_free_memory()
            return layers

        return self._caches.layers.get(self._alphas_key(state, group), make)

    def _alphas_key(self, state: State, group: Sequence[SubjectState]) -> Key:
        size = self.picture.size
        trimaps = tuple((one.key, self._trimap_fingerprint(state, one)) for one in group)
        # Of a subject that meets no other the trimap says all; of several the union counts.
        masks = (
            tuple(self._masks.fingerprint(state, one, size) for one in group)
            if len(group) > 1
            else ()
        )
        known = tuple(one.known_alpha and one.known_alpha.identity for one in group)
        return Key("matte", trimaps, masks, known, self._remnants(state, group), self.matting.name)

    def _remnants(self, state: State, group: Sequence[SubjectState]) -> frozenset[int]:
        """Keys of subjects told by prompts alone of which others own nearly all: near-doubles."""
        if len(group) == 1:
            return frozenset()
        size = self.picture.size
        pixels = size[0] * size[1]
        return frozenset(
            one.key
            for one in group
            if one.steps
            and not one.paint
            and self._masks.fingerprint(state, one, size).count / pixels
            < _REMNANT * float(self.candidate_store.taken(state, one).coarse.mean())
        )

    def _solve(self, area: Rectangle, trimap: Trimap) -> Alpha:
        rgb = self.picture.seen[area.slices]
        return solve(self.matting, rgb, trimap, cancelled=self._cancelled)

    # Colours

    def mixed(
        self, state: State, subject: SubjectState, source: NDArray[Any]
    ) -> tuple[Rectangle, Mask, NDArray[Any]]:
        """Where in an area of the picture subjects mix, and this one's own colours there, N×3.

        `source` is the picture at the depth that is wanted, uint8 or uint16 H×W×3.
        """
        group = self._group(state, subject)
        if len(group) == 1:
            nowhere = Rectangle(0, 0, 0, 0)
            return nowhere, np.zeros((0, 0), bool), np.zeros((0, 3), source.dtype)
        alphas = self._alphas(state, group)
        area = alphas.area.grown(BLEED, self.picture.size)
        parts = [part.relative_to(area) for part in alphas.layers.values()]
        key = Key("mixed", self._alphas_key(state, group), source.dtype.str)

        def mix() -> Mixed:
            pixels, layers = source[area.slices], parts
            if self.picture.alpha is not None:
                own = self.picture.alpha[area.slices]
                pixels = without_hidden(pixels, own)
                layers = [
                    CroppedLayer(shares(one.pixels, own[one.at.slices]), one.at) for one in parts
                ]
            return unmix(pixels, layers)

        mixed = self._caches.layers.get(key, mix)
        return area, mixed.where, mixed.colours[list(alphas.layers).index(subject.key)]

    # Of a screen's size

    def preview(self, state: State, subject: SubjectState, side: int) -> NDArray[np.uint8]:
        """Straight RGBA uint8 with the long side at most `side`, from the coarse look."""
        return self._previews.cutout(state, subject, side)

    def quick_trimap(self, state: State, subject: SubjectState, side: int) -> Trimap:
        """uint8 with the long side at most `side`, from the coarse look."""
        return self._previews.trimap(state, subject, side)

    def is_see_through(self, state: State, subject: SubjectState) -> bool:
        """Whether one sees through a subject: it was said so, and that leaves enough of it."""
        return self._previews.is_see_through(state, subject)

    def has_foreground(self, state: State, subject: SubjectState) -> bool:
        """Whether a trimap holds any foreground; a small view tells where it holds plenty."""
        quick = self.quick_trimap(state, subject, SCREEN)
        plenty = int((quick == FOREGROUND).sum()) > _PLENTY
        return plenty or bool((self.trimap(state, subject) == FOREGROUND).any())

    @property
    def _everywhere(self) -> Rectangle:
        return Rectangle.whole(self.picture.size)


def _lazily(matting: str | Matting, device: str) -> Lazy[Matting]:
    def load() -> Matting:
        if not isinstance(matting, str):
            return matting
        return models.load_matting(matting, models.place("matting", matting, device))

    return Lazy(load)


def _held(labels: Labels, places: Sequence[int], area: Rectangle) -> Mask:
    return union_of(labels[area.slices], places)
