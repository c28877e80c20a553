"""What `pickmatte auto` finds beside the raw network, as rembg runs it, from the same weights.

    python bench/auto.py DIR [--environment FOLDER] [--work FOLDER] [--every N] [--markdown]

DIR holds the folders `clicks` (photos of several things, see bench/clicks.py) and `matting` (one
folder a picture: `image.png`, `alpha.png`). rembg lives in an environment of its own, FOLDER (by
default one in the temporary folder), which is made with `pip install rembg[cpu]` if it is not
there; it is given our file of u2netp through U2NET_HOME and no network. Every way is a process of
its own that measures all pictures, on two cores, and another that measures one of 12 MP (Linux
only). With --work their results are kept there, and what is there is not measured again.

Scenes have no single truth: which of their things stands out is open, and some are not annotated.
So a result counts for whatever it fits best: one annotated thing or all of them together. rembg
gives one alpha; it may be fitted whole or by any of its connected parts. Ours may be fitted whole
or by any of its subjects. `evident` are the scenes where rembg's best IoU is at least 0.5: a choice
in rembg's favour. Masks are alpha above a half. Boundary F is that of both masks' outlines within
0.75 % of the diagonal (Martin, Fowlkes, Malik, PAMI 2004; Perazzi et al., CVPR 2016). MAE is of the
alpha over the whole picture.
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
from typing import Any

WAYS = ("rembg", "rembg alpha_matting", "pickmatte auto")
LARGE = 12e6  # pixels
PATIENCE = 900  # seconds for that one
MEMORY = 16 << 30  # bytes of address space a way may take: closed form asks for all there is


def main() -> None:
    """Parse, run each way in a process of its own, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
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
    python = environment(arguments.environment or Path(tempfile.gettempdir()) / "bench-rembg")
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        found = {way: work / way.replace(" ", "-") for way in WAYS}
        for way, out in found.items():
            chosen = sys.executable if way == "pickmatte auto" else str(python)
            measure(chosen, way, arguments, out)
        report(arguments.folder, arguments.every, found, markdown=arguments.markdown)


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
    for name, more, patience in (("small", [], None), ("large", ["--large"], PATIENCE)):
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


# What follows runs in the measured process; of ours only the last way imports anything.


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
    return _ours() if way == "pickmatte auto" else _rembg(way == "rembg alpha_matting")


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
        return [session.cutout()[..., 3] / 255, *(alphas if len(alphas) > 1 else [])]

    return cut


# What follows judges.


def report(folder: Path, every: int, found: dict[str, Path], *, markdown: bool) -> None:
    """Print the tables of scenes, of alphas, and of what each way takes."""
    import numpy as np
    from rich.console import Console

    console = Console(width=110)
    scenes = {way: _scenes(folder, found[way], every) for way in ("rembg", "pickmatte auto")}
    evident = [row[0] >= 0.5 for row in scenes["rembg"]]
    lines = []
    for way, rows in scenes.items():
        all_of = np.array(rows)
        some = all_of[evident]
        lines.append([way, *(f"{value:.3f}" for value in (*all_of.mean(0), *some.mean(0)))])
    heads = [f"{figure} {which}" for which in ("all", "evident") for figure in _FIGURES]
    title = f"{len(evident)} scenes, {sum(evident)} of them evident"
    _show(console, title, ["", *heads], lines, markdown)
    alphas = {way: _mattes(folder, out) for way, out in found.items()}
    lines = []
    for way, rows in alphas.items():
        mean = np.array(rows).mean(0)
        lines.append([way, f"{mean[0]:.3f}", f"{mean[1]:.3f}", f"{mean[2]:.4f}"])
    title = f"{len(alphas['rembg'])} pictures with true alphas"
    _show(console, title, ["", "IoU", "boundary F", "alpha MAE"], lines, markdown)
    lines = []
    for way, out in found.items():
        small, large = (json.loads((out / f"{n}.json").read_text()) for n in ("small", "large"))
        lines.append([way, small, *large])
    _show(console, "What it takes", ["", "matting", "12 MP", "12 MP peak"], lines, markdown)


_FIGURES = ("whole IoU", "IoU", "boundary F")


def _scenes(folder: Path, out: Path, every: int) -> list[tuple[float, ...]]:
    """Of each scene the best IoU of the whole result, and of any of its parts with boundary F."""
    import numpy as np

    from pickmatte.interactive.pictures.picture import open_mask

    items = json.loads((folder / "clicks" / "clicks.json").read_text())["items"]
    rows: list[tuple[float, ...]] = []
    for image in list(dict.fromkeys(item["image"] for item in items))[::every]:
        offers = _masks(out / f"scene-{Path(image).stem}.npz")
        masks = [item["mask"] for item in items if item["image"] == image]
        truths = [open_mask(folder / "clicks" / mask, offers[0].shape) for mask in masks]
        truths.append(np.logical_or.reduce(truths))
        whole = max(iou(offers[0], truth) for truth in truths)
        best, edge = max(
            (iou(offer, truth), boundary(offer, truth)) for offer in offers for truth in truths
        )
        rows.append((whole, best, edge))
    return rows


def _masks(path: Path) -> list[Any]:
    """The whole result, and its parts: subjects, or the connected ones where there are none."""
    import cv2
    import numpy as np

    layers = list(np.load(path).values())
    masks = [layer > 127 for layer in layers]
    if len(masks) == 1:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(masks[0].astype(np.uint8))
        large = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] > 0.01 * labels.size]
        masks += [labels == k for k in large]
    return masks


def _mattes(folder: Path, out: Path) -> list[tuple[float, ...]]:
    """IoU, boundary F and MAE of each picture's whole alpha."""
    import cv2
    import numpy as np

    rows: list[tuple[float, ...]] = []
    for place in sorted((folder / "matting").iterdir()):
        truth = np.asarray(cv2.imread(str(place / "alpha.png"), cv2.IMREAD_GRAYSCALE)) / 255
        alpha = np.load(out / f"matting-{place.name}.npz")["arr_0"] / 255
        masks = alpha > 0.5, truth > 0.5
        rows.append((iou(*masks), boundary(*masks), float(np.abs(alpha - truth).mean())))
    return rows


def iou(a: Any, b: Any) -> float:
    """Intersection over union of two masks, bool H×W."""
    return float((a & b).sum() / max(1, (a | b).sum()))


def boundary(mask: Any, truth: Any) -> float:
    """F measure of two masks' outlines, 0..1; bool H×W each."""
    import cv2
    import numpy as np

    reach = max(1, round(0.0075 * float(np.hypot(*mask.shape))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    cross = np.ones((3, 3), np.uint8)
    edges = [
        np.asarray(cv2.morphologyEx(m.astype(np.uint8), cv2.MORPH_GRADIENT, cross))
        for m in (mask, truth)
    ]
    near = [np.asarray(cv2.dilate(edge, disc)) for edge in edges]
    hits = [
        float(np.logical_and(edges[k], near[1 - k]).sum())
        / max(1.0, float(np.count_nonzero(edges[k])))
        for k in (0, 1)
    ]
    return 2 * hits[0] * hits[1] / max(1e-9, sum(hits))


def _show(
    console: Any, title: str, heads: list[str], lines: list[list[str]], markdown: bool
) -> None:
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
    console.print(table)


if __name__ == "__main__":
    main()
