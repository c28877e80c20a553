"""What segmenters run by PyTorch share: pictures in, prompts in, four masks with scores out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pickmatte.models.inputs import prepare
from pickmatte.models.protocols import RGB, Candidates, Embedding, Logits
from pickmatte.models.runtime.pytorch import import_torch
from pickmatte.models.weights.records import Model

from .prompts import scale_prompts

Tensor: TypeAlias = Any  # torch is an extra: its types may not be there


@dataclass(frozen=True, eq=False)
class Prompt:
    """What is asked of one picture, in the encoder's pixels."""

    points: Tensor | None  # 1×N×2
    labels: Tensor | None  # 1×N; 1 keep, 0 drop
    box: Tensor | None  # 1×4
    mask: Tensor | None  # 1×1×S×S logits


class Network(Protocol):
    """A SAM-like network in its library's own terms; tensors are on its device."""

    def encode(self, pixels: Tensor) -> Sequence[Tensor]:
        """B×3×S×S, prepared -> what `decode` needs, each B×..."""

    def decode(self, features: Sequence[Tensor], prompt: Prompt) -> tuple[Tensor, Tensor]:
        """Masks 4×S×S and scores 4; the first is for prompts that leave no doubt."""


class TorchSegmenter:
    """A network on one device; see `Segmenter`. Safe to call from several threads."""

    def __init__(self, model: Model, network: Network, device: str) -> None:
        assert model.grid is not None, f"{model.name}: say in the catalogue what its logits are"
        self._torch, _, self.device = import_torch(model.name, device)
        self.name, self.rules, self.grid = model.name, model.takes, model.grid
        self._network = network

    def encode(self, rgb: RGB) -> Embedding:
        """Look at a picture once; uint8 H×W×3 RGB."""
        return self.encode_all([rgb])[0]

    def encode_all(self, pictures: Sequence[RGB]) -> list[Embedding]:
        """Look at several pictures at once, of any sizes, as far as memory goes."""
        torch = self._torch
        pixels = np.concatenate([prepare(rgb, self.rules) for rgb in pictures])
        # Half precision doubles the speed of a GPU's matrix units; a CPU gains nothing by it. What
        # is decoded at every click is a hundredth of the work and stays in single precision.
        half = torch.autocast("cuda", torch.float16, enabled=self.device == "cuda")
        with torch.inference_mode(), half:
            features = self._network.encode(torch.from_numpy(pixels).to(self.device))
        layers = [layer.float().cpu().numpy() for layer in features]
        return [
            # Copies, so that no embedding keeps the memory of all.
            Embedding(
                tuple(layer[place : place + 1].copy() for layer in layers),
                (rgb.shape[0], rgb.shape[1]),
            )
            for place, rgb in enumerate(pictures)
        ]

    def decode(
        self,
        embedding: Embedding,
        points: NDArray[np.float32] | Sequence[Sequence[float]] = (),
        labels: NDArray[np.int_] | Sequence[int] = (),
        *,
        box: Sequence[float] | None = None,
        mask: Logits | None = None,
    ) -> Candidates:
        """Four masks with scores for points, a box or both; see `Segmenter.decode`.

        Layer 0 is the mask for prompts that leave no doubt, 1 to 3 those for a lone point. Raises
        `PromptError` for no prompt at all.
        """
        told = scale_prompts(points, labels, box, embedding.size, self.rules.side, self.grid.fit)
        pointed = len(told.points) > 0
        prompt = Prompt(
            self._tensor(told.points[None]) if pointed else None,
            self._tensor(told.labels[None]) if pointed else None,
            None if told.box is None else self._tensor(told.box[None]),
            None if mask is None else self._tensor(np.asarray(mask, np.float32)[None, None]),
        )
        features = [self._tensor(layer) for layer in embedding.features]
        with self._torch.inference_mode():
            masks, scores = self._network.decode(features, prompt)
        found = masks.cpu().numpy(), scores.cpu().numpy()
        return Candidates(*found, embedding.size, self.grid.fit)

    def _tensor(self, layer: NDArray[Any]) -> Tensor:
        return self._torch.tensor(layer, device=self.device)
