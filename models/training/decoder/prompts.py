"""A simulated user: what is pointed at first, and what is corrected next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.choice.masks import hint_at
from pickmatte.models.geometry.masks import deepest_point
from pickmatte.models.geometry.rectangle import bounding_box
from pickmatte.models.protocols import Alpha, Mask

KEEP, DROP, NONE = 1, 0, -1
_CORNERS = (2, 3)
SIDE = 256  # of the masks


@dataclass(frozen=True)
class Prompts:
    """Points with labels, in cells of the masks' grid, and the mask so far."""

    points: tuple[tuple[float, float], ...]  # x, y
    labels: tuple[int, ...]
    mask: NDArray[np.float32] | None = None  # 256×256 logits


def random_click(mask: Mask, rng: np.random.Generator) -> Prompts:
    """A click anywhere on a thing, seldom on the very edge."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)
    rows, columns = np.nonzero(inner if inner.any() else mask)
    place = int(rng.integers(len(rows)))
    return Prompts(((columns[place] + 0.5, rows[place] + 0.5),), (KEEP,))


def central_click(mask: Mask) -> Prompts:
    """A click on the deepest point of a thing."""
    x, y, _ = deepest_point(mask)
    return Prompts(((x, y),), (KEEP,))


def scribble(mask: Mask, rng: np.random.Generator) -> Prompts:
    """Two to six points all over a thing."""
    several = [random_click(mask, rng).points[0] for _ in range(int(rng.integers(2, 7)))]
    return Prompts(tuple(several), (KEEP,) * len(several))


def box(mask: Mask, loose: float, rng: np.random.Generator) -> Prompts:
    """A thing's box, each side off by up to `loose` of its length."""
    found = bounding_box(mask)
    assert found is not None
    wide, tall = found.x1 - found.x0, found.y1 - found.y0
    off = rng.uniform(-loose, loose, 4) * (wide, tall, wide, tall)
    x0, y0, x1, y1 = np.array(found, float) + off
    height, width = mask.shape
    corners = ((max(0.0, x0), max(0.0, y0)), (min(float(width), x1), min(float(height), y1)))
    return Prompts(corners, _CORNERS)


def corrected(
    prompts: Prompts, logits: NDArray[np.float32], truth: Mask, rng: np.random.Generator
) -> Prompts:
    """The prompts with a click where the mask so far is wrong, and that mask.

    The click is on the deepest point of the larger error region, or anywhere in it.
    """
    height, width = truth.shape
    inside = logits[:height, :width] > 0
    missing, extra = truth & ~inside, inside & ~truth
    x, y, deep = deepest_point(missing)
    also_x, also_y, also_deep = deepest_point(extra)
    keep = deep >= also_deep
    if not keep:
        x, y = also_x, also_y
    if rng.random() < 0.5:
        wrong = missing if keep else extra
        _, regions = cv2.connectedComponents(wrong.astype(np.uint8))
        here = regions == regions[min(int(y), height - 1), min(int(x), width - 1)]
        (x, y), *_ = random_click(here & wrong if (here & wrong).any() else wrong, rng).points
    return replace(
        prompts,
        points=(*prompts.points, (x, y)),
        labels=(*prompts.labels, KEEP if keep else DROP),
        mask=logits,
    )


def wrong(logits: NDArray[np.float32], truth: Mask) -> bool:
    """Whether a mask differs from the truth at all."""
    height, width = truth.shape
    return not np.array_equal(logits[:height, :width] > 0, truth)


def begun(mask: Mask, salience: Alpha, rng: np.random.Generator) -> Prompts:
    """What a user does first: most often one click."""
    way = rng.random()
    if way < 0.40:
        return random_click(mask, rng)
    if way < 0.55:
        return central_click(mask)
    if way < 0.70:
        return with_salience(random_click(mask, rng), salience)
    if way < 0.80:
        return box(mask, 0.02, rng)
    if way < 0.95:
        return box(mask, 0.12, rng)
    return scribble(mask, rng)


def with_salience(prompts: Prompts, salience: Alpha) -> Prompts:
    """The prompts with what stands out at the first point as the mask so far, if anything does."""
    hint = hint_at(salience, prompts.points[0], SIDE)
    return prompts if hint is None else replace(prompts, mask=hint)
