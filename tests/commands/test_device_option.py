"""`--device`: for one command, whatever it is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import onnxruntime as ort
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from skimage import data

from pickmatte import cli

COMMANDS = {
    "cut": ["photo.png", "-o", "out.png", "--click", "230,150"],
    "auto": ["photo.png", "-o", "out.png"],
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    Image.fromarray(data.chelsea()).save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PICKMATTE_DEVICE", raising=False)

    def invoke(command: str, *more: str) -> Result:
        told = [command, *COMMANDS[command], *more]
        return CliRunner().invoke(cli.main, told, catch_exceptions=False)

    return invoke


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_reported_and_forgotten_afterwards(command: str, run: Callable[..., Result]) -> None:
    done = run(command, "--device", "CPU", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["device"] == "cpu"
    assert "PICKMATTE_DEVICE" not in os.environ


def test_what_is_no_device_is_wrong_usage(run: Callable[..., Result]) -> None:
    done = run("cut", "--device", "toaster")
    assert done.exit_code == 2
    assert "'toaster' is no device; there are: auto, cpu, cuda" in done.stderr


@pytest.mark.skipif("CUDAExecutionProvider" in ort.get_available_providers(), reason="it is here")
def test_one_that_is_not_here_fails_in_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    done = run("cut", "--device", "cuda")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ONNX Runtime cannot use cuda here, only cpu")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out.png").exists()
