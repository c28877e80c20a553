"""What follows from a subject's state: candidates, mask, trimap, alpha. Computed when asked for.

Each method is a function of the state it is given; the same state gives the same arrays, which
are kept while there is room and must not be written to.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte import models
from pickmatte.models.errors import MaskError
from pickmatte.models.geometry.rectangle import Rectangle, enclosing
from pickmatte.models.matting.trimaps import FOREGROUND
from pickmatte.models.protocols import RGB, Alpha, Mask, Matting, Trimap
from pickmatte.models.runtime.memory import release_free_memory

from .cache import ByteCache
from .edits.paint import paint_mask, paint_trimap
from .edits.state import State, SubjectState, UserLayer
from .masks.candidate import Candidate
from .masks.candidate_store import CandidateStore, mask_of
from .masks.overlap import Labels, own, settle
from .mattes.cropped_layer import CroppedLayer
from .mattes.foreground import BLEED, estimate_foreground
from .mattes.glass import see_through
from .mattes.hair import include_strands
from .mattes.solver import solve
from .mattes.trimap import make_trimap
from .mattes.trimap_groups import AlphaGroup, TrimapGroup, solve_group, trimap_group
from .mattes.unmix import unmix
from .pictures.picture import Picture

_QUICK, _PLENTY = 1024, 16  # long side of a small view, and pixels of it that leave no doubt
_REMNANT = 0.02  # of what a subject would be alone: so much is no subject any more
_KEPT, _KEPT_OF_SEVERAL = 6.5, 10.5  # bytes per pixel of mask, trimap and alpha, and some to spare


class Results:
    """The derived arrays of one picture, from what `looks` sees in it."""

    def __init__(self, picture: Picture, looks: CandidateStore, matting: str | Matting) -> None:
        self.picture, self.looks = picture, looks
        self._matting = matting
        self._layers = ByteCache(_room(picture, 1))
        self._cancelled: Callable[[], bool] | None = None

    @cached_property
    def matting(self) -> Matting:
        """The model that solves the unknown region."""
        chosen = self._matting
        return models.load_matting(chosen) if isinstance(chosen, str) else chosen

    def with_matting(self, matting: str | Matting) -> Results:
        """The same picture and what is known of it, its alphas from another model."""
        other = copy.copy(self)
        other._matting = matting
        other.__dict__.pop("matting", None)
        return other

    def cancelled_by(self, cancelled: Callable[[], bool]) -> Results:
        """The same, which stops making an alpha when `cancelled` says so."""
        other = copy.copy(self)
        other._cancelled = cancelled
        return other

    def mask(
        self, state: State, subject: SubjectState, size: tuple[int, int] | None = None
    ) -> Mask:
        """Bool H×W, or at a smaller `size` (height, width) from the coarse look.

        Raises `MaskError` before any prompt.
        """
        size = size or self.picture.size
        told = state.told
        if subject not in told:
            raise MaskError(f"Nothing is known about {subject.name!r} yet: click on it first.")
        if len(told) == 1:
            alone: Mask = self._keep(
                "mask", (_of_mask(subject), size), lambda: self._alone(state, subject, size)
            )
            return alone
        mask: Mask = self.labels(state, size) == told.index(subject)
        return mask

    def labels(self, state: State, size: tuple[int, int]) -> Labels:
        """Which of `state.told` owns each pixel, int8 at `size`, -1 for none."""

        def share_out() -> Labels:
            candidates = [self._seen(state, subject, size) for subject in state.told]
            masks = [self._alone(state, subject, size) for subject in state.told]
            keys = [subject.key for subject in state.told]
            order = [keys.index(key) for key in self.looks.group(state).order]
            return settle(masks, own(candidates, order, size), order)

        labels: Labels = self._keep("mask", (_of_masks(state), size), share_out)
        return labels

    def _seen(self, state: State, subject: SubjectState, size: tuple[int, int]) -> Candidate:
        """The candidate that is taken, closely for the full size."""
        if size == self.picture.size:
            return self.looks.sharp(state, subject)
        return self.looks.group(state).looks[subject.key].taken

    def _alone(self, state: State, subject: SubjectState, size: tuple[int, int]) -> Mask:
        """A mask by itself, whatever others own of it."""
        user_layer = subject.user_layer
        if user_layer and not subject.steps:
            mask = _smaller_mask(mask_of(user_layer), size)
        else:
            mask = self._seen(state, subject, size).mask_at(size)
        return paint_mask(mask, subject.paint, size[0] / self.picture.size[0])

    def trimap(self, state: State, subject: SubjectState) -> Trimap:
        """uint8 H×W of 0, 128, 255; the core of who is in front is background."""
        trimap_group = self._trimap_group(state, subject)
        return trimap_group.trimaps[subject.key].within(self._everywhere)

    def alpha(self, state: State, subject: SubjectState) -> Alpha:
        """float32 H×W in 0..1; those of all subjects add up to at most 1."""
        return self._alphas(state, subject).layers[subject.key].within(self._everywhere)

    def alpha_of(self, state: State, subjects: Sequence[SubjectState]) -> CroppedLayer:
        """The sum of several subjects' alphas, float32 in 0..1, where it is not 0."""
        parts = [self._alphas(state, one).layers[one.key] for one in subjects]
        if len(parts) == 1:
            return parts[0]
        area = enclosing(part.at for part in parts)
        total: Alpha = np.zeros((area.height, area.width), np.float32)
        for part in parts:
            total[part.at.slices_in(area)] += part.pixels
        return CroppedLayer(np.clip(total, 0, 1, out=total), area)

    @property
    def _everywhere(self) -> Rectangle:
        return Rectangle.whole(self.picture.size)

    def _trimap_group(self, state: State, subject: SubjectState) -> TrimapGroup:
        """The subject and those its soft edges may meet, with trimaps that fit each other."""
        trimaps = {one.key: self._own_trimap(state, one) for one in state.told}
        if subject.key not in trimaps:
            raise MaskError(f"Nothing is known about {subject.name!r} yet: click on it first.")
        return trimap_group(subject.key, trimaps, self.looks.group(state).order)

    def _own_trimap(self, state: State, subject: SubjectState) -> CroppedLayer:
        mask = self.mask(state, subject)
        key = (_of_trimap(subject), _digest(np.packbits(mask)))

        def make() -> CroppedLayer:
            with self.looks.timed("trimap"):
                return CroppedLayer.of(self._trimap(state, subject, mask))

        return self._layers.get(("trimap", key), make)

    def _trimap(self, state: State, subject: SubjectState, mask: Mask) -> Trimap:
        rgb, user_layer = self.picture.rgb, subject.user_layer
        if user_layer and user_layer.kind == "trimap":
            return paint_trimap(user_layer.pixels, subject.paint)
        if not mask.any():  # all of it is another's
            return np.zeros(mask.shape, np.uint8)
        seen = self.looks.sharp(state, subject) if subject.steps else None
        trimap = make_trimap(
            mask,
            band=subject.band,
            logits=seen.content if seen else None,
            window=Rectangle(*seen.window) if seen else None,
        )
        if subject.material == "glass":
            trimap = see_through(rgb, mask, trimap)
        else:
            # Always by our own network: quick, and the same whichever solves the band afterwards.
            trimap = include_strands(models.load_nano(), rgb, mask, trimap, band=subject.band)
        return paint_trimap(trimap, subject.paint)

    def _alphas(self, state: State, subject: SubjectState) -> AlphaGroup:
        """The alphas of a subject and of those it may meet, made together."""
        self._layers.limit = _room(self.picture, len(state.told))
        group = self._trimap_group(state, subject)
        told = {one.key: one for one in state.told if one.key in group.trimaps}
        known = {
            key: user_layer.pixels for key, one in told.items() if (user_layer := _known_alpha(one))
        }

        def make() -> AlphaGroup:
            floats = np.dtype(np.float32).itemsize
            self._layers.make_room(floats * sum(part.nbytes for part in group.trimaps.values()))
            remnants = self._remnants(state, group)
            with self.looks.timed("matte"):
                masks = [self.mask(state, one) for one in told.values()]
                union: Mask = masks[0] if len(masks) == 1 else np.logical_or.reduce(masks)
                layers = AlphaGroup(dict(solve_group(self._solve, group, union, known, remnants)))
            release_free_memory()
            return layers

        return self._layers.get(("matte", self._of_alphas(state, group)), make)

    def _remnants(self, state: State, group: TrimapGroup) -> frozenset[int]:
        """Keys of subjects told by prompts alone of which others own nearly all: near-doubles."""
        if len(group.trimaps) == 1:
            return frozenset()
        looks = self.looks.group(state).looks
        seen = {
            one.key: float(looks[one.key].taken.coarse.mean())
            for one in state.told
            if one.key in group.trimaps and one.steps and not one.paint
        }
        return frozenset(
            key
            for key, solve_group in seen.items()
            if float(self.mask(state, state.get(key)).mean()) < _REMNANT * solve_group
        )

    def _of_alphas(self, state: State, group: TrimapGroup) -> Hashable:
        """What the alphas of a group follow from."""
        trimaps = tuple((key, _digest(part.pixels), part.at) for key, part in group.trimaps.items())
        known = tuple(_known_alpha(state.get(key)) for key in group.trimaps)
        return trimaps, known, self._remnants(state, group), self.matting.name

    def _solve(self, area: Rectangle, trimap: Trimap) -> Alpha:
        rgb = self.picture.rgb[area.slices]
        return solve(self.matting, rgb, trimap, cancelled=self._cancelled)

    def mixed(
        self, state: State, subject: SubjectState, source: NDArray[Any]
    ) -> tuple[Rectangle, Mask, NDArray[Any]]:
        """Where in an area of the picture subjects mix, and this one's own colours there, N×3.

        `source` is the picture at the depth that is wanted, uint8 or uint16 H×W×3.
        """
        alphas = self._alphas(state, subject)
        if len(alphas.layers) == 1:
            nowhere = Rectangle(0, 0, 0, 0)
            return nowhere, np.zeros((0, 0), bool), np.zeros((0, 3), source.dtype)
        area = alphas.area.grown(BLEED, self.picture.size)
        parts = [part.relative_to(area) for part in alphas.layers.values()]
        key = self._of_alphas(state, self._trimap_group(state, subject)), source.dtype.str
        mixed = self._layers.get(("mixed", key), lambda: unmix(source[area.slices], parts))
        return area, mixed.where, mixed.colours[list(alphas.layers).index(subject.key)]

    def preview(self, state: State, subject: SubjectState, side: int) -> NDArray[np.uint8]:
        """Straight RGBA uint8 with the long side at most `side`, from the coarse look."""
        rgb = self._small(side)
        alpha = self._small_alpha(state, subject, rgb)
        colour = estimate_foreground(rgb, alpha, blocks=2)
        return np.dstack([colour, np.rint(alpha * 255).astype(np.uint8)]).astype(np.uint8)

    def stays(self, state: State, subject: SubjectState) -> bool:
        """Whether a trimap holds any foreground; a small view tells where it holds plenty."""
        quick = self.quick_trimap(state, subject, _QUICK)
        plenty = int((quick == FOREGROUND).sum()) > _PLENTY
        return plenty or bool((self.trimap(state, subject) == FOREGROUND).any())

    def quick_trimap(self, state: State, subject: SubjectState, side: int) -> Trimap:
        """uint8 with the long side at most `side`, from the coarse look."""
        rgb = self._small(side)
        trimap = self._small_trimap(state, subject, rgb)
        return np.zeros(rgb.shape[:2], np.uint8) if trimap is None else trimap

    def _small(self, side: int) -> RGB:
        height, width = self.picture.size
        scale = min(1.0, side / max(height, width))
        size = max(1, round(height * scale)), max(1, round(width * scale))
        rgb: RGB = self._keep("small", size, lambda: _smaller(self.picture.rgb, size))
        return rgb

    def _small_alpha(self, state: State, subject: SubjectState, rgb: RGB) -> Alpha:
        size = rgb.shape[0], rgb.shape[1]
        if alpha := _known_alpha(subject):
            return _smaller(alpha.pixels, size)
        trimap = self._small_trimap(state, subject, rgb)
        if trimap is None:
            return np.zeros(size, np.float32)
        return models.load_nano().preview(rgb, trimap)

    def _small_trimap(self, state: State, subject: SubjectState, rgb: RGB) -> Trimap | None:
        """None where the subject has less than a pixel in the small view."""
        size = rgb.shape[0], rgb.shape[1]
        mask = self.mask(state, subject, size)
        if not mask.any():
            return None
        coarse = self.looks.group(state).looks[subject.key].taken if subject.steps else None
        trimap = make_trimap(
            mask,
            band=subject.band,
            logits=coarse.content if coarse else None,
            window=Rectangle.whole(size) if coarse else None,
        )
        if subject.material == "glass":
            trimap = see_through(rgb, mask, trimap)
        return paint_trimap(trimap, subject.paint, size[0] / self.picture.size[0])

    def _keep(self, name: str, key: object, make: Callable[[], Any]) -> Any:
        def timed() -> Any:
            with self.looks.timed(name):
                layer = make()
            layer.flags.writeable = False  # it is handed out, and kept
            return layer

        return self._layers.get((name, key), timed)


def _room(picture: Picture, subjects: int) -> int:
    """Bytes of layers to keep: with less, those of several subjects would push each other out."""
    each = _KEPT if subjects < 2 else _KEPT_OF_SEVERAL
    return int(each * picture.size[0] * picture.size[1])


def _of_mask(subject: SubjectState) -> Hashable:
    return subject.told, subject.paint


def _of_masks(state: State) -> Hashable:
    """What the masks of subjects that know of each other follow from."""
    return tuple((one.key, _of_mask(one)) for one in state.told), state.order


def _of_trimap(subject: SubjectState) -> Hashable:
    """What a trimap follows from beside the mask."""
    return subject.told, subject.band, subject.material, subject.paint


def _known_alpha(subject: SubjectState) -> UserLayer | None:
    """The alpha that the user brought along, where it is to be taken as it is."""
    user_layer = subject.user_layer
    brought = user_layer is not None and user_layer.kind == "alpha"
    return user_layer if brought and not (subject.steps or subject.paint) else None


def _digest(layer: NDArray[Any]) -> bytes:
    """Of a layer's pixels: what is worked out from them is worked out once."""
    return hashlib.blake2b(np.ascontiguousarray(layer).data, digest_size=16).digest()


def _smaller_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    if mask.shape == size:
        return mask
    solve_group = cv2.resize(
        mask.view(np.uint8) * np.uint8(255), size[::-1], interpolation=cv2.INTER_AREA
    )
    smaller: Mask = solve_group > 127
    return smaller


def _smaller(layer: NDArray[Any], size: tuple[int, ...]) -> NDArray[Any]:
    if layer.shape[:2] == size:
        return layer
    return cv2.resize(layer, (size[1], size[0]), interpolation=cv2.INTER_AREA)
