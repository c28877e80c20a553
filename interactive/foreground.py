"""Colour decontamination: the subject's own colour where it mixes with the background.

T. Germer, T. Uelwer, S. Conrad, S. Harmeling: Fast Multi-Level Foreground Estimation, ICPR 2020.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.protocols import Alpha


def estimate_foreground(rgb: NDArray[np.generic], alpha: Alpha) -> NDArray[np.generic]:
    """The subject's own straight colours, the same dtype and shape as `rgb`."""
    from pymatting.foreground.estimate_foreground_ml import estimate_foreground_ml

    top = np.iinfo(rgb.dtype).max
    colours = estimate_foreground_ml(rgb.astype(np.float32) / np.float32(top), alpha)
    out = (colours * top + 0.5).astype(rgb.dtype)
    out[alpha == 1] = rgb[alpha == 1]
    return out
