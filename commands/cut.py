"""`pickmatte cut`: subjects out of a photo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .console import check_inputs, destination, opened, show
from .options import FILE, PromptCommand, SubjectOptions, numbers

if TYPE_CHECKING:
    from pickmatte.service.tasks import Prompt, Prompted, Recipe

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
@click.option("--mask", type=FILE, help="Start from this mask; white is the subject.")
@click.option("--trimap", type=FILE, help="Use this trimap: black, grey 128 for unknown, white.")
@click.option("--alpha", type=FILE, help="Use this alpha as it is.")
@click.option("--recipe", type=FILE, help="Do again what this recipe tells; see --layers.")
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
    "--only",
    type=click.Choice(["mask", "alpha", "trimap"]),
    help="Write that layer of all subjects together instead of the cut-out, a grey PNG.",
)
@click.option(
    "--layers",
    is_flag=True,
    help="Also write mask, trimap, alpha and recipe beside the cut-out: OUTPUT.mask.png, ... "
    "and each of several subjects alone.",
)
@click.option("--segmenter", metavar="NAME", help="[default: mobile-sam-whole]")
@click.option("--grounder", metavar="NAME", help="What finds a phrase.  [default: auto]")
@options.matting
@options.device
@options.strip
@options.limit
@options.as_json
def cut(
    photo: Path | str,
    output: Path | str | None,
    bits: str,
    invert: bool,
    only: Any,
    layers: bool,
    device: str,
    strip: Any,
    limit: int,
    as_json: bool,
    **values: Any,
) -> None:
    """Cut subjects out of PHOTO, a file or - for standard input.

    Coordinates are pixels of the upright photo from its top left corner. Prompts count in the
    order they are given. With -o - the report of --json goes to standard error.

        pickmatte cut cat.jpg -o cat.png --click 210,140 --drop 30,300

        pickmatte cut pets.jpg -o pets.psd --subject cat --say "the cat" --subject dog --click 9,80
    """
    _check_options(values)
    check_inputs(photo, *(values[name] for name in _GIVEN))
    path = destination(output, photo, only or "cutout")
    from pickmatte.service.jobs import Job, Models, run
    from pickmatte.service.outputs import Output

    job = Job(
        opened(photo),
        _task(values),
        Output(path, int(bits), invert, only, layers, strip),
        Models(**{name: values[name] for name in _MODELS if values[name]}),
        limit,
        device,
    )
    show(run(job), as_json)


def _check_options(values: dict[str, Any]) -> None:
    """Refuse options that contradict each other, or that say nothing."""
    subjects: list[SubjectOptions] = values["subjects"]
    given = [f"--{name}" for name in _GIVEN if values[name]]
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
        "--recipe": ("subjects", "band", "material", *_MODELS),
    }
    for option in given:
        for name in apart.get(option, ()):
            if values[name] not in (None, []):
                what = f"{_PROMPTS} or --choose" if name == "subjects" else f"--{name}"
                raise click.UsageError(f"{option} leaves nothing to {what}; give one of them.")


def _task(values: dict[str, Any]) -> Prompted | Recipe:
    from pickmatte.service.tasks import LayerFile, Prompted, SubjectPrompts, read_recipe

    if values["recipe"]:
        return read_recipe(opened(values["recipe"]))
    layer = None
    for kind in ("mask", "trimap", "alpha"):
        if values[kind]:
            layer = LayerFile(kind, opened(values[kind]))
    return Prompted(
        tuple(
            SubjectPrompts(
                tuple(_prompt(option, value) for option, value in one.prompts),
                one.name,
                layer,
                values["band"],
                values["material"],
            )
            for one in values["subjects"] or [SubjectOptions(None, [])]
        )
    )


def _prompt(option: str, value: Any) -> Prompt:
    from pickmatte.interactive.edits.prompts import Box, Click, Phrase
    from pickmatte.interactive.edits.state import Choice
    from pickmatte.service.tasks import Take

    if option in ("click", "drop"):
        x, y = value
        return Click(x, y, keep=option == "click")
    if option == "box":
        return Box(*value)
    if option == "say":
        return Phrase(value)
    return Take(value) if option == "take" else Choice(value)
