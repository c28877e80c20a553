"""U²-Net and its small sibling (Qin et al., Pattern Recognition 2020): what stands out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from models.catalog import Input
from models.inputs import prepare
from models.protocols import RGB, Alpha
from models.runtime import Network


class U2Net:
    """A U²-Net run by ONNX Runtime on the CPU; its first output is the finest map."""

    def __init__(self, name: str, path: Path, rules: Input) -> None:
        self.name = name
        self.rules = rules
        self._network = Network(path.read_bytes(), shrinks=True)

    def saliency(self, rgb: RGB) -> Alpha:
        """uint8 H×W×3 -> float32 H×W, scaled so that the picture's range is 0..1."""
        feeds = {self._network.inputs[0]: prepare(rgb, self.rules)}
        (found,) = self._network.run(self._network.outputs[:1], feeds)
        coarse: Alpha = found[0, 0].astype(np.float32, copy=False)
        low, high = float(coarse.min()), float(coarse.max())
        coarse = (coarse - low) / max(high - low, 1e-6)
        size = rgb.shape[1], rgb.shape[0]
        return cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]
