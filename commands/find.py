"""`pickmatte find`: what a phrase names in a photo."""

from __future__ import annotations

import json
from pathlib import Path

import click

from . import options
from .console import check_inputs, opened


@click.command()
@options.photo
@click.argument("phrase")
@click.option("--grounder", default="auto", show_default=True, metavar="NAME")
@options.device
@options.limit
@options.as_json
def find(
    photo: Path | str, phrase: str, grounder: str, device: str, limit: int, as_json: bool
) -> None:
    """List what PHRASE names in PHOTO (a file, or - for standard input), best first, with reasons.

    A star marks what the phrase asks for. Where it is not plain what belongs to that, other masks
    of it are listed too. Where nothing fits, the exit code is 1.

        pickmatte find street.jpg "the woman in the red coat on the left"
    """
    check_inputs(photo)
    from pickmatte import Session
    from pickmatte.models.errors import NothingFound
    from pickmatte.service.reports import describe_detection

    session = Session.open(opened(photo), grounder=grounder, device=device, limit=limit)
    found = session.find(phrase)
    if as_json:
        height, width = session.size
        report = {
            "photo": str(photo),
            "width": width,
            "height": height,
            "phrase": phrase,
            "grounder": session.grounder,
            "detections": [*map(describe_detection, found.hits)],
            "note": found.note,
            "timings": session.timings,
        }
        click.echo(json.dumps(report))
    else:
        for number, hit in enumerate(found.hits):
            box = ",".join(f"{side:.0f}" for side in hit.box)
            star = "*" if hit.requested else " "
            click.echo(f"{number} {star} {hit.score:4.2f}  {hit.label:14}  {box:19}  {hit.why}")
    if not found.hits:
        raise NothingFound(found.note or f"Nothing in the photo fits {phrase!r}.")
    if found.note and not as_json:
        click.echo(found.note)
