"""SAM 3 through transformers: words straight to masks.

N. Carion et al.: SAM 3: Segment Anything with Concepts, 2025. Its image processor needs
torchvision, its network does not when it is asked with words; so the picture is laid out here, as
`Sam3ImageProcessor` of transformers 5.24 does it: stretched to a square, bilinear.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.catalog import Input
from models.grounders.open_vocabulary import Answer
from models.protocols import RGB, Logits, content_size
from models.torch_device import import_torch

_SIDE = 256  # of the masks handed on: what a segmenter takes back as a prompt
_FAINT = 0.05  # a score not worth a mask; the network always gives its 200 guesses
_OUTSIDE = np.float32(-16)


class Sam3:
    """One set of weights on the best device there is; see `Detector`."""

    def __init__(self, name: str, folder: Path, rule: Input, sure: float) -> None:
        self._torch, transformers, self.device = import_torch(name)
        self.name, self.sure = name, sure
        self._rule = rule
        self._words = transformers.CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        network = transformers.Sam3Model.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        self._network = network.eval().to(self.device)

    def detect(self, rgb: RGB, texts: Sequence[str]) -> list[Answer]:
        """All boxes and masks for each text; uint8 H×W×3, words without punctuation."""
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
        masks = [padded(mask, size) for mask in outputs.pred_masks[0][near].cpu().numpy()]
        return Answer(
            corners * np.array([size[1], size[0], size[1], size[0]], float),
            scores[near].cpu().numpy(),
            np.array(masks, np.float32).reshape(-1, _SIDE, _SIDE),
        )


def pack(rgb: RGB, rule: Input) -> NDArray[np.float32]:
    """What the network takes: float32 1×3×S×S, the picture stretched to a square."""
    square = Image.fromarray(rgb).resize((rule.side, rule.side), Image.Resampling.BILINEAR)
    pixels = (np.asarray(square, np.float32) - np.array(rule.mean, np.float32)) / np.array(
        rule.std, np.float32
    )
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def padded(mask: Logits, size: tuple[int, int]) -> Logits:
    """A mask over the stretched picture as one over the picture in the corner of a square."""
    height, width = content_size(size, _SIDE)
    content = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    laid = np.full((_SIDE, _SIDE), _OUTSIDE, np.float32)
    # One row and column more, so that enlarging it does not eat into the picture's edge.
    laid[: height + 1, : width + 1] = np.pad(content, ((0, 1), (0, 1)), "edge")[:_SIDE, :_SIDE]
    return laid
