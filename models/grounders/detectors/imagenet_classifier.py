"""Classify crops with EfficientNet-Lite3 (Tan, Le, ICML 2019) into ImageNet's 1000 classes.

The weights are TensorFlow Lite's quantised file, run by LiteRT.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.errors import MissingExtra
from pickmatte.models.protocols import RGB

_MEAN, _STD = 127.0, 128.0  # what it was trained with
_AROUND = 0.1  # of the box, on every side: what surrounds a thing tells of it


class Classifier:
    """The classification network; about 20 ms a crop, safe to share between threads."""

    def __init__(self, network: Path, labels: Path) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise MissingExtra(
                "starter needs LiteRT; install it with: pip install 'pickmatte[starter]'."
            ) from error
        with _without_chatter():
            self._network: Any = Interpreter(str(network), num_threads=2)
            self._network.allocate_tensors()
        (given,), (found,) = self._network.get_input_details(), self._network.get_output_details()
        self._given, self._found = given["index"], found["index"]
        self._side = int(given["shape"][1])
        scale, zero = given["quantization"]
        levels = (np.arange(256) - _MEAN) / _STD / scale + zero
        self._levels = levels.round().clip(0, 255).astype(np.uint8)  # of each value of a pixel
        self._unit = float(found["quantization"][0])
        self._lock = threading.Lock()
        # "tench, Tinca tinca" is known by its first name; "crane" and "maillot" come twice.
        self.names = [line.split(",")[0].strip() for line in labels.read_text().splitlines()]

    def shares(self, rgb: RGB, box: Sequence[float]) -> NDArray[np.float64]:
        """Return how likely a box of a picture holds each class of `names`, float 1000 in 0..1.

        `rgb` is uint8 H×W×3, `box` is x0, y0, x1, y1 in its pixels. The likelihoods sum to about 1.
        """
        seen = np.ascontiguousarray(_around(rgb, box))
        # Averaging areas leaves squares where it enlarges, and the network names those.
        shrinks = max(seen.shape[:2]) > self._side
        crop = cv2.resize(
            seen,
            (self._side, self._side),
            interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC,
        )
        with self._lock:
            self._network.set_tensor(self._given, self._levels[crop][None])
            self._network.invoke()
            found = self._network.get_tensor(self._found)[0]
        shares: NDArray[np.float64] = found * self._unit
        return shares

    def of(self, shares: NDArray[np.float64], names: Sequence[str]) -> float:
        """Return the summed likelihood of some class names in the answer of `shares`, 0..1."""
        return float(shares[[name in names for name in self.names]].sum())


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Silence standard error while LiteRT reports from C++, as nothing else stops it."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _around(rgb: RGB, box: Sequence[float]) -> RGB:
    """Return the crop of a box with a margin, as square as the picture allows."""
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = box
    half = max(x1 - x0, y1 - y0, 2) * (0.5 + _AROUND)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    left, right = max(0, int(x - half)), min(width, int(x + half) + 1)
    top, bottom = max(0, int(y - half)), min(height, int(y + half) + 1)
    return rgb[top:bottom, left:right]
