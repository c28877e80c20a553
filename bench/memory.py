"""What a process holds and how much it ever held, for the benchmarks (Linux only)."""

from __future__ import annotations

import os
from pathlib import Path


def limit_cores() -> None:
    """Two cores for this process: what the numbers are held to."""
    # Before NumPy, ONNX Runtime and numba count them.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def _status(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024 / 1e6


def held() -> float:
    """Resident memory now, MB."""
    return _status("VmRSS")


def peak() -> float:
    """The most that was resident since `reset_peak`, MB."""
    return _status("VmHWM")


def reset_peak() -> None:
    """Measure the peak anew."""
    Path("/proc/self/clear_refs").write_text("5")
