"""From prompts to candidates: which masks could be meant, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.protocols import RGB, Embedding, Logits, Segmenter

from .cache import ByteCache
from .candidates import Candidate, Window
from .prompts import Box, Click, Prompt


@dataclass(frozen=True, eq=False)
class View:
    """A picture that can be decoded through any window; embeddings are computed once and kept."""

    rgb: RGB
    digest: str
    segmenter: Segmenter
    embeddings: ByteCache

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        height, width = self.rgb.shape[:2]
        return height, width

    @property
    def whole(self) -> Window:
        """The window that is the whole picture."""
        return 0, 0, self.rgb.shape[1], self.rgb.shape[0]

    def embedding(self, window: Window) -> Embedding:
        """The embedding of a window, from the cache where it is known."""
        x0, y0, x1, y1 = window
        return self.embeddings.get(
            (self.digest, self.segmenter.name, window),
            lambda: self.segmenter.encode(np.ascontiguousarray(self.rgb[y0:y1, x0:x1])),
        )

    def decode(
        self, window: Window, clicks: Sequence[Click], box: Box | None, mask: Logits | None
    ) -> list[Candidate]:
        """The segmenter's masks for prompts in picture coordinates, in its own order."""
        x0, y0, _, _ = window
        corners = None if box is None else (box.x0 - x0, box.y0 - y0, box.x1 - x0, box.y1 - y0)
        found = self.segmenter.decode(
            self.embedding(window),
            np.float32([(click.x - x0, click.y - y0) for click in clicks]).reshape(-1, 2),
            np.array([int(click.keep) for click in clicks], int),
            box=corners,
            mask=mask,
        )
        return [
            Candidate(logits, window, self.size, float(score))
            for logits, score in zip(found.logits, found.scores, strict=True)
        ]


def segment(
    view: View, prompts: Sequence[Prompt], previous: Candidate | None = None
) -> tuple[Candidate, ...]:
    """Candidates for a subject's prompts, best first.

    `previous` is the candidate that stood before the last prompt was added, if there was one.
    """
    clicks = [prompt for prompt in prompts if isinstance(prompt, Click)]
    boxes = [prompt for prompt in prompts if isinstance(prompt, Box)]
    found = view.decode(
        view.whole, clicks, boxes[-1] if boxes else None, previous.logits if previous else None
    )
    return tuple(sorted((replace(c) for c in found), key=lambda c: -c.score))
