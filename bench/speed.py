"""How long each step takes and how much memory a picture needs.

    python bench/speed.py                                # an enlarged sample photo at 1, 12, 48 MP
    python bench/speed.py PHOTO --click 1650,900 --sizes 12 --markdown
    python bench/speed.py --edits 1000 --sizes 1            # memory over a long session

No photo of 48 MP ships with the project. The default is a scikit-image photo of 0.26 MP, enlarged,
with film grain and fine texture added so that neither the JPEG nor the matting has an easy,
empty picture. Its edges are softer than a real camera's; give a PHOTO of your own for those.

Every size runs in a process of its own, on two cores, from a JPEG file. A memory figure is the
process's peak during that step (Linux only), interpreter, libraries and models included; what they
take before any picture is opened is the row "models loaded".

A long session mixes clicks, drops, brushes, orders, names, undo and redo on as many subjects as
there are `--click`s, three in the sample photo; their masks are looked at after every edit, a
preview after every tenth, and one is cut out after every fiftieth.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from pickmatte import Session


from pickmatte.bench.memory import held, limit_cores, peak, reset_peak

REPEATS = 5
SAMPLE, SAMPLE_CLICKS = "astronaut", [(220.0, 130.0), (400.0, 80.0), (100.0, 60.0)]
READ_AFTER = (1, 10, 100, 300, 600, 1000, 3000, 10000)  # edits
VIEW = 1024  # pixels of the page's longer side
SEED = 20240501

Row = tuple[str, str]
Point = tuple[float, float]
SECONDS: tuple[Row, ...] = (
    ("open", "open the JPEG"),
    ("encode", "encode"),
    ("first", "first click -> mask"),
    ("later", "later click -> mask"),
    ("first_preview", "first click -> preview"),
    ("later_preview", "later click -> preview"),
    ("crowd", "beside ten subjects, a new one's click -> view"),
    ("final", "click -> final cut-out"),
    ("final_mask", "... of it mask"),
    ("final_trimap", "... of it trimap"),
    ("final_matte", "... of it alpha"),
    ("final_foreground", "... of it foreground"),
    ("save", "write the PNG"),
)
MEGABYTES: tuple[Row, ...] = (
    ("models", "models loaded"),
    ("opened", "peak: open and encode"),
    ("clicked", "peak: clicks and previews"),
    ("finished", "peak: final cut-out"),
    ("saved", "peak: write the PNG"),
    ("kept", "held afterwards"),
)


def main() -> None:
    """Parse, measure each size in a process of its own, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photo", nargs="?", type=Path, help="default: an enlarged sample photo")
    parser.add_argument(
        "--click",
        type=_point,
        action="append",
        help="x,y of the subject in PHOTO; of each for --edits",
    )
    parser.add_argument("--sizes", nargs="+", type=float, default=[1, 12, 48], metavar="MP")
    parser.add_argument("--edits", type=int, help="memory after so many edits instead")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument("--child", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if (arguments.photo is None) != (arguments.click is None):
        parser.error("PHOTO and --click X,Y go together.")
    if arguments.child is not None:
        limit_cores()
        measured = (
            _steps(arguments.photo, arguments.click[0])
            if arguments.edits is None
            else _long_session(arguments.photo, arguments.click, arguments.edits)
        )
        json.dump(measured, sys.stdout)
        return
    results = {size: _in_child(arguments, size) for size in arguments.sizes}
    rows = [(*row, "s") for row in SECONDS] + [(*row, "MB") for row in MEGABYTES]
    if arguments.edits is not None:
        rows = [(key, f"after {key} edits", "MB") for key in next(iter(results.values()))]
    _print(results, rows, arguments.markdown)


def _point(text: str) -> Point:
    x, y = text.split(",")
    return float(x), float(y)


def _in_child(arguments: argparse.Namespace, size: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        command = [sys.executable, __file__, str(path), "--child", str(size)]
        for x, y in _make_photo(arguments.photo, arguments.click, size, path):
            command += ["--click", f"{x},{y}"]
        if arguments.edits is not None:
            command += ["--edits", str(arguments.edits)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _make_photo(
    photo: Path | None, clicks: list[Point] | None, size: float, path: Path
) -> list[Point]:
    """Write a JPEG of `size` megapixels and return where the clicks come to lie in it."""
    import numpy as np
    from PIL import Image, ImageOps

    if photo is None:
        import skimage

        photo, clicks = Path(skimage.__file__).parent / "data" / f"{SAMPLE}.png", SAMPLE_CLICKS
    assert clicks is not None
    image = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
    scale = (size * 1e6 / (image.width * image.height)) ** 0.5
    resized = image.resize(
        (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
    )
    if scale > 1:
        rng = np.random.default_rng(SEED)
        pixels = np.asarray(resized).astype(np.int16)
        height, width = pixels.shape[:2]
        # Grain of one pixel, and blotches of a few as skin, cloth and bokeh have.
        pixels += np.rint(rng.normal(0, 3, pixels.shape)).astype(np.int16)
        coarse = rng.normal(0, 24, (height // 4 + 1, width // 4 + 1)).astype(np.float32)
        blotches = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        pixels += np.rint(np.asarray(blotches) / 4).astype(np.int16)[..., None]
        resized = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    resized.save(path, quality=92)
    across, down = resized.width / image.width, resized.height / image.height
    return [(x * across, y * down) for x, y in clicks]


# What follows runs in the measured process.


def _steps(photo: Path, click: Point) -> dict[str, float]:
    measured = {"models": _load_models()}
    reset_peak()
    from pickmatte import Session, models

    session, measured["open"] = _timed(lambda: Session.open(photo))
    segmenter = models.load_segmenter()
    times = [_timed(lambda: segmenter.encode(session.picture.rgb))[1] for _ in range(3)]
    measured["encode"] = statistics.median(times)
    session.subject("to encode").click(*click)  # every later first click finds the embedding
    _start_over(session)
    measured["opened"] = peak()

    reset_peak()
    seconds: dict[str, list[float]] = {row[0]: [] for row in SECONDS}
    for x, y in _around(click, session.size):
        subject = session.subject()
        for name in ("first", "later", "later"):
            start = time.perf_counter()
            subject.click(x, y)
            _ = subject.mask
            masked = time.perf_counter()
            subject.preview()
            previewed = time.perf_counter()
            seconds[name].append(masked - start)
            seconds[f"{name}_preview"].append(previewed - start)
            x, y = x + session.size[1] * 0.01, y + session.size[0] * 0.01
        _start_over(session)
    seconds["crowd"] = _beside_ten(session)
    _start_over(session)
    measured["clicked"] = peak()

    reset_peak()
    for x, y in _around(click, session.size)[: 3 if session.size[0] < 5000 else 2]:
        _start_over(session)
        start = time.perf_counter()
        subject = session.subject()
        subject.click(x + 1, y + 1)
        rgba = session.cutout([subject])
        seconds["final"].append(time.perf_counter() - start)
        for part in ("mask", "trimap", "matte", "foreground"):
            seconds[f"final_{part}"].append(session.timings[part])
        del rgba
    measured["finished"] = peak()

    from pickmatte.interactive.files.export import save_cutout

    rgba = session.cutout([subject])
    reset_peak()
    target = photo.with_suffix(".png")
    seconds["save"] = [_timed(partial(save_cutout, target, rgba))[1] for _ in range(2)]
    measured["saved"] = peak()
    del rgba
    measured["kept"] = held()
    return measured | {name: statistics.median(taken) for name, taken in seconds.items() if taken}


def _beside_ten(session: Session) -> list[float]:
    """Seconds from a new subject's first click to all masks as the page shows them."""
    import numpy as np

    height, width = session.size
    scale = VIEW / max(height, width)
    view = round(height * scale), round(width * scale)
    across, down = np.meshgrid([0.1, 0.3, 0.5, 0.7, 0.9], [0.2, 0.5, 0.8])
    *crowd, five = np.split(np.column_stack([across.ravel() * width, down.ravel() * height]), 3)
    for x, y in np.concatenate(crowd):
        session.subject().click(x, y)
    taken = []
    for x, y in five:
        for subject in session.subjects:
            subject.coarse_mask(view)
        start = time.perf_counter()
        session.subject().click(x, y)
        for subject in session.subjects:
            subject.coarse_mask(view)
        taken.append(time.perf_counter() - start)
        session.undo()
        session.undo()
    return taken


def _start_over(session: Session) -> None:
    """Leave no subject of an earlier round, which would share its pixels with the next."""
    while session.undo():
        pass


def _long_session(photo: Path, clicks: list[Point], count: int) -> dict[str, float]:
    """Megabytes held after 1, 10, 100, ... edits of all kinds on several subjects."""
    import numpy as np

    _load_models()
    from pickmatte import Session

    session = Session.open(photo)
    with session.one_step():
        for click in clicks:
            session.subject().click(*click)
    rng = np.random.default_rng(SEED)
    measured: dict[str, float] = {}
    for number in range(1, count + 1):
        place = int(rng.integers(len(clicks)))
        _edit(session, place, clicks[place], rng)
        subject = session.subjects[place]
        for one in session.subjects:
            _ = one.mask
        if number % 10 == 0:
            subject.preview()
        if number % 50 == 0:
            session.cutout([subject])
        if number in READ_AFTER or number == count:
            measured[str(number)] = held()
    return measured


def _edit(session: Session, place: int, click: Point, rng: np.random.Generator) -> None:
    """One edit of a kind that chance picks; half of them are clicks."""
    subject = session.subjects[place]
    x, y = click + rng.normal(0, 0.004 * max(session.size), 2)
    match rng.choice(["click"] * 8 + ["drop", "brush", "order", "name", "undo", "redo"] * 2):
        case "click" if len(subject.prompts) < 6:
            subject.click(x, y)
        case "click":  # enough was said: begin again
            with session.one_step():
                subject.clear()
                subject.click(x, y)
        case "drop":
            x, y = rng.random(2) * 0.02 * max(session.size)
            subject.click(x, y, keep=False)
        case "brush":
            subject.brush([(x, y), (x + 9, y + 9)], 12, "unknown")
        case "order":
            session.reorder([session.order[at] for at in rng.permutation(len(session.order))])
        case "name":
            subject.rename(f"name {rng.integers(1000)}")
        case "undo":
            session.undo()
            if not session.subjects:  # that was the first step
                session.redo()
        case "redo":
            session.redo()


def _load_models() -> float:
    from pickmatte import models
    from pickmatte.models.matting import closed_form

    models.load_segmenter()
    models.load_fast_saliency()
    models.load_matting()
    closed_form.prepare()
    return held()


def _around(click: Point, size: tuple[int, int]) -> list[Point]:
    """The click and some places close to it: the same subject, yet nothing comes from a cache."""
    step = 0.004 * max(size)
    shifts = ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1))[:REPEATS]
    return [(click[0] + step * dx, click[1] + step * dy) for dx, dy in shifts]


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    made = work()
    return made, time.perf_counter() - start


def _print(
    results: dict[float, dict[str, float]], rows: list[tuple[str, str, str]], markdown: bool
) -> None:
    lines = [["", *(f"{size:g} MP" for size in results)]]
    for key, label, unit in rows:
        cells = [f"{found[key]:.2f} s" if unit == "s" else f"{found[key]:.0f} MB"
                 for found in results.values()]  # fmt: skip
        lines.append([label, *cells])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for place, line in enumerate(lines):
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print(f"| {' | '.join(cells)} |" if markdown else "  ".join(cells))
        if markdown and place == 0:
            rules = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
            print(f"| {' | '.join(rules)} |")


if __name__ == "__main__":
    main()
