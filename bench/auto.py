"""What `pickmatte auto` finds beside the raw network, as rembg runs it, from the same weights.

    python bench/auto.py DIR [--alone] [--environment FOLDER] [--work FOLDER] [--every N]
                             [--markdown]

DIR holds the folders `clicks` (photos of several things, see bench/clicks.py) and `matting` (one
folder a picture: `image.png`, `alpha.png`). rembg lives in an environment of its own, FOLDER (by
default one in the temporary folder), which is made with `pip install rembg[cpu]` if it is not
there; it is given our file of u2netp through U2NET_HOME and no network. Every way is a process of
its own that measures all pictures, on two cores, and another that measures one of 12 MP (Linux
only). With --work their results are kept there, and what is there is not measured again.

The raw network is the map of u2netp as it gives it. With --alone only that and ours are measured,
without rembg and without the large picture: quality, no time.

Scenes have no single truth: which of their things stands out is open, and some are not annotated.
So the whole result counts for what it fits best: one annotated thing or all of them together (IoU
and MAE). The parts are counted apart, ours the subjects, of the others the connected parts: `parts`
is the mean IoU of each annotated thing with the part that fits it best, `best` and boundary F are
of the pair that fits best, whole or part. Where nothing was found, the result is empty and counts
as that. `evident` are the scenes where the raw network's whole IoU is at least 0.5: a choice in its
favour. Masks are alpha above a half; see bench/auto_figures.py.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pickmatte.bench.auto_figures import Figures

RAW, OURS = "raw network", "pickmatte auto"
WAYS = (RAW, "rembg", "rembg alpha_matting", OURS)
LARGE = 12e6  # pixels
PATIENCE = 900  # seconds for that one
MEMORY = 16 << 30  # bytes of address space a way may take: closed form asks for all there is


def main() -> None:
    """Parse, run each way in a process of its own, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--alone", action="store_true", help="neither rembg nor what it takes")
    parser.add_argument("--environment", type=Path, help="rembg's, made if it is not there")
    parser.add_argument("--work", type=Path, help="keep results here and go on from them")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth scene only")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--large", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        out = Path(os.environ["BENCH_OUT"])
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
        if arguments.large:
            one_large(arguments.child, out, arguments.folder)
        else:
            run(arguments.child, out, arguments.folder, arguments.every)
        return
    ways = (RAW, OURS) if arguments.alone else WAYS
    python = Path(sys.executable)
    if not arguments.alone:
        python = environment(arguments.environment or Path(tempfile.gettempdir()) / "bench-rembg")
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        found = {way: work / way.replace(" ", "-") for way in ways}
        for way, out in found.items():
            chosen = sys.executable if way in (RAW, OURS) else str(python)
            measure(chosen, way, arguments, out)
        report(arguments.folder, arguments.every, found, markdown=arguments.markdown)
        if not arguments.alone:
            report_costs(found, markdown=arguments.markdown)


def measure(python: str, way: str, arguments: argparse.Namespace, out: Path) -> None:
    """Run a way in processes of its own, as far as its results are not there."""
    from pickmatte.models import weights

    home = out / "u2net"
    home.mkdir(parents=True, exist_ok=True)
    (home / "u2netp.onnx").unlink(missing_ok=True)
    (home / "u2netp.onnx").symlink_to(weights.files("u2netp")["u2netp.onnx"])
    settings = {**os.environ, "U2NET_HOME": str(home), "BENCH_OUT": str(out)}
    settings |= {"no_proxy": "", "https_proxy": "http://127.0.0.1:9"}  # no network
    own = [str(arguments.folder), "--every", str(arguments.every), "--child", way]
    small, large = ("small", list[str](), None), ("large", ["--large"], PATIENCE)
    for name, more, patience in (small,) if arguments.alone else (small, large):
        if (out / f"{name}.json").exists():
            continue
        command = [python, __file__, *own, *more]
        try:
            subprocess.run(command, check=True, env=settings, stdout=sys.stderr, timeout=patience)
        except subprocess.TimeoutExpired:
            (out / f"{name}.json").write_text(json.dumps([f"> {patience} s", ""]))


def environment(folder: Path) -> Path:
    """rembg's interpreter, installed now if it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "rembg[cpu]"], check=True)
    return python


def pictures(folder: Path, every: int) -> Iterator[tuple[str, Path]]:
    """The name and the file of each picture to be measured."""
    for place in sorted((folder / "matting").iterdir()):
        yield f"matting-{place.name}", place / "image.png"
    items = json.loads((folder / "clicks" / "clicks.json").read_text())["items"]
    for image in list(dict.fromkeys(item["image"] for item in items))[::every]:
        yield f"scene-{Path(image).stem}", folder / "clicks" / image


# What follows runs in the measured process; of ours only our ways import anything.


def run(way: str, out: Path, folder: Path, every: int) -> None:
    """Write each picture's alphas and what they took. rembg with alpha_matting: matting only."""
    import numpy as np
    from PIL import Image

    cut = _way(way)
    seconds = []
    cut(np.asarray(Image.open(next(pictures(folder, every))[1]).convert("RGB")))  # warm
    for name, path in pictures(folder, every):
        if way == "rembg alpha_matting" and name.startswith("scene"):
            continue
        rgb = np.asarray(Image.open(path).convert("RGB"))
        begun = time.perf_counter()
        alphas = cut(rgb)
        if name.startswith("matting"):
            seconds.append(time.perf_counter() - begun)
        np.savez_compressed(out / f"{name}.npz", *[(a * 255).round().astype("u1") for a in alphas])
    (out / "small.json").write_text(json.dumps(f"{np.median(seconds):.2f} s"))


def one_large(way: str, out: Path, folder: Path) -> None:
    """Write the seconds and the peak memory of one large picture, models loaded before."""
    import numpy as np
    from PIL import Image

    cut = _way(way)
    image = Image.open(folder / "matting" / "lemur" / "image.png").convert("RGB")
    cut(np.asarray(image))
    scale = (LARGE / (image.width * image.height)) ** 0.5
    large = np.asarray(image.resize((round(image.width * scale), round(image.height * scale))))
    Path("/proc/self/clear_refs").write_text("5")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    begun = time.perf_counter()
    try:
        cut(large)
        took = f"{time.perf_counter() - begun:.1f} s"
    except MemoryError:
        took = "out of memory"
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6
    (out / "large.json").write_text(json.dumps([took, f"{peak:.0f} MB"]))


def _way(way: str) -> Callable[[Any], list[Any]]:
    if way == RAW:
        return _raw()
    return _ours() if way == OURS else _rembg(way == "rembg alpha_matting")


def _raw() -> Callable[[Any], list[Any]]:
    from pickmatte import models

    salient = models.load_salient("u2netp")
    return lambda rgb: [salient.saliency(rgb)]


def _rembg(matting: bool) -> Callable[[Any], list[Any]]:
    import numpy as np
    from rembg import new_session, remove  # type: ignore[import-not-found]

    session = new_session("u2netp")

    def cut(rgb: Any) -> list[Any]:
        return [np.asarray(remove(rgb, session=session, alpha_matting=matting))[..., 3] / 255]

    return cut


def _ours() -> Callable[[Any], list[Any]]:
    import numpy as np

    from pickmatte import Session
    from pickmatte.models.errors import NothingFound

    def cut(rgb: Any) -> list[Any]:
        session = Session(rgb)
        try:
            subjects = session.auto()
        except NothingFound:
            return [np.zeros(rgb.shape[:2])]
        alphas = [subject.alpha for subject in subjects]
        return [session.cutout()[..., 3] / 255, *alphas]

    return cut


# What follows judges.


def report(folder: Path, every: int, found: dict[str, Path], *, markdown: bool) -> None:
    """Print the tables of scenes, as a whole and by parts, and of true alphas."""
    import numpy as np

    scenes = {way: _scenes(folder, found[way], every) for way in found if way != WAYS[2]}
    evident = [row.whole_iou >= 0.5 for row in scenes[RAW]]
    for which, chosen in (("all", [True] * len(evident)), ("evident", evident)):
        lines = []
        for way, rows in scenes.items():
            some = [row for row, taken in zip(rows, chosen, strict=True) if taken]
            means = [np.mean([getattr(row, figure) for row in some]) for figure in _FIGURES]
            empty = sum(row.empty for row in some)
            lines.append([way, *(f"{mean:.3f}" for mean in means), str(empty)])
        heads = ["whole IoU", "whole MAE", "parts IoU", "best IoU", "boundary F", "nothing found"]
        _show(f"Scenes, {which}: {sum(chosen)}", ["", *heads], lines, markdown)
    lines = []
    alphas = {way: _mattes(folder, out) for way, out in found.items()}
    for way, mattes in alphas.items():
        mean = np.array(mattes).mean(0)
        lines.append([way, f"{mean[0]:.3f}", f"{mean[1]:.3f}", f"{mean[2]:.4f}"])
    title = f"{len(alphas[RAW])} pictures with true alphas, the whole"
    _show(title, ["", "IoU", "boundary F", "alpha MAE"], lines, markdown)


def report_costs(found: dict[str, Path], *, markdown: bool) -> None:
    """Print the table of what each way takes."""
    lines = []
    for way, out in found.items():
        small, large = (json.loads((out / f"{n}.json").read_text()) for n in ("small", "large"))
        lines.append([way, small, *large])
    _show("What it takes", ["", "matting", "12 MP", "12 MP peak"], lines, markdown)


_FIGURES = ("whole_iou", "whole_mae", "parts_iou", "best_iou", "boundary")


def _scenes(folder: Path, out: Path, every: int) -> list[Figures]:
    """The figures of each scene."""
    import numpy as np

    from pickmatte.bench.auto_figures import figures
    from pickmatte.interactive.pictures.picture import open_mask

    items = json.loads((folder / "clicks" / "clicks.json").read_text())["items"]
    rows = []
    for image in list(dict.fromkeys(item["image"] for item in items))[::every]:
        stored = np.load(out / f"scene-{Path(image).stem}.npz").values()
        layers = [layer.astype(np.float32) / 255 for layer in stored]
        masks = [item["mask"] for item in items if item["image"] == image]
        things = [open_mask(folder / "clicks" / mask, layers[0].shape) for mask in masks]
        rows.append(figures(layers, things))
    return rows


def _mattes(folder: Path, out: Path) -> list[tuple[float, ...]]:
    """IoU, boundary F and MAE of each picture's whole alpha."""
    import cv2
    import numpy as np

    from pickmatte.bench.auto_figures import HALF, boundary, mae
    from pickmatte.models.geometry.masks import mask_iou

    rows: list[tuple[float, ...]] = []
    for place in sorted((folder / "matting").iterdir()):
        stored = np.asarray(cv2.imread(str(place / "alpha.png"), cv2.IMREAD_GRAYSCALE))
        given = np.load(out / f"matting-{place.name}.npz")["arr_0"]
        truth = stored.astype(np.float32) / np.float32(255)
        alpha = given.astype(np.float32) / np.float32(255)
        masks = alpha > HALF, truth > HALF
        rows.append((mask_iou(*masks), boundary(*masks), mae(alpha, truth)))
    return rows


def _show(title: str, heads: list[str], lines: list[list[str]], markdown: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    if markdown:
        print(f"\n{title}\n\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
        print("\n".join(f"| {' | '.join(line)} |" for line in lines))
        return
    table = Table(title=title)
    for head in heads:
        table.add_column(head, justify="right" if head else "left")
    for line in lines:
        table.add_row(*line)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
