"""`python -m models.training [FOLDER]`: the weights of `nano` from nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from pickmatte.models.errors import MissingExtra, PickmatteError

from .settings import SIDE, STAGES, VALIDATION

_SHIPPED = Path(__file__).parents[1] / "matting" / "nano.onnx"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="out/training")
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    help="Of the scenes and steps, to try it all quickly in a FOLDER of its own; less than 1 "
    "leaves the shipped weights alone and writes FOLDER/nano.onnx.",
)
def main(folder: Path, share: float) -> None:
    """Make the weights of nano: fetch photos, make scenes, train, write models/matting/nano.onnx.

    FOLDER keeps photos, scenes (12 GB), checkpoints and curves; run again after a stop, the command
    goes on where it was.
    """
    try:
        _make(folder, share)
    except PickmatteError as error:
        raise click.ClickException(str(error)) from error


def _make(folder: Path, share: float) -> None:
    if find_spec("torch") is None:
        raise MissingExtra("Training needs PyTorch; pip install 'pickmatte[torch]'")
    from .export import export
    from .photos import fetch
    from .pool import fill
    from .train import train

    click.echo("photos ...")
    fetch(folder / "data")
    weights, network = None, None
    for stage in STAGES:
        work = folder / stage.name
        for name, numbers in (("validation", VALIDATION), ("scenes", stage.numbers)):
            part = numbers[: _share(len(numbers), share)]
            click.echo(f"{stage.name}: {len(part)} scenes into {work / name} ...")
            fill(work / name, folder / "data", SIDE, part, clean=stage.clean)
        scaled = dataclasses.replace(stage, steps=_share(stage.steps, share))
        network = train(work, scaled, start=weights, tell=_tell)
        weights = network.state_dict()
    assert network is not None
    path = _SHIPPED if share == 1 else folder / "nano.onnx"
    export(network, path)
    written = path.read_bytes()
    click.echo(f"{path}: {len(written):_} bytes, SHA-256 {hashlib.sha256(written).hexdigest()}")
    if path == _SHIPPED:
        click.echo("Put both into models/weights/mattings.py, and run bench/matting.py.")


def _share(count: int, share: float) -> int:
    return max(1, round(count * share))


def _tell(line: dict[str, Any]) -> None:
    click.echo(json.dumps(line))


if __name__ == "__main__":
    main()
