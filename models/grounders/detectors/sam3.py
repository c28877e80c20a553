"""Run SAM 3 with transformers: texts in, masks out.

N. Carion et al.: SAM 3: Segment Anything with Concepts, 2025. Its image processor needs
torchvision, its network does not when it is prompted with text; so the picture is prepared here, as
`Sam3ImageProcessor` of transformers 5.24 does it: stretched to a square, bilinear.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pickmatte.models.grounders.open_vocabulary import Answer, OpenVocabulary, detector_files
from pickmatte.models.protocols import RGB
from pickmatte.models.runtime.pytorch import import_torch, without_bars
from pickmatte.models.weights.records import Input, Model

_FAINT = 0.05  # a score not worth a mask; the network always gives its 200 guesses


class Sam3:
    """One set of weights on the best device there is; it implements `Detector`."""

    def __init__(
        self, name: str, folder: Path, rule: Input, sure: float, device: str = "auto"
    ) -> None:
        self._torch, transformers, self.device = import_torch(name, device)
        self.name, self.sure = name, sure
        self._rule = rule
        self._words = transformers.CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        with without_bars(transformers):
            network = transformers.Sam3Model.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            )
        self._network = network.eval().to(self.device)

    def detect(self, rgb: RGB, texts: Sequence[str]) -> list[Answer]:
        """Return the boxes, scores and masks for each text, in no order.

        `rgb` is uint8 H×W×3; texts are words without punctuation.
        """
        torch = self._torch
        with torch.inference_mode():
            pixels = torch.from_numpy(pack(rgb, self._rule)).to(self.device)
            seen = self._network.get_vision_features(pixel_values=pixels)
            return [self._boxes(seen, text, rgb.shape[:2]) for text in texts]

    def _boxes(self, seen: Any, text: str, size: tuple[int, int]) -> Answer:
        words = self._words(
            text, padding="max_length", truncation=True, max_length=32, return_tensors="pt"
        )
        outputs = self._network(
            vision_embeds=seen,
            input_ids=words["input_ids"].to(self.device),
            attention_mask=words["attention_mask"].to(self.device),
        )
        # Whether the thing is there at all is judged once, apart from where.
        scores = outputs.pred_logits[0].sigmoid() * outputs.presence_logits[0].sigmoid()
        near = scores > _FAINT
        corners = outputs.pred_boxes[0][near].clamp(0, 1).cpu().numpy()
        return Answer(
            corners * np.array([size[1], size[0], size[1], size[0]], float),
            scores[near].cpu().numpy(),
            outputs.pred_masks[0][near].float().cpu().numpy(),
        )


def pack(rgb: RGB, rule: Input) -> NDArray[np.float32]:
    """Return the network's input: float32 1×3×S×S, the picture stretched to a square."""
    square = Image.fromarray(rgb).resize((rule.side, rule.side), Image.Resampling.BILINEAR)
    pixels = (np.asarray(square, np.float32) - np.array(rule.mean, np.float32)) / np.array(
        rule.std, np.float32
    )
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def load(model: Model, device: str) -> OpenVocabulary:
    """A grounder around the detector of an entry; see `detector_files` for what is raised."""
    folder = detector_files(model, device)
    return OpenVocabulary(Sam3(model.name, folder, model.takes, model.threshold, device))
