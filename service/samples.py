"""Sample photos that anyone may use for anything, from scikit-image where it is installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """A photo with its title and who is to be thanked for it."""

    name: str
    title: str
    credit: str
    path: Path


_SAMPLES = (
    ("astronaut.png", "Astronaut", "NASA, public domain"),
    ("chelsea.png", "Chelsea", "Stéfan van der Walt, CC0"),
    ("coffee.png", "Coffee", "Rachel Michetti, CC0"),
    ("rocket.jpg", "Rocket", "SpaceX, public domain"),
)


def samples() -> tuple[Sample, ...]:
    """The samples there are: none where scikit-image (the extra `samples`) is not installed."""
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        return ()
    folder = Path(spec.origin).parent / "data"
    found = (
        Sample(Path(file).stem, title, credit, folder / file) for file, title, credit in _SAMPLES
    )
    return tuple(sample for sample in found if sample.path.is_file())
