"""What threads share beside caches: values made once, and how long steps took."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pickmatte.interactive.timings import Timings
from pickmatte.models.runtime.lazy import Lazy


def test_a_lazy_value_is_made_once_by_many_threads() -> None:
    made: list[int] = []
    together = threading.Barrier(8)

    def make() -> int:
        threading.Event().wait(0.05)
        made.append(1)
        return len(made)

    lazy = Lazy(make)
    assert not lazy.made

    def ask(_: int) -> int:
        together.wait(5)
        return lazy.get()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [1] * 8
    assert lazy.made


def test_a_lazy_value_that_fails_is_tried_again() -> None:
    answers = iter([ValueError("once"), None])

    def make() -> None:
        answer = next(answers)
        if answer is not None:
            raise answer

    lazy = Lazy(make)
    with pytest.raises(ValueError, match="once"):
        lazy.get()
    assert not lazy.made
    assert lazy.get() is None
    assert lazy.made


def test_timings_are_read_while_they_are_noted() -> None:
    timings = Timings()

    def note(thread: int) -> None:
        for number in range(300):
            with timings.timed(f"step {thread} {number}"):
                pass
            assert all(seconds >= 0 for seconds in timings.seconds.values())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(note, range(6)))
    assert len(timings.seconds) == 1800
    timings.seconds.clear()
    assert len(timings.seconds) == 1800
