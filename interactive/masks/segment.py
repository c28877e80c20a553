"""From prompts to candidates: which masks could be meant, best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pickmatte.interactive.edits.prompts import Box, Click, Prompt, Stroke
from pickmatte.models.choice.features import features
from pickmatte.models.choice.masks import masks_of_click
from pickmatte.models.choice.score import chance_right
from pickmatte.models.errors import PromptError
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Logits, Salient

from .candidate import Candidate
from .choice import distinct, rank_in_box
from .cleanup import tidied
from .strokes import clicks_of
from .tiny import speck, window_around
from .view import View
from .wide_box import not_behind
from .zoom import through

# A user is offered few masks for a click, which differ: more alike than this they are one.
_ALIKE = 0.9
_MOST = 5
# What a click turns where no mask heeds it: so much of the mask's breadth around it.
_DAB = 0.05
_SURE = 4.0  # logits


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
        return _refine(view, clicks, box, previous)
    if not any(click.keep for click in clicks):
        raise PromptError("Point at the subject first, then at what is not part of it.")
    if len(clicks) > 1:  # one scribble: its first point opens, the others refine
        opened = segment(view, salient, clicks[:1])[0]
        return _refine(view, clicks, None, opened)
    ranked = _pointed_at(view, salient, clicks[0])
    tiny = speck(view.rgb, clicks[0])
    if tiny is None:
        return ranked
    best = _in_box(view, clicks, tiny)[0]
    return (replace(best, score=max(best.score, ranked[0].score)), *ranked)


def _pointed_at(view: View, salient: Salient, click: Click) -> tuple[Candidate, ...]:
    """Candidates for a lone click, best first: what the segmenter sees and what stands out."""
    found: list[Candidate] = []

    def decode(hint: Logits | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        layers = view.decode(view.whole, [click], None, hint)
        found.extend(layers)
        logits = np.stack([one.logits for one in layers])
        return logits, np.array([one.score for one in layers], np.float32)

    salience = view.salience(salient)
    height, width = salience.shape
    cell = click.x / view.size[1] * width, click.y / view.size[0] * height
    masks = masks_of_click(decode, cell, salience)
    found.extend(replace(found[0], logits=layer) for layer in masks.logits[len(found) :])
    told = features(masks.logits[:, :height, :width], masks.scores, masks.kinds, cell, salience)
    scores = chance_right(told).tolist()
    scored = [replace(one, score=score) for one, score in zip(found, scores, strict=True)]
    best_first = sorted(scored, key=lambda one: -one.score)
    return distinct(_tidied(view, best_first, [click]), _ALIKE)[:_MOST]


def _in_box(view: View, clicks: Sequence[Click], box: Box) -> tuple[Candidate, ...]:
    """Candidates for a box, best first, seen in a window of their own where it is tiny."""
    window = window_around(box, view.size) or view.whole
    clicks = [click for click in clicks if window.holds(click.x, click.y)]
    return rank_in_box(_tidied(view, view.decode(window, clicks, box), clicks), box)


def _refine(
    view: View, clicks: Sequence[Click], box: Box | None, previous: Candidate
) -> tuple[Candidate, ...]:
    """The previous mask changed as all prompts together ask, and the decoder's other masks."""
    if not all(previous.window.holds(click.x, click.y) for click in clicks):
        previous = through(previous, view.whole)  # a tiny thing is to become something larger
    first, *rest = view.decode(previous.window, clicks, box, previous.logits)
    refined = tidied(first, clicks, view.rgb)
    others = _tidied(view, sorted(rest, key=lambda candidate: -candidate.score), clicks)
    if _held(refined, clicks) < len(clicks):
        # A click that does not hold reads as a defect: take the nearest mask that heeds more.
        refined = max(
            [refined, *others],
            key=lambda one: (_held(one, clicks), mask_iou(one.inside, refined.inside)),
        )
        refined = _dabbed(refined, clicks)
    return distinct([refined, *others])


def _dabbed(candidate: Candidate, clicks: Sequence[Click]) -> Candidate:
    """The candidate, what lies under clicks that do not hold turned as by a small brush."""
    logits: Logits = candidate.logits.copy()
    inside = candidate.inside
    rows, columns = np.ogrid[: inside.shape[0], : inside.shape[1]]
    breadth = _DAB * float(np.sqrt(inside.sum()))
    for click in clicks:
        if candidate.holds(click.x, click.y) != click.keep:
            column, row = candidate.place(click.x, click.y)
            under = np.hypot(rows - row, columns - column) <= max(1.0, breadth)
            logits[: inside.shape[0], : inside.shape[1]][under] = _SURE if click.keep else -_SURE
    return replace(candidate, logits=logits)


def _held(candidate: Candidate, clicks: Sequence[Click]) -> int:
    """How many clicks the mask agrees with."""
    return sum(candidate.holds(click.x, click.y) == click.keep for click in clicks)


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
