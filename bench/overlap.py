"""Subjects that touch, one click each: what is taken of the neighbour, and how good the alphas are.

    python bench/overlap.py DIR [--limit N] [--clicks DIR]

DIR holds scenes composed of subjects with known alphas: `*/scene.json` with `clicks` (one `[x, y]`
for each subject, front to back) and `alphas` (their files, already multiplied by what the ones in
front leave), and `scene.png` beside it. With `--clicks`, a folder as `bench/clicks.py` takes it,
the touching targets of its photos are masked too.

Every subject is pointed at once, in a session that knows all of them. Beside it stands, in the same
run, each subject alone the plain way: the decoder's best-scored mask for its click, its trimap and
alpha made as ours are, with no knowledge of the others. Printed are, over whole pictures,

- leak: the share of a neighbour's area that is taken in, the mean over ordered pairs;
- IoU of mask and truth; SAD (thousands) and MSE (thousandths) of the alpha;
- sum: the most by which a pixel's alphas add up to more than 1, in steps of 1/255;
- seam: where several subjects mix, how far layers over the estimated background are off the photo,
  the mean in 8 bit steps.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pickmatte import Session, models
from pickmatte.bench.metrics import mse, sad
from pickmatte.interactive.mattes.foreground import estimate_foreground
from pickmatte.interactive.mattes.hair import include_strands
from pickmatte.interactive.mattes.solver import solve
from pickmatte.interactive.mattes.trimap import make_trimap
from pickmatte.interactive.pictures.picture import open_mask, open_picture
from pickmatte.models.protocols import RGB, Alpha, Mask, Segmenter, upscale

Point = Sequence[float]
PLAIN, OURS = "each alone", "pickmatte"


@dataclass(frozen=True, eq=False)
class Cut:
    """What one way makes of one subject."""

    mask: Mask
    alpha: Alpha | None = None
    colour: RGB | None = None


def plain(rgb: RGB, clicks: Sequence[Point], segmenter: Segmenter, *, matted: bool) -> list[Cut]:
    """Each subject by itself."""
    embedding = segmenter.encode(rgb)
    cuts = []
    for click in clicks:
        found = segmenter.decode(embedding, [click], [1])
        best = 1 + int(found.scores[1:].argmax())
        mask = upscale(found.logits[best], embedding.size, found.fit) > 0
        cuts.append(Cut(mask, _alpha(rgb, mask, found.content[best]) if matted else None))
    return cuts


def _alpha(rgb: RGB, mask: Mask, logits: NDArray[np.float32]) -> Alpha:
    nano = models.load_matting("nano")
    trimap = make_trimap(mask, logits=logits)
    return solve(nano, rgb, include_strands(nano, rgb, mask, trimap, band=1))


def ours(rgb: RGB, clicks: Sequence[Point], *, matted: bool) -> list[Cut]:
    """All subjects in one session."""
    session = Session(rgb)
    subjects = [session.subject() for _ in clicks]
    for subject, click in zip(subjects, clicks, strict=True):
        subject.click(click[0], click[1])
    return [
        Cut(one.mask, one.alpha, one.foreground) if matted else Cut(one.mask) for one in subjects
    ]


def measure(cuts: Sequence[Cut], truths: Sequence[Alpha]) -> dict[str, list[float]]:
    """The figures of one picture, of each subject or pair."""
    figures = defaultdict(list)
    everywhere = np.ones(truths[0].shape, bool)
    for index, (cut, truth) in enumerate(zip(cuts, truths, strict=True)):
        solid = truth > 0.5
        figures["IoU"].append(float((cut.mask & solid).sum() / max(1, (cut.mask | solid).sum())))
        taken = cut.mask if cut.alpha is None else cut.alpha
        for other, neighbour in enumerate(truths):
            if other != index:
                figures["leak"].append(float((taken * neighbour).sum() / neighbour.sum()))
        if cut.alpha is not None:
            figures["SAD"].append(sad(cut.alpha, truth, everywhere))
            figures["MSE"].append(mse(cut.alpha, truth, everywhere))
    return figures


def seam(rgb: RGB, cuts: Sequence[Cut]) -> float:
    """Mean error of the layers put back where several mix, in 8 bit steps; 0 where none do."""
    alphas = [cut.alpha for cut in cuts if cut.alpha is not None]
    total = np.sum(alphas, axis=0, dtype=np.float32)
    mixed = np.sum([alpha > 0 for alpha in alphas], axis=0) > 1
    if not mixed.any():
        return 0.0
    behind = np.clip(1 - total, 0, 1)
    back = behind[mixed][:, None] * estimate_foreground(rgb, behind)[mixed]
    for cut in cuts:
        assert cut.alpha is not None
        assert cut.colour is not None
        back += cut.alpha[mixed][:, None] * cut.colour[mixed]
    return float(np.abs(back - rgb[mixed]).mean())


def scenes(folder: Path, limit: int | None, segmenter: Segmenter) -> dict[str, dict[str, float]]:
    """Mean figures of both ways over the composed scenes."""
    found: dict[str, dict[str, list[float]]] = {PLAIN: defaultdict(list), OURS: defaultdict(list)}
    files = sorted(folder.glob("*/scene.json"))[:limit]
    for file in track(files, "scenes", console=Console(stderr=True)):
        scene = json.loads(file.read_text())
        rgb = open_picture(file.with_name("scene.png")).rgb
        truths = [_truth(file.with_name(name)) for name in scene["alphas"]]
        ways = {
            PLAIN: plain(rgb, scene["clicks"], segmenter, matted=True),
            OURS: ours(rgb, scene["clicks"], matted=True),
        }
        for name, cuts in ways.items():
            _add(found[name], measure(cuts, truths))
            alphas = [cut.alpha for cut in cuts if cut.alpha is not None]
            over = float(np.sum(alphas, axis=0).max() - 1) * 255
            found[name]["sum"].append(max(0.0, over))
        found[OURS]["seam"].append(seam(rgb, ways[OURS]))
    return {name: _means(figures) for name, figures in found.items()}


def photos(folder: Path, limit: int | None, segmenter: Segmenter) -> dict[str, dict[str, float]]:
    """Mean figures of both ways over photos of which several touching targets have a mask."""
    found: dict[str, dict[str, list[float]]] = {PLAIN: defaultdict(list), OURS: defaultdict(list)}
    groups: dict[str, list[dict[str, object]]] = defaultdict(list)
    for item in json.loads((folder / "clicks.json").read_text())["items"]:
        groups[item["image"]].append(item)
    touching = {name: items for name, items in groups.items() if _touch(items)}
    for name, items in track(list(touching.items())[:limit], console=Console(stderr=True)):
        rgb = open_picture(folder / name).rgb
        size = rgb.shape[0], rgb.shape[1]
        truths = [open_mask(folder / str(item["mask"]), size).astype(np.float32) for item in items]
        clicks: list[Point] = [item["positive"] for item in items]  # type: ignore[misc]
        _add(found[PLAIN], measure(plain(rgb, clicks, segmenter, matted=False), truths))
        _add(found[OURS], measure(ours(rgb, clicks, matted=False), truths))
    return {name: _means(figures) for name, figures in found.items()}


def _touch(items: Sequence[dict[str, object]]) -> bool:
    """Whether each target is a neighbour of another of them."""
    points = [item["positive"] for item in items]
    return len(items) > 1 and all(
        any(point in item["negatives"] for point in points if point != item["positive"])  # type: ignore[operator]
        for item in items
    )


def _truth(file: Path) -> Alpha:
    pixels = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise FileNotFoundError(file)
    return np.divide(pixels, 255, dtype=np.float32)


def _add(figures: dict[str, list[float]], more: dict[str, list[float]]) -> None:
    for name, values in more.items():
        figures[name].extend(values)


def _means(figures: dict[str, list[float]]) -> dict[str, float]:
    # Sums are held to everywhere: the worst counts.
    return {
        name: max(values) if name == "sum" else float(np.mean(values))
        for name, values in figures.items()
    }


def report(title: str, found: dict[str, dict[str, float]]) -> None:
    """Print the figures of each way and the change."""
    names = list(found[OURS])
    table = Table(title=title)
    for heading in ("", *names):
        table.add_column(heading, justify="right" if heading else "left")
    for way, figures in found.items():
        cells = [f"{figures[name]:.3f}" if name in figures else "" for name in names]
        table.add_row(way, *cells)
    changes = []
    for name in names:
        before = found[PLAIN].get(name)
        changes.append(f"{100 * (found[OURS][name] / before - 1):+.0f} %" if before else "")
    table.add_row("change", *changes)
    Console(width=100).print(table)


def main() -> None:
    """Measure both ways and print the tables."""
    parser = argparse.ArgumentParser(description="Subjects that touch, one click each.")
    parser.add_argument("folder", type=Path, help="composed scenes")
    parser.add_argument("--clicks", type=Path, help="photos with masks of touching targets")
    parser.add_argument("--limit", type=int, help="only the first N scenes and photos")
    arguments = parser.parse_args()
    segmenter = models.load_segmenter("mobile-sam")  # as published, for each alone
    title = "composed scenes, one click a subject, matted by nano"
    report(title, scenes(arguments.folder, arguments.limit, segmenter))
    if arguments.clicks:
        title = "photos, touching targets, one click each, masks only"
        report(title, photos(arguments.clicks, arguments.limit, segmenter))


if __name__ == "__main__":
    main()
