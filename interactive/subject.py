"""Subject: a handle on one subject of a session. All it knows lives in the session's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MaskError, PromptError, TrimapError
from models.protocols import Alpha, Mask, Trimap

from .candidates import Candidate
from .foreground import estimate_foreground
from .images import trimap_from_array
from .prompts import Box, Click, Point, Prompt, Stroke, check_inside
from .state import Choice, Given, Material, SubjectState

if TYPE_CHECKING:
    from .results import Results
    from .session import Session


class Subject:
    """One subject. Every edit is checked and computed before it becomes the session's state.

    Edits raise a kind of `PickmatteError` and then change nothing.
    """

    def __init__(self, session: Session, key: int) -> None:
        self._session = session
        self._key = key

    @property
    def _state(self) -> SubjectState:
        try:
            return self._session._state.get(self._key)
        except KeyError:
            raise PromptError("This subject is not there any more; it was undone.") from None

    @property
    def name(self) -> str:
        """The label it was made with."""
        return self._state.name

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """What the user said about it, in order."""
        return self._state.prompts

    @property
    def band(self) -> float:
        """How wide the unknown band is, as a multiple of the width we would choose."""
        return self._state.band

    @property
    def material(self) -> Material:
        """Whether one sees through it: "solid" or "glass"."""
        return self._state.material

    def belongs_to(self, results: Results) -> bool:
        """Whether it is a subject of the picture those results are of."""
        return self._session._results is results

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

    def choose(self, index: int) -> None:
        """Take another candidate; later prompts refine that one."""
        count = len(self.candidates)
        if not 0 <= index < count:
            raise PromptError(f"There is no candidate {index}; there are {count}, from 0.")
        if index != self.chosen:
            steps = self._state.steps
            if steps and isinstance(steps[-1], Choice):
                steps = steps[:-1]
            self._set(replace(self._state, steps=(*steps, Choice(index))))

    def set_band(self, scale: float) -> None:
        """Scale the width of the unknown band, 0 to 10; 1 is the width we would choose."""
        if not 0 <= scale <= 10:
            raise PromptError(f"The band's scale must be between 0 and 10, not {scale:g}.")
        if scale != self.band:
            self._set(replace(self._state, band=float(scale)))

    def set_material(self, material: Material) -> None:
        """Say that one sees through the subject ("glass", a veil, water), or not ("solid")."""
        if material not in ("solid", "glass"):
            raise PromptError(f"There is no material {material!r}; there are: solid, glass.")
        if material != self.material:
            self._set(replace(self._state, material=material))

    def clear(self) -> None:
        """Forget all that was said about the subject."""
        if self._state.steps or self._state.given:
            self._set(replace(self._state, steps=(), given=None))

    def use_mask(self, mask: NDArray[np.generic]) -> None:
        """Start from this mask, H×W (non-zero is the subject), instead of prompts."""
        self._give(Given("mask", self._checked(mask, MaskError) != 0))

    def use_trimap(self, trimap: NDArray[np.uint8]) -> None:
        """Use this trimap, uint8 H×W of 0, 128 and 255, instead of prompts."""
        self._give(Given("trimap", trimap_from_array(np.asarray(trimap), self._session.size)))

    def use_alpha(self, alpha: NDArray[np.float32]) -> None:
        """Use this alpha, float32 H×W in 0..1, instead of prompts."""
        self._give(Given("alpha", self._checked(alpha, MaskError)))

    def become(self, state: SubjectState) -> None:
        """Take over what another subject's state says, such as one read from a recipe."""
        for step in state.steps:
            if not isinstance(step, Choice):
                check_inside(step, self._session.size)
        if state.given:
            self._checked(state.given.pixels, MaskError)
        self._set(replace(state, key=self._key))

    def _checked(
        self, layer: NDArray[Any], error: type[MaskError] | type[TrimapError]
    ) -> NDArray[Any]:
        pixels = np.asarray(layer)
        if pixels.shape != self._session.size:
            height, width = self._session.size
            raise error(f"It must be {width}×{height} pixels like the picture, one channel.")
        return pixels

    def _give(self, given: Given) -> None:
        self._set(replace(self._state, steps=(), given=given))

    def _add(self, prompt: Prompt) -> None:
        checked = check_inside(prompt, self._session.size)
        state = self._state
        if state.given and state.given.kind != "mask":
            state = replace(state, given=Given("mask", self.mask))
        self._set(replace(state, steps=(*state.steps, checked)))

    def _set(self, state: SubjectState) -> None:
        self._session._results.looked(state.steps, state.given)
        self._session._edit(state)

    # What follows from the state

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The possible masks for the prompts so far, best first; empty where there are none."""
        state = self._state
        return self._session._results.looked(state.steps, state.given).candidates

    @property
    def chosen(self) -> int:
        """Which candidate the mask is."""
        last = self._state.steps[-1:]
        return last[0].index if last and isinstance(last[0], Choice) else 0

    @property
    def mask(self) -> Mask:
        """Bool H×W: which pixels the subject owns. Raises `MaskError` before any prompt."""
        return self._session._results.mask(self._state)

    @property
    def trimap(self) -> Trimap:
        """uint8 H×W: 0 background, 128 unknown, 255 foreground."""
        return self._session._results.trimap(self._state)

    @property
    def alpha(self) -> Alpha:
        """float32 H×W in 0..1; exactly 0 and 1 where the trimap is known."""
        return self._session._results.alpha(self._state)

    @property
    def foreground(self) -> NDArray[np.uint8]:
        """uint8 H×W×3: the subject's own colours, old background removed from mixed pixels."""
        colour: NDArray[np.uint8] = estimate_foreground(self._session.picture.rgb, self.alpha)
        return colour

    def preview(self, side: int = 1024) -> NDArray[np.uint8]:
        """A quick stand-in for the cut-out: straight RGBA uint8, long side at most `side`."""
        return self._session._results.preview(self._state, side)
