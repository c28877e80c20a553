"""A value that is made when it is first asked for, by one thread while the others wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """What `make` gives, made once; where `make` raises, the next who asks tries again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []  # none or one: None may be a value
        self._lock = threading.Lock()

    @property
    def made(self) -> bool:
        """Whether it is there already."""
        return bool(self._made)

    def get(self) -> T:
        """The value, made now if it is not there."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
