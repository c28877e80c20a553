"""A least-recently-used cache that is bounded by bytes, not by entries."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

from pickmatte.models.runtime.forks import guard


class Sized(Protocol):
    """Anything that says how many bytes it holds, such as an array or an `Embedding`."""

    @property
    def nbytes(self) -> int:
        """Bytes held."""


T = TypeVar("T", bound=Sized)


class _Maker:
    """Whose turn it is to make an entry, and how many threads wait for it or work on it."""

    def __init__(self) -> None:
        self.turn = threading.RLock()
        self.threads = 0


class ByteCache:
    """Keeps what was computed lately, at most `limit` bytes of it; safe to share by threads.

    The newest entry is always kept, even if it alone is over the limit: its caller holds it anyway.
    Of several threads that ask for the same entry, one makes it and the others wait for that.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._entries: OrderedDict[Hashable, Sized] = OrderedDict()
        self._makers: dict[Hashable, _Maker] = {}
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        with self._lock:
            return sum(entry.nbytes for entry in self._entries.values())

    def find(self, key: Hashable) -> Sized | None:
        """The entry under `key` if it is there."""
        with self._lock:
            return self._touched(key) if key in self._entries else None

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The entry under `key`, made now if it is not there; what `make` raises passes through.

        `make` may ask for other entries, as long as none of them asks for this one. Raises
        `ForkError` in a process forked from one that had worked.
        """
        with self._lock:
            if key in self._entries:
                return self._touched(key)  # type: ignore[return-value]
            maker = self._makers.setdefault(key, _Maker())
            maker.threads += 1
        try:
            with maker.turn:
                with self._lock:
                    if key in self._entries:  # while this thread waited
                        return self._touched(key)  # type: ignore[return-value]
                guard()
                made = make()
                with self._lock:
                    self._put(key, made)
                return made
        finally:
            with self._lock:
                maker.threads -= 1
                if not maker.threads:  # the last one out: who comes now begins anew
                    del self._makers[key]

    def _touched(self, key: Hashable) -> Sized:
        self._entries.move_to_end(key)
        return self._entries[key]

    def _put(self, key: Hashable, made: Sized) -> None:
        self._entries[key] = made
        self._entries.move_to_end(key)
        self._keep(self.limit)

    def make_room(self, nbytes: int) -> None:
        """Forget now what an entry of so many bytes will push out, before it is worked on."""
        with self._lock:
            self._keep(self.limit - nbytes)

    def _keep(self, limit: int) -> None:
        held = sum(entry.nbytes for entry in self._entries.values())
        while held > limit and len(self._entries) > 1:
            held -= self._entries.popitem(last=False)[1].nbytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
