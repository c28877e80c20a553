"""`pickmatte cut`: subjects out of a photo."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .options import LAYERED, PATH, PromptCommand, Told, check_output, numbers

if TYPE_CHECKING:
    from pickmatte import Session, Subject

_GIVEN = ("mask", "trimap", "alpha", "recipe")
_MODELS = ("segmenter", "matting", "grounder")
_PROMPTS = "--click, --drop, --box or --say"


@click.command(cls=PromptCommand)
@options.photo
@options.output
@numbers("X,Y", "--click", "A point on the subject.")
@numbers("X,Y", "--drop", "A point that is not on it.")
@numbers("X0,Y0,X1,Y1", "--box", "Left, top, right and bottom around the subject.")
@click.option("--say", multiple=True, metavar="PHRASE", help="Name it: 'the dog on the left'.")
@click.option(
    "--take", multiple=True, type=int, metavar="N", help="Of what --say found, take number N."
)
@click.option(
    "--choose", multiple=True, type=int, metavar="N", help="Take candidate N of those --json lists."
)
@click.option(
    "--subject",
    multiple=True,
    metavar="NAME",
    help="Open a subject of that name; the prompts that follow are its own.",
)
@click.option("--mask", type=PATH, help="Start from this mask; white is the subject.")
@click.option("--trimap", type=PATH, help="Use this trimap: black, grey 128 for unknown, white.")
@click.option("--alpha", type=PATH, help="Use this alpha as it is.")
@click.option("--recipe", type=PATH, help="Do again what this recipe tells; see --layers.")
@click.option(
    "--band", type=float, metavar="SCALE", help="Scale the soft band at the edge; 1 is usual."
)
@click.option(
    "--material",
    type=click.Choice(["solid", "glass"]),
    help="glass: one sees through the subject (a bottle, a veil).",
)
@click.option("--invert", is_flag=True, help="Write the rest of the photo, without the subjects.")
@click.option("--bits", type=click.Choice(["8", "16"]), default="8", show_default=True)
@click.option(
    "--layers",
    is_flag=True,
    help="Also write mask, trimap, alpha and recipe beside the cut-out: OUTPUT.mask.png, ... "
    "and each of several subjects alone.",
)
@click.option("--segmenter", metavar="NAME", help="[default: mobile-sam]")
@click.option("--grounder", metavar="NAME", help="What finds a phrase.  [default: auto]")
@options.matting
@options.device
@options.as_json
def cut(photo: Path, output: Path, layers: bool, as_json: bool, **told: Any) -> None:
    """Cut subjects out of PHOTO.

    Coordinates are pixels of the upright photo from its top left corner. Prompts count in the
    order they are given.

        pickmatte cut cat.jpg -o cat.png --click 210,140 --drop 30,300

        pickmatte cut pets.jpg -o pets.psd --subject cat --say "the cat" --subject dog --click 9,80
    """
    begun = time.perf_counter()
    _check_told(told, output)
    inputs = [photo, *(told[name] for name in _GIVEN if told[name])]
    check_output(output, inputs)
    session = _session(photo, told)
    written = _write(session, output, told, layers, inputs)
    if as_json:
        height, width = session.size
        recipe = session.recipe()
        report = {
            "photo": str(photo),
            "width": width,
            "height": height,
            **{name: recipe[name] for name in _MODELS if name in recipe},
            "device": session.device,
            "files": written,
            "subjects": [describe_subject(subject) for subject in session.subjects],
            "timings": {**session.timings, "total": round(time.perf_counter() - begun, 4)},
        }
        click.echo(json.dumps(report))
    else:
        for path in written.values():
            click.echo(path)


def _check_told(told: dict[str, Any], output: Path) -> None:
    """Refuse options that contradict each other, or that say nothing."""
    subjects: list[Told] = told["subjects"]
    given = [f"--{name}" for name in _GIVEN if told[name]]
    if len(given) > 1:
        raise click.UsageError(f"Give only one of {' and '.join(given)}.")
    if not given and not subjects:
        raise click.UsageError(
            "Say what to cut out: --click, --box, --say, --mask, --trimap, --alpha or --recipe."
        )
    if given and any(subject.name is not None for subject in subjects):
        raise click.UsageError(f"{given[0]} is of one subject; leave --subject away.")
    for subject in subjects:
        if not subject.prompts:
            raise click.UsageError(f"Say of the subject {subject.name!r} what it is: {_PROMPTS}.")
    apart = {
        "--trimap": ("subjects", "material"),
        "--alpha": ("subjects", "band", "material"),
        "--recipe": ("subjects", "band", "material", "segmenter", "matting", "grounder"),
    }
    for option in given:
        for name in apart.get(option, ()):
            if told[name] not in (None, []):
                what = f"{_PROMPTS} or --choose" if name == "subjects" else f"--{name}"
                raise click.UsageError(f"{option} leaves nothing to {what}; give one of them.")
    if told["invert"] and output.suffix.lower() in LAYERED:
        raise click.UsageError("--invert writes one picture; give a PNG, WebP or TIFF.")


def _session(photo: Path, told: dict[str, Any]) -> Session:
    from pickmatte import Session
    from pickmatte.interactive.pictures.picture import open_alpha, open_mask, open_trimap

    if told["recipe"]:
        return Session.replay(photo, _read_recipe(told["recipe"]))
    names = {name: told[name] for name in ("segmenter", "matting", "grounder") if told[name]}
    session = Session.open(photo, **names)
    for one in told["subjects"] or [Told(None, [])]:
        subject = session.subject(one.name or photo.stem)
        if told["mask"]:
            subject.use_mask(open_mask(told["mask"], session.size))
        elif told["trimap"]:
            subject.use_trimap(open_trimap(told["trimap"], session.size))
        elif told["alpha"]:
            subject.use_alpha(open_alpha(told["alpha"], session.size))
        # Candidates are listed for all of a subject's prompts, so one is chosen when all are told.
        for option, value in sorted(one.prompts, key=lambda prompt: prompt[0] == "choose"):
            _tell(subject, option, value)
        if told["band"] is not None:
            subject.set_band(told["band"])
        if told["material"]:
            subject.set_material(told["material"])
    return session


def _tell(subject: Subject, option: str, value: Any) -> None:
    if option == "box":
        subject.box(*value)
    elif option in ("click", "drop"):
        x, y = value
        subject.click(x, y, keep=option == "click")
    else:
        getattr(subject, option)(value)  # say, take, choose


def _read_recipe(path: Path) -> Any:
    from pickmatte.models.errors import PromptError

    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PromptError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise PromptError(f"{path} is no recipe: {error}.") from error


def _write(
    session: Session, output: Path, told: dict[str, Any], layers: bool, inputs: list[Path]
) -> dict[str, str]:
    """Write the cut-out, and the layers if wanted; everything is computed before any is written."""
    from pickmatte.interactive.files.export import save_grey

    bits = int(told["bits"])
    planned: dict[str, tuple[Path, Any]] = {}
    alone: dict[str, tuple[Path, Subject]] = {}
    if layers:
        for prefix, subject in _prefixes(session):
            for name in ("mask", "trimap", "alpha"):
                path = output.with_suffix(f".{prefix}{name}.png")
                check_output(path, inputs)
                planned[prefix + name] = path, getattr(subject, name)
            if prefix:
                path = output.with_suffix(f".{prefix}png")
                check_output(path, inputs)
                alone[prefix.rstrip(".")] = path, subject
        recipe = output.with_suffix(".recipe.json")
        check_output(recipe, inputs)
    if output.suffix.lower() in LAYERED:
        written = {"layers": str(session.save_layers(output, bits=bits))}
    else:
        written = {"cutout": str(session.save(output, bits=bits, invert=told["invert"]))}
    for name, (path, layer) in planned.items():
        written[name] = str(save_grey(path, layer))
    for name, (path, subject) in alone.items():
        written[name] = str(session.save(path, [subject], bits=bits))
    if layers:
        _write_recipe(recipe, session.recipe())
        written["recipe"] = str(recipe)
    return written


def _prefixes(session: Session) -> list[tuple[str, Subject]]:
    """What the files of each subject are told apart by; nothing where there is one."""
    subjects = session.subjects
    if len(subjects) == 1:
        return [("", subjects[0])]
    return [(f"{number}.", subject) for number, subject in enumerate(subjects, 1)]


def _write_recipe(path: Path, recipe: dict[str, Any]) -> None:
    from pickmatte.models.errors import ExportError

    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(recipe), "utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ExportError(f"The recipe {path} cannot be written: {error.strerror}.") from error


def describe_subject(subject: Subject) -> dict[str, Any]:
    """A subject as JSON-ready data."""
    from pickmatte.models.geometry.rectangle import bounding_box

    from .find import describe

    return {
        "name": subject.name,
        "box": bounding_box(subject.mask),
        "chosen": subject.chosen,
        "candidates": [
            {"score": round(float(one.score), 4), "box": one.box} for one in subject.candidates
        ],
        **({"detections": [*map(describe, subject.detections)]} if subject.detections else {}),
    }
