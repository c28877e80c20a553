"""Measure how much of some pixels a person would call by a colour's name.

The names are the eleven basic colour terms of Berlin and Kay. Each has prototypes in CIELAB with
soft membership, the idea of van de Weijer, Schmid, Verbeek, Larlus (Learning color names for
real-world applications, TIP 2009), with prototypes written down instead of learnt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist  # type: ignore[import-untyped]

from pickmatte.models.protocols import RGB

Shares = NDArray[np.float32]  # one number for each of TERMS, adding up to 1

# What each name is said of, in sRGB, from deep to light. Photographs are duller than paint.
_PROTOTYPES = {
    "black": ("0a0a0a", "1c1c1e", "2a2826", "17181f", "2c2f36"),
    "grey": ("4d4d4d", "6b6b6b", "8a8a8a", "a8a8a8", "5c6068", "82817c", "999ea6"),
    "white": ("ffffff", "ececec", "d6d6d6", "e8e4da", "dfe4ea", "cdc9c0"),
    "red": ("c81420", "e62828", "9b1620", "7a1018", "d0404a", "b43232"),
    "orange": ("f07814", "ff9632", "d2641e", "e68246", "ffa550"),
    "yellow": ("f5dc14", "ffeb78", "d2b428", "e6c850", "c8aa3c", "faf0a0"),
    "green": ("1e8c32", "50b450", "14502d", "78aa3c", "a0d28c", "5a7846", "465a32", "32a078"),
    "blue": ("1e3cb4", "3c78d2", "14285a", "78aae6", "aad2f0", "4b698c", "2d466e", "28a0c8"),
    "purple": ("6e2896", "9655be", "50286e", "b48cd2", "7d5a8c", "461e50"),
    "pink": ("f082aa", "fabed2", "e65096", "d78ca0", "f0a0a0", "c85a82"),
    "brown": ("6e4623", "8c5f37", "4b2d19", "a57d55", "5f4b3c", "b4966e", "3c2a20", "826a55"),
}
TERMS = tuple(_PROTOTYPES)
_TIGHT = 9.0  # CIELAB units over which a prototype's claim falls off
_CELLS = 32  # of each of red, green and blue in the table
_SHADE = 0.7  # weight of lightness against hue and chroma: shading changes it along one thing
# A thing of the first colour shows some of the others too: by its shading, in bad light, at its
# edges. So much of such a share counts as the first.
_KIN = {
    "black": {"grey": 0.25, "brown": 0.25, "blue": 0.1, "purple": 0.1},
    "grey": {"black": 0.2, "white": 0.25, "blue": 0.15, "brown": 0.15},
    "white": {"grey": 0.4, "yellow": 0.2, "pink": 0.2, "blue": 0.15},
    "red": {"orange": 0.3, "pink": 0.35, "brown": 0.2, "purple": 0.15},
    "orange": {"red": 0.35, "yellow": 0.3, "brown": 0.4, "pink": 0.1},
    "yellow": {"orange": 0.3, "green": 0.15, "brown": 0.2, "white": 0.1},
    "green": {"blue": 0.15, "yellow": 0.15, "grey": 0.05},
    "blue": {"purple": 0.35, "grey": 0.1, "green": 0.15, "black": 0.05},
    "purple": {"blue": 0.35, "pink": 0.35, "red": 0.1},
    "pink": {"red": 0.35, "purple": 0.35, "orange": 0.2, "white": 0.1},
    "brown": {"orange": 0.4, "red": 0.15, "grey": 0.15, "yellow": 0.2, "black": 0.15},
}


def shares(pixels: RGB) -> Shares:
    """Return the share of some pixels that goes by each of `TERMS`, float32 in 0..1.

    `pixels` is uint8 N×3, N at least 1. The shares sum to 1.
    """
    mean: Shares = _table()[0][_cells(pixels)].mean(axis=0, dtype=np.float32)
    return mean


def claims(pixels: RGB, colours: Sequence[str]) -> NDArray[np.float32]:
    """Return how far each pixel could be called by any of the colours, float32 N in 0..1.

    `pixels` is uint8 N×3. A colour is one of `TERMS`, with or without a shade before it ("dark
    blue"), or a shade alone.
    """
    return _claimed(tuple(colours))[_cells(pixels)]


@lru_cache(maxsize=64)
def _claimed(colours: tuple[str, ...]) -> NDArray[np.float32]:
    """Return the claims of every cell of the colour table."""
    named, lightness = _table()
    best = np.zeros(len(named), np.float32)
    for colour in colours:
        *shade, term = colour.split()
        if term in ("dark", "light"):
            claim = _shaded(lightness, term, alone=True)
        else:
            weights = np.array([_KIN[term].get(other, other == term) for other in TERMS])
            claim = (named @ weights).astype(np.float32)
            for side in shade:
                claim = claim * _shaded(lightness, side, alone=False)
        best = np.maximum(best, claim)
    return best


def _shaded(lightness: NDArray[np.float32], side: str, *, alone: bool) -> NDArray[np.float32]:
    """Return how far pixels are dark or light; beside a colour's name a shade counts for less."""
    turn, least = (45.0, 0.0) if alone else (50.0, 0.4)
    dark = 1 / (1 + np.exp((lightness - turn) / 6))
    part = dark if side == "dark" else 1 - dark
    shaded: NDArray[np.float32] = (least + (1 - least) * part).astype(np.float32)
    return shaded


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return every sRGB cell's memberships, cells×TERMS, and its lightness, 0..100."""
    steps = np.arange(_CELLS, dtype=np.float32) * 8 + 4
    lab = _lab_of(np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3))
    named = [(at, colour) for at, term in enumerate(TERMS) for colour in _PROTOTYPES[term]]
    places = _lab_of(np.array([list(bytes.fromhex(colour)) for _, colour in named], np.float32))
    scale = np.array([_SHADE, 1, 1], np.float32) / (math.sqrt(2) * _TIGHT)
    away = cdist(lab * scale, places * scale, "sqeuclidean").astype(np.float32)
    near = np.exp(away.min(axis=1, keepdims=True) - away)
    owner = np.array([at for at, _ in named])
    best = [near[:, np.flatnonzero(owner == at)].max(axis=1) for at in range(len(TERMS))]
    memberships: NDArray[np.float32] = np.stack(best, axis=1)
    memberships /= memberships.sum(axis=1, keepdims=True)
    lightness: NDArray[np.float32] = lab[:, 0]
    return memberships, lightness


def _cells(pixels: RGB) -> NDArray[np.intp]:
    parts = (pixels >> 3).astype(np.intp)
    cells: NDArray[np.intp] = (parts[:, 0] * _CELLS + parts[:, 1]) * _CELLS + parts[:, 2]
    return cells


def _lab_of(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    lab = np.asarray(cv2.cvtColor(pixels[None] / 255, cv2.COLOR_RGB2LAB), np.float32)
    return lab.reshape(-1, 3)
