"""What the encoder makes of every view, kept in files: 2 MB a view as float16."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte import models
from pickmatte.models.protocols import Alpha, Mask, content_size

from .photos import PERSON, Thing
from .prompts import SIDE
from .views import View

_STARTER = "mobile-sam"
_EMBEDDING = (256, 64, 64)
_EMBEDDINGS, _VIEWS = "embeddings.f16", "views.jsonl"


@dataclass(frozen=True)
class Shown:
    """A view as the decoder meets it, all on the grid of its masks."""

    embedding: NDArray[np.float16]  # 256×64×64
    salience: Alpha  # h×w
    masks: NDArray[np.bool_]  # of its things, N×h×w
    categories: tuple[str, ...]
    kind: str
    fold: int

    def grouped(self, least: int) -> list[tuple[Mask, str]]:
        """The masks of at least so many cells, each with the group that it is reported in.

        "people" are those photographed alone, "person" one among things, "other" what is no person.
        """
        alone = self.kind == "people"
        return [
            (mask, "people" if alone else "person" if category == PERSON else "other")
            for mask, category in zip(self.masks, self.categories, strict=True)
            if mask.sum() >= least
        ]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the view on the grid."""
        return self.salience.shape[0], self.salience.shape[1]


class Pool:
    """The views in a folder, in their order."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / _VIEWS).read_text().splitlines()
        self.entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self._embeddings = np.memmap(folder / _EMBEDDINGS, np.float16, "r").reshape(-1, *_EMBEDDING)
        self.folder = folder

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, place: int) -> Shown:
        entry = self.entries[place]
        with np.load(self.folder / f"{place}.npz") as layers:
            count, *size = entry["shape"]
            bits = np.unpackbits(layers["masks"], count=int(np.prod(entry["shape"])))
            masks = bits.reshape(count, *size).astype(bool)
            salience = layers["salience"].astype(np.float32)
        return Shown(
            np.asarray(self._embeddings[place]),
            salience,
            masks,
            tuple(entry["categories"]),
            entry["kind"],
            entry["fold"],
        )


def fill(folder: Path, every: Sequence[View], tell: Callable[[str], None]) -> None:
    """Show every view to the starter's encoder; stopped and run again, it goes on where it was."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = (len(every), *_EMBEDDING)
    kept = folder / _EMBEDDINGS
    embeddings = np.memmap(kept, np.float16, "r+" if kept.exists() else "w+", shape=shape)
    with (folder / _VIEWS).open("a+") as listed:
        listed.seek(0)
        done = len(listed.readlines())
        if done == len(every):
            return
        segmenter, salient = models.load_segmenter(_STARTER), models.load_fast_saliency()
        for place, view in enumerate(every[done:], done):
            rgb = view.rgb()
            embeddings[place] = segmenter.encode(rgb).features[0][0]
            salience = cv2.resize(
                salient.saliency(rgb),
                content_size(rgb.shape[:2], SIDE)[::-1],
                interpolation=cv2.INTER_AREA,
            )
            found = [(thing, on_grid(mask)) for thing, mask in view.things()]
            found = [(thing, mask) for thing, mask in found if mask.any()]
            masks = np.array([mask for _, mask in found], bool).reshape(-1, *salience.shape)
            np.savez(
                folder / f"{place}.npz",
                salience=salience.astype(np.float16),
                masks=np.packbits(masks),
            )
            embeddings.flush()
            print(json.dumps(_entry(view, found, masks.shape)), file=listed, flush=True)
            if place % 100 == 99:
                tell(f"{place + 1} of {len(every)} views")


def _entry(
    view: View, found: Sequence[tuple[Thing, Mask]], shape: tuple[int, ...]
) -> dict[str, Any]:
    return {
        "name": view.photo.path.name,
        "kind": view.photo.kind,
        "fold": view.photo.fold,
        "categories": [thing.category for thing, _ in found],
        "shape": list(shape),
    }


def on_grid(mask: Mask) -> Mask:
    """A mask on the grid of the decoder's masks, h×w: true where it holds half of a cell."""
    height, width = content_size(mask.shape, SIDE)
    share = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(share > 0.5)
