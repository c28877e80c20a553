"""Mask to trimap: how far the mask's edge can be trusted, place by place.

The unknown band grows with the subject's size, with the size of one logit pixel (the segmenter
cannot place an edge better than that), and with the width over which the logits change sign
(hair and blur). It reaches further out than in, because segmenters cut hair short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.errors import MaskError
from pickmatte.models.geometry.rectangle import Rectangle, bounding_box
from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import Logits, Mask, Trimap

Field: TypeAlias = NDArray[np.float32]

_CERTAIN = float(np.log(9))  # a logit beyond this means a probability above 0.9 or below 0.1
_CORE = 0.6  # of the depth reached nearby at most, so that thin parts and gaps keep a core
_FIELD = 512  # long side of the grid on which widths are worked out
_BLOCK = 512  # distances are measured in blocks of at least this side, where an edge is near
_UNITS = 8  # steps of one pixel in which distances are kept


@dataclass(frozen=True)
class _Reach:
    """How many pixels the band extends on each side: by the subject's size, cell and softness."""

    pixels: float
    size: float
    cells: float
    softness: float

    def at(self, size: float, cell: float, softness: Field) -> Field:
        return np.float32(self.pixels + self.size * size + self.cells * cell) + (
            np.float32(self.softness) * softness
        )


_INWARD = _Reach(pixels=1, size=0.003, cells=0.5, softness=0.5)
_OUTWARD = _Reach(pixels=1, size=0.004, cells=0.75, softness=1.0)
# A mask that comes without logits says nothing about its edges.
_INWARD_BLIND = _Reach(pixels=1, size=0.008, cells=0, softness=0)
_OUTWARD_BLIND = _Reach(pixels=1, size=0.012, cells=0, softness=0)


def make_trimap(
    mask: Mask,
    *,
    band: float = 1.0,
    logits: Logits | None = None,
    window: Rectangle | None = None,
) -> Trimap:
    """Trimap of a mask, uint8 H×W of 0 (background), 128 (unknown), 255 (foreground).

    `mask` is bool H×W; `band` scales the width. `logits`, float32 h×w, are what the mask was made
    from; they cover `window` (x0, y0, x1, y1) of the picture, or all of it. There is always some
    foreground, and some background unless the mask fills the picture, which then is all
    foreground. Raises `MaskError` for an empty mask or one of the wrong kind.
    """
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise MaskError("A mask must be a picture-sized array of true and false, height by width.")
    subject = bounding_box(mask)
    if subject is None:
        raise MaskError("The mask is empty; click on the subject.")
    size = float(np.sqrt(np.count_nonzero(mask)))
    reach_in, reach_out = _INWARD_BLIND, _OUTWARD_BLIND
    cell, widest = 0.0, 0.0
    if logits is not None:
        window = window or Rectangle.whole(mask.shape)
        cell = max(
            (window[2] - window[0]) / logits.shape[1], (window[3] - window[1]) / logits.shape[0]
        )
        widest = min(0.2 * size, 10 * cell)
        reach_in, reach_out = _INWARD, _OUTWARD
    limit = float(reach_out.at(size, cell, np.array(widest, np.float32)) * max(0.0, band))
    margin = int(np.ceil(max(limit, 1) / _CORE)) + 2
    crop = subject.grown(margin, mask.shape)
    trimap: Trimap = np.full(mask.shape, BACKGROUND, np.uint8)
    if mask[crop.slices].all():
        trimap[crop.slices] = FOREGROUND
        return trimap
    factor = max(1, -(-max(crop.height, crop.width) // _FIELD))
    softness = np.zeros((-(-crop.height // factor), -(-crop.width // factor)), np.float32)
    if logits is not None and window is not None:
        softness = _softness(mask[crop.slices], crop, factor, logits, window, cell)
        softness = np.minimum(softness, np.float32(widest))
    near = np.maximum(1, np.float32(band) * reach_in.at(size, cell, softness))
    far = np.maximum(1, np.float32(band) * reach_out.at(size, cell, softness))
    margin = int(np.ceil(max(float(near.max()), float(far.max())) / _CORE)) + 2
    distance = _signed_distance(mask[crop.slices], margin)
    depth_in, depth_out = _depths(distance, factor, margin)
    near = np.minimum(near, _CORE * depth_in)
    far = np.minimum(far, _CORE * depth_out)
    _classify(trimap[crop.slices], distance, near, far, factor)
    return _with_core(trimap, crop, distance)


def _blocks(size: tuple[int, ...], step: int) -> Iterator[Rectangle]:
    for top, left in product(range(0, size[0], step), range(0, size[1], step)):
        yield Rectangle(left, top, min(left + step, size[1]), min(top + step, size[0]))


def _signed_distance(mask: Mask, limit: int) -> NDArray[np.int16]:
    """Distance to the mask's edge in 1/`_UNITS` pixels, positive inside, exact up to `limit`."""
    signed = np.empty(mask.shape, np.int16)
    top = min(limit * _UNITS, np.iinfo(np.int16).max)
    for block in _blocks(mask.shape, max(_BLOCK, 6 * limit)):
        area = block.grown(limit, mask.shape)
        part = mask[area.slices]
        first = bool(part[0, 0])
        if (part == first).all():
            signed[block.slices] = top if first else -top
            continue
        inner = block.slices_in(area)
        layers = [
            cv2.distanceTransform(side.view(np.uint8), cv2.DIST_L2, 5)[inner]
            for side in (part, ~part)
        ]
        np.clip((layers[0] - layers[1]) * _UNITS, -top, top, out=layers[0])
        signed[block.slices] = np.rint(layers[0])
    return signed


def _depths(distance: NDArray[np.int16], factor: int, reach: int) -> tuple[Field, Field]:
    """How deep the inside and the outside get within `reach` pixels, per field cell, in pixels."""
    height, width = distance.shape
    pad = (0, -height % factor, 0, -width % factor)
    padded = cv2.copyMakeBorder(distance, *pad, cv2.BORDER_REPLICATE) if any(pad) else distance
    cells = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)
    kernel = np.ones((2 * -(-reach // factor) + 1,) * 2, np.uint8)
    inside, outside = (
        cv2.dilate(layer.astype(np.float32) / np.float32(_UNITS), kernel)
        for layer in (cells.max(axis=(1, 3)), -cells.min(axis=(1, 3)))
    )
    return np.maximum(inside, 0), np.maximum(outside, 0)


def _softness(
    mask: Mask, crop: Rectangle, factor: int, logits: Logits, window: Rectangle, cell: float
) -> Field:
    """Pixels over which the logits are uncertain, across the mask's nearest edge, per field cell.

    Around each piece of the edge: the area that is uncertain divided by the edge's length there.
    """
    rows, columns = -(-crop.height // factor), -(-crop.width // factor)
    pad = (0, rows * factor - crop.height, 0, columns * factor - crop.width)
    padded = cv2.copyMakeBorder(mask.view(np.uint8), *pad, cv2.BORDER_REPLICATE)
    small = cv2.resize(padded * np.uint8(255), (columns, rows), interpolation=cv2.INTER_AREA)
    share = small.astype(np.float32) / 255
    across = np.hypot(cv2.Scharr(share, cv2.CV_32F, 1, 0), cv2.Scharr(share, cv2.CV_32F, 0, 1)) / 32
    # Logit position of each cell's centre.
    x = (crop.x0 + (np.arange(columns, dtype=np.float32) + 0.5) * factor - window[0]) * (
        logits.shape[1] / (window[2] - window[0])
    ) - 0.5
    y = (crop.y0 + (np.arange(rows, dtype=np.float32) + 0.5) * factor - window[1]) * (
        logits.shape[0] / (window[3] - window[1])
    ) - 0.5
    grid_x, grid_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    values = cv2.remap(
        logits, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1e3
    )
    uncertain = (np.abs(values) < _CERTAIN).astype(np.float32)
    around = (2 * max(1, round(2 * cell / factor)) + 1,) * 2
    area = cv2.boxFilter(uncertain, -1, around, normalize=False, borderType=cv2.BORDER_CONSTANT)
    length = cv2.boxFilter(across, -1, around, normalize=False, borderType=cv2.BORDER_CONSTANT)
    # A corner of the window holds hardly any edge: no ratio from less than a cell's worth.
    width = area / np.maximum(length, cell / factor)
    edge = (across > 0.1).astype(np.uint8)
    if not edge.any():
        return np.zeros((rows, columns), np.float32)
    _, labels = cv2.distanceTransformWithLabels(
        1 - edge, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    by_label = np.zeros(int(labels.max()) + 1, np.float32)
    by_label[labels[edge > 0]] = width[edge > 0]
    nearest = by_label[labels] * np.float32(factor)
    smooth: Field = cv2.blur(nearest, around, borderType=cv2.BORDER_REPLICATE).astype(np.float32)
    return smooth


def _classify(
    trimap: Trimap, distance: NDArray[np.int16], near: Field, far: Field, factor: int
) -> None:
    """Write the trimap of the crop in place, block by block."""
    step = max(1, _BLOCK // factor)
    for cells in _blocks(near.shape, step):
        block = Rectangle(*(edge * factor for edge in cells))
        block = block.grown(0, distance.shape)
        if block.height <= 0 or block.width <= 0:
            continue
        here = distance[block.slices]
        size = (block.width, block.height)
        inner = cv2.resize(near[cells.slices] * np.float32(_UNITS), size)
        outer = cv2.resize(far[cells.slices] * np.float32(_UNITS), size)
        part = np.full(here.shape, UNKNOWN, np.uint8)
        part[here > inner] = FOREGROUND
        part[-here > outer] = BACKGROUND
        trimap[block.slices] = part


def _with_core(trimap: Trimap, crop: Rectangle, distance: NDArray[np.int16]) -> Trimap:
    """Give the deepest pixels back where the band has taken all the subject or all around it."""
    part = trimap[crop.slices]
    if not (part == FOREGROUND).any():
        part[distance >= max(1, int(distance.max()))] = FOREGROUND
    if not (trimap == BACKGROUND).any():
        part[distance <= min(-1, int(distance.min()))] = BACKGROUND
    return trimap
