"""The trimap stage: from a subject's mask to its trimap by itself, before its neighbours count."""

from __future__ import annotations

import numpy as np

from pickmatte.interactive.edits.paint import paint_trimap
from pickmatte.interactive.edits.state import Key, SubjectState
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import RGB, Logits, Mask, Matting, Trimap

from .glass import see_through
from .hair import include_strands
from .trimap import make_trimap


def trimap_key(subject: SubjectState) -> Key:
    """What a subject's trimap follows from beside its mask and the logits of that."""
    return Key(subject.band, subject.material, subject.paint)


def subject_trimap(
    rgb: RGB,
    mask: Mask,
    subject: SubjectState,
    logits: Logits | None,
    window: Rectangle | None,
    *,
    clear: bool,
    strands: Matting | None,
    scale: float = 1.0,
) -> Trimap:
    """The trimap of one subject, uint8 H×W of 0, 128, 255; all 0 where its mask is empty.

    `rgb` is uint8 H×W×3 and `mask` bool H×W, `scale` times the size of the picture. `logits`,
    float32 h×w over `window` of it, are what the mask was made from, None where the user brought
    it along. One sees through what is `clear`. `strands` is the network that is asked for hair the
    mask cuts through; None asks none.
    """
    if not mask.any():  # all of it is another's, or it has less than a pixel in a small view
        return np.zeros(mask.shape, np.uint8)
    trimap = make_trimap(mask, band=subject.band, logits=logits, window=window)
    if clear:
        trimap = see_through(rgb, mask, trimap)
    elif strands is not None:
        trimap = include_strands(strands, rgb, mask, trimap, band=subject.band)
    return paint_trimap(trimap, subject.paint, scale)
