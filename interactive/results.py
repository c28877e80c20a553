"""What follows from a subject's state: candidates, mask, trimap, alpha. Computed when asked for.

Each method is a function of the state it is given; the same state gives the same arrays, which
are kept while there is room and must not be written to.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import models
from models.errors import MaskError, NothingFound, PromptError
from models.protocols import (
    RGB,
    Alpha,
    Encoded,
    Findings,
    Grounder,
    Mask,
    Matting,
    Segmenter,
    Trimap,
)

from .cache import ByteCache
from .candidates import Candidate, logits_of_mask
from .foreground import estimate_foreground
from .glass import see_through
from .grounding import candidates_of, union
from .images import Picture
from .matte import sketch, solve
from .outline import reach_out
from .paint import paint_mask, paint_trimap
from .prompts import Phrase
from .segment import clicks_of_all, segment
from .state import Choice, Given, Step, SubjectState
from .trimap import make_trimap
from .view import View
from .zoom import closer

# Embeddings are 4 MB each and shared by all sessions: a picture opened again needs no second look.
EMBEDDINGS = ByteCache(256 << 20)
# A long list of candidates (1 MB for each prompt), and one subject's mask, trimap and alpha with
# some to spare for a second.
_CANDIDATES, _BYTES_PER_PIXEL = 128 << 20, 10
_PHRASES = 32  # searches that are remembered


@dataclass(frozen=True, eq=False)
class Looked:
    """What a prompt led to: candidates, best first, and which of them is taken."""

    candidates: tuple[Candidate, ...]
    chosen: int = 0

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(candidate.nbytes for candidate in self.candidates)

    @property
    def candidate(self) -> Candidate | None:
        """The one that is taken; None before any prompt."""
        return self.candidates[self.chosen] if self.candidates else None


class Results:
    """The derived arrays of one picture. Models are loaded when they are first needed."""

    def __init__(
        self,
        picture: Picture,
        segmenter: str | Segmenter,
        matting: str | Matting,
        grounder: str | Grounder,
    ) -> None:
        self.picture = picture
        self._segmenter, self._matting, self._grounder = segmenter, matting, grounder
        self._findings: dict[str, Findings] = {}
        self._looks = ByteCache(_CANDIDATES)
        self._layers = ByteCache(_BYTES_PER_PIXEL * picture.rgb.shape[0] * picture.rgb.shape[1])
        self.timings: dict[str, float] = {}
        self._cancelled: Callable[[], bool] | None = None

    @cached_property
    def view(self) -> View:
        """The picture as the segmenter sees it."""
        chosen = self._segmenter
        segmenter = models.load_segmenter(chosen) if isinstance(chosen, str) else chosen
        return View(self.picture.rgb, self.picture.digest, segmenter, EMBEDDINGS)

    @cached_property
    def matting(self) -> Matting:
        """The model that solves the unknown region."""
        chosen = self._matting
        return models.load_matting(chosen) if isinstance(chosen, str) else chosen

    @cached_property
    def grounder(self) -> Grounder:
        """The model that finds what a phrase names."""
        chosen = self._grounder
        return models.load_grounder(chosen) if isinstance(chosen, str) else chosen

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

    def look(self) -> None:
        """Let the segmenter look at the picture, so that the first click need not wait for it."""
        with self.timed("encode"):
            self.view.embedding(self.view.whole)

    def found(self, text: str) -> Findings:
        """What the grounder finds for a phrase; each phrase is searched for once."""
        if text not in self._findings:
            self.look()
            with self.timed("find"):
                encoded = Encoded(self.view.segmenter, self.view.embedding(self.view.whole))
                findings = self.grounder.search(self.picture.rgb, text, encoded=encoded)
            while len(self._findings) >= _PHRASES:
                self._findings.pop(next(iter(self._findings)))
            self._findings[text] = findings
        return self._findings[text]

    def looked(self, steps: tuple[Step, ...], given: Given | None) -> Looked:
        """Candidates after these steps: each prompt refines what was taken before it.

        Raises `PromptError` where the prompts say nothing of what to keep.
        """
        looked, done = Looked((_candidate_of(given),) if given else ()), 0
        for count in range(len(steps), 0, -1):  # start from the longest beginning that is known
            known = self._looks.find((steps[:count], given))
            if isinstance(known, Looked):
                looked, done = known, count
                break
        for count in range(done + 1, len(steps) + 1):
            looked = self._next(looked, steps[:count], given)
        return looked

    def _next(self, before: Looked, steps: tuple[Step, ...], given: Given | None) -> Looked:
        last = steps[-1]
        if isinstance(last, Choice):
            count = len(before.candidates)
            if last.index >= count:
                raise PromptError(f"There is no candidate {last.index}; there are {count}, from 0.")
            return Looked(before.candidates, last.index)

        def say(phrase: Phrase) -> Looked:
            found = self._said(phrase)
            if before.candidate is not None:  # the phrase names one more thing
                found = (union([before.candidate, found[0]]),)
            return Looked(found)

        if isinstance(last, Phrase):
            phrase = last
            return self._looks.get((steps, given), lambda: say(phrase))

        def look() -> Looked:
            self.look()
            prompts = [step for step in steps if not isinstance(step, Choice)]
            with self.timed("segment"):
                salient = models.load_salient()
                found = segment(self.view, salient, prompts, before.candidate)
            # Of a picture smaller than the segmenter's grid, cells between its pixels do not count.
            grid = found[0].content.shape
            size = min(grid[0], self.picture.size[0]), min(grid[1], self.picture.size[1])
            if not (found[0].seen(self.view.whole, size) > 0).any():
                raise MaskError("Nothing would be left of the subject; click on what to keep.")
            return Looked(found)

        return self._looks.get((steps, given), look)

    def _said(self, phrase: Phrase) -> tuple[Candidate, ...]:
        """Candidates for what a phrase means; several things it asks for are one."""
        findings = self.found(phrase.text)
        hits = findings.hits
        if not hits:
            raise NothingFound(
                findings.note
                or f"Nothing in the picture fits {phrase.text!r}; click on it instead."
            )
        if phrase.take is not None and phrase.take >= len(hits):
            raise PromptError(
                f"There is no detection {phrase.take}; there are {len(hits)}, counted from 0."
            )
        meant = [hit for hit in hits if hit.meant] if phrase.take is None else [hits[phrase.take]]
        salient = models.load_salient()
        with self.timed("segment"):
            looks = [candidates_of(self.view, hit, salient) for hit in meant or hits[:1]]
        return looks[0] if len(looks) == 1 else (union([look[0] for look in looks]),)

    def sharp(self, subject: SubjectState) -> Candidate | None:
        """The candidate that is taken, seen closer where that shows more detail."""
        coarse = self.looked(subject.steps, subject.given).candidate
        if coarse is None:
            return None

        def look() -> Looked:
            with self.timed("zoom"):
                return Looked((closer(self.view, coarse, clicks_of_all(subject.prompts)),))

        return self._looks.get(("sharp", subject.steps, subject.given), look).candidate

    def mask(self, subject: SubjectState) -> Mask:
        """Bool H×W; raises `MaskError` before any prompt."""
        given = subject.given
        if given and not subject.steps:
            mask = _mask_of(given)
        else:
            candidate = self.sharp(subject)
            if candidate is None:
                raise MaskError(f"Nothing is known about {subject.name!r} yet: click on it first.")
            mask = self._keep("mask", subject.told, lambda: candidate.mask)
        if not subject.paint:
            return mask
        unpainted, key = mask, (subject.told, subject.paint)
        painted: Mask = self._keep("mask", key, lambda: paint_mask(unpainted, subject.paint))
        return painted

    def trimap(self, subject: SubjectState) -> Trimap:
        """uint8 H×W of 0, 128, 255."""
        if subject.paint:
            unpainted = self.trimap(replace(subject, paint=()))
            painted: Trimap = self._keep(
                "trimap", _of_trimap(subject), lambda: paint_trimap(unpainted, subject.paint)
            )
            return painted
        if subject.given and subject.given.kind == "trimap":
            return subject.given.pixels
        trimap: Trimap = self._keep("trimap", _of_trimap(subject), lambda: self._trimap(subject))
        return trimap

    def _trimap(self, subject: SubjectState) -> Trimap:
        mask = self.mask(subject)
        seen = self.sharp(subject) if subject.steps else None
        rgb, band = self.picture.rgb, subject.band
        trimap = make_trimap(
            mask,
            band=band,
            logits=seen.content if seen else None,
            window=seen.window if seen else None,
        )
        if subject.material == "glass":
            return see_through(rgb, mask, trimap)
        # Always by our own network: quick, and the same whichever solves the band afterwards.
        return reach_out(models.load_matting("nano"), rgb, mask, trimap, band=band)

    def alpha(self, subject: SubjectState) -> Alpha:
        """float32 H×W in 0..1."""
        given = subject.given
        if given and given.kind == "alpha" and not subject.paint:
            return given.pixels
        trimap = self.trimap(subject)
        alpha: Alpha = self._keep(
            "matte",
            (_of_trimap(subject), self.matting.name),
            lambda: solve(self.matting, self.picture.rgb, trimap, cancelled=self._cancelled),
        )
        return alpha

    def preview(self, subject: SubjectState, side: int) -> NDArray[np.uint8]:
        """Straight RGBA uint8 with the long side at most `side`, from the coarse look."""
        height, width = self.picture.size
        scale = min(1.0, side / max(height, width))
        size = max(1, round(height * scale)), max(1, round(width * scale))
        rgb = self._keep("small", size, lambda: _smaller(self.picture.rgb, size))
        alpha = self._small_alpha(subject, rgb)
        colour = estimate_foreground(rgb, alpha, blocks=2)
        return np.dstack([colour, np.rint(alpha * 255).astype(np.uint8)]).astype(np.uint8)

    def glimpse(self, subject: SubjectState, size: tuple[int, int]) -> Mask:
        """Bool at `size` (height, width), from the coarse look; may be empty."""
        given = subject.given
        if given and not subject.steps:
            pixels = _mask_of(given).view(np.uint8) * np.uint8(255)
            mask: Mask = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA) > 127
        else:
            candidate = self.looked(subject.steps, given).candidate
            if candidate is None:
                raise MaskError(f"Nothing is known about {subject.name!r} yet: click on it first.")
            mask = candidate.seen(self.view.whole, size) > 0
        return paint_mask(mask, subject.paint, size[0] / self.picture.size[0])

    def _small_alpha(self, subject: SubjectState, rgb: RGB) -> Alpha:
        given, size = subject.given, rgb.shape[:2]
        if given and given.kind == "alpha" and not (subject.steps or subject.paint):
            return _smaller(given.pixels, size)
        mask = self.glimpse(replace(subject, paint=()), size)
        if not mask.any():  # a subject of less than a pixel of the small view is not in it
            return np.zeros(size, np.float32)
        coarse = self.looked(subject.steps, given).candidate if subject.steps else None
        trimap = make_trimap(
            mask,
            band=subject.band,
            logits=coarse.content if coarse else None,
            window=(0, 0, size[1], size[0]) if coarse else None,
        )
        if subject.material == "glass":
            trimap = see_through(rgb, mask, trimap)
        trimap = paint_trimap(trimap, subject.paint, size[0] / self.picture.size[0])
        return sketch(models.load_matting("nano"), rgb, trimap)

    def _keep(self, name: str, key: object, make: Callable[[], Any]) -> Any:
        def timed() -> Any:
            with self.timed(name):
                layer = make()
            layer.flags.writeable = False  # it is handed out, and kept
            return layer

        return self._layers.get((name, key), timed)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long a step takes under its name."""
        start = time.perf_counter()
        yield
        self.timings[name] = round(time.perf_counter() - start, 4)


def _of_trimap(subject: SubjectState) -> Hashable:
    """What a trimap follows from."""
    return subject.told, subject.band, subject.material, subject.paint


def _mask_of(given: Given) -> Mask:
    if given.kind == "mask":
        return given.pixels
    mask: Mask = given.pixels == 255 if given.kind == "trimap" else np.greater(given.pixels, 0.5)
    return mask


def _candidate_of(given: Given) -> Candidate:
    mask = _mask_of(given)
    height, width = mask.shape
    return Candidate(logits_of_mask(mask), (0, 0, width, height), (height, width), 1.0)


def _smaller(layer: NDArray[Any], size: tuple[int, ...]) -> NDArray[Any]:
    if layer.shape[:2] == size:
        return layer
    return cv2.resize(layer, (size[1], size[0]), interpolation=cv2.INTER_AREA)
