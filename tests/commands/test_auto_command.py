"""`pickmatte auto`, and the files of models, as a user has them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from pickmatte import cli
from pickmatte.models import weights


def run(*args: str | Path) -> Result:
    """Run a command in this process; defects surface."""
    return CliRunner().invoke(cli.main, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def photo(tmp_path: Path, chelsea: NDArray[np.uint8]) -> Path:
    """The cat as a PNG."""
    path = tmp_path / "cat.png"
    cv2.imwrite(str(path), chelsea[..., ::-1])
    return path


def test_auto_cuts_the_cat_out_and_tells_how(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    result = run("auto", photo, "-o", out, "--largest", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["model"] == "u2netp"
    assert report["files"] == {"cutout": str(out)}
    assert len(report["subjects"]) == 1
    rgba = cv2.imread(str(out), cv2.IMREAD_UNCHANGED)
    assert rgba[100, 150, 3] == 255
    assert rgba[3, 3, 3] == 0
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(report["recipe"]))
    again = tmp_path / "again.png"
    assert run("cut", photo, "-o", again, "--recipe", recipe).exit_code == 0
    assert (cv2.imread(str(again), cv2.IMREAD_UNCHANGED) == rgba).all()


def test_auto_says_that_nothing_is_there(tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    cv2.imwrite(str(plain), np.full((90, 120, 3), 128, np.uint8))
    result = run("auto", plain, "-o", tmp_path / "out.png")
    assert result.exit_code == 1
    assert "Nothing stands out" in result.stderr
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        (("--model", "u3net"), 1, "no salient model named 'u3net'"),
        (("--only", "unicorn"), 2, "is not one of"),
        (("--matting", "u2netp"), 1, "no matting model"),
    ],
)
def test_auto_refuses(
    photo: Path, tmp_path: Path, args: tuple[str, ...], code: int, reason: str
) -> None:
    result = run("auto", photo, "-o", tmp_path / "out.png", *args)
    assert result.exit_code == code
    assert reason in result.stderr
    assert not (tmp_path / "out.png").exists()


def test_pulled_files_can_be_carried_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = tmp_path / "stick"
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path / "here"))
    assert run("models", "pull", "nano", "--to", carried).exit_code == 0
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path / "there"))
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    assert run("models", "pull", "nano", "--from", carried).exit_code == 0
    assert weights.check("nano").state == "present"
    assert "1.2 MB freed" in run("models", "rm", "nano").stdout
    assert weights.check("nano").state == "missing"


def test_a_picture_that_is_transparent_everywhere_is_refused(tmp_path: Path) -> None:
    ghost = tmp_path / "ghost.png"
    cv2.imwrite(str(ghost), np.full((40, 60, 4), (30, 30, 200, 0), np.uint8))
    done = run("auto", ghost, "-o", tmp_path / "out.png")
    assert done.exit_code == 1
    assert "'ghost.png' is transparent everywhere" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["ghost.png"]
