"""`pickmatte auto`: the evident subjects of a photo, without a prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import options
from .console import check_inputs, destination, opened, show
from .options import MattingCommand

_KINDS = ("person", "animal", "product")
_LAYERS = ("mask", "alpha", "trimap")


@click.command(cls=MattingCommand)
@options.photo
@options.output
@click.option("--model", default="u2netp", show_default=True, metavar="NAME")
@click.option("--all/--largest", "every", default=True, help="All subjects, or the largest alone.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([*_KINDS, *_LAYERS]),
    help="Subjects of that kind, where it can be told. Or that layer of all subjects together "
    "instead of the cut-out, a grey PNG. One of each can be given.",
)
@options.matting
@options.device
@options.strip
@options.limit
@options.as_json
def auto(
    photo: Path | str,
    output: Path | str | None,
    model: str,
    every: bool,
    only: tuple[Any, ...],
    matting: str | None,
    device: str,
    strip: Any,
    limit: int,
    as_json: bool,
) -> None:
    """Cut what stands out of PHOTO (a file, or - for standard input), with no prompt.

    Where nothing evident is there, the exit code is 1. The network can be any that `pickmatte
    models list` calls salient; what --json prints as `recipe` can be edited and replayed by
    `pickmatte cut --recipe`. With -o - it goes to standard error.

        pickmatte auto shoe.jpg -o shoe.png --largest
    """
    kind, layer = _one_of(only, _KINDS), _one_of(only, _LAYERS)
    check_inputs(photo)
    path = destination(output, photo, layer or "cutout")
    from pickmatte.service.jobs import Job, Models, run
    from pickmatte.service.outputs import Output
    from pickmatte.service.tasks import Auto

    job = Job(
        opened(photo),
        Auto(model, largest=not every, kind=kind),
        Output(path, only=layer, strip=strip),
        Models(**({"matting": matting} if matting else {})),
        limit,
        device,
    )
    show(run(job), as_json)


def _one_of(said: tuple[Any, ...], words: tuple[str, ...]) -> Any:
    """Which of the words was said; None where none was."""
    found = dict.fromkeys(word for word in said if word in words)
    if len(found) > 1:
        raise click.UsageError(f"Give only one of {' and '.join(f'--only {w}' for w in found)}.")
    return next(iter(found), None)
