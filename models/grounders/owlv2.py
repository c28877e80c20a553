"""OWLv2 through transformers: words to boxes.

M. Minderer, A. Gritsenko, N. Houlsby: Scaling Open-Vocabulary Object Detection, NeurIPS 2023.
Pictures go in padded to a square and scaled, as `Owlv2ImageProcessorPil` of transformers 5.24
does it; boxes come out as parts of that square.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from models.grounders.open_vocabulary import Boxes
from models.protocols import RGB, content_size
from models.torch_device import import_torch


class Owlv2:
    """One set of weights on the best device there is. Safe to call from several threads."""

    def __init__(self, name: str, folder: Path, sure: float) -> None:
        self._torch, transformers, self.device = import_torch(name)
        self.name, self.sure = name, sure
        self._images = transformers.Owlv2ImageProcessorPil.from_pretrained(
            folder, local_files_only=True
        )
        self._words = transformers.CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        network = transformers.Owlv2ForObjectDetection.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        self._network = network.eval().to(self.device)

    def detect(self, rgb: RGB, texts: Sequence[str]) -> list[Boxes]:
        """All boxes for each text; uint8 H×W×3, lower-case words without punctuation."""
        torch = self._torch
        height, width = rgb.shape[:2]
        words = self._words(
            [f"a photo of a {text}" for text in texts],
            padding="max_length",
            truncation=True,
            max_length=self._network.config.text_config.max_position_embeddings,
            return_tensors="pt",
        )
        seen = self._images(
            images=self._shrunk(rgb), input_data_format="channels_last", return_tensors="pt"
        )
        with torch.inference_mode():
            outputs = self._network(
                pixel_values=seen["pixel_values"].float().to(self.device),
                input_ids=words["input_ids"].to(self.device),
                attention_mask=words["attention_mask"].to(self.device),
            )
        centre, half = outputs.pred_boxes[0, :, :2], outputs.pred_boxes[0, :, 2:] / 2
        corners = torch.cat([centre - half, centre + half], 1).cpu().numpy() * max(height, width)
        corners = corners.clip(0, np.array([width, height, width, height], np.float32))
        scores = outputs.logits[0].sigmoid().cpu().numpy()
        return [Boxes(corners, scores[:, index]) for index in range(len(texts))]

    def _shrunk(self, rgb: RGB) -> RGB:
        """At most twice what the network sees: the library filters in float64 at full size."""
        side = 2 * self._images.size["height"]
        if max(rgb.shape[:2]) <= side:
            return rgb
        height, width = content_size(rgb.shape[:2], side)
        return cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
