"""Memory that is free, back to the system."""

from __future__ import annotations

import ctypes
import sys

# Other C libraries have no such call and give free memory back by themselves.
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def release_free_memory() -> None:
    """Hand what is free to the system: glibc keeps what lies below anything that is in use.

    Takes milliseconds, and what is given back costs some more when it is needed again: right after
    work that took hundreds of megabytes.
    """
    if _TRIM is not None:
        _TRIM(0)
