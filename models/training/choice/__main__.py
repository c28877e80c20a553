"""`python -m pickmatte.models.training.choice FOLDER`: fit the score that chooses masks."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np

from pickmatte import models
from pickmatte.models.choice.features import NAMES
from pickmatte.models.errors import PickmatteError
from pickmatte.models.training.decoder.photos import FOLDS
from pickmatte.models.training.decoder.pool import Pool

from .fit import calibrate, fit, reliability, report
from .samples import samples

_SHIPPED = Path(__file__).parents[2] / "choice" / "weights.json"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--segmenter", default="mobile-sam-whole", show_default=True)
@click.option("--fold", default=0, show_default=True, help="What the decoder did not train on.")
@click.option("--views", default=260, show_default=True, help="So many, those of the fold first.")
@click.option("--ship/--no-ship", default=True, help="Write the weights into the package.")
def main(folder: Path, segmenter: str, fold: int, views: int, ship: bool) -> None:
    """Fit the score of a click's masks to the views that the decoder's training left in FOLDER."""
    try:
        pool = Pool(folder / "things")
        marked = [place for place, entry in enumerate(pool.entries) if entry["categories"]]
        # What the decoder has not seen first: of the others it is surer than it will be.
        marked.sort(key=lambda place: pool.entries[place]["fold"] != fold)
        found = samples(pool, models.load_segmenter(segmenter), marked[:views])
    except PickmatteError as error:
        raise click.ClickException(str(error)) from error
    for group, row in report(found, FOLDS):
        click.echo(f"{group}: {json.dumps(row)}")
    score = fit(found)
    chance = calibrate(found, score)
    for row in reliability(found, score, chance):
        click.echo("chance {:.2f}: right {:.2f}, IoU {:.2f}, {} clicks".format(*row))
    numbers = dict(zip(NAMES, np.round(score.weights, 6).tolist(), strict=True))
    table = {
        "bias": round(score.bias, 6),
        "chance": {"slope": round(chance.slope, 4), "offset": round(chance.offset, 4)},
        "weights": numbers,
    }
    text = json.dumps(table, indent=1)
    if ship:
        _SHIPPED.write_text(text + "\n")
        click.echo(f"Wrote {_SHIPPED.name}.")


if __name__ == "__main__":
    main()
