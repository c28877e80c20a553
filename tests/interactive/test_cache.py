from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pickmatte.interactive.cache import ByteCache


def block(nbytes: int) -> NDArray[np.uint8]:
    return np.zeros(nbytes, np.uint8)


def made(cache: ByteCache, key: str, nbytes: int) -> bool:
    """Whether the cache had to make the entry."""
    calls: list[str] = []

    def make() -> NDArray[np.uint8]:
        calls.append(key)
        return block(nbytes)

    assert cache.get(key, make).nbytes == nbytes or not calls
    return bool(calls)


def test_an_entry_is_made_once() -> None:
    cache = ByteCache(100)
    entry = cache.get("a", lambda: block(10))
    assert cache.get("a", lambda: pytest.fail("made again")) is entry
    assert cache.find("a") is entry
    assert cache.find("b") is None


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = ByteCache(30)
    for key in "abc":
        assert made(cache, key, 10)
    assert not made(cache, "a", 10)
    assert made(cache, "d", 10)
    assert not made(cache, "a", 10)
    assert not made(cache, "c", 10)
    assert cache.find("b") is None


def test_finding_counts_as_use() -> None:
    cache = ByteCache(20)
    made(cache, "a", 10)
    made(cache, "b", 10)
    cache.find("a")
    made(cache, "c", 10)
    assert cache.find("a") is not None
    assert cache.find("b") is None


def test_the_newest_is_kept_even_alone_over_the_limit() -> None:
    cache = ByteCache(10)
    made(cache, "small", 5)
    made(cache, "huge", 1000)
    assert not made(cache, "huge", 1000)
    assert cache.nbytes == 1000
    made(cache, "small", 5)
    assert cache.nbytes == 5


def test_what_fails_is_not_kept_and_can_be_tried_again() -> None:
    cache = ByteCache(10)

    def fail() -> NDArray[np.uint8]:
        raise ValueError("once")

    with pytest.raises(ValueError, match="once"):
        cache.get("a", fail)
    assert cache.nbytes == 0
    assert made(cache, "a", 3)


def test_clearing_forgets_everything() -> None:
    cache = ByteCache(10)
    made(cache, "a", 3)
    cache.clear()
    assert cache.nbytes == 0
    assert made(cache, "a", 3)


@given(st.integers(1, 60), st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 40))))
def test_it_never_holds_more_than_its_limit_or_one_entry(
    limit: int, calls: list[tuple[str, int]]
) -> None:
    cache = ByteCache(limit)
    newest = 0
    for key, nbytes in calls:
        newest = cache.get(key, lambda nbytes=nbytes: block(nbytes)).nbytes  # type: ignore[misc]
        assert cache.nbytes <= max(limit, newest)
        assert cache.find(key) is not None


def test_one_entry_may_need_another() -> None:
    cache = ByteCache(100)
    outer = cache.get("outer", lambda: cache.get("inner", lambda: block(4))[:2])
    assert outer.nbytes == 2
    assert cache.nbytes == 6


def test_threads_that_want_the_same_entry_share_one_making() -> None:
    cache = ByteCache(100)
    together = threading.Barrier(4)
    calls: list[int] = []

    def make() -> NDArray[np.uint8]:
        calls.append(1)
        # The others arrive while this one is being made.
        threading.Event().wait(0.05)
        return block(8)

    def ask(_: int) -> NDArray[np.uint8]:
        together.wait(5)
        return cache.get("a", make)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert len(calls) == 1
    assert all(answer is answers[0] for answer in answers)


def test_waiting_threads_try_by_themselves_when_a_making_fails() -> None:
    cache = ByteCache(100)
    together = threading.Barrier(3)
    first = threading.Lock()

    def make() -> NDArray[np.uint8]:
        if first.acquire(blocking=False):
            threading.Event().wait(0.05)
            raise ValueError("the first fails")
        return block(8)

    def ask(_: int) -> int | None:
        together.wait(5)
        try:
            return cache.get("a", make).nbytes
        except ValueError:
            return None

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(ask, range(3)), key=str) == [8, 8, None]


def test_who_comes_during_the_second_try_waits_for_it() -> None:
    cache = ByteCache(100)
    trying, fail, trying_again, finish = (threading.Event() for _ in range(4))

    def first() -> NDArray[np.uint8]:
        trying.set()
        assert fail.wait(5)
        raise ValueError("the first fails")

    def second() -> NDArray[np.uint8]:
        trying_again.set()
        assert finish.wait(5)
        return block(8)

    def third() -> NDArray[np.uint8]:
        raise AssertionError("made twice at once")

    with ThreadPoolExecutor(3) as pool:
        failing = pool.submit(cache.get, "a", first)
        assert trying.wait(5)
        waiting = pool.submit(cache.get, "a", second)
        threading.Event().wait(0.1)  # until it waits for the first
        fail.set()
        assert trying_again.wait(5)
        late = pool.submit(cache.get, "a", third)
        threading.Event().wait(0.1)
        finish.set()
        assert waiting.result(5) is late.result(5)
        with pytest.raises(ValueError, match="the first fails"):
            failing.result(5)


def test_one_slow_making_holds_up_nobody_else() -> None:
    cache = ByteCache(100)
    go_on = threading.Event()

    def slow() -> NDArray[np.uint8]:
        assert go_on.wait(5)
        return block(1)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cache.get, "slow", slow)
        assert made(cache, "quick", 2)
        go_on.set()
        assert waiting.result(5).nbytes == 1


def test_many_threads_stay_within_the_limit() -> None:
    cache = ByteCache(1000)
    wrong: list[tuple[int, int]] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for key in rng.integers(0, 60, 400):
            nbytes = 20 + int(key)
            entry = cache.get(int(key), lambda nbytes=nbytes: block(nbytes))  # type: ignore[misc]
            if entry.nbytes != nbytes or cache.nbytes > 1000:
                wrong.append((int(key), cache.nbytes))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert wrong == []


def test_room_is_made_before_an_entry_is() -> None:
    cache = ByteCache(30)
    for key in "abc":
        cache.get(key, lambda: block(10))
    cache.make_room(15)
    assert [cache.find(key) is not None for key in "abc"] == [False, False, True]
    cache.make_room(1000)
    assert cache.find("c") is not None
