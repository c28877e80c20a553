"""From a detection to candidates: the box of a thing that a phrase named becomes its mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.protocols import Detection, Salient

from .candidates import Candidate
from .choice import rank_in_box
from .cleanup import tidied
from .prompts import Box
from .view import View


def candidates_of(view: View, detection: Detection, salient: Salient) -> tuple[Candidate, ...]:
    """Candidates for a detection, best first."""
    box = Box(*detection.box)
    return rank_in_box([tidied(one, []) for one in view.decode(view.whole, [], box)], box)


def union(candidates: Sequence[Candidate]) -> Candidate:
    """One candidate of all that any of them holds; all are of the same window."""
    logits = np.max([candidate.logits for candidate in candidates], axis=0)
    return replace(candidates[0], logits=logits, score=min(one.score for one in candidates))
