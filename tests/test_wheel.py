"""The wheel as a user gets it: one package, that other people's folders cannot break."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

ROOT = Path(__file__).parents[1]
# What a user may keep beside the script that uses us.
BESIDE = (
    "models/__init__.py",
    "page/__init__.py",
    "interactive.py",
    "commands/__init__.py",
    "app.py",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a build leaves folders behind
    left = shutil.ignore_patterns(".*", "tests", "build", "out", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, source, ignore=left)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=300)
    (built,) = folder.glob("pickmatte-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; the packages it needs are borrowed from this one."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    home = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    # A path named in a .pth file is searched after the environment's own, and no .pth file in it is
    # read: so this installation of ours is not to be found there.
    Path(home, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def test_it_holds_one_package_and_nothing_of_the_workshop(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"pickmatte"}
    inside = {name.split("/")[1] for name in names if name.startswith("pickmatte/")}
    assert not inside & {"tests", "bench", "docs", "build", "Makefile"}
    for needed in (
        "models/matting/nano.onnx",
        "models/grounders/english/lexicon.txt",
        "page/browser/stage.js",
        "page/browser/page.css",
    ):
        assert f"pickmatte/{needed}" in names


def test_it_cuts_out_beside_folders_of_the_same_names(python: Path, tmp_path: Path) -> None:
    for name in BESIDE:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise RuntimeError('this is the user\\'s own')\n")
    Image.fromarray(data.chelsea()[::2, ::2]).save(tmp_path / "cat.png")
    script = """
from pickmatte import PickmatteError, Session, models
import pickmatte
assert "site-packages" in pickmatte.__file__, pickmatte.__file__
session = Session.open("cat.png")
session.subject("cat").click(112, 75)
session.save("script.png")
print(models.load_matting().name)
"""
    (tmp_path / "script.py").write_text(script)

    def run(*told: str) -> str:
        done = subprocess.run(
            [str(python), *told], cwd=tmp_path, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("script.py") == "nano\n"
    run("-m", "pickmatte", "cut", "cat.png", "-o", "module.png", "--click", "112,75")
    first, second = (np.asarray(Image.open(tmp_path / f"{n}.png")) for n in ("script", "module"))
    np.testing.assert_array_equal(first, second)
    assert 0.1 < (first[..., 3] > 127).mean() < 0.9
