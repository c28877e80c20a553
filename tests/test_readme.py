"""What the README says: its examples run as written, and the table of models is the catalogue."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from pickmatte.models.weights import catalogue

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.fromarray(data.astronaut()).save(tmp_path / "photo.jpg", quality=95)
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_command_line_examples_run_as_written(folder: Path) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("pickmatte ")]
    assert commands
    for command in commands:
        run(["sh", "-c", command], folder)
    names = {"person.png", "person.mask.png", "person.trimap.png", "person.alpha.png", "alpha.png"}
    assert names <= {path.name for path in folder.iterdir()}


def test_python_example_runs_as_written(folder: Path) -> None:
    (example,) = blocks("python")
    scores, types, refusal = run([sys.executable, "-c", example], folder).splitlines()
    assert re.fullmatch(r"\[\d\.\d+(, \d\.\d+)*\]", scores)
    assert types == "bool uint8 float32"
    assert "outside" in refusal
    with Image.open(folder / "person.png") as cutout:
        assert (cutout.mode, cutout.size) == ("RGBA", (512, 512))


def test_every_make_target_of_the_readme_exists() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    for target in set(re.findall(r"\bmake (demo|ui|test|check)\b", README)):
        subprocess.run([make, "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_table_of_weights_is_the_catalogue() -> None:
    table = (ROOT / "docs" / "models.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z0-9.-]+)`(.*)\|$", table, re.MULTILINE)
    assert [name for name, _ in rows] == list(catalogue.names())
    for model, (_, row) in zip(catalogue.MODELS, rows, strict=True):
        cells = [cell.strip() for cell in row.split("|")]
        sources = dict.fromkeys(str(source) for file in model.files for source in file.sources)
        assert cells[1:] == [
            model.role,
            f"{model.bytes / 1e6:.1f} MB" if model.files else "none",
            ", ".join(sources) or "built in",
            model.licence,
        ]


def test_every_link_to_a_file_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8"))
        assert [link for link in links if not (page.parent / link).is_file()] == []
