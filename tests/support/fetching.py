"""Files to be fetched, and processes that fetch them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from loopback import noise

from pickmatte.models import weights
from pickmatte.models.weights.records import Model

A, B = noise(1), noise(2, 100_000)
ROOT = Path(__file__).parents[2]


def leftovers() -> list[Path]:
    """Every file in the cache that is neither a model's nor a lock."""
    held = weights.cache_folder()
    return [
        path
        for path in held.rglob("*")
        if path.is_file() and path.suffix != ".lock" and held / "models" not in path.parents
    ]


def start(model: Model, stderr: int = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    """Another process that wants a model's files."""
    code = (
        "from pickmatte.models import weights\n"
        "from pickmatte.models.weights.records import *\n"
        f"weights.files({model!r})"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=stderr,
        text=True,
    )
