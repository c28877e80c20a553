"""`pickmatte auto`: the evident subjects of a photo, without a prompt."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from . import options
from .cut import describe_subject
from .options import LAYERED, MattingCommand, check_output


@click.command(cls=MattingCommand)
@options.photo
@options.output
@click.option("--model", default="u2netp", show_default=True, metavar="NAME")
@click.option("--all/--largest", "every", default=True, help="All subjects, or the largest alone.")
@click.option(
    "--only",
    type=click.Choice(["person", "animal", "product"]),
    help="Subjects of that kind, where it can be told.",
)
@options.matting
@options.device
@options.as_json
def auto(
    photo: Path,
    output: Path,
    model: str,
    every: bool,
    only: Any,
    matting: str | None,
    as_json: bool,
) -> None:
    """Cut what stands out of PHOTO, with no prompt.

    Where nothing evident is there, the exit code is 1. The network can be any that `pickmatte
    models list` calls salient; what --json prints as `recipe` can be edited and replayed by
    `pickmatte cut --recipe`.

        pickmatte auto shoe.jpg -o shoe.png --largest
    """
    begun = time.perf_counter()
    check_output(output, [photo])
    from pickmatte import Session

    session = Session.open(photo, **({"matting": matting} if matting else {}))
    session.auto(model, largest=not every, only=only)
    layered = output.suffix.lower() in LAYERED
    written = session.save_layers(output) if layered else session.save(output)
    if not as_json:
        click.echo(written)
        return
    height, width = session.size
    report = {
        "photo": str(photo),
        "width": width,
        "height": height,
        "model": model,
        "matting": session.matting,
        "device": session.device,
        "files": {"layers" if layered else "cutout": str(written)},
        "subjects": [describe_subject(subject) for subject in session.subjects],
        "recipe": session.recipe(),
        "timings": {**session.timings, "total": round(time.perf_counter() - begun, 4)},
    }
    click.echo(json.dumps(report))
