"""`pickmatte matte`: a trimap to alpha."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from . import options
from .options import PATH, MattingCommand, check_output


@click.command(cls=MattingCommand)
@options.photo
@click.argument("trimap", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="The alpha: a grey PNG.")
@click.option(
    "--matting", default="nano", show_default=True, metavar="NAME", help="One of those below."
)
@options.device
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")
def matte(photo: Path, trimap: Path, output: Path, matting: str, as_json: bool) -> None:
    """Turn the unknown (128) of TRIMAP into alpha by what PHOTO shows there."""
    begun = time.perf_counter()
    check_output(output, [photo, trimap])
    from pickmatte import models
    from pickmatte.interactive.files.export import save_grey
    from pickmatte.interactive.mattes.solver import solve
    from pickmatte.interactive.pictures.picture import open_picture, open_trimap

    picture = open_picture(photo)
    known = open_trimap(trimap, picture.size)
    solver = models.load_matting(matting)
    solving = time.perf_counter()
    alpha = solve(solver, picture.rgb, known)
    solved = time.perf_counter()
    written = save_grey(output, alpha)
    if as_json:
        height, width = picture.size
        report = {
            "photo": str(photo),
            "trimap": str(trimap),
            "width": width,
            "height": height,
            "matting": solver.name,
            "files": {"alpha": str(written)},
            "timings": {
                "matte": round(solved - solving, 4),
                "total": round(time.perf_counter() - begun, 4),
            },
        }
        click.echo(json.dumps(report))
    else:
        click.echo(written)
