"""What prompts lead to: candidates, and which of them is taken, alone and beside other subjects.

Nothing here is of the picture's full size. The same steps give the same candidates, which are kept
while there is room.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pickmatte import models
from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.edits.prompts import Click, Phrase
from pickmatte.interactive.edits.state import Choice, State, Step, SubjectState, UserLayer
from pickmatte.interactive.pictures.picture import Picture
from pickmatte.models.errors import MaskError, NothingFound, PromptError
from pickmatte.models.protocols import (
    Detection,
    EncodedPicture,
    Findings,
    Grounder,
    Mask,
    Segmenter,
)
from pickmatte.models.weights.records import Grid

from .alternatives import with_alternatives
from .candidate import Candidate, logits_of_mask
from .detections import candidates_of, union
from .overlap import choose_together, front_to_back, holds_all, insides, unwelcome
from .segment import clicks_of_all, segment
from .slivers import without_slivers
from .view import View
from .zoom import closer

# Embeddings are 4 to 25 MB each and shared by all sessions: a picture opened again needs no second
# look.
EMBEDDINGS = ByteCache(256 << 20)
_CANDIDATES = 128 << 20  # a long list of candidates, 1 MB for each prompt
_PHRASES = 32  # searches that are remembered


@dataclass(frozen=True, eq=False)
class CandidateSet:
    """What a prompt led to: candidates, best first, and which of them is taken."""

    candidates: tuple[Candidate, ...]
    chosen: int = 0
    drops: tuple[Click, ...] = ()  # other subjects' clicks that the taken one gave way to

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(candidate.nbytes for candidate in self.candidates)

    @property
    def taken(self) -> Candidate:
        """The one that is taken; there is one as soon as anything is said."""
        return self.candidates[self.chosen]


@dataclass(frozen=True, eq=False)
class Group:
    """Looks of several subjects that know of each other, by their keys, and who is in front."""

    looks: dict[int, CandidateSet]
    order: tuple[int, ...]  # keys, front to back

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(look.nbytes for look in self.looks.values())


class CandidateStore:
    """What is seen in one picture. Models are loaded when they are first needed."""

    def __init__(
        self, picture: Picture, segmenter: str | Segmenter, grounder: str | Grounder
    ) -> None:
        self.picture = picture
        self._segmenter, self._grounder = segmenter, grounder
        self._findings: dict[str, Findings] = {}
        self._looks = ByteCache(_CANDIDATES)
        self.timings: dict[str, float] = {}

    @cached_property
    def view(self) -> View:
        """The picture as the segmenter sees it."""
        chosen = self._segmenter
        segmenter = models.load_segmenter(chosen) if isinstance(chosen, str) else chosen
        return View(self.picture.rgb, self.picture.digest, segmenter, EMBEDDINGS)

    @property
    def grid(self) -> Grid:
        """The grid of all candidates' logits, known before the segmenter is loaded."""
        chosen = self._segmenter
        return models.segmenter_grid(chosen) if isinstance(chosen, str) else chosen.grid

    @property
    def device(self) -> str | None:
        """What the segmenter runs on; None where nothing has needed it."""
        return self.view.segmenter.device if "view" in vars(self) else None

    @cached_property
    def grounder(self) -> Grounder:
        """The model that finds what a phrase names."""
        chosen = self._grounder
        return models.load_grounder(chosen) if isinstance(chosen, str) else chosen

    def look(self) -> None:
        """Let the segmenter look at the picture, so that the first click need not wait for it."""
        with self.timed("encode"):
            self.view.embedding(self.view.whole)

    def found(self, text: str) -> Findings:
        """What the grounder finds for a phrase; each phrase is searched for once."""
        if text not in self._findings:
            self.look()
            with self.timed("find"):
                encoded = EncodedPicture(self.view.segmenter, self.view.embedding(self.view.whole))
                findings = self.grounder.search(self.picture.rgb, text, encoded=encoded)
            if findings.hits:
                candidates = self._candidates(text, 0, findings.hits[0])
                findings = with_alternatives(self.view, findings, candidates)
            while len(self._findings) >= _PHRASES:
                self._findings.pop(next(iter(self._findings)))
            self._findings[text] = findings
        return self._findings[text]

    def looked(self, steps: tuple[Step, ...], user_layer: UserLayer | None) -> CandidateSet:
        """Candidates after these steps: each prompt refines what was taken before it.

        Raises `PromptError` where the prompts say nothing of what to keep.
        """
        looked, done = (
            CandidateSet((_candidate_of(user_layer, self.grid),) if user_layer else ()),
            0,
        )
        for count in range(len(steps), 0, -1):  # start from the longest beginning that is known
            known = self._looks.find((steps[:count], user_layer))
            if isinstance(known, CandidateSet):
                looked, done = known, count
                break
        for count in range(done + 1, len(steps) + 1):
            looked = self._next(looked, steps[:count], user_layer)
        return looked

    def _next(
        self, before: CandidateSet, steps: tuple[Step, ...], user_layer: UserLayer | None
    ) -> CandidateSet:
        last = steps[-1]
        if isinstance(last, Choice):
            count = len(before.candidates)
            if last.index >= count:
                raise PromptError(f"There is no candidate {last.index}; there are {count}, from 0.")
            return CandidateSet(before.candidates, last.index)

        def say(phrase: Phrase) -> CandidateSet:
            found = self._said(phrase)
            if before.candidates:  # the phrase names one more thing
                found = (union([before.taken, found[0]]),)
            return CandidateSet(found)

        if isinstance(last, Phrase):
            phrase = last
            return self._looks.get((steps, user_layer), lambda: say(phrase))

        def look() -> CandidateSet:
            self.look()
            prompts = [step for step in steps if not isinstance(step, Choice)]
            with self.timed("segment"):
                salient = models.load_fast_saliency()
                previous = before.taken if before.candidates else None
                found = segment(self.view, salient, prompts, previous)
            # Of a picture smaller than the segmenter's grid, cells between its pixels do not count.
            grid = found[0].content.shape
            size = min(grid[0], self.picture.size[0]), min(grid[1], self.picture.size[1])
            if not (found[0].seen(self.view.whole, size) > 0).any():
                raise MaskError("Nothing would be left of the subject; click on what to keep.")
            return CandidateSet(found)

        return self._looks.get((steps, user_layer), look)

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
        requested = [at for at, hit in enumerate(hits) if hit.requested] or [0]
        taken = requested if phrase.take is None else [phrase.take]
        looks = [self._candidates(phrase.text, at, hits[at]) for at in taken]
        return looks[0] if len(looks) == 1 else (union([look[0] for look in looks]),)

    def _candidates(self, text: str, at: int, hit: Detection) -> tuple[Candidate, ...]:
        """The candidates for what a phrase found at a place of its list."""

        def look() -> CandidateSet:
            with self.timed("segment"):
                return CandidateSet(candidates_of(self.view, hit))

        return self._looks.get(("hit", text, at), look).candidates

    def group(self, state: State) -> Group:
        """The candidates of all subjects that anything is said of, and which are taken.

        Of a lone click's candidates the one is taken that goes best with those of the others; one
        the user chose, or said more of, stays. Where what is taken still holds a click that keeps
        another subject, that click is a drop for it.
        """
        key = ("group", tuple((subject.key, *subject.told) for subject in state.told), state.order)
        return self._looks.get(key, lambda: self._group(state.told, state.order))

    def _group(self, told: tuple[SubjectState, ...], order: tuple[int, ...]) -> Group:
        looks = [self.looked(*subject.told) for subject in told]
        keys = tuple(subject.key for subject in told)
        if len(told) > 1:
            clicks = [clicks_of_all(subject.prompts) for subject in told]
            free = [_is_lone_click(subject) for subject in told]
            pools = [
                look.candidates if open_ else look.candidates[look.chosen : look.chosen + 1]
                for look, open_ in zip(looks, free, strict=True)
            ]
            taken = choose_together(pools, clicks)
            looks = [
                replace(look, chosen=index) if open_ else look
                for look, index, open_ in zip(looks, taken, free, strict=True)
            ]
            drops = unwelcome([look.taken for look in looks], clicks)
            looks = [self._beside(*one) for one in zip(told, looks, drops, strict=True)]
            looks = _without_slivers(looks)
            if not order:
                places = front_to_back([look.taken for look in looks])
                order = tuple(keys[place] for place in places)
        return Group(
            dict(zip(keys, looks, strict=True)), tuple(key for key in order or keys if key in keys)
        )

    def _beside(
        self, subject: SubjectState, look: CandidateSet, drops: tuple[Click, ...]
    ) -> CandidateSet:
        """The look after drops that are others' clicks; as it was if it would lose itself."""
        if not drops:
            return look

        def again() -> CandidateSet:
            prompts = (*subject.prompts, *drops)
            mine = [click for click in clicks_of_all(subject.prompts) if click.keep]
            with self.timed("segment"):
                found = segment(self.view, models.load_fast_saliency(), prompts, look.taken)[0]
            if not found.inside.any() or not holds_all(found, mine):
                return look
            candidates = list(look.candidates)
            candidates[look.chosen] = found
            return CandidateSet(tuple(candidates), look.chosen, drops)

        return self._looks.get(("beside", subject.told, look.chosen, drops), again)

    def sharp(self, state: State, subject: SubjectState) -> Candidate:
        """The candidate that is taken, seen closer where that shows more detail."""
        look = self.group(state).looks[subject.key]

        def closely() -> CandidateSet:
            with self.timed("zoom"):
                clicks = [*clicks_of_all(subject.prompts), *look.drops]
                return CandidateSet((closer(self.view, look.taken, clicks),))

        # What is taken may have given way to others, so its pixels tell, not the prompts alone.
        taken = hashlib.blake2b(look.taken.logits.tobytes(), digest_size=16).digest()
        return self._looks.get(("sharp", subject.told, taken, look.drops), closely).taken

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long a step takes under its name."""
        start = time.perf_counter()
        yield
        self.timings[name] = round(time.perf_counter() - start, 4)


def _without_slivers(looks: Sequence[CandidateSet]) -> list[CandidateSet]:
    """The looks, what is taken in each without rims around what lies inside it."""
    taken = [look.taken for look in looks]
    tidied = without_slivers(taken, insides(taken))
    return [
        look if after is before else replace(look, candidates=_put(look, after))
        for look, before, after in zip(looks, taken, tidied, strict=True)
    ]


def _put(look: CandidateSet, candidate: Candidate) -> tuple[Candidate, ...]:
    """The look's candidates with this one as the one that is taken."""
    before, after = look.candidates[: look.chosen], look.candidates[look.chosen + 1 :]
    return (*before, candidate, *after)


def _is_lone_click(subject: SubjectState) -> bool:
    """Whether all that is said of a subject leaves open what is meant: a part, it, a group."""
    return (
        len(subject.steps) == 1 and isinstance(subject.steps[0], Click) and not subject.user_layer
    )


def _candidate_of(user_layer: UserLayer, grid: Grid) -> Candidate:
    mask = mask_of(user_layer)
    height, width = mask.shape
    logits = logits_of_mask(mask, grid)
    return Candidate(logits, (0, 0, width, height), (height, width), 1.0, grid.fit)


def mask_of(user_layer: UserLayer) -> Mask:
    """The mask that the user brought along, or that the trimap or alpha is of."""
    if user_layer.kind == "mask":
        return user_layer.pixels
    mask: Mask = (
        user_layer.pixels == 255
        if user_layer.kind == "trimap"
        else np.greater(user_layer.pixels, 0.5)
    )
    return mask
