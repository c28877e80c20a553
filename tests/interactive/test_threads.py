"""Twelve threads on one session: nothing fails, and each gets what it would get alone."""

from __future__ import annotations

import hashlib
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pickmatte import Session
from pickmatte.interactive import picture_caches as store
from pickmatte.interactive.masks import candidate_set as candidates_after
from pickmatte.interactive.masks import candidate_store as looks
from pickmatte.models.errors import NothingFound
from pickmatte.models.protocols import RGB, Detection, EncodedPicture, Findings

THREADS, SECONDS = 12, 4.0  # they stop after the job they are at then
CAT, EAR, WALL = (75, 50), (60, 20), (10, 60)
PLACES = (CAT, EAR, WALL)
NOUNS = ("dog", "woman", "cup", "car", "horse", "bird", "chair", "bottle", "book", "cow")
FORMS = ("the {}", "a {}", "two {}s", "the large {}", "the {} on the left", "the second {}")
PHRASES = ("the cat", *(form.format(noun) for form in FORMS for noun in NOUNS))


@pytest.fixture
def small_rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Caches that forget all the time, and threads that give way often."""
    monkeypatch.setattr(looks, "_CANDIDATES", 8 << 20)
    monkeypatch.setattr(looks, "_FINDINGS", 20 * candidates_after._DETECTION)
    monkeypatch.setattr(store, "_STAMPS", 8 << 10)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def photo(chelsea: RGB) -> RGB:
    small = cv2.resize(chelsea, (150, 100), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def of(*layers: NDArray[Any]) -> bytes:
    digest = hashlib.sha256()
    for layer in layers:
        digest.update(np.ascontiguousarray(layer).data)
    return digest.digest()


def emptied(session: Session) -> Session:
    """A snapshot without the subjects that another thread is at work on."""
    snapshot = session.snapshot()
    for subject in snapshot.subjects:
        subject.remove()
    return snapshot


def one(session: Session, place: tuple[int, int]) -> bytes:
    """A click, its alpha and its preview, and the click taken back."""
    subject = session.subject()
    subject.click(*place)
    answer = of(subject.mask, subject.alpha, subject.trimap, subject.preview(80))
    assert session.undo()
    assert not subject.candidates
    return answer


def two(session: Session, place: tuple[int, int]) -> bytes:
    """The cat beside another place that is clicked on."""
    subjects = [session.subject(), session.subject()]
    for subject, where in zip(subjects, (CAT, place), strict=True):
        subject.click(*where)
    alphas = [subject.alpha for subject in subjects]
    assert float(np.add(*alphas).max()) <= 1 + 1e-6
    return of(*alphas, *(subject.quick_trimap(80) for subject in subjects), session.cutout())


def found(session: Session, phrase: str) -> tuple[Any, ...]:
    findings = session.find(phrase)
    return tuple((hit.label, hit.box, hit.requested) for hit in findings.hits), findings.note


def said(session: Session, phrase: str) -> bytes | str:
    try:
        (subject, *_) = session.say(phrase)
    except NothingFound as error:
        return str(error)
    assert subject.detections
    return of(subject.alpha)


def test_threads_get_what_they_would_get_alone(photo: RGB, small_rooms: None) -> None:
    works: dict[str, tuple[Callable[[Session, Any], Any], tuple[Any, ...]]] = {
        "one": (one, PLACES),
        "two": (two, (EAR, WALL)),
        "found": (found, PHRASES),
        "said": (said, PHRASES[:6]),
    }
    alone = Session(photo, grounder="starter")
    found(alone, PHRASES[0])  # what the grounder then knows of the picture stays
    right = {
        (name, what): work(emptied(alone), what)
        for name, (work, every) in works.items()
        for what in every
    }
    session = Session(photo, grounder="starter")
    together = threading.Barrier(THREADS)
    until = [0.0]

    def edit() -> int:
        """What the one thread does that the session's edits belong to."""
        done = 0
        while time.monotonic() < until[0]:
            subject = session.subject(f"subject {done}")
            subject.click(*PLACES[done % 3])
            subject.click(120, 20, keep=False)
            if done % 2:
                subject.remove()
            for _ in range(done % 5):
                session.undo()
            done += 1
        return done

    def ask(number: int) -> int:
        """What any other thread may do meanwhile, each with snapshots of its own."""
        chance, done = random.Random(number), 0
        while time.monotonic() < until[0]:
            name = chance.choice(("one", "two", "found", "found", "said"))
            work, every = works[name]
            what = chance.choice(every)
            assert work(emptied(session), what) == right[name, what], (name, what)
            assert all(seconds >= 0 for seconds in session.timings.values())
            done += 1
        return done

    def run(number: int) -> int:
        together.wait(60)
        until[0] = time.monotonic() + SECONDS
        return ask(number) if number else edit()

    with ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(run, range(THREADS)))
    assert min(done) > 0


class Together:
    """A grounder that finds nothing, for all threads at the same moment."""

    name = "together"

    def __init__(self) -> None:
        self.barrier = threading.Barrier(THREADS)

    def search(self, rgb: RGB, phrase: str, *, encoded: EncodedPicture | None = None) -> Findings:
        self.barrier.wait(60)
        return Findings((), f"No {phrase}.")

    def find(self, rgb: RGB, phrase: str) -> list[Detection]:
        return list(self.search(rgb, phrase).hits)


def test_what_is_found_at_once_is_remembered_and_forgotten(photo: RGB, small_rooms: None) -> None:
    grounder = Together()
    session = Session(photo, grounder=grounder)
    session.look()

    def search(number: int) -> None:
        try:
            for round_ in range(150):
                phrase = f"thing {round_} of {number}"
                assert session.snapshot().find(phrase).note == f"No {phrase}."
        except BaseException:
            grounder.barrier.abort()  # the others need not wait for this one
            raise

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(search, range(THREADS)))


def test_a_snapshot_is_of_one_moment(photo: RGB, small_rooms: None) -> None:
    """Whatever an edit has done so far, each step back from a snapshot is another state."""
    session = Session(photo)
    for _ in range(3):
        session.subject()
    over = threading.Event()

    def look(_: int) -> int:
        done = 0
        while not over.is_set():
            snapshot = session.snapshot()
            names = [len(snapshot.subjects)]
            while snapshot.undo():
                names.append(len(snapshot.subjects))
            assert names == [*range(names[0], -1, -1)]
            done += 1
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        looking = [pool.submit(look, number) for number in range(THREADS - 1)]
        try:
            for _ in range(10_000):
                session.subject()
                session.undo()
        finally:
            over.set()
        assert all(one.result() > 0 for one in looking)
