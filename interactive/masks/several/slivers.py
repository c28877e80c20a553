"""What a whole leaves standing around a thing in front of it: a rim of its mask, no part of it.

The mask of a group follows the outline of its front member a little farther out than that one's
own mask does, and fills the pin-holes in it. Cut apart, the one behind would keep both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import cv2
import numpy as np

from pickmatte.interactive.masks.candidate import Candidate
from pickmatte.models.protocols import Logits, Mask

_THIN = 5  # cells of the logits' grid: a rest as narrow as that, beside the front one, is a rim
_NEAR = 2  # cells from the front one
_OUTSIDE = -1.0  # the logit of what is taken away


def without_slivers(
    candidates: Sequence[Candidate], inner: Collection[tuple[int, int]]
) -> tuple[Candidate, ...]:
    """The candidates, each without thin rests around those that lie inside it.

    `inner` holds pairs of places of which the first lies inside the second. One that nothing lies
    inside of is given back as it is.
    """
    tidy = list(candidates)
    for inside, whole in sorted(inner):
        content = tidy[whole].content
        seen = candidates[inside].seen(tidy[whole].window, content.shape)
        rim = _rim(content > 0, seen > 0)
        if rim.any():
            logits: Logits = tidy[whole].logits.copy()
            logits[: content.shape[0], : content.shape[1]][rim] = _OUTSIDE
            tidy[whole] = replace(tidy[whole], logits=logits)
    return tuple(tidy)


def _rim(whole: Mask, front: Mask) -> Mask:
    """Thin parts beside the front one of what is left of the whole.

    With the front one's next cells, so that nothing of the whole shows between them.
    """
    rest = (whole & ~front).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_THIN, _THIN))
    # Beyond the frame the whole goes on.
    framed = cv2.copyMakeBorder(rest, *(_THIN,) * 4, cv2.BORDER_REPLICATE)
    firm = cv2.morphologyEx(framed, cv2.MORPH_OPEN, kernel)
    firm = cv2.dilate(firm, np.ones((3, 3), np.uint8))[_THIN:-_THIN, _THIN:-_THIN]
    beside = cv2.dilate(front.astype(np.uint8), np.ones((2 * _NEAR + 1,) * 2, np.uint8))
    thin = (rest > 0) & (firm == 0)
    # All of a thin piece goes if it touches the front one: its ends lie farther out.
    count, labels = cv2.connectedComponents(thin.view(np.uint8), connectivity=8)
    touching = np.zeros(count, bool)
    touching[np.unique(labels[thin & (beside > 0)])] = True
    touching[0] = False
    grown = cv2.dilate(touching[labels].view(np.uint8), np.ones((3, 3), np.uint8))
    rim: Mask = (grown > 0) & (front | thin)
    return rim
