"""Session: one picture being worked on. This is the Python API; page and command line call it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

import models
from models.errors import MaskError, PromptError, TrimapError
from models.protocols import Alpha, Mask, Matting, Segmenter, Trimap

from . import recipes
from .cache import ByteCache
from .candidates import Candidate, Window, logits_of_mask
from .export import save_cutout
from .foreground import estimate_foreground
from .images import Picture, open_picture, picture_from_array
from .matte import solve
from .prompts import Box, Click, Point, Prompt, Stroke, check_inside
from .segment import View, segment
from .state import Choice, Given, State, Step, SubjectState
from .trimap import make_trimap

# Embeddings are 4 MB each and shared by all sessions: a picture opened again needs no second look.
_EMBEDDINGS = ByteCache(256 << 20)
_UNDO_DEPTH = 200


class Session:
    """One picture, its subjects, undo and redo.

    `Session(rgb)` takes uint8 H×W×3; `Session.open` takes a path, bytes or a binary file. Raises
    `PictureError` for what is no picture. Nothing is shared between sessions but embeddings.
    """

    def __init__(
        self,
        picture: NDArray[np.generic] | Picture,
        *,
        segmenter: str | Segmenter = "mobile-sam",
        matting: str | Matting = "closed-form",
    ) -> None:
        self.picture = picture if isinstance(picture, Picture) else picture_from_array(picture)
        self._segmenter = (
            models.load_segmenter(segmenter) if isinstance(segmenter, str) else segmenter
        )
        self._matting = models.load_matting(matting) if isinstance(matting, str) else matting
        self._view = View(self.picture.rgb, self.picture.digest, self._segmenter, _EMBEDDINGS)
        self._state = State()
        self._past: list[State] = []
        self._future: list[State] = []
        self._next_key = 0
        # Enough for one subject's mask, trimap, alpha and foreground, and a long list of candidates.
        self._derived = ByteCache(
            64 * (1 << 20) + 10 * self.picture.rgb.shape[0] * self.picture.rgb.shape[1]
        )
        self.timings: dict[str, float] = {}

    @classmethod
    def open(
        cls,
        source: str | Path | bytes | BinaryIO,
        *,
        segmenter: str | Segmenter = "mobile-sam",
        matting: str | Matting = "closed-form",
    ) -> Session:
        """Open a picture from a path, bytes or a binary file."""
        return cls(open_picture(source), segmenter=segmenter, matting=matting)

    @classmethod
    def replay(cls, source: str | Path | bytes | BinaryIO, recipe: dict[str, Any]) -> Session:
        """Do again what a recipe tells, on the same picture; raises `PromptError` if it cannot."""
        state, names = recipes.read(recipe)
        session = cls.open(source, segmenter=names["segmenter"], matting=names["matting"])
        for subject in state.subjects:
            handle = session.subject(subject.name)
            handle._replay(subject)
        return session

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.picture.size

    # Subjects and their history

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Handles of all subjects, in the order they were made."""
        return tuple(Subject(self, subject.key) for subject in self._state.subjects)

    def subject(self, name: str | None = None) -> Subject:
        """Make a new subject; the name is a label only."""
        key = self._next_key
        self._next_key += 1
        self._edit(SubjectState(key, name or f"subject {len(self._state.subjects) + 1}"))
        return Subject(self, key)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone edit to do again."""
        return bool(self._future)

    def undo(self) -> bool:
        """Take the last edit back; False if there was none."""
        if not self._past:
            return False
        self._future.append(self._state)
        self._state = self._past.pop()
        return True

    def redo(self) -> bool:
        """Do the last undone edit again; False if there was none."""
        if not self._future:
            return False
        self._past.append(self._state)
        self._state = self._future.pop()
        return True

    def recipe(self) -> dict[str, Any]:
        """Everything that was done, as JSON-ready data; `Session.replay` does it again."""
        return recipes.write(
            self._state, {"segmenter": self._segmenter.name, "matting": self._matting.name}
        )

    def _edit(self, subject: SubjectState) -> None:
        self._past = [*self._past[-(_UNDO_DEPTH - 1) :], self._state]
        self._future = []
        self._state = self._state.put(subject)

    # Results

    def cutout(
        self, subjects: Sequence[Subject] | None = None, *, bits: int = 8
    ) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Straight RGBA of these subjects (default: all) together, H×W×4 at 8 or 16 bits."""
        chosen = self.subjects if subjects is None else tuple(subjects)
        if not chosen:
            raise MaskError("Nothing to cut out: make a subject and click on it first.")
        alpha = chosen[0].alpha
        for other in chosen[1:]:
            alpha = np.maximum(alpha, other.alpha)
        if self.picture.alpha is not None:
            alpha = alpha * self.picture.alpha
        return self._rgba(alpha, bits)

    def save(
        self, path: str | Path, subjects: Sequence[Subject] | None = None, *, bits: int = 8
    ) -> Path:
        """Write the cut-out as PNG, WebP or TIFF, by suffix; raises `ExportError`."""
        rgba = self.cutout(subjects, bits=bits)
        return save_cutout(path, rgba, icc=self.picture.icc, exif=self.picture.exif)

    def _rgba(self, alpha: Alpha, bits: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
        source = self.picture.rgb
        if bits == 16:
            deep = self.picture.deep
            source = source.astype(np.uint16) * 257 if deep is None else deep
        top = np.iinfo(source.dtype).max
        with self._timed("foreground"):
            colour = estimate_foreground(source, alpha)
        rgba = np.empty((*alpha.shape, 4), source.dtype)
        rgba[..., :3] = colour
        rgba[..., 3] = np.rint(alpha * np.float32(top))
        return rgba

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[name] = round(time.perf_counter() - start, 4)


class Subject:
    """A handle on one subject of a session; all it knows lives in the session's state."""

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

    # Edits: each is checked and computed before it becomes the session's state.

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

    def clear(self) -> None:
        """Forget all that was said about the subject."""
        if self._state.steps or self._state.given:
            self._set(replace(self._state, steps=(), given=None))

    def use_mask(self, mask: NDArray[np.generic]) -> None:
        """Start from this mask, H×W (non-zero is the subject), instead of prompts."""
        pixels = self._checked(mask, MaskError) != 0
        if not pixels.any():
            raise MaskError("The mask is empty: nothing in it belongs to the subject.")
        self._give(Given("mask", pixels))

    def use_trimap(self, trimap: NDArray[np.uint8]) -> None:
        """Use this trimap, uint8 H×W of 0, 128 and 255, instead of prompts."""
        pixels = self._checked(trimap, TrimapError)
        if pixels.dtype != np.uint8 or not np.isin(np.unique(pixels), (0, 128, 255)).all():
            raise TrimapError(
                "A trimap holds only 0 (background), 128 (unknown), 255 (foreground)."
            )
        if not (pixels == 255).any():
            raise TrimapError("The trimap has no foreground (255); mark some of the subject.")
        self._give(Given("trimap", pixels))

    def use_alpha(self, alpha: NDArray[np.float32]) -> None:
        """Use this alpha, float32 H×W in 0..1, instead of prompts."""
        pixels = self._checked(alpha, MaskError)
        if not (pixels > 0).any():
            raise MaskError("The alpha is empty: nothing in it belongs to the subject.")
        self._give(Given("alpha", np.clip(pixels.astype(np.float32), 0, 1)))

    def _checked(
        self, layer: NDArray[Any], error: type[MaskError] | type[TrimapError]
    ) -> NDArray[Any]:
        if layer.shape != self._session.size:
            height, width = self._session.size
            raise error(f"It must be {width}×{height} pixels like the picture, one channel.")
        return layer

    def _give(self, given: Given) -> None:
        self._set(replace(self._state, steps=(), given=given))

    def _add(self, prompt: Prompt) -> None:
        checked = check_inside(prompt, self._session.size)
        state = self._state
        if state.given and state.given.kind != "mask":
            state = replace(state, given=Given("mask", self.mask))
        self._set(replace(state, steps=(*state.steps, checked)))

    def _set(self, state: SubjectState) -> None:
        # Computed first: a prompt that finds nothing must leave the session as it was.
        if state.prompts:
            self._fold(state.steps, state.given)
        self._session._edit(state)

    def _replay(self, state: SubjectState) -> None:
        for step in state.steps:
            if not isinstance(step, Choice):
                check_inside(step, self._session.size)
        if state.given:
            self._checked(state.given.pixels, MaskError)
        self._set(replace(state, key=self._key))

    # What follows from the state; computed when asked for, and kept while there is room.

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The possible masks for the prompts so far, best first; empty where there are none."""
        state = self._state
        return self._fold(state.steps, state.given)[0] if state.prompts else ()

    @property
    def chosen(self) -> int:
        """Which candidate the mask is."""
        last = self._state.steps[-1:]
        return last[0].index if last and isinstance(last[0], Choice) else 0

    def _fold(
        self, steps: tuple[Step, ...], given: Given | None
    ) -> tuple[tuple[Candidate, ...], int]:
        """Candidates after these steps and which of them is taken: each prompt refines the last."""
        if not steps:
            return (_candidate_of(given),) if given else (), 0
        *before, last = steps
        if isinstance(last, Choice):
            return self._fold(tuple(before), given)[0], last.index

        def look() -> _Looked:
            candidates, index = self._fold(tuple(before), given)
            prompts = [step for step in steps if not isinstance(step, Choice)]
            previous = candidates[index] if candidates else None
            with self._session._timed("segment"):
                return _Looked(segment(self._session._view, prompts, previous))

        return self._session._derived.get(("candidates", steps, given), look).candidates, 0

    @property
    def _candidate(self) -> Candidate | None:
        candidates, index = self._fold(self._state.steps, self._state.given)
        return candidates[index] if candidates else None

    @property
    def mask(self) -> Mask:
        """Bool H×W: which pixels the subject owns. Raises `MaskError` before any prompt."""
        state = self._state
        if state.given and not state.steps:
            pixels = state.given.pixels
            if state.given.kind == "mask":
                return pixels  # type: ignore[return-value]
            return pixels == 255 if state.given.kind == "trimap" else pixels > 0.5  # type: ignore[no-any-return,operator]
        candidate = self._candidate
        if candidate is None:
            raise MaskError(f"Nothing is known about {self.name!r} yet: click on it first.")
        return self._keep("mask", (state.steps, state.given), lambda: candidate.mask)

    @property
    def trimap(self) -> Trimap:
        """uint8 H×W: 0 background, 128 unknown, 255 foreground."""
        state = self._state
        if state.given and state.given.kind == "trimap":
            return state.given.pixels  # type: ignore[return-value]
        mask = self.mask
        candidate = None if state.given else self._candidate
        return self._keep(
            "trimap",
            (state.steps, state.given, state.band),
            lambda: make_trimap(
                mask,
                band=state.band,
                logits=candidate.content if candidate else None,
                window=candidate.window if candidate else None,
            ),
        )

    @property
    def alpha(self) -> Alpha:
        """float32 H×W in 0..1; exactly 0 and 1 where the trimap is known."""
        state = self._state
        if state.given and state.given.kind == "alpha":
            return state.given.pixels  # type: ignore[return-value]
        trimap = self.trimap
        session = self._session
        return self._keep(
            "alpha",
            (state.steps, state.given, state.band),
            lambda: solve(session._matting, session.picture.rgb, trimap),
        )

    @property
    def foreground(self) -> NDArray[np.uint8]:
        """uint8 H×W×3: the subject's own colours, old background removed from mixed pixels."""
        return estimate_foreground(self._session.picture.rgb, self.alpha)  # type: ignore[return-value]

    def preview(self, side: int = 1024) -> NDArray[np.uint8]:
        """A quick stand-in for the cut-out: straight RGBA uint8, long side at most `side`."""
        session, state = self._session, self._state
        scale = min(1.0, side / max(session.size))
        if scale == 1.0 or (state.given and state.given.kind == "alpha"):
            rgb, alpha = session.picture.rgb, self.alpha
        else:
            small = (max(1, round(session.size[1] * scale)), max(1, round(session.size[0] * scale)))
            rgb = cv2.resize(session.picture.rgb, small, interpolation=cv2.INTER_AREA)
            mask = (
                cv2.resize(self.mask.view(np.uint8) * 255, small, interpolation=cv2.INTER_AREA)
                > 127
            )
            if not mask.any():
                return np.dstack([rgb, np.zeros(rgb.shape[:2], np.uint8)])
            alpha = solve(session._matting, rgb, make_trimap(mask, band=state.band))
        rgba = np.dstack([estimate_foreground(rgb, alpha), np.rint(alpha * 255).astype(np.uint8)])
        return rgba

    def _keep(self, name: str, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        def timed() -> Any:
            with self._session._timed(name):
                return make()

        return self._session._derived.get((name, key), timed)


class _Looked:
    """Candidates as one entry of a cache."""

    def __init__(self, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        self.nbytes = sum(candidate.nbytes for candidate in candidates)


def _candidate_of(given: Given) -> Candidate:
    mask = given.pixels if given.kind == "mask" else given.pixels > 127
    height, width = mask.shape
    window: Window = (0, 0, width, height)
    return Candidate(logits_of_mask(mask.astype(bool)), window, (height, width), 1.0)
