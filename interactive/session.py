"""Session: one picture being worked on. This is the Python API; page and command line call it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pickmatte import models
from pickmatte.models.errors import ExportError, MaskError, PromptError
from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.grounders.categories import Category
from pickmatte.models.protocols import Alpha, Findings, Grounder, Matting, Salient, Segmenter
from pickmatte.models.runtime import devices
from pickmatte.models.weights import catalogue

from .cutouts import cut_out, photo_layer
from .edits import recipes
from .edits.history import History
from .edits.prompts import Phrase
from .edits.state import State, SubjectState, UserLayer
from .files.export import check_target, encode_cutout, format_of, save_cutout
from .files.layered import Layered, save_layers, stack
from .masks.auto.evident import evident
from .masks.candidate_store import CandidateStore
from .pictures.decode import Source
from .pictures.metadata.record import Strip
from .pictures.picture import PIXEL_LIMIT, Picture, open_picture, picture_from_array
from .pipeline import Pipeline
from .subject import Subject


class Session:
    """One picture, its subjects, undo and redo.

    `Session(rgb)` takes uint8 H×W×3, as `picture_from_array` does, or a PIL image; `Session.open`
    takes files. Raises `PictureError` for what is no picture of at most `limit` pixels,
    `UnknownModel` for a name that is not in the catalogue and `DeviceError` for what is no device;
    weights are fetched when they are first needed. The matting or grounder `auto` is the best that
    is present. Models that are named run on `device`, small ones on the CPU. Edits belong to one
    thread at a time; slow results can be had meanwhile from a `snapshot`.
    """

    def __init__(
        self,
        picture: NDArray[np.generic] | Image.Image | Picture,
        *,
        limit: int = PIXEL_LIMIT,
        segmenter: str | Segmenter = models.DEFAULT_SEGMENTER,
        matting: str | Matting = "nano",
        grounder: str | Grounder = "auto",
        device: str = "auto",
    ) -> None:
        if isinstance(picture, Image.Image | Picture):
            self.picture = open_picture(picture, limit=limit)
        else:
            self.picture = picture_from_array(picture, limit=limit)
        if isinstance(segmenter, str):
            catalogue.find(segmenter, "segmenter")
        if isinstance(matting, str):
            matting = models.choose_matting(matting)
        if isinstance(grounder, str) and grounder != "auto":
            catalogue.find(grounder, "grounder")
        self._device = devices.known(device)
        self._models = {"segmenter": _name(segmenter), "matting": _name(matting)}
        self._pipeline = Pipeline(
            self.picture,
            CandidateStore(self.picture, segmenter, grounder, device),
            matting,
            device,
        )
        self._history = History()
        self._next_key = 0

    @classmethod
    def open(
        cls,
        source: Source | NDArray[np.generic],
        *,
        limit: int = PIXEL_LIMIT,
        segmenter: str | Segmenter = models.DEFAULT_SEGMENTER,
        matting: str | Matting = "nano",
        grounder: str | Grounder = "auto",
        device: str = "auto",
    ) -> Session:
        """Open a picture of at most `limit` pixels: a path, bytes, a binary file, a PIL image."""
        picture = open_picture(source, limit=limit)
        return cls(
            picture,
            limit=limit,
            segmenter=segmenter,
            matting=matting,
            grounder=grounder,
            device=device,
        )

    @classmethod
    def replay(
        cls,
        source: Source | NDArray[np.generic],
        recipe: dict[str, Any],
        *,
        limit: int = PIXEL_LIMIT,
        device: str = "auto",
    ) -> Session:
        """Do again what a recipe tells, on a picture as `open` takes it.

        Raises `PromptError` where it does not fit the picture.
        """
        state, chosen = recipes.read(recipe)
        session = cls.open(source, limit=limit, device=device, **chosen)
        for subject in state.subjects:
            session.subject(subject.name).replace_state(replace(subject, locked=False))
        session._next_key = len(state.subjects)
        session._history = replace(session._history, now=state)
        return session

    @property
    def _state(self) -> State:
        return self._history.now

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.picture.size

    @property
    def state(self) -> State:
        """All that was done to the picture, as a value; every edit makes another one."""
        return self._state

    @property
    def matting(self) -> str:
        """The name of the model that makes the alphas."""
        return self._models["matting"]

    @property
    def device(self) -> str | None:
        """What the segmenter runs on; None where nothing has needed it yet."""
        return self._pipeline.candidate_store.device

    @property
    def grounder(self) -> str:
        """The name of the model that finds what a phrase names. Loads it the first time."""
        return self._pipeline.candidate_store.grounder.name

    @property
    def timings(self) -> dict[str, float]:
        """Seconds that each step took when it was last computed, a copy."""
        return self._pipeline.candidate_store.timings

    def load(self, *roles: Literal["segmenter", "grounder", "matting"]) -> None:
        """Load models now rather than when they are first needed.

        Raises `WeightsError`, `MissingExtra` or `DeviceError` for one that cannot be had.
        """
        store, pipeline = self._pipeline.candidate_store, self._pipeline
        load: dict[str, Callable[[], object]] = {
            "segmenter": lambda: store.view,
            "grounder": lambda: store.grounder,
            "matting": lambda: pipeline.matting,
        }
        for role in roles:
            load[role]()

    def look(self) -> None:
        """Let the segmenter look at the picture now, so that the first click need not wait.

        Runs its encoder the first time, about a second on two cores.
        """
        self._pipeline.candidate_store.look()

    def use_matting(self, matting: str | Matting) -> None:
        """Let another model make the alphas, `auto` the best that is present; no edit to be undone.

        Raises `UnknownModel` for a name that is not in the catalogue.
        """
        if isinstance(matting, str):
            matting = models.choose_matting(matting)
        self._models = {**self._models, "matting": _name(matting)}
        self._pipeline = self._pipeline.with_matting(matting)

    def snapshot(self, cancelled: Callable[[], bool] | None = None) -> Session:
        """This session as it is now: edits of either are not seen by the other.

        `cancelled` is asked now and then while an alpha is made; when it says so, whoever wanted
        the alpha gets `Cancelled`.
        """
        other = copy.copy(self)  # states are immutable, and derived arrays may be shared
        if cancelled is not None:
            other._pipeline = self._pipeline.cancelled_by(cancelled)
        return other

    # Subjects and their history

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Handles of all subjects, in the order they were made."""
        return tuple(Subject(self, subject.key) for subject in self._state.subjects)

    @property
    def order(self) -> tuple[Subject, ...]:
        """The subjects from front to back, guessed from their masks until the user says it.

        Runs the segmenter for prompts that are new, such as after an undo.
        """
        keys = self._state.order
        if not keys:
            seen = self._pipeline.candidate_store.group(self._state).order
            unseen = [s.key for s in self._state.subjects if s.key not in seen]
            keys = (*reversed(unseen), *seen)
        return tuple(Subject(self, key) for key in keys)

    def subject(self, name: str | None = None) -> Subject:
        """Make a new subject; the name is a label only."""
        key = self._take_key()
        self._put(SubjectState(key, name or f"subject {len(self._state.subjects) + 1}"))
        return Subject(self, key)

    def say(self, text: str) -> tuple[Subject, ...]:
        """Make a subject of each thing a phrase asks for: two for "the two dogs".

        Where that cannot be told, as women from men, the best guess is taken; `find` says so.
        Raises `NothingFound` where nothing fits and `PhraseError` for words not understood.
        """
        found = self.find(text)
        requested = found.taken or (0,)
        named = [found.hits[i].label if found.hits else text for i in requested]
        state, keys = self._state, list[int]()
        for index, label in zip(requested, named, strict=True):
            name = label if len(requested) == 1 else f"{label} {len(keys) + 1}"
            subject = SubjectState(self._take_key(), name, (Phrase(text, index),))
            self._pipeline.candidates_after(subject)
            state = state.put(subject)
            keys.append(subject.key)
        self._edit(state)
        return tuple(Subject(self, key) for key in keys)

    def auto(
        self,
        model: str | Salient = "u2netp",
        *,
        largest: bool = False,
        only: Category | None = None,
    ) -> tuple[Subject, ...]:
        """Make a subject of each thing that stands out, the largest first, without any prompt.

        They are told as by prompts and can be edited. `only` takes one kind of thing, `largest`
        one of what is left. Raises `NothingFound` where nothing evident is there, and
        `UnknownModel` for a network that is not in the catalogue.
        """
        salient = model
        if isinstance(salient, str):
            salient = models.load_salient(salient, models.place("salient", salient, self._device))
        state, keys = self._state, list[int]()
        for steps, user_layer in evident(
            self._pipeline.candidate_store, salient, only=only, largest=largest
        ):
            name = f"subject {len(state.subjects) + 1}"
            subject = SubjectState(self._take_key(), name, steps, user_layer)
            state = state.put(subject)
            keys.append(subject.key)
        self._edit(state)
        return tuple(Subject(self, key) for key in keys)

    def find(self, text: str) -> Findings:
        """What a phrase finds, best first, and a sentence on what is there instead; no edit.

        Runs the grounder and the segmenter the first time, some seconds on two cores.
        """
        return self._pipeline.found(Phrase(text).text)

    def reorder(self, subjects: Sequence[Subject]) -> None:
        """Put all subjects in this order, front to back."""
        keys = tuple(subject.key for subject in subjects)
        if sorted(keys) != sorted(subject.key for subject in self._state.subjects):
            raise PromptError("An order names each subject of the picture once.")
        if keys != tuple(subject.key for subject in self.order):
            self._edit(replace(self._state, order=keys))

    def merge(self, subjects: Sequence[Subject], name: str | None = None) -> Subject:
        """Make one subject of several: all that their masks hold. The several are removed."""
        if len(subjects) < 2:
            raise PromptError("Name at least two subjects to be merged.")
        mask = np.logical_or.reduce([subject.mask for subject in subjects])
        state, order = self._state, [subject.key for subject in self.order]
        for subject in subjects:
            state = state.without(subject._editable.key)
        key = self._take_key()
        label = name or " and ".join(subject.name for subject in subjects)
        state = state.put(SubjectState(key, label, user_layer=UserLayer("mask", mask)))
        front = min(order.index(subject.key) for subject in subjects)
        gone = {subject.key for subject in subjects}
        ahead = [other for other in order[:front] if other not in gone]
        behind = [other for other in order[front:] if other not in gone]
        self._edit(replace(state, order=(*ahead, key, *behind)))
        return Subject(self, key)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._history.past)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone edit to do again."""
        return bool(self._history.future)

    def undo(self) -> bool:
        """Take the last edit back (the last 200 can be); False if there was none."""
        could = self.can_undo
        self._history = self._history.undone()
        return could

    def redo(self) -> bool:
        """Do the last undone edit again; False if there was none."""
        could = self.can_redo
        self._history = self._history.redone()
        return could

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """Make all edits inside one step of undo; where one of them fails, none was made."""
        before = self._history
        try:
            yield
        except BaseException:
            self._history = before
            raise
        self._history = self._history.as_one(before)

    def recipe(self) -> dict[str, Any]:
        """Everything that was done, as JSON-ready data; `Session.replay` does it again."""
        said = any(isinstance(p, Phrase) for s in self._state.subjects for p in s.prompts)
        named = {"grounder": self.grounder} if said else {}
        return recipes.write(self._state, self._models | named)

    def _take_key(self) -> int:
        self._next_key += 1
        return self._next_key - 1

    def _put(self, subject: SubjectState) -> None:
        self._edit(self._state.put(subject))

    def _edit(self, state: State) -> None:
        self._history = self._history.edited(state)

    # Results

    def alpha(self, subjects: Sequence[Subject] | None = None) -> Alpha:
        """float32 H×W of these subjects (default: all kept ones) together.

        Runs the segmenter and the matting where `Subject.alpha` does, the first time.
        """
        return self._alpha(subjects).within(Rectangle.whole(self.size))

    def _alpha(self, subjects: Sequence[Subject] | None) -> CroppedLayer:
        chosen = self.subjects if subjects is None else tuple(subjects)
        if not chosen:
            raise MaskError("Nothing to cut out: make a subject and click on it first.")
        if any(not subject.belongs_to(self._pipeline) for subject in chosen):
            raise MaskError("A subject of another picture cannot be cut out of this one.")
        if subjects is None:
            chosen = tuple(s for s in chosen if s.kept and s.state in self._state.prompted)
            if not chosen:
                raise MaskError("No subject is kept; keep one, or name those to cut out.")
        return self._pipeline.alpha_of(self._state, [subject.state for subject in chosen])

    def cutout(
        self,
        subjects: Sequence[Subject] | None = None,
        *,
        bits: int = 8,
        invert: bool = False,
    ) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Straight RGBA of these subjects (default: all kept ones), H×W×4 at 8 or 16 bits.

        `invert` gives the rest of the picture instead, without them. A picture's own transparency
        stays. Runs the segmenter and the matting where `Subject.alpha` does, the first time, and
        works out the colours each time. Raises `MaskError` for a subject without prompts.
        """
        if bits not in (8, 16):
            raise ExportError(f"A cut-out has 8 or 16 bits, not {bits}.")
        alpha = self._alpha(subjects)
        lone = subjects[0].state if subjects is not None and len(subjects) == 1 else None
        return cut_out(self._pipeline, self._state, alpha, only=lone, bits=bits, invert=invert)

    def save(
        self,
        path: str | Path,
        subjects: Sequence[Subject] | None = None,
        *,
        bits: int = 8,
        invert: bool = False,
        strip: Strip | None = None,
    ) -> Path:
        """Write the cut-out as PNG, WebP or TIFF, by suffix, with the picture's metadata.

        `strip` leaves out where the photo was taken ("location"), or all metadata ("all"). Raises
        `ExportError`, also where the path is the very photo that was opened.
        """
        metadata = self.picture.metadata.stripped(strip)
        format_of(check_target(path, photo=self.picture.source))
        rgba = self.cutout(subjects, bits=bits, invert=invert)
        return save_cutout(path, rgba, icc=self.picture.icc, metadata=metadata)

    def encode(
        self,
        format: str = "PNG",
        subjects: Sequence[Subject] | None = None,
        *,
        bits: int = 8,
        invert: bool = False,
        strip: Strip | None = None,
    ) -> bytes:
        """Return the very bytes that `save` writes; `format` is "PNG", "WEBP" or "TIFF"."""
        metadata = self.picture.metadata.stripped(strip)
        rgba = self.cutout(subjects, bits=bits, invert=invert)
        return encode_cutout(rgba, format, icc=self.picture.icc, metadata=metadata)

    def save_layers(self, path: str | Path, *, bits: int = 8, strip: Strip | None = None) -> Path:
        """Write every subject as a layer of its own: PSD, OpenRaster, TIFF pages or a ZIP.

        The suffix says which. Subjects that are not kept are hidden layers, and the photo is a
        hidden one at the bottom. `strip` is that of `save`. Raises `ExportError`, and `MaskError`
        without any subject.
        """
        metadata = self.picture.metadata.stripped(strip)
        check_target(path, photo=self.picture.source)
        told = [subject for subject in self.order if subject.candidates]
        if not told:
            raise MaskError("There are no layers to write: make a subject and click on it first.")
        cutouts = (
            (subject.name, self.cutout([subject], bits=bits), subject.kept) for subject in told
        )
        picture, photo = self.picture, photo_layer(self.picture, bits)
        layered = Layered(self.size, stack(cutouts), photo, picture.icc, metadata)
        return save_layers(path, layered)


def _name(model: str | Segmenter | Matting) -> str:
    return model if isinstance(model, str) else model.name
