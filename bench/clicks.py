"""How good a mask one to five clicks give: a robot user on pictures with true masks.

    python bench/clicks.py DIR [--limit N]

DIR holds `clicks.json` with `items`, each `{"image": ..., "mask": ...}` (paths relative to DIR; the
mask is 255 on the target). The robot follows the protocol of interactive segmentation (Xu et al.,
CVPR 2016; Sofiiuk et al., RITM, 2021): the first click lies at the target's deepest interior point,
each next one at the deepest point of the larger error region. Printed are the mean IoU after 1 to
5 clicks, and NoC85 and NoC90, the mean number of clicks to reach that IoU (5 where it is not
reached). Beside ours stands the plain decoder on the same targets in the same run: of the three
masks for an ambiguous prompt the best-scored one at the first click, then the single mask with the
previous one as mask prompt, at full size, as segment-anything's predictor is used.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pickmatte import Session, models
from pickmatte.interactive.pictures.picture import open_mask, open_picture
from pickmatte.models.protocols import RGB, Mask, Segmenter, upscale

CLICKS = 5
Robot = tuple[int, int, bool]  # x, y, keep


class Way(Protocol):
    """A way to turn clicks into a mask, one picture and target at a time."""

    def click(self, x: int, y: int, keep: bool) -> Mask:
        """The mask after one more click."""


class Ours:
    """What a user of the Python API gets."""

    def __init__(self, rgb: RGB, segmenter: Segmenter) -> None:
        self._subject = Session(rgb, segmenter=segmenter).subject()

    def click(self, x: int, y: int, keep: bool) -> Mask:
        """The mask after one more click."""
        self._subject.click(x, y, keep)
        return self._subject.mask


class Plain:
    """The decoder as it comes."""

    def __init__(self, rgb: RGB, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        self._embedding = segmenter.encode(rgb)
        self._points: list[tuple[int, int]] = []
        self._labels: list[int] = []
        self._logits: NDArray[np.float32] | None = None

    def click(self, x: int, y: int, keep: bool) -> Mask:
        """The mask after one more click."""
        self._points.append((x, y))
        self._labels.append(int(keep))
        found = self._segmenter.decode(
            self._embedding, self._points, self._labels, mask=self._logits
        )
        lone = len(self._points) == 1
        layer = 1 + int(found.scores[1:].argmax()) if lone else 0
        self._logits = found.logits[layer]
        return upscale(self._logits, self._embedding.size, found.fit) > 0


def deepest(region: Mask) -> tuple[int, int, float]:
    """The point of a region farthest from its edge, x, y, and how far that is."""
    framed = np.pad(region.astype(np.uint8), 1)  # the picture's border is an edge too
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(x), int(y), float(depth[y, x])


def next_click(mask: Mask, truth: Mask) -> Robot:
    """Where the robot clicks: the deepest point of the larger of the two error regions."""
    missing, extra = deepest(truth & ~mask), deepest(mask & ~truth)
    x, y, _ = missing if missing[2] >= extra[2] else extra
    return x, y, missing[2] >= extra[2]


def ious(way: Way, truth: Mask, clicks: int = CLICKS) -> list[float]:
    """IoU after each of the robot's clicks; a perfect mask is not clicked again."""
    click: Robot = (*deepest(truth)[:2], True)
    reached: list[float] = []
    for _ in range(clicks):
        mask = way.click(*click)
        reached.append(float((mask & truth).sum() / (mask | truth).sum()))
        if (mask == truth).all():
            return reached + [1.0] * (clicks - len(reached))
        click = next_click(mask, truth)
    return reached


def clicks_to(reached: NDArray[np.float64], level: float) -> float:
    """Mean number of clicks to an IoU of `level`, counting CLICKS where it is not reached."""
    enough = reached >= level
    return float(np.where(enough.any(1), enough.argmax(1) + 1, CLICKS).mean())


def main() -> None:
    """Run the robot over a folder and print the table."""
    parser = argparse.ArgumentParser(description="IoU after 1 to 5 robot clicks.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="only the first N targets")
    arguments = parser.parse_args()
    items = json.loads((arguments.folder / "clicks.json").read_text())["items"][: arguments.limit]
    segmenter = models.load_segmenter()
    found: dict[str, list[list[float]]] = {"plain decoder": [], "pickmatte": []}
    for item in track(items, "clicking", console=Console(stderr=True)):
        rgb = open_picture(arguments.folder / item["image"]).rgb
        truth = open_mask(arguments.folder / item["mask"], rgb.shape[:2])
        found["plain decoder"].append(ious(Plain(rgb, segmenter), truth))
        found["pickmatte"].append(ious(Ours(rgb, segmenter), truth))
    report(found)


def report(found: dict[str, list[list[float]]]) -> None:
    """Print IoU after each click, NoC85 and NoC90 of each way, and the difference."""
    table = Table(title=f"{len(found['pickmatte'])} targets, mobile-sam")
    for heading in ("", *(f"IoU@{n + 1}" for n in range(CLICKS)), "NoC85", "NoC90"):
        table.add_column(heading, justify="right" if heading else "left")
    rows = {}
    for name, reached in found.items():
        all_of = np.array(reached)
        rows[name] = [*all_of.mean(0), clicks_to(all_of, 0.85), clicks_to(all_of, 0.90)]
        table.add_row(name, *(f"{figure:.3f}" for figure in rows[name]))
    gain = np.subtract(rows["pickmatte"], rows["plain decoder"])
    table.add_row("difference", *(f"{figure:+.3f}" for figure in gain))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
