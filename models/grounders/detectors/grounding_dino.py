"""Run Grounding DINO and MM Grounding DINO with transformers: texts in, boxes out.

S. Liu et al.: Grounding DINO, ECCV 2024. X. Zhao et al.: An Open and Comprehensive Pipeline for
Unified Object Grounding and Detection, arXiv 2401.02361. All texts go in as one caption, each
followed by a dot; a text's score at a box is that of its best token, as in
`GroundingDinoProcessor.post_process_grounded_object_detection` of transformers 5.24.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pickmatte.models.grounders.open_vocabulary import Answer, OpenVocabulary, detector_files
from pickmatte.models.protocols import RGB
from pickmatte.models.runtime.pytorch import import_torch, without_bars
from pickmatte.models.weights.records import Model

_THINNEST = 200  # times as long as wide; of more, the library scales a side to nothing
_LONGEST = 48  # tokens of one text; the network's captions end at 256


class GroundingDino:
    """One set of weights on the best device there is; it implements `Detector`."""

    def __init__(self, name: str, folder: Path, sure: float, device: str = "auto") -> None:
        self._torch, transformers, self.device = import_torch(name, device)
        self.name, self.sure = name, sure
        self._images = transformers.GroundingDinoImageProcessorPil.from_pretrained(
            folder, local_files_only=True
        )
        self._words = transformers.BertTokenizer.from_pretrained(folder, local_files_only=True)
        with without_bars(transformers):
            network = transformers.AutoModelForZeroShotObjectDetection.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            )
        self._network = network.eval().to(self.device)

    def detect(self, rgb: RGB, texts: Sequence[str]) -> list[Answer]:
        """Return the boxes and scores for each text, in no order.

        `rgb` is uint8 H×W×3; texts are lower-case words without punctuation.
        """
        torch = self._torch
        tokens, spans = self.caption(texts)
        height, width = rgb.shape[:2]
        least = math.ceil(max(height, width) / _THINNEST)
        wide = np.pad(rgb, ((0, max(0, least - height)), (0, max(0, least - width)), (0, 0)))
        seen = self._images(images=wide, input_data_format="channels_last", return_tensors="pt")
        ids = torch.tensor([tokens], device=self.device)
        with torch.inference_mode():
            outputs = self._network(
                pixel_values=seen["pixel_values"].to(self.device),
                pixel_mask=seen["pixel_mask"].to(self.device),
                input_ids=ids,
                token_type_ids=torch.zeros_like(ids),
                attention_mask=torch.ones_like(ids),
            )
        centre, half = outputs.pred_boxes[0, :, :2], outputs.pred_boxes[0, :, 2:] / 2
        corners = torch.cat([centre - half, centre + half], 1).cpu().numpy()
        corners = corners * np.array([wide.shape[1], wide.shape[0]] * 2, float)
        corners = corners.clip(0, [width, height, width, height])
        scores = outputs.logits[0].sigmoid().cpu().numpy()
        return [Answer(corners, scores[:, start:stop].max(1)) for start, stop in spans]

    def caption(self, texts: Sequence[str]) -> tuple[list[int], list[tuple[int, int]]]:
        """Return all texts as the token ids of one caption, and where each text is in them."""
        words = self._words
        dot = words.convert_tokens_to_ids(".")
        tokens, spans = [words.cls_token_id], []
        for text in texts:
            own = words(text, add_special_tokens=False)["input_ids"][:_LONGEST]
            spans.append((len(tokens), len(tokens) + len(own)))
            tokens += [*own, dot]
        return [*tokens, words.sep_token_id], spans


def load(model: Model, device: str) -> OpenVocabulary:
    """A grounder around the detector of an entry; see `detector_files` for what is raised."""
    folder = detector_files(model, device)
    return OpenVocabulary(GroundingDino(model.name, folder, model.threshold, device))
