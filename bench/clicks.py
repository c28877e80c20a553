"""How good a mask one to five clicks give: a robot user on pictures with true masks.

    python bench/clicks.py DIR [--first random] [--fold 0] [--limit N]

DIR holds `clicks.json` with `items`, each `{"image": ..., "mask": ...}` (paths relative to DIR; the
mask is 255 on the target), or is a folder to fit on, of everyday objects (`objects.json`) or of
people (photos beside their label images); of those `--fold` takes the photos of one fold.

The robot follows the protocol of interactive segmentation (Xu et al., CVPR 2016; Sofiiuk et al.,
RITM, 2021): the first click lies at the target's deepest interior point, or with `--first random`
anywhere on it, each next one at the deepest point of the larger error region. Printed are the mean
IoU after 1 to 5 clicks, and NoC85 and NoC90, the mean number of clicks to reach that IoU (5 where
it is not reached). Beside ours stands the plain decoder on the same targets in the same run: of the
three masks for an ambiguous prompt the best-scored one at the first click, then the single mask
with the previous one as mask prompt, at full size, as segment-anything's predictor is used.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
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
from pickmatte.models.protocols import RGB, Embedding, Mask, Segmenter, upscale
from pickmatte.models.training.decoder import photos
from pickmatte.models.training.decoder.views import mask_of

CLICKS = 5
LEAST = 64 * 64  # pixels of an object in a photo to fit on
PLAIN, OURS = "plain decoder", "pickmatte"
Robot = tuple[int, int, bool]  # x, y, keep


class Way(Protocol):
    """A way to turn clicks into a mask, one picture and target at a time."""

    def click(self, x: int, y: int, keep: bool) -> Mask:
        """The mask after one more click."""


class Ours:
    """What a user of the Python API gets."""

    def __init__(self, rgb: RGB, segmenter: str | Segmenter) -> None:
        self._subject = Session(rgb, segmenter=segmenter).subject()

    def click(self, x: int, y: int, keep: bool) -> Mask:
        """The mask after one more click."""
        self._subject.click(x, y, keep)
        return self._subject.mask


class Plain:
    """The decoder as it comes."""

    def __init__(self, embedding: Embedding, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        self._embedding = embedding
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


def anywhere(truth: Mask, rng: np.random.Generator) -> Robot:
    """A first click anywhere on the target."""
    rows, columns = np.nonzero(truth)
    place = int(rng.integers(len(rows)))
    return int(columns[place]), int(rows[place]), True


def ious(way: Way, truth: Mask, first: Robot | None = None, clicks: int = CLICKS) -> list[float]:
    """IoU after each of the robot's clicks; a perfect mask is not clicked again."""
    click: Robot = first or (*deepest(truth)[:2], True)
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


@dataclass(frozen=True)
class Target:
    """A picture, what is wanted of it, and the group it is reported in."""

    image: Path
    truth: Callable[[tuple[int, int]], Mask]  # for the picture's height and width
    group: str


def targets(folder: Path, fold: int | None) -> Iterator[Target]:
    """The targets of a folder, those of a photo after each other."""
    if (folder / "clicks.json").exists():
        for item in json.loads((folder / "clicks.json").read_text())["items"]:
            truth = partial(open_mask, folder / item["mask"])
            yield Target(folder / item["image"], truth, "targets")
        return
    of_objects = (folder / "objects.json").exists()
    for photo in photos.objects(folder) if of_objects else photos.people(folder):
        if fold not in (None, photo.fold):
            continue
        for thing in photo.things:
            mask = mask_of(photos.labels_of(photo.labels), thing)
            if mask.sum() >= LEAST:
                group = "people" if thing.category == photos.PERSON else "other objects"
                yield Target(photo.path, lambda _, mask=mask: mask, group)  # type: ignore[misc]


def main() -> None:
    """Run the robot over a folder and print the table."""
    parser = argparse.ArgumentParser(description="IoU after 1 to 5 robot clicks.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", choices=("central", "random"), default="central")
    parser.add_argument("--segmenter", default=models.DEFAULT_SEGMENTER, help="ours")
    parser.add_argument("--fold", type=int, help="only this fold of a folder to fit on")
    parser.add_argument("--limit", type=int, help="only the first N targets")
    arguments = parser.parse_args()
    plain = models.load_segmenter("mobile-sam")
    rng = np.random.default_rng(0)

    @lru_cache(1)
    def seen(image: Path) -> tuple[RGB, Embedding]:
        rgb = open_picture(image).rgb
        return rgb, plain.encode(rgb)

    found: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    every = list(targets(arguments.folder, arguments.fold))[: arguments.limit]
    for target in track(every, "clicking", console=Console(stderr=True)):
        rgb, embedding = seen(target.image)
        truth = target.truth((rgb.shape[0], rgb.shape[1]))
        first = anywhere(truth, rng) if arguments.first == "random" else None
        group = found[target.group]
        group[PLAIN].append(ious(Plain(embedding, plain), truth, first))
        group[OURS].append(ious(Ours(rgb, arguments.segmenter), truth, first))
    for name, group in found.items():
        report(group, f"{len(group[OURS])} {name}, first click {arguments.first}")


def report(found: dict[str, list[list[float]]], title: str) -> None:
    """Print IoU after each click, NoC85 and NoC90 of each way, and the difference."""
    table = Table(title=title)
    for heading in ("", *(f"IoU@{n + 1}" for n in range(CLICKS)), "NoC85", "NoC90"):
        table.add_column(heading, justify="right" if heading else "left")
    rows = {}
    for name, reached in found.items():
        all_of = np.array(reached)
        rows[name] = [*all_of.mean(0), clicks_to(all_of, 0.85), clicks_to(all_of, 0.90)]
        table.add_row(name, *(f"{figure:.3f}" for figure in rows[name]))
    gain = np.subtract(rows[OURS], rows[PLAIN])
    table.add_row("difference", *(f"{figure:+.3f}" for figure in gain))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
