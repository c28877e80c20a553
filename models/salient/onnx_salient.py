"""Networks that find what stands out, or matte it, with no prompt: one adapter for all of them.

U²-Net (Qin et al., Pattern Recognition 2020), IS-Net (Qin et al., ECCV 2022), MODNet (Ke et al.,
AAAI 2022), BiRefNet (Zheng et al., CAAI AIR 2024), BEN (Meyer, Spruyt 2025) and those trained from
them differ in what they take and in what their numbers mean. Both stand in the catalogue.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models import weights
from pickmatte.models.inputs import prepare
from pickmatte.models.protocols import RGB, Alpha, content_size
from pickmatte.models.runtime.onnx_runtime import Network
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.derived import derived
from pickmatte.models.weights.records import Input, Model, Output

# The range below which nothing stands out and is not stretched. These networks end in a sigmoid:
# in a photo of something they reach 0.9 and more, on a plain ground or gravel hardly 0.3.
_FAINT = 0.5
_FAST_SIDE = 224  # pixels of a side that are enough to tell which candidate stands out


class OnnxSalient:
    """One such network run by ONNX Runtime; its first output is the finest map."""

    def __init__(
        self,
        name: str,
        graph: Path | bytes,
        takes: Input,
        gives: Output,
        device: str = "cpu",
    ) -> None:
        self.name = name
        self._takes = takes
        self.fine, self.side = gives.fine, takes.side
        self._values = gives.values
        self._network = Network(graph, shrinks=True, device=device)

    def saliency(self, rgb: RGB) -> Alpha:
        """uint8 H×W×3 -> float32 H×W in 0..1."""
        (name,) = self._network.inputs
        fed = prepare(rgb, self._takes).astype(self._network.types[name], copy=False)
        (found,) = self._network.run(self._network.outputs[:1], {name: fed})
        coarse = in_unit(found.reshape(found.shape[-2:]).astype(np.float32), self._values)
        size = rgb.shape[0], rgb.shape[1]
        if self._takes.fit == "pad":
            height, width = content_size(size, self._takes.side)
            coarse = coarse[:height, :width]
        # Linear, so that it stays in 0..1
        return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def load(model: Model, device: str) -> OnnxSalient:
    """The network of an entry, its file fetched if need be; raises `WeightsError`."""
    assert model.output is not None, f"{model.name}: say in the catalogue what it gives"
    (graph,) = weights.files(model).values()
    return OnnxSalient(model.name, graph, model.takes, model.output, device)


@cache
def load_fast() -> OnnxSalient:
    """u2netp at half as many pixels, see `models.load_fast_saliency`."""
    model = catalogue.find("u2netp", "salient")
    assert model.output is not None
    graph = derived(weights.files(model)["u2netp.onnx"], "any-side", any_side)
    return OnnxSalient(model.name, graph, replace(model.takes, side=_FAST_SIDE), model.output)


def any_side(path: Path) -> bytes:
    """The graph of a network that was exported for one size, made to take others.

    Right for graphs that work their sizes out from the picture's, as U²-Net's do.
    """
    import onnx  # needed once, not at every start

    model = onnx.load(str(path))
    for layer in (*model.graph.input, *model.graph.output):
        for axis, side in zip(
            layer.type.tensor_type.shape.dim[2:], ("height", "width"), strict=True
        ):
            axis.dim_param = side
    return bytes(model.SerializeToString())


def in_unit(found: NDArray[np.float32], values: str) -> NDArray[np.float32]:
    """A network's numbers as 0..1, by what the catalogue says that they are."""
    if values == "logits":
        return np.float32(1) / (np.float32(1) + np.exp(-np.clip(found, -30, 30)))
    if values == "alpha":
        return np.clip(found, 0, 1)
    low, high = float(found.min()), float(found.max())
    return (found - np.float32(low)) / np.float32(max(high - low, _FAINT))
