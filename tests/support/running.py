"""Commands run as a user does, and what they say and leave."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
from click.testing import CliRunner, Result

from pickmatte import cli

ROOT = Path(__file__).parents[2]
CAT = ("--click", "230,150")


def run(*args: str | Path) -> Result:
    """Run a command in this process, where models stay loaded; defects surface."""
    return CliRunner().invoke(cli.main, [str(arg) for arg in args], catch_exceptions=False)


def shell(*args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "pickmatte", *map(str, args)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def pipe(
    *args: str | Path, given: bytes = b"", encoding: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a user does, with these bytes for standard input."""
    environment = {**os.environ, **({"PYTHONIOENCODING": encoding} if encoding else {})}
    return subprocess.run(
        [sys.executable, "-m", "pickmatte", *map(str, args)],
        cwd=ROOT,
        env=environment,
        input=given,
        capture_output=True,
        timeout=300,
    )


def read(path: Path) -> Any:
    """The pixels of a PNG as they are."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None, path
    return pixels


def error_of(result: Result, code: int) -> str:
    """The error that a command ended with: one line, and nothing on standard output."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    if code == 1:
        assert result.stderr.count("\n") == 1
    return last.removeprefix("Error: ")
