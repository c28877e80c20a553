"""The photos that scenes are made of, out of Debian's packages."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from .settings import PACKAGES, TrainingError


def fetch(folder: Path) -> None:
    """Unpack every package that `folder` does not hold yet into a folder of its name.

    Raises `TrainingError` if Debian's tools are missing or one fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if (folder / package).exists():
            continue
        for tool in ("apt-get", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise TrainingError(
                    f"Fetching photos needs {tool}. Train on Debian or Ubuntu, or unpack the "
                    f"package {package} into {folder / package} yourself."
                )
        # Beside the folder, so that what is half there is neither read nor taken for whole.
        with tempfile.TemporaryDirectory(dir=folder.parent) as kept:
            workdir = Path(kept)
            _run(package, workdir, "apt-get", "download", package)
            (found,) = workdir.glob("*.deb")
            _run(package, workdir, "dpkg-deb", "-x", found.name, package)
            (workdir / package).replace(folder / package)


def _run(package: str, workdir: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=workdir, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise TrainingError(
            f"Fetching {package} failed: {' '.join(command[:2])}: "
            f"{said[-1] if said else done.returncode}. Is apt-get update due?"
        )
