"""What `make demo` runs: starter weights, then subjects cut out of sample photos by click.

python demo.py FOLDER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PIL import Image

from pickmatte import Click, PickmatteError, Session
from pickmatte.interactive.files.contact_sheet import contact_sheet
from pickmatte.interactive.files.export import save_grey
from pickmatte.models import weights
from pickmatte.models.matting import closed_form
from pickmatte.service.samples import Sample, samples

STARTERS = ("mobile-sam", "u2netp", "starter")
CLICKS = {
    "astronaut": (Click(220, 300), Click(6, 440, keep=False)),
    "chelsea": (Click(230, 150), Click(20, 230)),
    "coffee": (Click(300, 200),),
}


def main(folder: Path) -> None:
    """Get ready, saying what takes long; cut out; say where the files are."""
    for name in STARTERS:
        weights.files(name, progress=True)
        print(f"{name} is ready.", flush=True)
    print("Compiling the matting solver; the first time this takes about a minute ...", flush=True)
    closed_form.prepare()
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples():
        if sample.name in CLICKS:
            show(sample, folder)
    print(f"\nLook at {folder}/*.sheet.png first. Next: make ui, or pickmatte cut --help.")


def show(sample: Sample, folder: Path) -> None:
    """Cut one subject out by clicks and write all that was made of it."""
    begun = time.perf_counter()
    session = Session.open(sample.path)
    subject = session.subject(sample.name)
    for click in CLICKS[sample.name]:
        subject.click(click.x, click.y, click.keep)
    name = str(folder / sample.name)
    sheet = contact_sheet(
        session.picture.rgb,
        subject.prompts,
        subject.mask,
        subject.trimap,
        subject.alpha,
        session.cutout(),
    )
    Image.fromarray(sheet).save(f"{name}.sheet.png")
    written = {
        "cut-out": session.save(f"{name}.cutout.png"),
        "mask": save_grey(f"{name}.mask.png", subject.mask),
        "trimap": save_grey(f"{name}.trimap.png", subject.trimap),
        "alpha": save_grey(f"{name}.alpha.png", subject.alpha),
        "contact sheet": f"{name}.sheet.png",
    }
    seconds = time.perf_counter() - begun
    told = ", ".join(_words(click) for click in CLICKS[sample.name])
    print(f"\n{sample.title} ({sample.credit}): {told}; {seconds:.1f} s", flush=True)
    for what, path in written.items():
        print(f"  {what:13}  {path}")


def _words(click: Click) -> str:
    return f"{'keep' if click.keep else 'drop'} {click.x:g},{click.y:g}"


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except PickmatteError as error:
        sys.exit(f"Error: {error}")
