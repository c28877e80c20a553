"""`python -m pickmatte.models.training.decoder FOLDER --objects DIR --people DIR`."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import numpy as np

from pickmatte.models.errors import MissingExtra, PickmatteError

_SEED = 20261129
_PEOPLE, _SCENERY = 700, 300  # views; there are 1,252 objects, and people are much alike


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--objects", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--people", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--scenery", type=click.Path(path_type=Path, exists=True), help="Any pictures.")
@click.option("--steps", default=2000, show_default=True, help="A second or two each.")
@click.option("--views", type=int, help="At most so many, to try it all quickly.")
@click.option("--fold", default=0, show_default=True, help="Photos to judge by, not trained on.")
def main(
    folder: Path,
    objects: Path,
    people: Path,
    scenery: Path | None,
    steps: int,
    views: int | None,
    fold: int,
) -> None:
    """Train the starter's decoder so that a click means the whole thing: FOLDER/whole.onnx.

    FOLDER keeps what the encoder sees (2 MB a view), weights and the report of the fold.
    """
    if find_spec("torch") is None or find_spec("segment_anything") is None:
        raise click.ClickException(
            str(MissingExtra("Training needs PyTorch; pip install 'pickmatte[torch]'"))
        )
    try:
        _make(folder, objects, people, scenery, steps, views, fold)
    except PickmatteError as error:
        raise click.ClickException(str(error)) from error


def _make(
    folder: Path,
    objects: Path,
    people: Path,
    scenery: Path | None,
    steps: int,
    most: int | None,
    fold: int,
) -> None:
    from pickmatte.models import weights

    from . import photos
    from .export import export
    from .judge import judge
    from .network import Decoder, numbers_of
    from .pool import Pool, fill
    from .train import train
    from .views import views

    rng = np.random.default_rng(_SEED)
    every = [view for photo in photos.objects(objects) for view in views(photo, rng)]
    persons = photos.people(people)
    every += [
        view
        for place in rng.permutation(len(persons))[:_PEOPLE]
        for view in views(persons[place], rng)
    ]
    every = [every[place] for place in rng.permutation(len(every))][:most]
    fill(folder / "things", every, click.echo)
    pools = [Pool(folder / "things")]
    if scenery is not None:
        seen = [view for photo in photos.scenery(scenery) for view in views(photo, rng)]
        fill(folder / "scenery", seen[:_SCENERY], click.echo)
        pools.append(Pool(folder / "scenery"))
    decoder = Decoder(numbers_of(weights.files("mobile-sam")["decoder.onnx"]))
    report: dict[str, Any] = {"as it comes": judge(decoder, pools, fold)}
    click.echo(json.dumps(report))
    trained = train(
        pools,
        decoder,
        steps,
        folder,
        without=fold,
        tell=lambda line: click.echo(json.dumps(line)),
    )
    report["trained"] = judge(trained, pools, fold)
    (folder / "report.json").write_text(json.dumps(report, indent=1))
    click.echo(json.dumps(report["trained"]))
    path = folder / "whole.onnx"
    export(trained, path)
    written = path.read_bytes()
    click.echo(f"{path}: {len(written):_} bytes, SHA-256 {hashlib.sha256(written).hexdigest()}")
    click.echo(
        "To ship it: copy it into models/segmenters, put both numbers into "
        "models/weights/segmenters.py, and run bench/clicks.py."
    )


if __name__ == "__main__":
    main()
