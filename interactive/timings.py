"""How long each step took when it was last computed, noted by any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """Seconds by the name of a step; safe to share by threads."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def seconds(self) -> dict[str, float]:
        """What was noted so far, a copy."""
        with self._lock:
            return dict(self._seconds)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long what is done inside takes; what fails is not noted."""
        start = time.perf_counter()
        yield
        taken = round(time.perf_counter() - start, 4)
        with self._lock:
            self._seconds[name] = taken
