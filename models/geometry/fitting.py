"""Sizes that fit."""

from __future__ import annotations


def fit_long_side(size: tuple[int, ...], side: int) -> tuple[int, int]:
    """Height and width with the long side at most `side`, proportions kept, never enlarged.

    `size` begins with height and width, as an array's shape does.
    """
    scale = min(1.0, side / max(size[:2]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
