"""A job: one picture, what to do with it, and where the result goes; and how one is run.

What can be known before the work is refused before the work, everything is computed before any file
appears, and each file appears whole or not at all.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pickmatte import models
from pickmatte.interactive.edits.prompts import (
    Box,
    Click,
    Phrase,
    Stroke,
    check_inside,
    check_visible,
)
from pickmatte.interactive.edits.recipes import read
from pickmatte.interactive.edits.state import Choice
from pickmatte.interactive.mattes.glass import kept_opaque
from pickmatte.interactive.pictures.picture import PIXEL_LIMIT, open_alpha, open_mask, open_trimap
from pickmatte.interactive.session import Session
from pickmatte.models.weights import catalogue

from . import outputs
from .outputs import Output
from .reports import describe_subject
from .tasks import Auto, LayerFile, Prompted, Recipe, Source, SubjectPrompts, Take

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pickmatte.interactive.subject import Subject


@dataclass(frozen=True)
class Models:
    """The networks of a job, by their names in the catalogue; `auto` is the best present."""

    segmenter: str = models.DEFAULT_SEGMENTER
    matting: str = "nano"
    grounder: str = "auto"


@dataclass(frozen=True)
class Job:
    """One picture of at most `limit` pixels, what to do with it, and where the result goes."""

    source: Source
    task: Prompted | Auto | Recipe
    output: Output
    models: Models = Models()  # a recipe names its own
    limit: int = PIXEL_LIMIT
    device: str = "auto"  # one of `runtime.devices.DEVICES`


@dataclass(frozen=True)
class Result:
    """What came of a job.

    files   what was written, by what it holds
    data    the bytes of the PNG where the output names no file
    report  JSON-ready: the picture's size, the models, files, subjects, notes (sentences for a
            person), seconds of each step
    """

    files: dict[str, Path]
    data: bytes | None = field(repr=False)
    report: dict[str, Any] = field(repr=False)


def run(job: Job) -> Result:
    """Do a job; raises a kind of `PickmatteError`, and then nothing was written."""
    begun = time.perf_counter()
    check(job)
    session = _done(job)
    files, data = outputs.write(session, job.output, _inputs(job))
    report = _report(job, session)
    report["files"] = {name: str(path) for name, path in files.items()}
    report["timings"] = {**session.timings, "total": round(time.perf_counter() - begun, 4)}
    return Result(files, data, report)


def check(job: Job) -> None:
    """Refuse what is wrong with a job as far as it is known before the picture is read.

    Raises `ExportError` for files that cannot be written, `JobError` where one would replace an
    input, `UnknownModel`, and `PromptError` for a damaged recipe.
    """
    subjects, named = 1, asdict(job.models)
    if isinstance(job.task, Recipe):
        state, named = read(job.task.data)
        subjects = len(state.subjects)
    elif isinstance(job.task, Prompted):
        subjects = len(job.task.subjects)
    else:
        catalogue.find(job.task.model, "salient")
    outputs.check(job.output, subjects, _inputs(job))
    catalogue.find(named["segmenter"], "segmenter")
    models.choose_matting(named["matting"])
    models.choose_grounder(named.get("grounder", "auto"))


def _done(job: Job) -> Session:
    """A session in which everything that the job asks for was done."""
    task = job.task
    if isinstance(task, Recipe):
        session = Session.replay(job.source, task.data, limit=job.limit, device=job.device)
        outputs.check_size(job.output, session.size)
        return session
    named = asdict(job.models)
    session = Session.open(job.source, limit=job.limit, device=job.device, **named)
    outputs.check_size(job.output, session.size)
    if isinstance(task, Auto):
        session.load("matting")
        session.auto(task.model, largest=task.largest, only=task.kind)
        return session
    _check_prompts(task, session)
    layers = [_read_layer(one.layer, session.size) for one in task.subjects]
    session.load(*_needed(task))
    for one, layer in zip(task.subjects, layers, strict=True):
        name = job.source.stem if isinstance(job.source, Path) else None
        _tell(session.subject(one.name or name), one, layer)
    return session


def _check_prompts(task: Prompted, session: Session) -> None:
    """Refuse prompts at which nothing of the picture is before any network runs."""
    for one in task.subjects:
        for prompt in one.prompts:
            if isinstance(prompt, Click | Box | Stroke):
                check_visible(check_inside(prompt, session.size), session.picture.alpha)


def _read_layer(layer: LayerFile | None, size: tuple[int, int]) -> NDArray[Any] | None:
    if layer is None:
        return None
    readers: dict[str, Callable[..., NDArray[Any]]] = {
        "mask": open_mask,
        "trimap": open_trimap,
        "alpha": open_alpha,
    }
    return readers[layer.kind](layer.source, size)


def _needed(task: Prompted) -> list[Any]:
    """The roles of the models that will be needed, so that what cannot be had is told first."""
    prompts = [prompt for one in task.subjects for prompt in one.prompts]
    needed = {
        "segmenter": bool(prompts),
        "grounder": any(isinstance(prompt, Phrase) for prompt in prompts),
        "matting": any(one.layer is None or one.layer.kind != "alpha" for one in task.subjects),
    }
    return [role for role, is_needed in needed.items() if is_needed]


def _tell(subject: Subject, said: SubjectPrompts, layer: NDArray[Any] | None) -> None:
    """Do to a subject what is said of it."""
    if said.layer is not None and layer is not None:
        give: dict[str, Callable[[NDArray[Any]], None]] = {
            "mask": subject.use_mask,
            "trimap": subject.use_trimap,
            "alpha": subject.use_alpha,
        }
        give[said.layer.kind](layer)
    # Candidates are listed for all of a subject's prompts, so one is chosen when all are told.
    for prompt in sorted(said.prompts, key=lambda prompt: isinstance(prompt, Choice)):
        if isinstance(prompt, Click):
            subject.click(prompt.x, prompt.y, prompt.keep)
        elif isinstance(prompt, Box):
            subject.box(prompt.x0, prompt.y0, prompt.x1, prompt.y1)
        elif isinstance(prompt, Phrase):
            subject.say(prompt.text, prompt.take)
        elif isinstance(prompt, Take):
            subject.take(prompt.index)
        else:
            subject.choose(prompt.index)
    if said.band is not None:
        subject.set_band(said.band)
    if said.material is not None:
        subject.set_material(said.material)


def _report(job: Job, session: Session) -> dict[str, Any]:
    height, width = session.size
    recipe = session.recipe()
    named = {role: recipe[role] for role in asdict(job.models) if role in recipe}
    told: dict[str, Any] = {
        "photo": str(job.source) if isinstance(job.source, Path) else "-",
        "width": width,
        "height": height,
        **({"model": job.task.model} if isinstance(job.task, Auto) else {}),
        **named,
        "device": session.device,
        "files": {},
        "subjects": [describe_subject(subject) for subject in session.subjects],
        "notes": [
            kept_opaque(subject.name)
            for subject in session.subjects
            if subject.material == "glass" and not subject.is_see_through
        ],
    }
    if isinstance(job.task, Auto):  # its prompts are nobody's: they can be edited and done again
        told["recipe"] = recipe
    return told


def _inputs(job: Job) -> list[Path]:
    """The files a job reads, as far as they have names."""
    sources: list[Source | None] = [job.source]
    if isinstance(job.task, Prompted):
        sources += [one.layer.source for one in job.task.subjects if one.layer is not None]
    elif isinstance(job.task, Recipe):
        sources.append(job.task.file)
    return [source for source in sources if isinstance(source, Path)]
