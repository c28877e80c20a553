"""Pictures with trimaps, and alphas that are known."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN

SIDES = st.integers(1, 12)


@st.composite
def solvable(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    height, width = draw(SIDES), draw(SIDES)
    rgb = draw(arrays(np.uint8, (height, width, 3)))
    values = st.sampled_from([BACKGROUND, UNKNOWN, FOREGROUND])
    trimap = draw(arrays(np.uint8, (height, width), elements=values))
    if (trimap == UNKNOWN).all():
        trimap[0, 0] = FOREGROUND
    return rgb, trimap


def disc(side: int, softness: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A soft red disc on green: picture, true alpha, trimap."""
    ys, xs = np.mgrid[:side, :side]
    away = np.hypot(ys - side / 2, xs - side / 2) - side / 4
    alpha = np.clip(0.5 - away / softness, 0, 1).astype(np.float32)
    colours = np.array([[200.0, 40, 50], [30, 160, 90]])
    rgb = alpha[..., None] * colours[0] + (1 - alpha[..., None]) * colours[1]
    trimap = np.full(alpha.shape, UNKNOWN, np.uint8)
    trimap[away < -softness] = FOREGROUND
    trimap[away > softness] = BACKGROUND
    return np.rint(rgb).astype(np.uint8), alpha, trimap


def textured(side: int, softness: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`disc` with grain, as a photo has."""
    rgb, alpha, trimap = disc(side, softness)
    grain = np.random.default_rng(5).normal(0, 6, rgb.shape)
    return np.clip(rgb + grain, 0, 255).astype(np.uint8), alpha, trimap
