"""Make the weights of `nano` from nothing: `python -m models.training FOLDER`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import models.training as training

# Photographs under free licences; see docs/training.md.
PACKAGES = (
    "gnome-backgrounds",
    "plasma-workspace-wallpapers",
    "mate-backgrounds",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
)
SIDE = 256
VALIDATION = 64


@dataclass(frozen=True)
class Stage:
    """One run over scenes of its own; the next begins with the weights it ends with."""

    name: str
    scenes: range
    clean: bool  # without noise, JPEG and resampling
    steps: int
    rate: float


STAGES = (
    Stage("noisy", range(0, 4500), clean=False, steps=4000, rate=2e-3),
    Stage("clean", range(4500, 7000), clean=True, steps=1500, rate=1e-3),
)


def fetch(folder: Path) -> None:
    """Unpack Debian's wallpaper packages into `folder`; those that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} was not found: unpack {', '.join(PACKAGES)} into {folder} yourself.")
    for package in PACKAGES:
        if (folder / package).is_dir():
            continue
        done = subprocess.run(
            ["apt-get", "download", package], cwd=folder, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"apt-get could not download {package}: {done.stderr.strip()}")
        (deb,) = folder.glob(f"{package}_*.deb")
        part = folder / f".{package}"
        subprocess.run(["dpkg-deb", "-x", str(deb), str(part)], check=True)
        part.rename(folder / package)


def make(work: Path, photos: Path, output: Path, stages: tuple[Stage, ...] = STAGES) -> str:
    """Make the scenes, train stage by stage and write the network; returns its SHA-256.

    Scenes and checkpoints that `work` holds already are gone on from.
    """
    from models.training import export, pool, train

    weights = None
    for stage in stages:
        place = work / stage.name
        place.mkdir(parents=True, exist_ok=True)
        workers = pool.start(
            place / "scenes", photos, SIDE, stage.scenes, os.cpu_count() or 1, clean=stage.clean
        )
        pool.make(place / "validation", photos, SIDE, -VALIDATION, 1, 0, stage.clean)
        for worker in workers:
            worker.join()
            if worker.exitcode:
                sys.exit("A maker of scenes stopped; its traceback is above.")
        network = train.train(place, stage.steps, rate=stage.rate, start=weights)
        weights = network.state_dict()
    export.export(network, output)
    return hashlib.sha256(output.read_bytes()).hexdigest()


def main() -> None:
    """Train in the folder that is named, or in `training`, and tell what the catalogue must say."""
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit("Usage: python -m models.training [FOLDER]")
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("Training needs PyTorch; install it with: pip install 'pickmatte[torch]'.")
    folder = Path(sys.argv[1] if len(sys.argv) == 2 else "training")
    fetch(folder / "photos")
    output = Path(training.__file__).parents[1] / "matting" / "nano.onnx"
    digest = make(folder, folder / "photos", output)
    print(f"{output}: {output.stat().st_size} bytes, SHA-256 {digest}.")
    print("Put both into models/catalog.py, and run bench/matting.py.")


if __name__ == "__main__":
    main()
