"""What is derived is read again without work, and made again only where an edit concerns it."""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import cv2
import numpy as np
import pytest

from pickmatte import Session, Subject
from pickmatte.interactive.fingerprints import fingerprint_of_layer, fingerprint_of_mask
from pickmatte.interactive.masks.candidate import logits_of_mask
from pickmatte.interactive.masks.segment import segment
from pickmatte.interactive.masks.several.labels import mask_alone, own_pixels
from pickmatte.interactive.masks.zoom import closer
from pickmatte.interactive.mattes.foreground import estimate_foreground
from pickmatte.interactive.mattes.hair import include_strands
from pickmatte.interactive.mattes.solver import solve
from pickmatte.interactive.mattes.subject_trimap import subject_trimap
from pickmatte.interactive.mattes.trimap import make_trimap
from pickmatte.interactive.mattes.unmix import unmix
from pickmatte.models.protocols import RGB

HEIGHT, WIDTH = 120, 200
STAGES = (
    *(
        segment,
        closer,
        logits_of_mask,
        mask_alone,
        own_pixels,
        fingerprint_of_mask,
        fingerprint_of_layer,
    ),
    *(subject_trimap, make_trimap, include_strands, solve, unmix, estimate_foreground),
)


def calls(work: Callable[[], Any]) -> Counter[str]:
    """How often each of the stages ran."""
    stages: dict[CodeType, str] = {stage.__code__: stage.__name__ for stage in STAGES}
    seen: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in stages:
            seen[stages[frame.f_code]] += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


def disc(x: int, y: int, radius: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    drawn = cv2.circle(np.zeros((HEIGHT, WIDTH), np.uint8), (x, y), radius, 1, -1)
    return drawn > 0


def pipeline(subject: Subject) -> list[np.ndarray[Any, Any]]:
    return [subject.mask, subject.alpha, subject.quick_trimap(100), subject.preview(100)]


@pytest.fixture
def session() -> Session:
    """Two discs that overlap on the left, and one far from both on the right, on grain."""
    rng = np.random.default_rng(5)
    rgb = rng.integers(90, 120, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    for place, (x, y, radius) in enumerate(((40, 50, 26), (66, 66, 26), (165, 60, 18))):
        rgb[disc(x, y, radius)] = (40 + 80 * place, 220 - 90 * place, 60)
    session = Session(rgb)
    for x, y, radius in ((40, 50, 26), (66, 66, 26), (165, 60, 18)):
        session.subject().use_mask(disc(x, y, radius))
    return session


def test_what_is_there_is_read_without_any_stage(session: Session) -> None:
    for subject in session.subjects:
        before = [layer.copy() for layer in pipeline(subject)]
        assert not calls(lambda subject=subject: pipeline(subject))  # type: ignore[misc]
        for one, two in zip(before, pipeline(subject), strict=True):
            np.testing.assert_array_equal(one, two)


def test_a_cached_alpha_takes_no_room_but_its_own(session: Session) -> None:
    """Nor do masks and trimaps of all subjects, which would be of the picture's size."""
    subject = session.subjects[0]
    _ = subject.alpha
    tracemalloc.start()
    try:
        alpha = subject.alpha
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < alpha.nbytes + HEIGHT * WIDTH


def test_an_edit_far_away_makes_only_what_it_concerns(session: Session) -> None:
    near, _, far = session.subjects
    for subject in session.subjects:
        pipeline(subject)
    before = [layer.copy() for layer in pipeline(near)]
    far.brush([(175, 60), (180, 60)], 6, "drop")
    seen = calls(lambda: pipeline(near))
    assert seen["own_pixels"] == 1  # of the small view: the brush has asked at full size already
    assert seen["make_trimap"] == 1  # of the far one: where it lies says that it is far
    assert not {"solve", "estimate_foreground"} & set(seen)
    for one, two in zip(before, pipeline(near), strict=True):
        np.testing.assert_array_equal(one, two)
    assert calls(lambda: far.alpha)["solve"] == 1


def test_subjects_that_meet_are_solved_together(session: Session) -> None:
    one, two, _ = session.subjects
    before = one.alpha
    one.brush([(30, 45)], 5, "drop")
    assert calls(lambda: two.alpha)["solve"] > 0
    assert not calls(lambda: one.alpha)["solve"]
    assert not np.array_equal(before, one.alpha)
    assert float((one.alpha + two.alpha).max()) <= 1 + 1e-6


def test_what_is_no_matter_of_pixels_makes_nothing_anew(session: Session) -> None:
    for subject in session.subjects:
        pipeline(subject)
    first = session.subjects[0]
    first.rename("another name")
    first.keep(False)
    first.lock()
    assert not calls(lambda: [pipeline(subject) for subject in session.subjects])


def test_what_was_undone_is_there(session: Session) -> None:
    subject = session.subjects[2]
    pipeline(subject)
    subject.set_band(2)
    pipeline(subject)
    session.undo()
    assert not calls(lambda: pipeline(subject))
    session.redo()
    assert not calls(lambda: pipeline(subject))


def test_a_given_mask_becomes_logits_once(chelsea: RGB) -> None:
    session = Session(chelsea)
    mask = cv2.circle(np.zeros(chelsea.shape[:2], np.uint8), (150, 100), 60, 1, -1)

    def work() -> None:
        subject = session.subject()
        subject.use_mask(mask)
        for x in (140, 150, 160):
            subject.click(x, 100)
            _ = subject.candidates
        while session.undo():
            pass
        while session.redo():
            _ = subject.candidates

    assert calls(work)["logits_of_mask"] == 1
    assert not calls(lambda: session.subjects[0].candidates)
