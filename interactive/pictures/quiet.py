"""Silence around Pillow's decoders while a file is read, and only then.

What they find odd or broken they say in three ways of their own, beside the error that they raise:
as a Python warning, as a log record (which Python prints where nobody listens), and from within
libtiff straight to standard error. All three can only be turned off for the whole process. So the
first thread that reads turns them off, and the last one that is done puts all back as it was.
"""

from __future__ import annotations

import ctypes
import functools
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from PIL import _imaging

_lock = threading.Lock()
_readers = 0
_undo = ExitStack()


@contextmanager
def quiet() -> Iterator[None]:
    """Let Pillow and libtiff say nothing while this is open; what they raise is raised."""
    global _readers
    with _lock:
        _readers += 1
        if _readers == 1:
            _undo.enter_context(_no_warnings())
            _undo.enter_context(_no_log())
            _undo.enter_context(_no_libtiff())
    try:
        yield
    finally:
        with _lock:
            _readers -= 1
            if not _readers:
                _undo.close()


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Remarks on odd metadata are no business of the person who opens a photo."""
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    ours = warnings.filters[0]
    try:
        yield
    finally:
        # Not `catch_warnings`: putting the whole list back would undo what others set meanwhile.
        with suppress(ValueError):
            warnings.filters.remove(ours)  # type: ignore[attr-defined]


@contextmanager
def _no_log() -> Iterator[None]:
    """Some refusals are logged as errors: who listens still hears them."""
    handler = logging.NullHandler()
    logging.getLogger("PIL").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("PIL").removeHandler(handler)


@contextmanager
def _no_libtiff() -> Iterator[None]:
    """Each error that Pillow raises for it, libtiff prints first; where it can be reached, hush."""
    handle = _libtiff_handler()
    if handle is None:
        yield
        return
    before = handle(None)
    try:
        yield
    finally:
        handle(before)


@functools.cache
def _libtiff_handler() -> Callable[[Any], Any] | None:
    """What sets libtiff's error handler and returns the one before; None where it is hidden."""
    try:
        handle = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
    except (AttributeError, OSError):
        return None
    handle.argtypes, handle.restype = [ctypes.c_void_p], ctypes.c_void_p
    return handle
