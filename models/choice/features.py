"""What can be told of a mask, beside others of the same click, without knowing what it shows.

All is measured on the grid of the masks' logits, so that a picture's size does not matter.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.masks import mask_iou, soft_iou, stability
from pickmatte.models.protocols import Alpha, Mask

# Ways that a mask came about; the first four are the layers of a SAM decoder for a lone prompt.
KINDS = 9  # four layers of a click, four of a click on what stands out, what stands out itself
_RING = 5  # cells around a mask
_STANDS_OUT = 0.5
_RANKED = (
    "score",
    "log area",
    "least extent",
    "stability",
    "deepest",
    "salience inside",
    "salience iou",
    "component iou",
)

_OWN = (
    "score",
    "log area",
    "area",
    "width",
    "height",
    "least extent",
    "left",
    "top",
    "right",
    "bottom",
    "sides",
    "stability",
    "click depth",
    "deepest",
    "depth ratio",
    "largest part",
    "log parts",
    "outline",
    "logit inside",
    "logit in ring",
    "salience inside",
    "salience in ring",
    "salience iou",
    "component iou",
    "holds click",
    "offset",
    "salience at click",
    "agreement mean",
    "agreement most",
    "agreement with best",
)
_TOLD: tuple[str, ...] = (
    *(f"kind {kind}" for kind in range(KINDS)),
    *_OWN,
    *(f"rank of {name}" for name in _RANKED),
)
# What differs between the masks of a click chooses among them; what they have in common says how
# sure that is.
NAMES: tuple[str, ...] = (
    *(f"{name} above mean" for name in _TOLD),
    *(f"mean {name}" for name in _TOLD),
)


def features(
    layers: NDArray[np.float32],
    scores: NDArray[np.float32],
    kinds: NDArray[np.int_],
    click: tuple[float, float],
    salience: Alpha,
) -> NDArray[np.float32]:
    """N×len(NAMES) for N masks of one click.

    `layers` are their logits N×h×w, `scores` the decoder's own, `kinds` from 0 to KINDS - 1;
    `click` is x, y in cells; `salience` h×w in 0..1 is what stands out in the picture.
    """
    inside = layers > 0
    column = min(max(int(click[0]), 0), inside.shape[2] - 1)
    row = min(max(int(click[1]), 0), inside.shape[1] - 1)
    component = component_at(salience, column, row)
    agreement = np.array([[mask_iou(a, b) for b in inside] for a in inside])
    best = int(scores.argmax())
    own = np.array(
        [
            [
                *_of_mask(layer, mask, float(score), column, row, salience, component),
                float(salience[row, column]),
                (agreement[place].sum() - 1) / max(1, len(inside) - 1),
                np.delete(agreement[place], place).max() if len(inside) > 1 else 1.0,
                agreement[place, best],
            ]
            for place, (layer, mask, score) in enumerate(zip(layers, inside, scores, strict=True))
        ]
    )
    places = [_OWN.index(name) for name in _RANKED]
    ranks = own[:, places].argsort(0).argsort(0) / max(1, len(own) - 1)
    told = np.concatenate([np.eye(KINDS)[kinds], own, ranks], axis=1)
    mean = np.broadcast_to(told.mean(0), told.shape)
    return np.concatenate([told - mean, mean], axis=1).astype(np.float32)


def component_at(salience: Alpha, column: int, row: int) -> Mask:
    """The connected part of what stands out that holds a cell; nothing where none does."""
    stands_out = (salience > _STANDS_OUT).astype(np.uint8)
    if not stands_out[row, column]:
        return np.zeros(salience.shape, bool)
    _, parts = cv2.connectedComponents(stands_out)
    return np.asarray(parts == parts[row, column])


def _of_mask(
    layer: NDArray[np.float32],
    mask: Mask,
    score: float,
    column: int,
    row: int,
    salience: Alpha,
    component: Mask,
) -> list[float]:
    height, width = mask.shape
    cells = int(mask.sum())
    small = mask.astype(np.uint8)
    root = max(1.0, float(np.sqrt(cells)))
    x, y, wide, tall = cv2.boundingRect(small)
    depth = cv2.distanceTransform(np.pad(small, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    click_depth, deepest = float(depth[row, column]), float(depth.max())
    count, _, stats, _ = cv2.connectedComponentsWithStats(small)
    largest = float(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0.0
    kernel = np.ones((2 * _RING + 1,) * 2, np.uint8)
    ring = (cv2.dilate(small, kernel) > 0) & ~mask
    outline = int((cv2.dilate(small, np.ones((3, 3), np.uint8)) - small).sum())
    sides = [float(side.mean()) for side in (mask[:, 0], mask[0], mask[:, -1], mask[-1])]
    return [
        score,
        float(np.log(max(cells, 1) / mask.size)),
        cells / mask.size,
        wide / width,
        tall / height,
        min(wide / width, tall / height),
        *sides,
        sum(side > 0.02 for side in sides) / 4,
        stability(layer),
        click_depth / root,
        deepest / root,
        click_depth / max(deepest, 1.0),
        largest / max(cells, 1),
        float(np.log(max(count - 1, 1))),
        outline / root,
        float(np.clip(layer[mask], 0, 20).mean()) if cells else 0.0,
        float(np.clip(np.abs(layer[ring]), 0, 20).mean()) if ring.any() else 0.0,
        float(salience[mask].mean()) if cells else 0.0,
        float(salience[ring].mean()) if ring.any() else 0.0,
        soft_iou(mask, salience),
        mask_iou(mask, component) if component.any() else 0.0,
        float(mask[row, column]),
        float(np.hypot((x + wide / 2) / width - 0.5, (y + tall / 2) / height - 0.5)),
    ]
