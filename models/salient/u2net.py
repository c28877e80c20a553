"""U²-Net and its small sibling (Qin et al., Pattern Recognition 2020): what stands out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from models import weights
from models.errors import UnknownModel
from models.protocols import RGB, Alpha

_SIDE = 320
_MEAN = np.float32([0.485, 0.456, 0.406])
_STD = np.float32([0.229, 0.224, 0.225])


class U2Net:
    """A U²-Net run by ONNX Runtime on the CPU; its first output is the finest map."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._network = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self._input = self._network.get_inputs()[0].name
        self._output = self._network.get_outputs()[0].name

    def saliency(self, rgb: RGB) -> Alpha:
        """uint8 H×W×3 -> float32 H×W, scaled so that the picture's range is 0..1."""
        small = cv2.resize(rgb, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        pixels = (small / max(float(small.max()), 1.0) - _MEAN) / _STD
        (found,) = self._network.run([self._output], {self._input: pixels.transpose(2, 0, 1)[None]})
        coarse = np.asarray(found, np.float32)[0, 0]
        low, high = float(coarse.min()), float(coarse.max())
        coarse = (coarse - low) / max(high - low, 1e-6)
        return cv2.resize(coarse, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def load(name: str) -> U2Net:
    """The salient network of that name, its weights fetched if need be."""
    if name != "u2netp":
        raise UnknownModel(f"There is no salient network {name!r}; there is 'u2netp'.")
    return U2Net(name, weights.files(name)["u2netp.onnx"])
