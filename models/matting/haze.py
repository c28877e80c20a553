"""Take out the haze a smooth system leaves where pixels are all of one side or all of the other.

An alpha of 0.03 over clear background is within what the network expects to be off, shows as a veil
on a new background, and adds up over a wide band. Where most of the unknown pixels are decided, as
in hair and hard edges, less than half of the expected error counts as noise. Where few are, or
hardly any is of the subject, as in smoke and glass, small alphas are meant. That alpha is mostly
0 or 1 is also what Levin, Rav-Acha, Lischinski (Spectral Matting, PAMI 2008) assume.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.protocols import Alpha, Mask

_DECIDED = 0.05  # an alpha this near 0 or 1 is decided
_FEW, _MOST = 0.3, 0.8  # shares of decided pixels at which nothing, and everything, is taken out
_EACH = 0.1  # the share each side has at least in the band of an opaque subject
_SHARE, _AT_MOST = 0.5, 0.06  # of the expected error that is noise; and of alpha
_WINDOW = 25  # pixels over which the expected error is averaged


def remove_haze(alpha: Alpha, error: NDArray[np.float32], unknown: Mask) -> Alpha:
    """Alpha of the N unknown pixels in raster order, 0..1, stretched so that the haze is gone.

    All are H×W with at least one unknown pixel; `error` is how far off each alpha may be.
    """
    own = alpha[unknown]
    sides = float((own < _DECIDED).mean()), float((own > 1 - _DECIDED).mean())
    certain = min(max((sum(sides) - _FEW) / (_MOST - _FEW), 0.0), 1.0)
    certain *= min(min(sides) / _EACH, 1.0)
    window = (_WINDOW, _WINDOW)
    total = cv2.blur(np.where(unknown, error, 0).astype(np.float32), window)
    count = cv2.blur(unknown.astype(np.float32), window)
    noise = np.minimum(_SHARE * total[unknown] / count[unknown], _AT_MOST) * np.float32(certain)
    cleared: Alpha = np.clip((own - noise) / (1 - 2 * noise), 0, 1).astype(np.float32)
    return cleared
