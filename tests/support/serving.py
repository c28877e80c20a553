"""Tiny segmenters, served by the loopback under the names of real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
import tiny_sam
from loopback import Loopback

from pickmatte.models.weights import catalogue

MAKERS: dict[str, Callable[[Path], int]] = {
    "sam-vit-b": tiny_sam.sam,
    "sam-hq-vit-b": tiny_sam.sam_hq,
    "sam2.1-hiera-tiny": tiny_sam.sam2,
    "edgetam": tiny_sam.edgetam,
    "sam3-tracker": tiny_sam.sam3,
}


def serve(
    name: str, folder: Path, side: int, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = catalogue.find(name, "segmenter")
    assert entry.input is not None
    assert entry.grid is not None
    # The logits keep their share of the square: a quarter, of SAM 3 four fourteenths.
    grid = replace(entry.grid, side=entry.grid.side * side // entry.input.side)
    rules = replace(entry.input, side=side)
    segment_anything = pytest.importorskip("segment_anything")
    monkeypatch.setitem(segment_anything.sam_model_registry, "vit_b", tiny_sam.build_sam)
    tiny.serve(name, folder, loopback, monkeypatch, input=rules, grid=grid)
