"""`pickmatte auto`: the evident subjects of a photo, without a prompt."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from commands.cut import describe_subject
from commands.options import PATH, check_output, device


@click.command()
@click.argument("photo", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    required=True,
    help="The cut-out: PNG, WebP or TIFF by suffix; PSD, ORA or ZIP with a layer for each subject.",
)
@click.option("--model", default="u2netp", show_default=True, metavar="NAME")
@click.option("--all/--largest", "every", default=True, help="All subjects, or the largest alone.")
@click.option(
    "--only",
    type=click.Choice(["person", "animal", "product"]),
    help="Subjects of that kind, where it can be told.",
)
@click.option("--matting", metavar="NAME", help="What makes the soft edges.  [default: nano]")
@device
@click.option("--json", "as_json", is_flag=True, help="Print what was found as one JSON object.")
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
    from interactive import Session

    session = Session.open(photo, **({"matting": matting} if matting else {}))
    session.auto(model, largest=not every, only=only)
    layered = output.suffix.lower() in (".psd", ".ora", ".zip")
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
