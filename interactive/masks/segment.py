"""From prompts to candidates: which masks could be meant, best first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pickmatte.interactive.edits.prompts import Box, Click, Prompt, Stroke
from pickmatte.models.errors import PromptError
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Logits, Salient

from .candidate import Candidate
from .choice import distinct, rank, rank_in_box, salience_of
from .cleanup import tidied
from .strokes import clicks_of
from .tiny import speck, window_around
from .view import View
from .wide_box import not_behind
from .zoom import through

# SAM's layer for prompts that leave no doubt was trained on about ten points. With two or three it
# still wavers, and saying each of them several times steadies it.
_POINTS = 12
# The mask so far as it is, and louder: alone, either drifts off what was right already.
_LOUDNESS = (1.0, 2.0)
# How much surer a change must be, in logits, for each subject's breadth away from the new click.
_INERTIA = 0.5


def segment(
    view: View, salient: Salient, prompts: Sequence[Prompt], previous: Candidate | None = None
) -> tuple[Candidate, ...]:
    """Candidates for a subject's prompts, best first.

    `previous` is the candidate that stood before the last prompt was added, if there was one: the
    prompts then refine it. Raises `PromptError` when nothing was said of what to keep.
    """
    clicks = clicks_of_all(prompts)
    box = next((prompt for prompt in reversed(prompts) if isinstance(prompt, Box)), None)
    if box is not None and (previous is None or box is prompts[-1]):
        ranked = _in_box(view, clicks, box)
        return ranked if clicks else not_behind(view, salient, ranked, box)
    if previous is not None:
        return _refine(view, clicks, box, previous, prompts[-1])
    if not any(click.keep for click in clicks):
        raise PromptError("Point at the subject first, then at what is not part of it.")
    if len(clicks) > 1:  # one scribble: its first point opens, the others refine
        opened = segment(view, salient, clicks[:1])[0]
        return _refine(view, clicks, None, opened, clicks[-1])
    found = _tidied(view, view.decode(view.whole, clicks, None), clicks)
    ranked = rank(found, salience_of(found, view.rgb, salient))
    tiny = speck(view.rgb, clicks[0])
    if tiny is None:
        return ranked
    best = _in_box(view, clicks, tiny)[0]
    return (replace(best, score=max(best.score, ranked[0].score)), *ranked)


def _in_box(view: View, clicks: Sequence[Click], box: Box) -> tuple[Candidate, ...]:
    """Candidates for a box, best first, seen in a window of their own where it is tiny."""
    window = window_around(box, view.size) or view.whole
    clicks = [click for click in clicks if window.holds(click.x, click.y)]
    return rank_in_box(_tidied(view, view.decode(window, clicks, box), clicks), box)


def _refine(
    view: View, clicks: Sequence[Click], box: Box | None, previous: Candidate, newest: Prompt
) -> tuple[Candidate, ...]:
    """The previous mask, changed as the newest prompt asks and elsewhere only on good grounds."""
    if not all(previous.window.holds(click.x, click.y) for click in clicks):
        previous = through(previous, view.whole)  # a tiny thing is to become something larger
    repeated = [*clicks] * max(1, math.ceil(_POINTS / max(1, len(clicks))))
    looks = [
        view.decode(previous.window, repeated, box, loudness * previous.logits)
        for loudness in _LOUDNESS
    ]
    first = looks[0]
    logits: Logits = np.mean([look[0].logits for look in looks], axis=0, dtype=np.float32)
    if isinstance(newest, Click):
        logits += _inertia(previous, newest)
    refined = tidied(replace(first[0], logits=logits), clicks, view.rgb)
    others = _tidied(view, sorted(first[1:], key=lambda candidate: -candidate.score), clicks)
    if _held(refined, clicks) < len(clicks):
        # A click that does not hold reads as a defect: take the nearest mask that heeds more.
        every = [*others, *_tidied(view, [looks[0][0], *looks[1]], clicks)]
        refined = max(
            [refined, *every],
            key=lambda one: (_held(one, clicks), mask_iou(one.inside, refined.inside)),
        )
    return distinct([refined, *others])


def _held(candidate: Candidate, clicks: Sequence[Click]) -> int:
    """How many clicks the mask agrees with."""
    return sum(candidate.holds(click.x, click.y) == click.keep for click in clicks)


def _inertia(previous: Candidate, click: Click) -> Logits:
    """Logits in favour of the previous mask, growing with the distance from a click."""
    inside = previous.inside
    column, row = previous.place(click.x, click.y)
    rows, columns = np.ogrid[: inside.shape[0], : inside.shape[1]]
    breadth = max(8.0, math.sqrt(int(inside.sum())))
    away = np.minimum(np.hypot(columns - column, rows - row) / breadth, 2.0)
    pull = np.zeros_like(previous.logits)
    pull[: inside.shape[0], : inside.shape[1]] = _INERTIA * away * np.where(inside, 1, -1)
    return pull


def clicks_of_all(prompts: Sequence[Prompt]) -> list[Click]:
    """The clicks among the prompts and those that stand for the strokes, in order."""
    clicks: list[Click] = []
    for prompt in prompts:
        if isinstance(prompt, Click):
            clicks.append(prompt)
        elif isinstance(prompt, Stroke):
            clicks.extend(clicks_of(prompt))
    return clicks


def _tidied(
    view: View, candidates: Sequence[Candidate], clicks: Sequence[Click]
) -> list[Candidate]:
    return [tidied(candidate, clicks, view.rgb) for candidate in candidates]
