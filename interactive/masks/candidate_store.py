"""What prompts lead to: candidates, and which of them is taken, alone and beside other subjects.

Nothing here is of the picture's full size. The same steps give the same candidates, which are kept
while there is room.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from pickmatte import models
from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.edits.prompts import Click, Phrase
from pickmatte.interactive.edits.state import (
    Choice,
    Key,
    State,
    Step,
    SubjectState,
    UserLayer,
    candidates_key,
)
from pickmatte.interactive.pictures.picture import Picture
from pickmatte.interactive.timings import Timings
from pickmatte.models.errors import MaskError, NothingFound, PromptError
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import Detection, EncodedPicture, Findings, Grounder, Segmenter
from pickmatte.models.runtime.lazy import Lazy
from pickmatte.models.weights.records import Grid

from .candidate import Candidate, logits_of_mask
from .candidate_set import CandidateGroup, CandidateSet, KeptFindings, is_lone_click, without_rims
from .phrases.alternatives import with_alternatives
from .phrases.detections import candidates_of, union
from .segment import clicks_of_all, segment
from .several.depth_order import front_to_back
from .several.joint_choice import choose_together, holds_all, unwelcome
from .several.labels import mask_of
from .view import View
from .zoom import closer

# Embeddings are 4 to 25 MB each and shared by all sessions: a picture opened again needs no second
# look.
EMBEDDINGS = ByteCache(256 << 20)
_CANDIDATES = 128 << 20  # a long list of candidates, 1 MB for each prompt
# A search takes seconds: no clicks may push it out, so it has a room of its own.
_FINDINGS = 32 << 20


class CandidateStore:
    """What is seen in one picture; safe to share by threads.

    Models that are named are loaded on `device` when they are first needed.
    """

    def __init__(
        self,
        picture: Picture,
        segmenter: str | Segmenter,
        grounder: str | Grounder,
        device: str = "auto",
    ) -> None:
        self.picture = picture
        self._segmenter = segmenter
        self._sets = ByteCache(_CANDIDATES)
        self._findings = ByteCache(_FINDINGS)
        self._timings = Timings()

        def open_view() -> View:
            chosen = segmenter
            if isinstance(chosen, str):
                where = models.place("segmenter", chosen, device)
                chosen = models.load_segmenter(chosen, where)
            return View(picture.seen, picture.digest, chosen, EMBEDDINGS, picture.alpha)

        self._view = Lazy(open_view)

        def open_phrase_view() -> View:
            if segmenter != models.DEFAULT_SEGMENTER:
                return self.view
            where = models.place("segmenter", models.PHRASE_SEGMENTER, device)
            published = models.load_segmenter(models.PHRASE_SEGMENTER, where)
            return replace(self.view, segmenter=published, embedded_by=self.view.segmenter.name)

        self._phrase_view = Lazy(open_phrase_view)

        def open_grounder() -> Grounder:
            if not isinstance(grounder, str):
                return grounder
            return models.load_grounder(grounder, models.place("grounder", grounder, device))

        self._grounder = Lazy(open_grounder)

    @property
    def timings(self) -> dict[str, float]:
        """Seconds that each step took when it was last computed, a copy."""
        return self._timings.seconds

    @property
    def view(self) -> View:
        """The picture as the segmenter sees it. Loads the segmenter the first time."""
        return self._view.get()

    @property
    def grid(self) -> Grid:
        """The grid of all candidates' logits, known before the segmenter is loaded."""
        chosen = self._segmenter
        return models.segmenter_grid(chosen) if isinstance(chosen, str) else chosen.grid

    @property
    def device(self) -> str | None:
        """What the segmenter runs on; None where nothing has needed it."""
        return self.view.segmenter.device if self._view.made else None

    @property
    def grounder(self) -> Grounder:
        """The model that finds what a phrase names. Loads it the first time."""
        return self._grounder.get()

    def look(self) -> None:
        """Let the segmenter look at the picture, so that the first click need not wait for it.

        Runs its encoder the first time, about a second on two cores.
        """
        with self.timed("encode"):
            self.view.embedding(self.view.whole)

    def found(self, text: str) -> Findings:
        """What the grounder finds for a phrase.

        Runs the grounder and the segmenter the first time, some seconds on two cores.
        """

        def find() -> KeptFindings:
            self.look()
            with self.timed("find"):
                view = self._phrase_view.get()
                encoded = EncodedPicture(view.segmenter, view.embedding(view.whole))
                findings = self.grounder.search(self.picture.seen, text, encoded=encoded)
            if findings.hits:
                candidates = self._candidates(text, 0, findings.hits[0])
                findings = with_alternatives(view, findings, candidates)
            return KeptFindings(findings)

        return self._findings.get(text, find).findings

    def candidates_after(
        self, steps: tuple[Step, ...], user_layer: UserLayer | None
    ) -> CandidateSet:
        """Candidates after these steps: each prompt refines what was taken before it.

        Runs the segmenter for each prompt that is new. Raises `PromptError` where the prompts say
        nothing of what to keep, and what a phrase raises.
        """
        for count in range(len(steps), 0, -1):  # start from the longest beginning that is known
            known = self._sets.find(candidates_key(steps[:count], user_layer))
            if isinstance(known, CandidateSet):
                reached, done = known, count
                break
        else:
            reached, done = self._begun(user_layer), 0
        for count in range(done + 1, len(steps) + 1):
            reached = self._next(reached, steps[:count], user_layer)
        return reached

    def _begun(self, user_layer: UserLayer | None) -> CandidateSet:
        """What there is before any step: nothing, or the mask that the user brought along."""
        if user_layer is None:
            return CandidateSet(())
        brought = user_layer

        def make() -> CandidateSet:
            return CandidateSet((_candidate_of(brought, self.grid),))

        return self._sets.get(candidates_key((), user_layer), make)

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
            found = self._requested(phrase)
            if before.candidates:  # the phrase names one more thing
                found = (union([before.taken, found[0]]),)
            return CandidateSet(found)

        if isinstance(last, Phrase):
            phrase = last
            return self._sets.get(candidates_key(steps, user_layer), lambda: say(phrase))

        def make() -> CandidateSet:
            self.look()
            prompts = [step for step in steps if not isinstance(step, Choice)]
            with self.timed("segment"):
                salient = models.load_fast_saliency()
                previous = before.taken if before.candidates else None
                found = segment(self.view, salient, prompts, previous)
            # Of a window smaller than the segmenter's grid, cells between its pixels do not count.
            grid, window = found[0].content.shape, found[0].window
            size = min(grid[0], window.size[0]), min(grid[1], window.size[1])
            if not (found[0].seen(window, size) > 0).any():
                raise MaskError("Nothing would be left of the subject; click on what to keep.")
            return CandidateSet(found)

        return self._sets.get(candidates_key(steps, user_layer), make)

    def _requested(self, phrase: Phrase) -> tuple[Candidate, ...]:
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
        taken = findings.taken if phrase.take is None else (phrase.take,)
        each = [self._candidates(phrase.text, at, hits[at]) for at in taken]
        return each[0] if len(each) == 1 else (union([candidates[0] for candidates in each]),)

    def _candidates(self, text: str, at: int, hit: Detection) -> tuple[Candidate, ...]:
        """The candidates for what a phrase found at a place of its list."""

        def make() -> CandidateSet:
            with self.timed("segment"):
                return CandidateSet(candidates_of(self._phrase_view.get(), hit))

        return self._sets.get(Key("hit", text, at), make).candidates

    def group(self, state: State) -> CandidateGroup:
        """The candidates of all subjects that anything is said of, and which are taken.

        Of a lone click's candidates the one is taken that goes best with those of the others; one
        the user chose, or said more of, stays. Where what is taken still holds a click that keeps
        another subject, that click is a drop for it. Runs the segmenter for what is new.
        """
        key = Key("group", state.candidates_key)
        return self._sets.get(key, lambda: self._group(state.prompted, state.order))

    def _group(self, prompted: tuple[SubjectState, ...], order: tuple[int, ...]) -> CandidateGroup:
        sets = [self.candidates_after(subject.steps, subject.user_layer) for subject in prompted]
        keys = tuple(subject.key for subject in prompted)
        if len(prompted) > 1:
            clicks = [clicks_of_all(subject.prompts) for subject in prompted]
            free = [is_lone_click(subject) for subject in prompted]
            pools = [
                chosen_set.candidates
                if open_
                else chosen_set.candidates[chosen_set.chosen : chosen_set.chosen + 1]
                for chosen_set, open_ in zip(sets, free, strict=True)
            ]
            taken = choose_together(pools, clicks)
            sets = [
                replace(chosen_set, chosen=index) if open_ else chosen_set
                for chosen_set, index, open_ in zip(sets, taken, free, strict=True)
            ]
            drops = unwelcome([chosen_set.taken for chosen_set in sets], clicks)
            sets = [self._beside(*one) for one in zip(prompted, sets, drops, strict=True)]
            sets = without_rims(sets)
            if not order:
                places = front_to_back([chosen_set.taken for chosen_set in sets])
                order = tuple(keys[place] for place in places)
        return CandidateGroup(
            dict(zip(keys, sets, strict=True)), tuple(key for key in order or keys if key in keys)
        )

    def _beside(
        self, subject: SubjectState, chosen_set: CandidateSet, drops: tuple[Click, ...]
    ) -> CandidateSet:
        """The look after drops that are others' clicks; as it was if it would lose itself."""
        if not drops:
            return chosen_set

        def again() -> CandidateSet:
            prompts = (*subject.prompts, *drops)
            mine = [click for click in clicks_of_all(subject.prompts) if click.keep]
            with self.timed("segment"):
                salient, taken = models.load_fast_saliency(), chosen_set.taken
                found = segment(self.view, salient, prompts, taken)[0]
            if not found.inside.any() or not holds_all(found, mine):
                return chosen_set
            candidates = list(chosen_set.candidates)
            candidates[chosen_set.chosen] = found
            return CandidateSet(tuple(candidates), chosen_set.chosen, drops)

        return self._sets.get(
            Key("beside", subject.candidates_key, chosen_set.chosen, drops), again
        )

    def taken(self, state: State, subject: SubjectState) -> Candidate:
        """The candidate that is taken beside the other subjects, as the whole picture showed it."""
        return self.group(state).sets[subject.key].taken

    def zoomed_key(self, state: State, subject: SubjectState) -> Key:
        """The key of `zoomed`, which need not be there for it.

        What is taken may have given way to others, so its logits tell, not the prompts alone.
        """
        chosen_set = self.group(state).sets[subject.key]
        return Key("sharp", subject.candidates_key, chosen_set.taken.digest, chosen_set.drops)

    def zoomed(self, state: State, subject: SubjectState) -> Candidate:
        """The candidate that is taken, seen closer where that shows more detail.

        Runs the segmenter the first time, its encoder too where a closer look is worth it.
        """
        chosen_set = self.group(state).sets[subject.key]

        def closely() -> CandidateSet:
            with self.timed("zoom"):
                clicks = [*clicks_of_all(subject.prompts), *chosen_set.drops]
                return CandidateSet((closer(self.view, chosen_set.taken, clicks),))

        return self._sets.get(self.zoomed_key(state, subject), closely).taken

    def timed(self, name: str) -> AbstractContextManager[None]:
        """Note how long a step takes under its name."""
        return self._timings.timed(name)


def _candidate_of(user_layer: UserLayer, grid: Grid) -> Candidate:
    mask = mask_of(user_layer)
    height, width = mask.shape
    logits = logits_of_mask(mask, grid)
    return Candidate(logits, Rectangle(0, 0, width, height), (height, width), 1.0, grid.fit)
