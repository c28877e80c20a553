"""Run OWLv2 with transformers: texts in, boxes out.

M. Minderer, A. Gritsenko, N. Houlsby: Scaling Open-Vocabulary Object Detection, NeurIPS 2023.
Pictures go in padded to a square and scaled, as `Owlv2ImageProcessorPil` of transformers 5.24 does
it; boxes come out as parts of that square.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.grounders.open_vocabulary import Answer, OpenVocabulary, detector_files
from pickmatte.models.protocols import RGB, content_size
from pickmatte.models.runtime.pytorch import import_torch, without_bars
from pickmatte.models.weights.records import Model


class Owlv2:
    """One set of weights on the best device there is; it implements `Detector`."""

    def __init__(self, name: str, folder: Path, sure: float, device: str = "auto") -> None:
        self._torch, transformers, self.device = import_torch(name, device)
        self.name, self.sure = name, sure
        self._images = transformers.Owlv2ImageProcessorPil.from_pretrained(
            folder, local_files_only=True
        )
        self._words = transformers.CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        with without_bars(transformers):
            network = transformers.Owlv2ForObjectDetection.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            )
        self._network = network.eval().to(self.device)

    def detect(self, rgb: RGB, texts: Sequence[str]) -> list[Answer]:
        """Return the boxes and scores for each text, in no order.

        `rgb` is uint8 H×W×3; texts are lower-case words without punctuation.
        """
        torch = self._torch
        height, width = rgb.shape[:2]
        words = self._words(
            [f"a photo of a {text}" for text in texts],
            padding="max_length",
            truncation=True,
            max_length=self._network.config.text_config.max_position_embeddings,
            return_tensors="pt",
        )
        with torch.inference_mode():
            outputs = self._network(
                pixel_values=torch.from_numpy(self.pack(rgb)).to(self.device),
                input_ids=words["input_ids"].to(self.device),
                attention_mask=words["attention_mask"].to(self.device),
            )
        centre, half = outputs.pred_boxes[0, :, :2], outputs.pred_boxes[0, :, 2:] / 2
        corners = torch.cat([centre - half, centre + half], 1).cpu().numpy() * max(height, width)
        corners = corners.clip(0, np.array([width, height, width, height], float))
        scores = outputs.logits[0].sigmoid().cpu().numpy()
        return [Answer(corners, scores[:, index]) for index in range(len(texts))]

    def pack(self, rgb: RGB) -> NDArray[np.float32]:
        """Return the network's input, float32 1×3×S×S: the picture in the corner of a square.

        The library filters in float64 at full size, which takes gigabytes for a large photo; so a
        picture more than twice as large as the network's input is shrunk before.
        """
        side = 2 * self._images.size["height"]
        if max(rgb.shape[:2]) > side:
            height, width = content_size(rgb.shape[:2], side)
            rgb = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        seen = self._images(images=rgb, input_data_format="channels_last", return_tensors="np")
        pixels: NDArray[np.float32] = seen["pixel_values"].astype(np.float32)
        return pixels


def load(model: Model, device: str) -> OpenVocabulary:
    """A grounder around the detector of an entry; see `detector_files` for what is raised."""
    folder = detector_files(model, device)
    return OpenVocabulary(Owlv2(model.name, folder, model.threshold, device))
