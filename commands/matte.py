"""`pickmatte matte`: a trimap to alpha."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from . import options
from .console import check_inputs, destination, opened, write
from .options import FILE, MattingCommand


@click.command(cls=MattingCommand)
@options.photo
@click.argument("trimap", type=FILE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    help="The alpha, a grey PNG; - for standard output.  [default: beside the photo, cat.jpg to "
    "cat.alpha.png; of a photo from standard input, standard output]",
)
@click.option(
    "--matting", default="nano", show_default=True, metavar="NAME", help="One of those below."
)
@options.device
@options.limit
@options.as_json
def matte(
    photo: Path | str,
    trimap: Path | str,
    output: Path | str | None,
    matting: str,
    device: str,
    limit: int,
    as_json: bool,
) -> None:
    """Turn the unknown (128) of TRIMAP into alpha by what PHOTO shows there.

    One of the two can be - for standard input.
    """
    begun = time.perf_counter()
    check_inputs(photo, trimap)
    path = destination(output, photo, "alpha")
    from pickmatte import models
    from pickmatte.interactive.files.export import encode_grey, save_grey
    from pickmatte.interactive.mattes.solver import solve
    from pickmatte.interactive.pictures.picture import open_picture, open_trimap
    from pickmatte.service.outputs import Output, check

    inputs = [source for source in (photo, trimap) if isinstance(source, Path)]
    check(Output(path, only="alpha"), 1, inputs)
    models.choose_matting(matting)
    picture = open_picture(opened(photo), limit=limit)
    known = open_trimap(opened(trimap), picture.size)
    solver = models.load_matting(matting, models.place("matting", matting, device))
    solving = time.perf_counter()
    alpha = solve(solver, picture.seen, known)
    solved = time.perf_counter()
    files = {}
    if path is None:
        write(encode_grey(alpha))
    else:
        files["alpha"] = str(save_grey(path, alpha))
    if as_json:
        height, width = picture.size
        report = {
            "photo": str(photo),
            "trimap": str(trimap),
            "width": width,
            "height": height,
            "matting": solver.name,
            "files": files,
            "timings": {
                "matte": round(solved - solving, 4),
                "total": round(time.perf_counter() - begun, 4),
            },
        }
        click.echo(json.dumps(report), err=path is None)
    elif path is not None:
        click.echo(path)
