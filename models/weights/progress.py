"""Telling a person how a download goes: bars on a terminal, lines elsewhere, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Advance: TypeAlias = Callable[[int], None]  # told the bytes had so far


class Silent:
    """Says nothing."""

    def note(self, text: str) -> None:
        """One line for the person."""

    @contextmanager
    def bar(self, label: str, total: int | None, done: int = 0) -> Iterator[Advance]:
        """Something under way that has `total` bytes when that is known."""
        yield lambda had: None

    @contextmanager
    def total(self, size: int) -> Iterator[None]:
        """Several things under way, of so many bytes together."""
        yield


class Lines(Silent):
    """One line when something starts: for logs and pipes, where a bar would be noise."""

    def note(self, text: str) -> None:
        """Print to standard error."""
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def bar(self, label: str, total: int | None, done: int = 0) -> Iterator[Advance]:
        """Print what is fetched and how large it is."""
        self.note(f"{label} ({total / 1e6:.1f} MB) ..." if total else f"{label} ...")
        yield lambda had: None


class Bars(Silent):
    """Bars with bytes, speed and elapsed time on a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._total: TaskID | None = None

    def note(self, text: str) -> None:
        """Print above the bars."""
        self._progress.console.print(text, highlight=False, markup=False)

    @contextmanager
    def bar(self, label: str, total: int | None, done: int = 0) -> Iterator[Advance]:
        """Add a bar; it pulses while the total is unknown."""
        task = self._progress.add_task(label, total=total, completed=done)
        before = 0  # what an earlier attempt left counts for the total too

        def advance(had: int) -> None:
            nonlocal before
            self._progress.update(task, completed=had)
            if self._total is not None:
                self._progress.advance(self._total, had - before)
            before = had

        try:
            advance(done)
            yield advance
        finally:
            self._progress.stop_task(task)

    @contextmanager
    def total(self, size: int) -> Iterator[None]:
        """Add a bar above all others that sums them up, where there is anything to be had."""
        if not size:
            yield
            return
        self._total = self._progress.add_task("all together", total=size)
        try:
            yield
        finally:
            self._progress.stop_task(self._total)
            self._total = None


@contextmanager
def reporting(wanted: bool | None) -> Iterator[Silent]:
    """How to report: `None` means bars when standard error is a terminal, else nothing."""
    terminal = sys.stderr.isatty()
    if wanted is False or (wanted is None and not terminal):
        yield Silent()
    elif not terminal:
        yield Lines()
    else:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TransferSpeedColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as progress:
            yield Bars(progress)
