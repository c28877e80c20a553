"""A picture seen through windows: what is encoded once, and decoded for every prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.edits.prompts import Box, Click
from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.protocols import (
    RGB,
    Alpha,
    Embedding,
    Logits,
    Salient,
    Segmenter,
    content_size,
)

from .candidate import Candidate

_LOOK = 640  # pixels of the long side that the salient-object network is shown


@dataclass(frozen=True, eq=False)
class View:
    """A picture and the segmenter that looks at it; embeddings are kept in a shared cache."""

    rgb: RGB
    digest: str
    segmenter: Segmenter
    embeddings: ByteCache
    own: Alpha | None = None  # the picture's own alpha where it has transparency
    embedded_by: str = ""  # the segmenter whose embeddings are read; this one's own if empty

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        height, width = self.rgb.shape[:2]
        return height, width

    @property
    def whole(self) -> Rectangle:
        """The window that is the whole picture."""
        return Rectangle(0, 0, self.rgb.shape[1], self.rgb.shape[0])

    def embedding(self, window: Rectangle) -> Embedding:
        """The embedding of a window, from the cache where it is known."""
        x0, y0, x1, y1 = window
        return self.embeddings.get(
            (self.digest, self.embedded_by or self.segmenter.name, window),
            lambda: self.segmenter.encode(np.ascontiguousarray(self.rgb[y0:y1, x0:x1])),
        )

    def salience(self, salient: Salient) -> Alpha:
        """What stands out in the whole picture, 0..1 on the grid of its logits; looked up if known.

        Runs the salient-object network the first time, about a tenth of a second on two cores.
        """
        grid = self.segmenter.grid

        def look() -> Alpha:
            height, width = fit_long_side(self.size, _LOOK)
            small = cv2.resize(self.rgb, (width, height), interpolation=cv2.INTER_AREA)
            found = salient.saliency(small.astype(np.uint8, copy=False))
            rows, columns = content_size(self.size, grid.side, grid.fit)
            on_grid = cv2.resize(found, (columns, rows), interpolation=cv2.INTER_AREA)
            return np.asarray(on_grid, np.float32)

        return self.embeddings.get((self.digest, salient.name, grid), look)

    def decode(
        self,
        window: Rectangle,
        clicks: Sequence[Click],
        box: Box | None,
        mask: Logits | None = None,
    ) -> list[Candidate]:
        """The segmenter's masks for prompts in picture coordinates, in its own order.

        `mask` is a candidate's S×S logits for the same window.
        """
        x0, y0, _, _ = window
        found = self.segmenter.decode(
            self.embedding(window),
            np.array([(click.x - x0, click.y - y0) for click in clicks], np.float32),
            np.array([int(click.keep) for click in clicks], int),
            box=None if box is None else (box.x0 - x0, box.y0 - y0, box.x1 - x0, box.y1 - y0),
            mask=mask,
        )
        candidates = [
            Candidate(logits, window, self.size, float(score), found.fit)
            for logits, score in zip(found.logits, found.scores, strict=True)
        ]
        return candidates if self.own is None else [self._visible(one) for one in candidates]

    def _visible(self, candidate: Candidate) -> Candidate:
        """The candidate without what is transparent; the more that was, the worse it is."""
        assert self.own is not None
        x0, y0, x1, y1 = candidate.window
        inside = candidate.inside
        shown = cv2.resize(self.own[y0:y1, x0:x1], inside.shape[::-1], interpolation=cv2.INTER_AREA)
        hidden = inside & (shown <= 0)
        if not hidden.any():
            return candidate
        logits = candidate.logits.copy()
        content = logits[: inside.shape[0], : inside.shape[1]]
        content[hidden] *= -1
        score = candidate.score * (1 - float(hidden.sum()) / float(inside.sum()))
        return replace(candidate, logits=logits, score=score)
