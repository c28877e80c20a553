"""What tests of a session share: where things are in the photo of the cat, layers, comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte import Session, Subject
from pickmatte.models.errors import MaskError

Edit = tuple[Any, ...]
CAT = (150, 100)
HEIGHT, WIDTH = 200, 300


def disc(centre: tuple[int, int] = CAT, radius: int = 60) -> NDArray[np.uint8]:
    layer = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(layer, centre, radius, 255, -1)
    return layer


def ring() -> NDArray[np.uint8]:
    """A trimap: sure inside, sure outside, unknown between."""
    trimap = np.where(disc(radius=70) > 0, 128, 0).astype(np.uint8)
    trimap[disc(radius=60) > 0] = 255
    return trimap


def soft() -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(disc(), (0, 0), 3), np.float32) / 255


def known(session: Session) -> Any:
    """All that a person can tell of a session without computing pixels."""
    return (
        session.recipe(),
        session.can_undo,
        session.can_redo,
        [(s.name, s.prompts, s.band, s.chosen, len(s.candidates)) for s in session.subjects],
    )


def masks(session: Session) -> list[NDArray[np.bool_] | None]:
    found: list[NDArray[np.bool_] | None] = []
    for subject in session.subjects:
        try:
            found.append(subject.mask.copy())
        except MaskError:
            found.append(None)
    return found


def same(one: Sequence[NDArray[Any] | None], two: Sequence[NDArray[Any] | None]) -> bool:
    return len(one) == len(two) and all(
        (a is None and b is None) or (a is not None and b is not None and bool((a == b).all()))
        for a, b in zip(one, two, strict=True)
    )


def give(subject: Subject, kind: str) -> None:
    if kind == "mask":
        subject.use_mask(disc())
    elif kind == "trimap":
        subject.use_trimap(ring())
    else:
        subject.use_alpha(soft())
