"""Subject: a handle on one subject of a session. All it knows lives in the session's state."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pickmatte.models.errors import MaskError, PromptError
from pickmatte.models.protocols import Alpha, Detection, Mask, Trimap

from .edits.paint import Paint, Painted
from .edits.prompts import Box, Click, Phrase, Point, Prompt, Stroke, check_inside, check_visible
from .edits.state import Choice, Material, SubjectState, UserLayer
from .masks.candidate import Candidate
from .masks.candidate_set import CandidateSet
from .masks.several.labels import mask_of
from .pictures.decode import Source
from .pictures.picture import open_alpha, open_mask, open_trimap

# Apart in hue and lightness, for eyes that see few hues as well (Okabe, Ito: Color Universal
# Design, 2008, and the page's own magenta before them).
COLOURS = (
    (226, 29, 110),
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (86, 180, 233),
    (213, 94, 0),
    (148, 103, 189),
    (240, 228, 66),
)

if TYPE_CHECKING:
    from .pipeline import Pipeline
    from .session import Session


class Subject:
    """One subject. Every edit is checked and computed before it becomes the session's state.

    Edits raise a kind of `PickmatteError` and then change nothing.
    """

    def __init__(self, session: Session, key: int) -> None:
        self._session = session
        self._key = key

    @property
    def state(self) -> SubjectState:
        """All that was said of it, as a value. Raises `PromptError` once it is not there."""
        try:
            return self._session._state.get(self._key)
        except KeyError:
            raise PromptError("This subject is not there any more; it was undone.") from None

    @property
    def key(self) -> int:
        """A number that tells it from the others of its session, whatever their names."""
        return self._key

    @property
    def name(self) -> str:
        """Its label."""
        return self.state.name

    @property
    def colour(self) -> tuple[int, int, int]:
        """The RGB it is shown in; neighbours in the list differ well."""
        return COLOURS[self._key % len(COLOURS)]

    @property
    def kept(self) -> bool:
        """Whether it is part of the session's cut-out."""
        return self.state.kept

    @property
    def locked(self) -> bool:
        """Whether it refuses edits."""
        return self.state.locked

    @property
    def paint(self) -> tuple[Paint, ...]:
        """What was painted into its trimap, in order."""
        return self.state.paint

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """What the user said about it, in order."""
        return self.state.prompts

    @property
    def band(self) -> float:
        """How wide the unknown band is, as a multiple of the width we would choose."""
        return self.state.band

    @property
    def material(self) -> Material:
        """Whether one sees through it: "solid" or "glass"."""
        return self.state.material

    @property
    def is_see_through(self) -> bool:
        """Whether its alpha is that of glass: it was said so, and that leaves enough to see.

        Where it would leave next to nothing the subject is kept opaque. May run networks.
        """
        return self._pipeline.is_see_through(self._session._state, self.state)

    def belongs_to(self, pipeline: Pipeline) -> bool:
        """Whether it is a subject of the picture those results are of."""
        return self._pipeline is pipeline

    @property
    def _pipeline(self) -> Pipeline:
        return self._session._pipeline

    # Edits

    def click(self, x: float, y: float, keep: bool = True) -> None:
        """Point at the subject, or with `keep=False` at something that is not it."""
        self._add(Click(float(x), float(y), keep))

    def box(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a box around the subject; x1 and y1 are exclusive."""
        self._add(Box(float(x0), float(y0), float(x1), float(y1)))

    def stroke(self, points: Sequence[Point], keep: bool = True) -> None:
        """Scribble over the subject, or over something that is not it."""
        self._add(Stroke(tuple(points), keep))

    def say(self, text: str, take: int | None = None) -> None:
        """Name the subject: "the dog on the left". A second phrase adds what it names.

        What was found is in `detections`; `take` is which of them is meant, from 0, where the
        words leave it open. Raises `NothingFound` where nothing fits, saying what is there
        instead, and `PhraseError` for words that are not understood.
        """
        self._add(Phrase(text, take))

    def take(self, index: int) -> None:
        """Take another detection of the last phrase; what was said after the phrase is dropped."""
        count = len(self.detections)
        if not 0 <= index < count:
            raise PromptError(f"There is no detection {index}; there are {count}, from 0.")
        at, phrase = self._last_phrase()
        steps = (*self.state.steps[:at], replace(phrase, take=index))
        self._set(replace(self.state, steps=steps))

    def choose(self, index: int) -> None:
        """Take another candidate; later prompts refine that one."""
        count = len(self.candidates)
        if not 0 <= index < count:
            raise PromptError(f"There is no candidate {index}; there are {count}, from 0.")
        if index != self.chosen:
            steps = self.state.steps
            if steps and isinstance(steps[-1], Choice):
                steps = steps[:-1]
            self._set(replace(self.state, steps=(*steps, Choice(index))))

    def set_band(self, scale: float) -> None:
        """Scale the width of the unknown band, 0 to 10; 1 is the width we would choose."""
        if not 0 <= scale <= 10:
            raise PromptError(f"The band's scale must be between 0 and 10, not {scale:g}.")
        if scale != self.band:
            self._set(replace(self.state, band=float(scale)))

    def set_material(self, material: Material) -> None:
        """Say that one sees through the subject ("glass", a veil, water), or not ("solid")."""
        if material not in ("solid", "glass"):
            raise PromptError(f"There is no material {material!r}; there are: solid, glass.")
        if material != self.material:
            self._set(replace(self.state, material=material))

    def brush(self, points: Sequence[Point], radius: float, makes: Painted = "keep") -> None:
        """Paint into the trimap along points; later prompts do not wash it off.

        What is covered is kept, dropped, left to the matting ("unknown"), or has its paint taken
        off ("erase"). `radius` is in pixels of the picture.
        """
        self._paint(Paint(tuple(points), makes, float(radius)))

    def lasso(self, points: Sequence[Point], makes: Painted = "keep") -> None:
        """Paint all that an outline encloses, as `brush` does."""
        self._paint(Paint(tuple(points), makes))

    def rename(self, name: str) -> None:
        """Give it another label."""
        name = " ".join(name.split())
        if not name:
            raise PromptError("A subject's name must not be empty.")
        if name != self.name:
            self._session._put(replace(self.state, name=name))

    def keep(self, kept: bool = True) -> None:
        """Make it part of the session's cut-out, or not."""
        if kept != self.kept:
            self._session._put(replace(self.state, kept=bool(kept)))

    def lock(self, locked: bool = True) -> None:
        """Refuse edits until it is unlocked."""
        if locked != self.locked:
            self._session._put(replace(self.state, locked=bool(locked)))

    def remove(self) -> None:
        """Take it out of the session."""
        self._session._edit(self._session._state.without(self._editable.key))

    def clear(self) -> None:
        """Forget all that was said about the subject and painted into it."""
        state = self._editable
        if state.steps or state.user_layer or state.paint:
            self._set(replace(state, steps=(), user_layer=None, paint=()))

    def use_mask(self, mask: Source | NDArray[Any]) -> None:
        """Start from this mask of the picture's size instead of prompts.

        An array H×W, a PIL image or a file: what is at least half white is the subject, True, 0.5
        to 1 of floats, 128 to 255 of integers, and 1 where nothing but 0 and 1 is in it. See
        `open_mask` for transparency. Raises `MaskError`, for NaN too.
        """
        self._give(UserLayer("mask", open_mask(_pixels(mask), self._session.size)))

    def use_trimap(self, trimap: Source | NDArray[Any]) -> None:
        """Use this trimap of the picture's size instead of prompts.

        An array uint8 H×W, a PIL image or a file: up to 10 is background, from 245 foreground, all
        between unknown. Raises `TrimapError`.
        """
        self._give(UserLayer("trimap", open_trimap(_pixels(trimap), self._session.size)))

    def use_alpha(self, alpha: Source | NDArray[Any]) -> None:
        """Use this alpha of the picture's size instead of prompts.

        An array H×W, a PIL image or a file: floats from 0 to 1, uint8 to 255 or uint16 to 65535.
        See `open_alpha` for transparency. Raises `MaskError`, for NaN too.
        """
        self._give(UserLayer("alpha", open_alpha(_pixels(alpha), self._session.size)))

    def replace_state(self, state: SubjectState) -> None:
        """Take over what another subject's state says, such as one read from a recipe."""
        for step in state.steps:
            if not isinstance(step, Choice):
                self._checked_prompt(step)
        if state.user_layer:
            self._check_given(state.user_layer)
        self._set(replace(state, key=self._key))

    @property
    def _editable(self) -> SubjectState:
        if self.locked:
            raise PromptError(f"{self.name!r} is locked; unlock it to change it.")
        return self.state

    def _paint(self, paint: Paint) -> None:
        state = replace(self._editable, paint=(*self.paint, paint))
        whole = self._session._state.put(state)
        if not self._pipeline.has_foreground(whole, state):
            raise MaskError("Nothing would be left of the subject; paint less of it away.")
        self._set(state)

    def _last_phrase(self) -> tuple[int, Phrase]:
        for at, step in reversed(list(enumerate(self.state.steps))):
            if isinstance(step, Phrase):
                return at, step
        raise PromptError("No phrase was said of this subject; say one first.")

    def _checked_prompt(self, prompt: Prompt) -> Prompt:
        inside = check_inside(prompt, self._session.size)
        return check_visible(inside, self._session.picture.alpha)

    def _check_given(self, user_layer: UserLayer) -> None:
        height, width = self._session.size
        if user_layer.pixels.shape != (height, width):
            raise MaskError(
                f"The {user_layer.kind} must be {width}×{height} pixels like the picture."
            )
        own = self._session.picture.alpha
        if own is not None and not own[user_layer.pixels > 0].any():
            raise MaskError(
                f"The picture is transparent wherever the {user_layer.kind} has the subject; "
                "give one of what can be seen."
            )

    def _give(self, user_layer: UserLayer) -> None:
        self._check_given(user_layer)
        self._set(replace(self._editable, steps=(), user_layer=user_layer))

    def _add(self, prompt: Prompt) -> None:
        checked = self._checked_prompt(prompt)
        state = self._editable
        if state.user_layer and state.user_layer.kind != "mask":
            state = replace(state, user_layer=UserLayer("mask", mask_of(state.user_layer)))
        steps = state.steps
        if steps and self.chosen != self._pipeline.candidates_after(state).chosen:
            steps = (*steps, Choice(self.chosen))  # taken for the sake of others, and seen so
        self._set(replace(state, steps=(*steps, checked)))

    def _set(self, state: SubjectState) -> None:
        _ = self._editable
        self._pipeline.candidates_after(state)  # raises where the steps lead nowhere
        self._session._put(state)

    # What follows from the state

    @property
    def _look(self) -> CandidateSet | None:
        return self._pipeline.beside(self._session._state, self.state)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The possible masks for the prompts so far, best first; empty where there are none.

        What the edits have computed is read; what was forgotten since, or is new beside other
        subjects, runs the segmenter, a tenth of a second for each prompt on two cores.
        """
        look = self._look
        return look.candidates if look else ()

    @property
    def chosen(self) -> int:
        """Which candidate the mask is. Costs what `candidates` costs."""
        look = self._look
        return look.chosen if look else 0

    @property
    def detections(self) -> tuple[Detection, ...]:
        """What the last phrase found, best first; empty where none was said.

        `say` has searched already; a phrase forgotten since runs the grounder again.
        """
        phrases = [step for step in self.state.steps if isinstance(step, Phrase)]
        return self._pipeline.found(phrases[-1].text).hits if phrases else ()

    @property
    def mask(self) -> Mask:
        """Bool H×W: which pixels the subject owns. Raises `MaskError` before any prompt.

        Runs the segmenter the first time, for a small subject its encoder too: a second.
        """
        return self._pipeline.mask(self._session._state, self.state)

    @property
    def trimap(self) -> Trimap:
        """uint8 H×W: 0 background, 128 unknown, 255 foreground.

        Runs what `mask` runs and a look of the matting network for hair the first time, and that
        for the subjects whose soft edges it meets too.
        """
        return self._pipeline.trimap(self._session._state, self.state)

    @property
    def alpha(self) -> Alpha:
        """float32 H×W in 0..1; exactly 0 and 1 where the trimap is known.

        Runs what `trimap` runs and the matting the first time, seconds at 12 MP; subjects that meet
        are solved together, and the next one's alpha is there then.
        """
        return self._pipeline.alpha(self._session._state, self.state)

    @property
    def foreground(self) -> NDArray[np.uint8]:
        """uint8 H×W×3: the subject's own colours, old background removed from mixed pixels.

        Runs what `alpha` runs the first time, and works out the colours each time.
        """
        rgba = self._session.cutout([self])
        return np.ascontiguousarray(rgba[..., :3], np.uint8)

    def coarse_mask(self, size: tuple[int, int]) -> Mask:
        """A quick stand-in for the mask: bool of any `size` (height, width) over the picture.

        Costs what `candidates` costs and some milliseconds, at the picture's own `size` what `mask`
        costs.
        """
        return self._pipeline.mask(self._session._state, self.state, size)

    def quick_trimap(self, side: int = 1024) -> Trimap:
        """A quick stand-in for the trimap: uint8, long side at most `side`, read-only.

        No network runs but the segmenter, where `candidates` runs it.
        """
        return self._pipeline.quick_trimap(self._session._state, self.state, side)

    def preview(self, side: int = 1024) -> NDArray[np.uint8]:
        """A quick stand-in for the cut-out: straight RGBA uint8, long side at most `side`.

        Runs our matting network over a small view the first time, a tenth of a second on two cores.
        The array is read-only.
        """
        return self._pipeline.preview(self._session._state, self.state, side)


def _pixels(layer: Any) -> Source | NDArray[Any]:
    """The layer as it is where it is an array or a source; tensors and lists as an array."""
    kinds = (np.ndarray, str, os.PathLike, bytes, bytearray, memoryview, Image.Image)
    if isinstance(layer, kinds) or hasattr(layer, "read"):
        return layer  # type: ignore[no-any-return]
    return np.asarray(layer)
