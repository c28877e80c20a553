"""How often phrases that were made of marked photos find what they mean.

    python bench/phrases_made.py DIR [--fold 0] [--limit N] [--grounder NAME] [--failures]

DIR is a folder of objects to fit on: `objects.json` with `items`, each `{"image", "labels",
"instances": [{"value", "category", "bbox_xywh", "area"}]}`. `bench/made.py` says which phrases are
made. They are shuffled with a fixed seed, so that `--limit` takes some of every kind. What is
counted, and the plain way beside ours, are those of `bench/phrases.py`; several things that are
meant together are right where one mask of them all is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pickmatte.bench.made import Marked, phrases_of
from pickmatte.bench.phrases import Said, arguments_of, say
from pickmatte.models.protocols import Mask
from pickmatte.models.training.decoder.photos import fold_of, labels_of

KINDS = ("class", "side", "order", "size", "count", "relation", "all")
_SEED = 20261129


def main() -> None:
    """Make the phrases, say them, and print the tables."""
    parser = argparse.ArgumentParser(description="Phrases made of marked photos.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fold", type=int, help="only the photos of this fold")
    arguments = arguments_of(parser)
    every = made(arguments.folder, arguments.fold)
    say(every[: arguments.limit], arguments, KINDS)


def made(folder: Path, fold: int | None) -> list[Said]:
    """All the phrases of a folder's photos, in an order of their own that is always the same."""
    rng = np.random.default_rng(_SEED)
    items = json.loads((folder / "objects.json").read_text())["items"]
    nouns = sorted({one["category"] for item in items for one in item["instances"]})
    every = []
    for item in items:
        labels = folder / item["labels"]
        size = labels_of(labels).shape
        things = [
            Marked(one["value"], one["category"], _sides(one["bbox_xywh"]), one["area"])
            for one in item["instances"]
        ]
        for phrase in phrases_of(things, (size[0], size[1]), nouns, rng):
            if fold in (None, fold_of(item["image"])):
                truth = _truth(labels, phrase.values) if phrase.values else None
                every.append(Said(folder / item["image"], phrase.text, (phrase.kind,), truth))
    return [every[place] for place in rng.permutation(len(every))]


def _sides(xywh: list[float]) -> tuple[float, float, float, float]:
    x, y, width, height = xywh
    return x, y, x + width, y + height


def _truth(labels: Path, values: tuple[int, ...]) -> Callable[[tuple[int, int]], Mask]:
    def truth(_size: tuple[int, int]) -> Mask:
        return np.isin(labels_of(labels), values)

    return truth


if __name__ == "__main__":
    main()
