"""Every segmenter that is here, side by side: seconds, memory, and how good its masks are.

    python bench/segmenters.py DIR [--limit N] [--device NAME] [--markdown]

DIR is as for bench/clicks.py, whose robot gives the clicks. Each segmenter has a process of its
own (Linux only), in which it is loaded, looks at one picture and answers one click, both the median
of five, and then does the targets: through the engine as a user has it, and plain, as its library's
predictor is used. Memory is the most that the process held, models and picture included; a GPU's is
not in it. What is in the catalogue but not on this machine is named below the table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS, CLICKS = 5, 2
HEADS = ("", "device", "load", "encode", "decode", "memory",
         "IoU@1", "IoU@2", "plain IoU@1", "plain IoU@2")  # fmt: skip


def main() -> None:
    """Measure each segmenter in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description="Seconds, memory and IoU of every segmenter here.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="only the first N targets")
    parser.add_argument("--device", default="auto", help="as of the command; by default the best")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(
            json.dumps(
                measure(arguments.child, arguments.device, arguments.folder, arguments.limit)
            )
        )
        return
    from pickmatte.models import weights
    from pickmatte.models.weights import catalogue

    here: list[str] = []
    absent: list[str] = []
    for name in catalogue.names("segmenter"):
        (here if weights.present(name) else absent).append(name)
    rows = [_row(name, _child(name, arguments)) for name in here]
    _print(rows, markdown=arguments.markdown)
    if absent:
        print(f"Not here (files or packages are missing): {', '.join(absent)}.")


def _child(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    command = [
        sys.executable,
        __file__,
        str(arguments.folder),
        "--child",
        name,
        "--device",
        arguments.device,
    ]
    if arguments.limit:
        command += ["--limit", str(arguments.limit)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(name: str, device: str, folder: Path, limit: int | None) -> dict[str, Any]:
    """One segmenter's figures, in this process."""
    import numpy as np

    from pickmatte import models
    from pickmatte.bench.clicks import Ours, Plain, ious
    from pickmatte.bench.memory import peak
    from pickmatte.interactive.pictures.picture import open_mask, open_picture

    segmenter, load = _timed(lambda: models.load_segmenter(name, device))
    items = json.loads((folder / "clicks.json").read_text())["items"][:limit]
    rgb = open_picture(folder / items[0]["image"]).rgb
    middle = [(rgb.shape[1] / 2, rgb.shape[0] / 2)]
    embedding = segmenter.encode(rgb)  # the first look also warms up
    encode = _median(lambda: segmenter.encode(rgb))
    decode = _median(lambda: segmenter.decode(embedding, middle, [1]))
    ours, plain = [], []
    for item in items:
        rgb = open_picture(folder / item["image"]).rgb
        truth = open_mask(folder / item["mask"], rgb.shape[:2])
        ours.append(ious(Ours(rgb, segmenter), truth, clicks=CLICKS))
        plain.append(ious(Plain(segmenter.encode(rgb), segmenter), truth, clicks=CLICKS))
    return {
        "device": segmenter.device,
        "seconds": [load, encode, decode],
        "memory": peak(),
        "ious": [*np.mean(ours, 0).tolist(), *np.mean(plain, 0).tolist()],
    }


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    made = work()
    return made, time.perf_counter() - start


def _median(work: Callable[[], Any]) -> float:
    return statistics.median(_timed(work)[1] for _ in range(REPEATS))


def _row(name: str, found: dict[str, Any]) -> list[str]:
    seconds = [f"{value:.3f} s" for value in found["seconds"]]
    figures = [f"{value:.3f}" for value in found["ious"]]
    return [name, found["device"], *seconds, f"{found['memory']:.0f} MB", *figures]


def _print(rows: list[list[str]], *, markdown: bool) -> None:
    if markdown:
        print(f"| {' | '.join(HEADS)} |\n|{' --- |' * len(HEADS)}")
        print("\n".join(f"| {' | '.join(row)} |" for row in rows))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Segmenters that are here")
    for head in HEADS:
        table.add_column(head, justify="right" if head else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
