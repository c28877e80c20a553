"""Sessions beside each other: what they share, and what they never mix."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from photographed import CAT, disc, same

from pickmatte import Session
from pickmatte.models.errors import PickmatteError
from pickmatte.models.protocols import RGB, Candidates, Embedding, Logits, Segmenter


class Counting:
    """The real segmenter, and how often it was asked to look at a picture."""

    def __init__(self, real: Segmenter) -> None:
        self.name, self.grid, self.device = real.name, real.grid, real.device
        self.encoded: list[tuple[int, ...]] = []
        self._real = real

    def encode(self, rgb: RGB) -> Embedding:
        self.encoded.append(rgb.shape)
        return self._real.encode(rgb)

    def decode(
        self,
        embedding: Embedding,
        points: NDArray[np.float32] | Sequence[Sequence[float]] = (),
        labels: NDArray[np.int_] | Sequence[int] = (),
        *,
        box: Sequence[float] | None = None,
        mask: Logits | None = None,
    ) -> Candidates:
        return self._real.decode(embedding, points, labels, box=box, mask=mask)


def fresh(chelsea: RGB, mark: int) -> RGB:
    """The cat with one pixel that no other test has: nothing of it is in any cache."""
    rgb = np.array(chelsea)
    rgb[0, 0] = (mark, 255 - mark, 77)
    return rgb


def test_the_same_picture_is_looked_at_once(segmenter: Segmenter, chelsea: RGB) -> None:
    spy = Counting(segmenter)
    rgb = fresh(chelsea, 1)
    for x in (150, 100):
        session = Session(rgb.copy(), segmenter=spy)
        subject = session.subject()
        subject.click(x, 100)
        subject.click(x + 50, 120)
        session.undo()
        session.redo()
        _ = subject.mask
        _ = subject.alpha
    assert spy.encoded == [rgb.shape]


def test_the_same_picture_in_two_threads_is_looked_at_once(
    segmenter: Segmenter, chelsea: RGB
) -> None:
    spy = Counting(segmenter)
    rgb = fresh(chelsea, 2)
    together = threading.Barrier(2)

    def visit(_: int) -> NDArray[np.bool_]:
        subject = Session(rgb.copy(), segmenter=spy).subject()
        together.wait(10)
        subject.click(*CAT)
        return subject.mask

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(visit, range(2))
    assert spy.encoded == [rgb.shape]
    np.testing.assert_array_equal(one, two)


def test_another_picture_is_another_look(segmenter: Segmenter, chelsea: RGB) -> None:
    spy = Counting(segmenter)
    for mark in (3, 4):
        Session(fresh(chelsea, mark), segmenter=spy).subject().click(*CAT)
    assert len(spy.encoded) == 2


def test_two_pictures_never_share_masks(chelsea: RGB, coffee: RGB) -> None:
    """The same clicks in sessions that take turns, and in sessions that are alone."""

    def work(session: Session) -> Callable[[], list[NDArray[np.bool_]]]:
        subject = session.subject("it")
        seen: list[NDArray[np.bool_]] = []

        def click() -> list[NDArray[np.bool_]]:
            x, y = ((130, 100), (40, 30), (200, 150))[len(seen)]
            subject.click(x, y)
            seen.append(subject.mask.copy())
            return seen

        return click

    cup = coffee[: chelsea.shape[0] - 1, : chelsea.shape[1]]
    cat = chelsea[: cup.shape[0], : cup.shape[1]]  # the same size: only pixels tell them apart
    turns = [work(Session(cat)), work(Session(cup))]
    for _ in range(3):
        mixed = [click() for click in turns]
    for rgb, seen in zip((cat, cup), mixed, strict=True):
        click = work(Session(rgb))
        for _ in range(3):
            alone = click()
        assert same(alone, seen)
    assert not same(*mixed)


def test_a_subject_of_another_session_is_refused(chelsea: RGB, coffee: RGB) -> None:
    session, other = Session(chelsea), Session(coffee)
    session.subject().use_mask(disc())
    stranger = other.subject()
    stranger.use_mask(np.ones(other.size, bool))
    with pytest.raises(PickmatteError):
        session.cutout([stranger])


def test_sessions_in_threads_do_not_mix(chelsea: RGB) -> None:
    masks_alone = []
    for x in (60, 150, 240):
        subject = Session(chelsea).subject()
        subject.click(x, 100)
        masks_alone.append(subject.mask.copy())

    def visit(x: int) -> NDArray[np.bool_]:
        subject = Session(chelsea).subject()
        subject.click(x, 100)
        return subject.mask

    with ThreadPoolExecutor(3) as pool:
        assert same(list(pool.map(visit, (60, 150, 240))), masks_alone)
