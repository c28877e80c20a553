"""Trimap to alpha: how far from the truth, how fast, in how much memory, method beside method.

    python bench/matting.py DIR                    # errors in the unknown region
    python bench/matting.py DIR --big 4.8          # time and memory on the pictures, enlarged
    python bench/matting.py DIR --from-click       # one click to alpha, two bands

Every folder of DIR holds `image.png`, `alpha.png` (the truth) and `trimap*.png`. Printed are SAD
(thousands), MSE (thousandths), Grad and Conn (thousands) as alphamatting.com defines them
(`bench/metrics.py`). Each method runs in a process of its own, on at most two cores, after a first
solve of a small picture, so that compiling and loading do not count; memory is the peak above what
the process held before the solve (Linux only). `closed form` and `knn` are pymatting's, given the
whole picture; `threshold` takes each unknown pixel for the nearer side.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from pickmatte.bench.memory import held, limit_cores, peak, reset_peak
from pickmatte.bench.metrics import connectivity, gradient, mse, sad
from pickmatte.interactive.pictures.picture import open_alpha, open_picture, open_trimap
from pickmatte.models.protocols import RGB, Alpha, Trimap

Solve = Callable[[RGB, Trimap], Alpha]
PEERS = ("threshold", "closed form", "knn")
REFERENCE = "closed form"
FIXED = 20  # pixels on each side of the mask's edge


def main() -> None:
    """Parse, measure each method in a process of its own, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--only", help="names of methods, with commas between")
    parser.add_argument("--big", type=float, metavar="MP", help="enlarge to so many megapixels")
    parser.add_argument("--from-click", action="store_true", help="one click instead of trimaps")
    parser.add_argument("--matting", default="nano", metavar="NAME", help="for --from-click")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the alphas there")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _child(arguments)
        return
    console = Console(width=120 if sys.stdout.isatty() else 200)
    if arguments.from_click:
        _print_clicks(console, _from_click(arguments.folder, arguments.matting), arguments.markdown)
        return
    names = arguments.only.split(",") if arguments.only else [*PEERS, *_present(console)]
    rows = [row for name in names for row in _in_child(arguments, name)]
    _print(console, rows, arguments)


def _present(console: Console) -> list[str]:
    """Our own matting models whose weights are here."""
    from pickmatte.models import weights
    from pickmatte.models.weights import catalogue

    found = []
    for name in catalogue.names("matting"):
        if weights.check(name).state == "present" or name == "nano":
            found.append(name)
        else:
            console.print(f"{name}: weights not present, not measured")
    return found


def _in_child(arguments: argparse.Namespace, name: str) -> list[dict[str, Any]]:
    command = [sys.executable, __file__, str(arguments.folder), "--child", name]
    if arguments.big:
        command += ["--big", str(arguments.big)]
    if arguments.keep:
        command += ["--keep", str(arguments.keep)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _child(arguments: argparse.Namespace) -> None:
    limit_cores()
    name = arguments.child
    solve = _method(name)
    small = np.zeros((80, 80, 3), np.uint8)
    small[:, 40:] = 200
    trimap = np.full((80, 80), 128, np.uint8)
    trimap[:, :20], trimap[:, 60:] = 0, 255
    solve(small, trimap)
    solve(np.tile(small, (8, 8, 1)), np.repeat(np.repeat(trimap, 8, 0), 8, 1))
    for folder in sorted(path for path in arguments.folder.iterdir() if path.is_dir()):
        rgb = open_picture(folder / "image.png").rgb
        truth = open_alpha(folder / "alpha.png", rgb.shape[:2])
        for path in sorted(folder.glob("trimap*.png")):
            known = open_trimap(path, rgb.shape[:2])
            width = path.stem.removeprefix("trimap").strip("_") or "plain"
            row = {"method": name, "picture": folder.name, "width": width}
            errors, alpha = _measure(solve, rgb, known, truth, arguments)
            if arguments.keep:
                kept = arguments.keep / f"{folder.name} {width} {name}.png"
                kept.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(kept), np.rint(alpha * 255).astype(np.uint8))
            print(json.dumps(row | errors), flush=True)


def _measure(
    solve: Solve, rgb: RGB, trimap: Trimap, truth: Alpha, arguments: argparse.Namespace
) -> tuple[dict[str, float], Alpha]:
    if arguments.big:
        scale = (arguments.big * 1e6 / trimap.size) ** 0.5
        rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)  # type: ignore[assignment]
        trimap = cv2.resize(trimap, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST)  # type: ignore[assignment]
        truth = cv2.resize(truth, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    reset_peak()
    before, start = held(), time.perf_counter()
    alpha = solve(rgb, trimap).astype(np.float32)
    seconds = time.perf_counter() - start
    memory = peak() - before
    unknown = trimap == 128
    row = {"seconds": seconds, "memory": memory, "sad": sad(alpha, truth, unknown)}
    row["mse"] = mse(alpha, truth, unknown)
    if not arguments.big:
        row["grad"] = gradient(alpha, truth, unknown)
        row["conn"] = connectivity(alpha, truth, unknown)
    return row, alpha


def _method(name: str) -> Solve:
    if name == "threshold":
        return _threshold
    if name in PEERS:
        from pickmatte.models.matting.compiled import pymatting

        module = pymatting(
            "alpha." + {"closed form": "estimate_alpha_cf", "knn": "estimate_alpha_knn"}[name]
        )
        function = getattr(module, module.__name__.rsplit(".", 1)[1])
        return lambda rgb, trimap: function(rgb / 255.0, trimap / 255.0)
    from pickmatte import models
    from pickmatte.interactive.mattes.solver import solve

    matting = models.load_matting(name)
    return lambda rgb, trimap: solve(matting, rgb, trimap)


def _threshold(rgb: RGB, trimap: Trimap) -> Alpha:
    away = [
        cv2.distanceTransform((trimap != value).astype(np.uint8), cv2.DIST_L2, 5)
        for value in (0, 255)
    ]
    alpha: Alpha = (away[1] < away[0]).astype(np.float32)
    return alpha


def _from_click(folder: Path, matting: str) -> list[dict[str, Any]]:
    """One click at the deepest point of the subject, then the alpha of our band and a fixed one."""
    from pickmatte import Session, models
    from pickmatte.bench.clicks import deepest
    from pickmatte.interactive.mattes.solver import solve

    model = models.load_matting(matting)
    rows = []
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        rgb = open_picture(path / "image.png").rgb
        truth = open_alpha(path / "alpha.png", rgb.shape[:2])
        subject = Session(rgb, matting=matting).subject()
        x, y, _ = deepest(truth > 0.5)
        subject.click(x, y)
        mask = subject.mask
        overlap = float((mask & (truth > 0.5)).sum() / (mask | (truth > 0.5)).sum())
        mixed = (truth > 0.05) & (truth < 0.95)
        everywhere = np.ones(truth.shape, bool)
        for band, trimap in (("fixed", _band(mask)), ("fitted", subject.trimap)):
            alpha = solve(model, rgb, trimap)
            rows.append(
                {
                    "picture": path.name,
                    "band": band,
                    "iou": overlap,
                    "sad": sad(alpha, truth, everywhere),
                    "mse": mse(alpha, truth, everywhere),
                    "mixed": float((mixed & (trimap == 128)).sum() / mixed.sum()),
                    "unknown": float((trimap == 128).mean()),
                }
            )
    return rows


def _band(mask: Any) -> Trimap:
    trimap = np.full(mask.shape, 128, np.uint8)
    for layer, value in ((mask, 255), (~mask, 0)):
        depth = cv2.distanceTransform(layer.astype(np.uint8), cv2.DIST_L2, 5)
        trimap[depth > FIXED] = value
    if not (trimap == 255).any():
        trimap[mask] = 255
    return trimap


def _mean(rows: list[dict[str, Any]], key: str) -> float:
    return float(np.mean([row[key] for row in rows])) if rows else float("nan")


def _print(console: Console, rows: list[dict[str, Any]], arguments: argparse.Namespace) -> None:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["width"], row["method"]].append(row)
    keys = ["sad", "mse"] + ([] if arguments.big else ["grad", "conn"])
    table = Table("trimaps", "method", "n", *(key.upper() for key in keys),
                  "SAD / closed form", "s", "s / closed form", "peak MB", box=None)  # fmt: skip
    lines = []
    for (width, method), group in sorted(groups.items(), key=lambda item: item[0][0]):
        base = groups.get((width, REFERENCE), [])
        lines.append(
            [width, method, str(len(group))]
            + [f"{_mean(group, key):.2f}" for key in keys]
            + [f"{_mean(group, 'sad') / _mean(base, 'sad'):.2f}"]
            + [f"{_mean(group, 'seconds'):.2f}"]
            + [f"{_mean(group, 'seconds') / _mean(base, 'seconds'):.2f}"]
            + [f"{max(row['memory'] for row in group):.0f}"]
        )
    _show(console, table, lines, arguments.markdown)
    if arguments.big:
        return
    methods = list(dict.fromkeys(row["method"] for row in rows))
    each = Table("SAD", *methods, box=None)
    found = {(row["picture"], row["width"], row["method"]): row["sad"] for row in rows}
    pictures = dict.fromkeys((row["picture"], row["width"]) for row in rows)
    lines = [
        [f"{picture} {width}", *(f"{found[picture, width, method]:.2f}" for method in methods)]
        for picture, width in pictures
    ]
    _show(console, each, lines, arguments.markdown)


def _print_clicks(console: Console, rows: list[dict[str, Any]], markdown: bool) -> None:
    table = Table("picture", "band", "mask IoU", "SAD", "MSE", "mixed pixels in band", "unknown",
                  box=None)  # fmt: skip
    means = [
        {"picture": "mean", "band": band}
        | {
            key: _mean([row for row in rows if row["band"] == band], key)
            for key in ("iou", "sad", "mse", "mixed", "unknown")
        }
        for band in ("fixed", "fitted")
    ]
    lines = [
        [row["picture"], row["band"], f"{row['iou']:.2f}", f"{row['sad']:.2f}", f"{row['mse']:.2f}",
         f"{row['mixed']:.2f}", f"{row['unknown']:.3f}"]
        for row in rows + means
    ]  # fmt: skip
    _show(console, table, lines, markdown)


def _show(console: Console, table: Table, lines: list[list[str]], markdown: bool) -> None:
    if markdown:
        names = [str(column.header) for column in table.columns]
        for line in [names, ["---"] * len(names), *lines]:
            print("| " + " | ".join(line) + " |")
        print()
        return
    for line in lines:
        table.add_row(*line)
    console.print(table)


if __name__ == "__main__":
    main()
