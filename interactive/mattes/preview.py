"""The preview stage: quick stand-ins for a picture, an alpha and a cut-out, of a screen's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.pictures.transparency import shares
from pickmatte.models.geometry.cropped_layer import CroppedLayer
from pickmatte.models.protocols import RGB, Alpha, Trimap

from .foreground import compose, estimate_foreground

if TYPE_CHECKING:
    from pickmatte.models.matting.nano import Nano


def quick_alpha(rgb: RGB, trimap: Trimap, network: Nano) -> Alpha:
    """A preview of a small view's alpha, float32 H×W; 0 where the trimap is all background."""
    if not trimap.any():
        return np.zeros(trimap.shape, np.float32)
    return network.preview(rgb, trimap)


def quick_cutout(rgb: RGB, alpha: Alpha) -> NDArray[np.uint8]:
    """Straight RGBA, uint8 H×W×4, of a small view; its colours are estimated on coarse blocks."""
    colour = estimate_foreground(rgb, alpha, blocks=2)
    return np.dstack([colour, np.rint(alpha * 255).astype(np.uint8)]).astype(np.uint8)


def quick_cutout_of_part(straight: NDArray[np.uint8], alpha: Alpha) -> NDArray[np.uint8]:
    """The same of a picture that has transparency; `straight` is its small view, RGBA uint8."""
    own = np.divide(straight[..., 3], 255, dtype=np.float32)
    return compose(straight[..., :3], CroppedLayer.of(shares(alpha, own)), own, blocks=2)
