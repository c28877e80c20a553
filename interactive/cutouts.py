"""A cut-out's pixels: the picture's own, or as one layer of several, at 8 or 16 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.runtime.memory import release_free_memory

from .edits.state import State, SubjectState
from .mattes.foreground import compose
from .pictures.picture import Picture
from .pictures.transparency import shares
from .pipeline import Pipeline


def cut_out(
    pipeline: Pipeline,
    state: State,
    alpha: CroppedLayer,
    *,
    only: SubjectState | None,
    bits: int,
    invert: bool,
) -> NDArray[Any]:
    """Straight RGBA of what `alpha` tells, H×W×4, uint8 or uint16 by `bits`.

    Where it is of one subject, `only`, that one's colours are freed of its neighbours' too.
    `invert` gives the rest of the picture. A picture's own transparency stays.
    """
    own = pipeline.picture.alpha
    if own is not None:
        alpha = CroppedLayer(shares(alpha.pixels, own[alpha.at.slices]), alpha.at)
    if invert:
        everywhere = Rectangle.whole(pipeline.picture.size)
        rest = 1 - alpha.within(everywhere)
        alpha = CroppedLayer(rest if own is None else rest * (own > 0), everywhere)
    source = pixels(pipeline.picture, bits)
    with pipeline.candidate_store.timed("foreground"):
        rgba = compose(source, alpha, own)
        if only is not None and not invert:
            area, where, colours = pipeline.mixed(state, only, source)
            rgba[area.slices][where, :3] = colours
    release_free_memory()
    return rgba


def pixels(picture: Picture, bits: int) -> NDArray[Any]:
    """The picture's RGB at that depth, uint8 or uint16 H×W×3."""
    if bits == 8:
        return picture.rgb
    if picture.deep is not None:
        return picture.deep
    return picture.rgb.astype(np.uint16) * np.uint16(257)


def photo_layer(picture: Picture, bits: int) -> NDArray[Any]:
    """The picture as it came, H×W×3, or ×4 where it has transparency of its own."""
    photo = pixels(picture, bits)
    if picture.alpha is None:
        return photo
    top = np.float32(np.iinfo(photo.dtype).max)
    return np.dstack([photo, np.rint(picture.alpha * top).astype(photo.dtype)])
