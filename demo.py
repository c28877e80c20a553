"""What `make demo` runs: starter weights, then subjects cut out of sample photos by click.

python demo.py FOLDER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PIL import Image

from interactive import PickmatteError, Session
from interactive.export import save_grey
from interactive.sheet import contact_sheet
from models import weights
from models.matting import closed_form
from page.samples import Sample, samples

STARTERS = ("mobile-sam", "u2netp")
CLICKS = {  # x, y in pixels of the sample
    "astronaut": (220, 300),
    "coffee": (300, 200),
    "chelsea": (230, 150),
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
    """Cut one subject out by a click and write all that was made of it."""
    begun = time.perf_counter()
    x, y = CLICKS[sample.name]
    session = Session.open(sample.path)
    subject = session.subject(sample.name)
    subject.click(x, y)
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
    print(f"\n{sample.title} ({sample.credit}), one click at {x},{y}, {seconds:.1f} s:")
    for what, path in written.items():
        print(f"  {what:13}  {path}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except PickmatteError as error:
        sys.exit(f"Error: {error}")
