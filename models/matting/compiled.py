"""pymatting and our own numba code, wherever the installation lies.

pymatting compiles on its first import (most of a minute) and keeps the result beside its files or
in the user's cache folder. Where neither can be written numba refuses to load it at all.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


def pymatting(module: str) -> Any:
    """Import `pymatting.<module>`."""
    try:
        return importlib.import_module(f"pymatting.{module}")
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        if numba.config.CACHE_DIR:  # type: ignore[attr-defined]
            raise
        _cache_in_temporary_folder()
        return importlib.import_module(f"pymatting.{module}")


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """The array, or a copy of it if it is not contiguous or may not be written.

    Each such kind is a type of its own to numba, and would be compiled for while a user waits.
    """
    return np.require(array, requirements=["C", "W"])


def _cache_in_temporary_folder() -> None:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"pickmatte-numba-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        # Compiled code is loaded from here: never from a folder somebody else prepared.
        folder = Path(tempfile.mkdtemp(prefix="pickmatte-numba-"))
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


def _probe() -> None:
    pass


# Our own kernels are decorated when their modules are imported, all of them after this one.
try:
    numba.njit(cache=True)(_probe)
except RuntimeError:
    _cache_in_temporary_folder()
