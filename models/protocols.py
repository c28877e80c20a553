"""What every network of a role offers, and the arrays that pass between networks and callers.

A network knows pictures, points and trimaps as arrays. It knows no session, screen or file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

from .weights.records import Fit, Grid

RGB: TypeAlias = NDArray[np.uint8]  # H×W×3
Mask: TypeAlias = NDArray[np.bool_]  # H×W
Trimap: TypeAlias = NDArray[np.uint8]  # H×W of 0, 128, 255
Alpha: TypeAlias = NDArray[np.float32]  # H×W in 0..1
Logits: TypeAlias = NDArray[np.float32]  # h×w, positive inside


@dataclass(frozen=True, eq=False)
class Embedding:
    """A picture as the segmenter sees it: computed once, decoded for every prompt."""

    features: tuple[NDArray[np.float32], ...]  # all that the encoder gives its decoder
    size: tuple[int, int]  # height, width of the picture it was made from

    @property
    def nbytes(self) -> int:
        """Bytes held, for caches that are bounded by bytes."""
        return sum(layer.nbytes for layer in self.features)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Several masks for one prompt, in the segmenter's own order (it is not the order of scores).

    `logits` is N×S×S over the square the encoder saw, in which the picture lies as `fit` says; so
    any of them can be handed back as the next decode's mask prompt. `scores` are the segmenter's
    own guesses of each mask's IoU.
    """

    logits: NDArray[np.float32]
    scores: NDArray[np.float32]
    size: tuple[int, int]
    fit: Fit = "pad"

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def content(self) -> NDArray[np.float32]:
        """The logits over exactly the picture, float32 N×h×w."""
        height, width = content_size(self.size, self.logits.shape[1], self.fit)
        return self.logits[:, :height, :width]

    @cached_property
    def masks(self) -> NDArray[np.bool_]:
        """The masks at the picture's size, bool N×H×W."""
        return np.stack([upscale(layer, self.size, self.fit) > 0 for layer in self.logits])


class Segmenter(Protocol):
    """A promptable segmenter of the SAM family."""

    name: str
    grid: Grid  # of its logits
    device: str  # what it runs on

    def encode(self, rgb: RGB) -> Embedding:
        """Look at a picture once; uint8 H×W×3 RGB."""

    def decode(
        self,
        embedding: Embedding,
        points: NDArray[np.float32] | Sequence[Sequence[float]] = (),
        labels: NDArray[np.int_] | Sequence[int] = (),
        *,
        box: Sequence[float] | None = None,
        mask: Logits | None = None,
    ) -> Candidates:
        """Masks for points (N×2 pixels x, y of the encoded picture; label 1 keep, 0 drop), a box
        (x0, y0, x1, y1), or both; `mask` is one layer of an earlier answer's `logits`.
        """


@dataclass(frozen=True)
class TileRules:
    """What a matting model can take, so that the solver needs no special cases."""

    context: int  # pixels of known surroundings a tile needs on every side
    largest: int  # pixels of unknown in one solve beyond which it must be split
    bytes_per_unknown: int  # peak working memory a solve takes per unknown pixel
    bytes_per_pixel: int  # ... and per pixel of the tile, known or not
    at_once: int = 1  # solves worth running side by side, in threads
    longest: int | None = None  # pixels a tile may have on a side, context included


class Matting(Protocol):
    """A trimap's unknown region becomes alpha."""

    name: str
    rules: TileRules

    def alpha(self, rgb: RGB, trimap: Trimap) -> Alpha:
        """uint8 H×W×3, uint8 H×W of 0/128/255 -> float32 H×W; known pixels exactly 0 or 1."""


@runtime_checkable
class WholeMatting(Matting, Protocol):
    """A matting model that takes pictures of any size and keeps to a memory bound by itself."""

    def whole(
        self, rgb: RGB, trimap: Trimap, *, memory: int, tick: Callable[[float], None]
    ) -> Alpha:
        """`alpha` within so many bytes; `tick` gets the share done, 0..1, and may raise to stop."""


@dataclass(frozen=True, eq=False)
class EncodedPicture:
    """A picture as a segmenter has already seen it, for those who need masks of its parts."""

    segmenter: Segmenter
    embedding: Embedding


@dataclass(frozen=True, eq=False)
class Detection:
    """A thing a grounder found for a phrase."""

    box: tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels, x1 and y1 exclusive
    label: str  # what the grounder takes it for
    score: float  # 0..1, how likely this is what the phrase means
    why: str  # one sentence for a person: why it ranks where it does
    # One of those the phrase asks for, not a runner-up. Where that cannot be told, none of them is.
    requested: bool = True
    logits: Logits | None = None  # its mask over exactly the picture, h×w
    alternative: bool = False  # another mask, `logits`, of the thing that ranks first


@dataclass(frozen=True, eq=False)
class Findings:
    """What a search for a phrase came to."""

    hits: tuple[Detection, ...]  # best first; empty where nothing fits
    note: str = ""  # a sentence for a person: what is there instead, or what a word was taken for
    seen: tuple[Detection, ...] = ()  # things of any kind that are surely there, hits or not
    guess: int = 1  # how many to take, best first, where none is meant and nobody can be asked

    @property
    def taken(self) -> tuple[int, ...]:
        """The places in `hits` of what is meant; of the best guess where nothing could be told."""
        requested = tuple(place for place, hit in enumerate(self.hits) if hit.requested)
        return requested or tuple(range(min(self.guess, len(self.hits))))


class Grounder(Protocol):
    """Finds the things a phrase names."""

    name: str

    def search(self, rgb: RGB, phrase: str, *, encoded: EncodedPicture | None = None) -> Findings:
        """Everything that fits the phrase; uint8 H×W×3.

        `encoded` is the picture as a segmenter has seen it, for a grounder that wants masks.
        Raises `PhraseError` for a phrase that says nothing or holds a noun it does not know.
        """

    def find(self, rgb: RGB, phrase: str) -> list[Detection]:
        """The hits of `search`, as a list: [] when it is not there."""


class Salient(Protocol):
    """Finds what stands out, with no prompt."""

    name: str
    fine: bool  # whether the map is an alpha, soft only where the picture is
    side: int  # pixels of the picture's side that it sees

    def saliency(self, rgb: RGB) -> Alpha:
        """uint8 H×W×3 -> float32 H×W in 0..1."""


def content_size(size: tuple[int, int], side: int, fit: Fit = "pad") -> tuple[int, int]:
    """Height and width a picture takes inside a `side`×`side` square.

    Rounds as segment-anything's `ResizeLongestSide.get_preprocess_shape` does.
    """
    if fit == "stretch":
        return side, side
    scale = side / max(size)
    return max(1, int(size[0] * scale + 0.5)), max(1, int(size[1] * scale + 0.5))


def upscale(logits: Logits, size: tuple[int, int], fit: Fit = "pad", side: int = 1024) -> Logits:
    """Bring one S×S layer to the picture's size, float32 H×W, bilinear.

    As `postprocess_masks` of segment-anything, which cuts the padding off at the encoder's `side`,
    and `post_process_masks` of transformers, which has none to cut off from a stretched picture.
    """
    content = logits
    if fit == "pad":
        square = cv2.resize(logits, (side, side), interpolation=cv2.INTER_LINEAR)
        height, width = content_size(size, side)
        content = square[:height, :width]  # type: ignore[assignment]
    return cv2.resize(content, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]
