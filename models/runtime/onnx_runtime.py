"""ONNX Runtime as all networks here use it: holding little between runs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from pickmatte.models.errors import DeviceError

from . import devices
from .forks import guard
from .memory import release_free_memory

_log = logging.getLogger("pickmatte")


class Network:
    """One ONNX graph. Safe to run from several threads.

    `shrinks` works in memory that all such graphs share and that is given back at the end of each
    run: right for graphs that need hundreds of megabytes and run now and then. The others take
    theirs piece by piece: in the shared memory a small one would hold most of the rest back.
    It runs on the CPU, which is enough for small networks, or on `device`; see
    `devices.for_onnx`. Raises `DeviceError` where that is not there or does not start; of `auto`
    the CPU takes the place.
    """

    def __init__(self, model: bytes | Path, *, shrinks: bool, device: str = "cpu") -> None:
        guard()
        options = ort.SessionOptions()
        options.log_severity_level = 3  # constant folding of unused branches warns to stderr
        # A pattern reserves the sum of a run beside what the first run has taken already: for an
        # image encoder 200 MB more, and no time won.
        options.enable_mem_pattern = False
        # Threads that spin while they wait take the cores from the matting beside them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if shrinks:
            _share_arena()
            options.add_session_config_entry("session.use_env_allocators", "1")
        else:
            options.enable_cpu_mem_arena = False
        graph = str(model) if isinstance(model, Path) else model
        self.device = devices.for_onnx(device, ort.get_available_providers())
        asked = devices.PROVIDERS[self.device]
        # What a GPU's provider cannot do is done by the CPU.
        providers = list(dict.fromkeys([asked, devices.PROVIDERS["cpu"]]))
        self._session = ort.InferenceSession(graph, options, providers=providers)
        if self._session.get_providers()[0] != asked:
            told = f"ONNX Runtime lists {self.device} but cannot start it (a driver? a library?)"
            if device != "auto":
                raise DeviceError(f"{told}. Mend that, or ask for the device cpu.")
            _log.warning("%s. The CPU does its work.", told)
            self.device = "cpu"
        self._run = ort.RunOptions()
        if shrinks:
            self._run.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        release_free_memory()  # what reading and optimising the graph took
        self.inputs = [layer.name for layer in self._session.get_inputs()]
        halves = {"tensor(float16)": np.dtype(np.float16)}
        self.types = {
            layer.name: halves.get(layer.type, np.dtype(np.float32))
            for layer in self._session.get_inputs()
        }
        self.outputs = [layer.name for layer in self._session.get_outputs()]

    def run(self, outputs: list[str], feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """The named outputs for named inputs; raises `ForkError` in a forked child."""
        guard()
        return [np.asarray(layer) for layer in self._session.run(outputs, feeds, self._run)]


@cache
def _share_arena() -> None:
    """One arena for all graphs that shrink, which grows by what is asked for.

    Each graph's own would double at every growth and keep 60 MB more; without any, an image encoder
    takes a sixth longer.
    """
    where = ort.OrtMemoryInfo(
        "Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT
    )
    as_asked = 1  # kSameAsRequested
    rules = {
        "max_mem": 0,
        "arena_extend_strategy": as_asked,
        "initial_chunk_size_bytes": -1,
        "max_dead_bytes_per_chunk": -1,
    }
    ort.create_and_register_allocator(where, ort.OrtArenaCfg(rules))
