"""Networks small enough for tests, with random weights, saved as the hub keeps the real ones."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from loopback import Loopback

from pickmatte import models
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Web

WORDS = "a an the dog cat woman man person red blue coat umbrella left right on of in photo object"


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value))


def bert(folder: Path) -> int:
    """tokenizer.json and tokenizer_config.json of a BERT that knows `WORDS`; how many tokens."""
    from transformers import BertTokenizer

    # The network takes these four, by number, for the marks between its texts.
    marks = {101: "[CLS]", 102: "[SEP]", 1012: ".", 1029: "?"}
    letters = [f"{mark}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" for mark in ("", "##")]
    tokens = ["[PAD]", "[UNK]", "[MASK]", *dict.fromkeys([*letters, *WORDS.split()])]
    tokens += [f"[unused{index}]" for index in range(1030 - len(tokens))]
    for index, mark in marks.items():
        tokens[index] = mark
    vocabulary = {token: index for index, token in enumerate(tokens)}
    BertTokenizer(vocab=vocabulary).save_pretrained(folder)
    return len(tokens)


def clip(folder: Path) -> int:
    """vocab.json and merges.txt of a CLIP that knows letters, with OWLv2's settings."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    tokens = ["!", *letters, *(f"{letter}</w>" for letter in letters), "do", "dog</w>"]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    write(folder / "vocab.json", {token: index for index, token in enumerate(tokens)})
    (folder / "merges.txt").write_text("#version: 0.2\nd o\ndo g</w>\n")
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "!"}
    write(folder / "special_tokens_map.json", {**special, "unk_token": "<|endoftext|>"})
    write(
        folder / "tokenizer_config.json",
        {**special, "unk_token": "<|endoftext|>", "tokenizer_class": "CLIPTokenizer",
         "model_max_length": 16, "do_lower_case": True, "errors": "replace"},
    )  # fmt: skip
    return len(tokens)


def preprocessor(folder: Path, kind: str, **values: Any) -> None:
    write(folder / "preprocessor_config.json", {"image_processor_type": kind, **values})


def serve(
    model: str, folder: Path, loopback: Loopback, patch: pytest.MonkeyPatch, **changes: Any
) -> None:
    """Put a folder's files on the loopback's hub, as those of a model of the catalogue.

    The files have the names, sources and, where it is on record, a hash that is checked, as the
    real ones; only the bytes differ. `changes` are to the model's entry.
    """
    entry = catalogue.find(model)
    loopback.blobs = {file.name: (folder / file.name).read_bytes() for file in entry.files}
    files = tuple(
        replace(
            file,
            bytes=len(loopback.blobs[file.name]),
            sha256=file.sha256 and hashlib.sha256(loopback.blobs[file.name]).hexdigest(),
            sources=tuple(
                Web(f"{loopback.url}/cdn/{file.name}") if isinstance(source, Web) else source
                for source in file.sources
            ),
        )
        for file in entry.files
    )
    tiny = replace(entry, files=files, **changes)
    patch.setattr(
        catalogue, "MODELS", tuple(tiny if it is entry else it for it in catalogue.MODELS)
    )
    models.unload(model)


def picture(height: int, width: int) -> np.ndarray:
    """Coloured blobs, smooth and different for every size."""
    noise = np.random.default_rng(height * width).integers(0, 256, (9, 9, 3), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
