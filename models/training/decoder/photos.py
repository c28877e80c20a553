"""Photos with masks to fit on: the objects and the people, in folds."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FOLDS = 5
PERSON = "person"


@dataclass(frozen=True)
class Thing:
    """A thing that is marked in a photo by a value of its label image."""

    value: int  # 0 stands for every value above 0
    category: str


@dataclass(frozen=True)
class Photo:
    """A photo, its label image (8 bit, one channel, its size) and the things marked in it."""

    path: Path
    labels: Path | None  # None where nothing is marked
    things: tuple[Thing, ...]
    kind: str  # "objects", "people" or "scenery"

    @property
    def fold(self) -> int:
        """0 to FOLDS - 1."""
        return fold_of(self.path.name)


def fold_of(name: str) -> int:
    """The fold of a photo, 0 to FOLDS - 1, by the name of its file."""
    return zlib.crc32(name.encode()) % FOLDS


def objects(folder: Path) -> list[Photo]:
    """The photos of everyday things that `objects.json` in the folder lists."""
    items = json.loads((folder / "objects.json").read_text())["items"]
    return [
        Photo(
            folder / item["image"],
            folder / item["labels"],
            tuple(Thing(one["value"], one["category"]) for one in item["instances"]),
            "objects",
        )
        for item in items
    ]


def labels_of(path: Path | None) -> NDArray[np.uint8]:
    """A label image, uint8 H×W."""
    assert path is not None, "nothing is marked in this photo"
    return np.asarray(Image.open(path))


def people(folder: Path) -> list[Photo]:
    """The photos of one person each; every label but 0 is of that person."""
    return [
        Photo(path, path.with_suffix(".png"), (Thing(0, PERSON),), "people")
        for path in sorted(folder.glob("*.jpg"))
    ]


def scenery(folder: Path) -> list[Photo]:
    """Pictures in which nothing is marked, all below the folder."""
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".jpeg", ".png"))
    return [Photo(path, None, (), "scenery") for path in found]
