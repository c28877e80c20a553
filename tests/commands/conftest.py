"""A photo of a cat, and its cut-out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from running import run
from skimage import data


@pytest.fixture(scope="session")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of a cat, 300 pixels wide (skimage's chelsea, CC0)."""
    path = tmp_path_factory.mktemp("photos") / "cat.png"
    small = cv2.resize(data.chelsea(), (300, 200), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), small[..., ::-1])
    return path


@pytest.fixture(scope="session")
def made(cat: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the cat cut out and all layers beside it."""
    folder = tmp_path_factory.mktemp("made")
    assert (
        run("cut", cat, "-o", folder / "cat.png", "--click", "150,100", "--layers").exit_code == 0
    )
    return folder


@pytest.fixture
def bad(cat: Path, made: Path, tmp_path: Path) -> Path:
    """A folder of inputs that cannot work."""
    folder = tmp_path / "bad"
    folder.mkdir()
    whole = cat.read_bytes()
    (folder / "words.jpg").write_text("This is no picture.")
    (folder / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "empty.json").write_text("")
    (folder / "other.json").write_text('{"name": "no recipe"}')
    for name, layer in {
        "small.png": np.full((10, 10), 255, np.uint8),
        "black.png": np.zeros((200, 300), np.uint8),
        "grey.png": np.full((200, 300), 128, np.uint8),
    }.items():
        cv2.imwrite(str(folder / name), layer)
    return folder
