"""U²-Net and its small sibling (Qin et al., Pattern Recognition 2020): what stands out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from models.catalog import Input
from models.inputs import prepare
from models.protocols import RGB, Alpha


class U2Net:
    """A U²-Net run by ONNX Runtime on the CPU; its first output is the finest map."""

    def __init__(self, name: str, path: Path, rules: Input) -> None:
        self.name = name
        self.rules = rules
        self._network = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self._input = self._network.get_inputs()[0].name
        self._output = self._network.get_outputs()[0].name

    def saliency(self, rgb: RGB) -> Alpha:
        """uint8 H×W×3 -> float32 H×W, scaled so that the picture's range is 0..1."""
        (found,) = self._network.run([self._output], {self._input: prepare(rgb, self.rules)})
        coarse: Alpha = np.asarray(found, np.float32)[0, 0]
        low, high = float(coarse.min()), float(coarse.max())
        coarse = (coarse - low) / max(high - low, 1e-6)
        size = rgb.shape[1], rgb.shape[0]
        return cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]
