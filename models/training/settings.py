"""What the weights of `nano` are made from and how: the one place that says it."""

from __future__ import annotations

from dataclasses import dataclass

from pickmatte.models.errors import PickmatteError

# Debian packages of wallpapers, whose pictures are the textures; docs/training.md has the licences.
PACKAGES = (
    "gnome-backgrounds",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "mate-backgrounds",
    "plasma-workspace-wallpapers",
)
SEED = 20261124  # of scenes, together with a scene's number
SIDE = 256  # pixels of a scene
BATCH = 8
VALIDATION = range(-64, 0)  # numbers of the scenes that are never trained on


@dataclass(frozen=True)
class Stage:
    """Steps on a pool of scenes of its own, from the weights that the stage before ended with."""

    name: str
    numbers: range  # of its scenes
    clean: bool  # hardly any noise and JPEG
    steps: int
    rate: float


STAGES = (
    Stage("noisy", range(0, 4500), clean=False, steps=4000, rate=2e-3),
    Stage("clean", range(4500, 7000), clean=True, steps=1500, rate=1e-3),
)


class TrainingError(PickmatteError):
    """Training cannot go on: a tool, the photos or a fitting checkpoint is missing."""
