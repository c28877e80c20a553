"""ViTMatte through transformers: trimap to alpha by a plain vision transformer.

J. Yao, X. Wang, S. Yang, B. Wang: ViTMatte, Information Fusion 2024. The network takes RGB,
normalised, and the trimap / 255 as a fourth channel, padded with zeros right and below to a
multiple of 32, as `VitMatteImageProcessor` of transformers 5.23 lays them out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pickmatte.models import weights
from pickmatte.models.errors import TrimapError
from pickmatte.models.protocols import RGB, Alpha, TileRules, Trimap
from pickmatte.models.runtime.pytorch import import_torch, without_bars
from pickmatte.models.weights.records import Input, Model

from .trimaps import FOREGROUND, UNKNOWN, check_trimap


def rules(base: bool) -> TileRules:
    """What a tile may be: attention over the whole tile makes memory grow faster than its area."""
    return TileRules(
        context=96,
        largest=1 << 40,
        bytes_per_unknown=0,
        bytes_per_pixel=3600 if base else 1900,
        longest=1024,
    )


class ViTMatte:
    """One set of weights on the best device there is. Safe to call from several threads."""

    def __init__(
        self, name: str, folder: Path, rule: Input, rules: TileRules, device: str = "auto"
    ) -> None:
        torch, transformers, self.device = import_torch(name, device)
        self.name, self.rules = name, rules
        self._torch = torch
        self._rule = rule
        with without_bars(transformers):
            network = transformers.VitMatteForImageMatting.from_pretrained(
                folder, local_files_only=True
            )
        self._network = network.eval().to(self.device)

    def alpha(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """Alpha of a picture, float32 H×W in 0..1; known pixels are exactly 0 or 1.

        `rgb` is uint8 H×W×3, `trimap` uint8 H×W of 0, 128, 255. The whole of it goes through the
        network at once; `interactive.mattes.solver.solve` cuts large pictures into tiles. Raises
        `TrimapError` if the trimap does not fit or has no known pixel.
        """
        check_trimap(trimap, rgb.shape[:2])
        unknown = trimap == UNKNOWN
        if unknown.all():
            raise TrimapError("The trimap is unknown everywhere; mark some pixels as known.")
        alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
        if unknown.any():
            height, width = trimap.shape
            found = self._run(pack(rgb, trimap, self._rule))[:height, :width]
            alpha[unknown] = found[unknown]
        return alpha

    def _run(self, packed: np.ndarray[Any, np.dtype[np.float32]]) -> Alpha:
        torch = self._torch
        # Half precision doubles the speed of a GPU's matrix units; a CPU gains nothing by it.
        half = torch.autocast("cuda", torch.float16, enabled=self.device == "cuda")
        with torch.inference_mode(), half:
            pixels = torch.from_numpy(packed).to(self.device)
            found = self._network(pixel_values=pixels).alphas
        alpha: Alpha = np.clip(found[0, 0].float().cpu().numpy(), 0, 1)
        return alpha


def pack(rgb: RGB, trimap: Trimap, rule: Input) -> np.ndarray[Any, np.dtype[np.float32]]:
    """What the network takes: float32 1×4×H'×W', sides padded to multiples of `rule.side`."""
    height, width = trimap.shape
    multiple = rule.side
    packed = np.zeros((1, 4, height + -height % multiple, width + -width % multiple), np.float32)
    pixels = (rgb - np.array(rule.mean, np.float32)) / np.array(rule.std, np.float32)
    packed[0, :3, :height, :width] = pixels.transpose(2, 0, 1)
    packed[0, 3, :height, :width] = trimap.astype(np.float32) / 255
    return packed


def load(model: Model, device: str) -> ViTMatte:
    """The network of an entry, its files fetched if need be.

    Raises `MissingExtra` or `DeviceError` before that, or `WeightsError`.
    """
    import_torch(model.name, device)
    folder = weights.files(model)["config.json"].parent
    return ViTMatte(model.name, folder, model.takes, rules("base" in model.name), device)
