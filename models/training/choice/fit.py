"""Ridge regression of a mask's IoU on its features, weighed so that no group dominates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pickmatte.models.choice.score import Chance, Linear

from .samples import Sample

_WEIGHTS = {"other": 1.0, "person": 0.6, "people": 0.4}  # of a click
_RIDGE = 100.0  # on standardised features
_RIGHT = 0.5  # IoU
_STEPS = 20


def fit(every: Sequence[Sample]) -> Linear:
    """The linear score that foretells IoUs best in the least squares sense."""
    told = np.concatenate([sample.told for sample in every]).astype(np.float64)
    ious = np.concatenate([sample.ious for sample in every])
    weights = np.concatenate(
        [np.full(len(sample.ious), _WEIGHTS[sample.group]) for sample in every]
    )
    mean = np.average(told, axis=0, weights=weights)
    spread = np.sqrt(np.average((told - mean) ** 2, axis=0, weights=weights))
    spread[spread < 1e-6] = np.inf  # what never varies tells nothing
    scaled = (told - mean) / spread
    middle = float(np.average(ious, weights=weights))
    weighed = scaled * weights[:, None]
    moments = weighed.T @ scaled + _RIDGE * np.eye(scaled.shape[1])
    slopes = np.linalg.solve(moments, weighed.T @ (ious - middle)) / spread
    return Linear(slopes, middle - float(mean @ slopes))


def report(every: Sequence[Sample], folds: int) -> list[tuple[str, dict[str, float]]]:
    """For each group and way of clicking mean IoU of what is chosen, fitted without its fold."""
    chosen: dict[str, list[tuple[float, ...]]] = {}
    for fold in range(folds):
        held = [sample for sample in every if sample.fold == fold]
        rest = [sample for sample in every if sample.fold != fold]
        if not held or not rest:
            continue
        score = fit(rest)
        for sample in held:
            foretold = score(sample.told)
            best, own = int(foretold.argmax()), int(sample.scores[:4].argmax())
            plain = 1 + int(sample.scores[1:4].argmax())
            row = (
                sample.ious[plain],
                sample.ious[own],
                sample.ious[best],
                sample.ious[:4].max(),
                sample.ious.max(),
                float(foretold[best]),
            )
            way = "central" if sample.central else "random"
            chosen.setdefault(f"{sample.group}, {way}", []).append(row)
    names = ("best of 1-3", "own score", "learned", "oracle of 4", "oracle", "foretold")
    return [
        (
            group,
            dict(zip(names, np.mean(rows, axis=0).round(4).tolist(), strict=True))
            | {"clicks": len(rows)},
        )
        for group, rows in sorted(chosen.items())
    ]


def calibrate(every: Sequence[Sample], score: Linear) -> Chance:
    """The chance that what is chosen has an IoU of at least 0.5, by the one that was expected.

    Two numbers, by Newton's method. Of those chosen alone: the best of several is overrated.
    """
    rows = []
    for sample in every:
        expected = score(sample.told)
        best = int(expected.argmax())
        rows.append((expected[best], sample.ious[best]))
    expected, reached = np.array(rows).T
    right = reached >= _RIGHT
    table = np.stack([expected, np.ones_like(expected)], axis=1)
    numbers = np.zeros(2)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-table @ numbers))
        curve = table.T @ (table * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(2)
        numbers += np.linalg.solve(curve, table.T @ (right - chance))
    return Chance(float(numbers[0]), float(numbers[1]))


def reliability(
    every: Sequence[Sample], score: Linear, chance: Chance
) -> list[tuple[float, float, float, int]]:
    """Of the chosen masks in ten bands of the chance: its mean, the share that is right, the mean
    IoU, and how many they are."""
    rows = []
    for sample in every:
        chances = chance(score(sample.told))
        best = int(chances.argmax())
        rows.append((float(chances[best]), float(sample.ious[best])))
    table = np.array(rows)
    bands = np.minimum((table[:, 0] * 10).astype(int), 9)
    return [
        (
            float(table[bands == band, 0].mean()),
            float((table[bands == band, 1] >= _RIGHT).mean()),
            float(table[bands == band, 1].mean()),
            int((bands == band).sum()),
        )
        for band in np.unique(bands)
    ]
