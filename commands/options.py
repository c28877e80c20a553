"""Options that commands share, and prompts kept in the order they are typed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from .console import STREAM

_F = TypeVar("_F", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


class FileOrStream(click.Path):
    """A file's path, or `-` as it is; a file of that name is `./-`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Make a path of what was typed."""
        return STREAM if value == STREAM else super().convert(value, param, ctx)


FILE = FileOrStream(path_type=Path)

photo = click.argument("photo", type=FILE)
output = click.option(
    "-o",
    "--output",
    type=FILE,
    help="The cut-out: PNG, WebP or TIFF by suffix; PSD, ORA or ZIP with a layer for each "
    "subject; - for a PNG to standard output.  [default: beside the photo, cat.jpg to "
    "cat.cutout.png; of a photo from standard input, standard output]",
)
matting = click.option("--matting", metavar="NAME", help="One of those below.  [default: nano]")
as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print what was found as one JSON object."
)
# Those that are kept in order; `subject` opens a subject, whose are the ones after it.
_ORDERED = ("click", "drop", "box", "say", "take", "choose", "subject")


@dataclass
class SubjectOptions:
    """What was asked of one subject: its name if it has one, and (option, value) in order."""

    name: str | None
    prompts: list[tuple[str, Any]]


def numbers(form: str, name: str, text: str) -> Callable[[_F], _F]:
    """An option of numbers with commas between, such as X,Y; it can be given again and again."""
    return click.option(name, metavar=form, multiple=True, callback=_parsed, help=text)


def _parsed(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[float, ...]]:
    form = str(param.metavar)
    parsed = []
    for value in values:
        try:
            found = tuple(float(part) for part in value.split(","))
        except ValueError:
            found = ()
        if len(found) != len(form.split(",")) or not all(map(math.isfinite, found)):
            raise click.BadParameter(f"{value!r} is not of the form {form}.", ctx, param)
        parsed.append(found)
    return parsed


def _pixels(ctx: click.Context, param: click.Parameter, value: float) -> int:
    if not (math.isfinite(value) and value > 0):
        raise click.BadParameter(f"{value:g} is no number of megapixels above 0.", ctx, param)
    return math.ceil(value * 1e6)


limit = click.option(
    "--limit",
    type=float,
    default=100,
    show_default=True,
    metavar="MEGAPIXELS",
    callback=_pixels,
    help="Refuse photos of more; they take memory in proportion.",
)


def strip(command: _F) -> _F:
    """The options for what a result must not tell; the command gets both as `strip`."""

    @click.option(
        "--strip-location", is_flag=True, help="Leave out where the photo was taken (GPS, places)."
    )
    @click.option("--strip", "everything", is_flag=True, help="Leave out all metadata.")
    @wraps(command)
    def stripping(*arguments: Any, strip_location: bool, everything: bool, **more: Any) -> Any:
        what = "all" if everything else "location" if strip_location else None
        return command(*arguments, strip=what, **more)

    return stripping  # type: ignore[return-value]


def device(command: _F) -> _F:
    """The option for what networks run on."""
    return click.option(
        "--device",
        default="auto",
        show_default="auto, the best",
        metavar="NAME",
        callback=_known,
        help="Where networks run: cpu, cuda, tensorrt, directml or mps.",
    )(command)


def _known(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from pickmatte.models.errors import DeviceError
    from pickmatte.models.runtime import devices

    try:
        return devices.known(value)
    except DeviceError as error:
        raise click.BadParameter(str(error), ctx, param) from error


class MattingCommand(click.Command):
    """Tells below its options what there is for --matting."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line on each matting model."""
        from pickmatte.models.weights import catalogue

        known = [model for model in catalogue.MODELS if model.role == "matting"]
        lines = [(model.name, f"{model.about} {model.licence}.") for model in known]
        with formatter.section("Matting"):
            formatter.write_dl(
                [("auto", f"The first present of {', '.join(catalogue.BEST_MATTING)}."), *lines]
            )


class PromptCommand(MattingCommand):
    """Gives the prompts as one `subjects`, `SubjectOptions` with everything in the order typed.

    click itself gathers the values of each option apart.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual, then put the prompts in order."""
        *_, order = self.make_parser(ctx).parse_args(list(args))
        rest = super().parse_args(ctx, args)
        values = {name: iter(ctx.params.pop(name, ())) for name in _ORDERED}
        subjects: list[SubjectOptions] = []
        for option in (str(one.name) for one in order if one.name in values):
            value = next(values[option])
            if option == "subject":
                subjects.append(SubjectOptions(value, []))
                continue
            if not subjects:
                subjects.append(SubjectOptions(None, []))
            subjects[-1].prompts.append((option, value))
        ctx.params["subjects"] = subjects
        return rest
