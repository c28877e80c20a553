"""How often a phrase finds the right subject: phrases with true masks, and things not there.

    python bench/phrases.py DIR [--grounder NAME] [--limit N] [--failures]

DIR holds `phrases.json` with `refs`, each `{"image", "phrase", "kind", "target", "open"}` (paths
relative to DIR; the target mask is 255 on the thing meant, null where nothing fits). Right is a
mask that reaches an IoU of 0.5. Printed are the shares right at first and within the first three of
what a session lists (things, and other readings of the best where its masks differ), by kind, the
share of absent things refused, and the seconds a phrase takes after the picture is encoded: the
first one on a picture, and those after it. Beside ours stands the plain way with the same networks
in the same run: one look of the detector, the head noun's detections by score, the box as the only
prompt, the segmenter's best-scored mask.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pickmatte import models
from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.masks.phrases.alternatives import with_alternatives
from pickmatte.interactive.masks.phrases.detections import candidates_of
from pickmatte.interactive.masks.view import View
from pickmatte.interactive.pictures.picture import open_mask, open_picture
from pickmatte.models import weights
from pickmatte.models.errors import PhraseError
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.grounders.detectors.coco_detector import Detector
from pickmatte.models.grounders.english.phrases import parse
from pickmatte.models.grounders.ranking.detected_objects import DetectedObject
from pickmatte.models.protocols import (
    RGB,
    Embedding,
    EncodedPicture,
    Findings,
    Grounder,
    Mask,
    Segmenter,
    upscale,
)

FIRST = 3
RIGHT = 0.5
_THERE = 0.3
KINDS = ("class", "spatial", "attribute", "relation", "open", "all")


@dataclass(frozen=True, eq=False)
class Said:
    """A phrase said of a photo, and how to get the mask of what it means; None for nothing."""

    image: Path
    phrase: str
    kinds: tuple[str, ...]  # it is counted in
    truth: Callable[[tuple[int, int]], Mask] | None  # for the picture's height and width


@dataclass
class Tally:
    """What one way came to."""

    first: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    within: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    refused: list[bool] = field(default_factory=list)

    def count(
        self, kinds: Iterable[str], masks: Iterable[Mask], truth: Mask | None
    ) -> tuple[bool, list[float]]:
        """Count one phrase by the masks of its first hits, looked at until one is right.

        Says whether it was right at first, and the masks' IoUs.
        """
        if truth is None:
            refused = next(iter(masks), None) is None
            self.refused.append(refused)
            return refused, []
        reached: list[float] = []
        for mask in masks:
            reached.append(mask_iou(mask, truth))
            if reached[-1] >= RIGHT:
                break
        right = [one >= RIGHT for one in reached]
        for kind in (*kinds, "all"):
            self.first[kind].append(any(right[:1]))
            self.within[kind].append(any(right))
        return any(right[:1]), reached


class Waits:
    """Seconds that steps took, by what they are called."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Count the seconds until the end of the block."""
        began = time.perf_counter()
        yield
        self.seconds[what].append(time.perf_counter() - began)


def report(ours: Tally, plain: Tally, waits: Waits, name: str, kinds: Sequence[str]) -> None:
    """Print the tables."""
    table = Table(title=f"{len(ours.first['all'])} phrases, {name}")
    table.add_column("")
    for kind in kinds:
        table.add_column(f"{kind} ({len(ours.first[kind])})", justify="right")
    table.add_column(f"absent refused ({len(ours.refused)})", justify="right")
    for way, tally in (("plain", plain), ("pickmatte", ours)):
        for what, counted in (("first", tally.first), (f"within {FIRST}", tally.within)):
            shares = [_percent(counted[kind]) for kind in kinds]
            table.add_row(f"{way}, {what}", *shares, _percent(tally.refused))
    console = Console(width=120)
    console.print(table)
    for what, seconds in sorted(waits.seconds.items()):
        console.print(
            f"{what} ({len(seconds)} times): median {np.median(seconds):.2f} s, 90% within "
            f"{np.quantile(seconds, 0.9):.2f} s, longest {max(seconds):.2f} s"
        )


def _percent(counted: Sequence[bool]) -> str:
    return f"{100 * float(np.mean(counted)):.1f}" if counted else "-"


class Plain:
    """One look's detections of the head noun by score; the best-scored mask for each box."""

    def __init__(self, segmenter: Segmenter) -> None:
        found = weights.files("starter")
        self._segmenter = segmenter
        self._detector = Detector(
            found["frozen_inference_graph.pb"], found["ssd_mobilenet_v2_coco_2018_03_29.pbtxt"]
        )
        self._things: dict[Path, Sequence[DetectedObject]] = {}

    def masks(self, image: Path, rgb: RGB, embedding: Embedding, phrase: str) -> Iterator[Mask]:
        """Masks of the first three; none where the noun has no detection of `_THERE`."""
        if image not in self._things:
            self._things[image] = self._detector.detect(rgb, closely=False)
        try:
            names = parse(phrase).names
        except PhraseError:
            return
        things = [t for t in self._things[image] if t.label in names and t.score >= _THERE]
        for thing in things[:FIRST]:
            look = self._segmenter.decode(embedding, box=thing.box)
            yield upscale(look.logits[look.scores.argmax()], look.size, look.fit) > 0


def main() -> None:
    """Say every phrase of a folder, both ways, and print the tables."""
    parser = argparse.ArgumentParser(description="Right subject at first, and within three.")
    parser.add_argument("folder", type=Path)
    arguments = arguments_of(parser)
    folder = arguments.folder
    refs = json.loads((folder / "phrases.json").read_text())["refs"][: arguments.limit]
    every = [
        Said(
            folder / ref["image"],
            ref["phrase"],
            (ref["kind"], *(("open",) if ref["open"] else ())),
            None if ref["target"] is None else partial(open_mask, folder / ref["target"]),
        )
        for ref in refs
    ]
    say(every, arguments, KINDS)


def arguments_of(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments, those that every bench of phrases takes among them."""
    parser.add_argument("--grounder", default="starter")
    parser.add_argument("--limit", type=int, help="only N phrases")
    parser.add_argument("--failures", action="store_true", help="say what went wrong where")
    return parser.parse_args()


def say(every: Sequence[Said], arguments: argparse.Namespace, kinds: Sequence[str]) -> None:
    """Say every phrase, both ways, and print the tables."""
    segmenter = models.load_segmenter(models.PHRASE_SEGMENTER)
    grounder, plainly = models.load_grounder(arguments.grounder), Plain(segmenter)
    embeddings = ByteCache(1 << 30)
    seen: set[Path] = set()
    waits = Waits()
    ours, plain = Tally(), Tally()
    # By picture, so that later phrases find it searched.
    for ref in track(
        sorted(every, key=lambda one: one.image), "saying", console=Console(stderr=True)
    ):
        rgb = open_picture(ref.image).rgb
        view = View(rgb, str(ref.image), segmenter, embeddings)
        encoded = EncodedPicture(segmenter, view.embedding(view.whole))
        with waits.timed("later phrase" if ref.image in seen else "first phrase on a picture"):
            findings = said(grounder, rgb, ref.phrase, encoded)
            if findings.hits:
                candidates = candidates_of(view, findings.hits[0])
                findings = with_alternatives(view, findings, candidates)
        seen.add(ref.image)
        truth = None if ref.truth is None else ref.truth((rgb.shape[0], rgb.shape[1]))
        plain.count(ref.kinds, plainly.masks(ref.image, rgb, encoded.embedding, ref.phrase), truth)
        right, reached = ours.count(ref.kinds, masks_of(view, findings, waits), truth)
        if arguments.failures and not right:
            print(failure(ref, findings, reached), flush=True)
    report(ours, plain, waits, arguments.grounder, kinds)


def masks_of(view: View, findings: Findings, waits: Waits) -> Iterator[Mask]:
    """The best mask of each of the first hits, made when it is asked for."""
    for hit in findings.hits[:FIRST]:
        with waits.timed("detection to candidates"):
            best = candidates_of(view, hit)[0]
        yield best.mask


def said(grounder: Grounder, rgb: RGB, phrase: str, encoded: EncodedPicture) -> Findings:
    """What a phrase finds; a noun that is not known finds nothing."""
    try:
        return grounder.search(rgb, phrase, encoded=encoded)
    except PhraseError as error:
        return Findings((), str(error))


def failure(ref: Said, findings: Findings, reached: Sequence[float]) -> str:
    """What a phrase came to, for a person."""
    lines = [f"{ref.image.name}: {ref.phrase} ({', '.join(ref.kinds)}) {findings.note}"]
    for place, hit in enumerate(findings.hits[:FIRST]):
        overlap = f"IoU {reached[place]:.2f}" if place < len(reached) else "is not there"
        lines.append(f"    {place + 1}. {hit.label} {hit.score:.2f}, {overlap}: {hit.why}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
