"""Alphas drawn by rules: hair, fur, hard and blurred outlines, holes, nets, leaves, smoke, glass.

Every maker takes a random generator and a side S and returns float32 S×S in 0..1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Layer: TypeAlias = NDArray[np.float32]
Rng: TypeAlias = np.random.Generator

_FINE = 3  # shapes are drawn so many times larger, then averaged down: edges cover pixels in part
_GLYPHS = "ABCDEFGHKMNOPQRSTUVWXYZ&@%#?*8369"


def any_matte(rng: Rng, side: int) -> Layer:
    """One matte of a random kind."""
    kinds = np.array([weight for _, weight in KINDS])
    maker = KINDS[rng.choice(len(KINDS), p=kinds / kinds.sum())][0]
    matte = maker(rng, side)
    if rng.random() < 0.12:
        matte = _motion(rng, matte)
    if rng.random() < 0.15:
        matte *= np.float32(rng.uniform(0.5, 1))
    return np.clip(matte, 0, 1)


def noise(rng: Rng, side: int, cell: float) -> Layer:
    """Smooth noise in 0..1 with features of about `cell` pixels."""
    count = max(2, round(side / cell) + 2)
    small = rng.random((count, count), dtype=np.float32)
    large: Layer = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)  # type: ignore[assignment]
    return np.clip(large, 0, 1)


def outline(rng: Rng, side: int) -> NDArray[np.float32]:
    """Points (x, y) of a closed wobbly curve around a random middle, in pixels."""
    angles = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    radius = np.full_like(angles, 1.0)
    for harmonic in range(1, rng.integers(3, 9)):
        radius += rng.normal(0, 0.35 / harmonic**1.2) * np.cos(
            harmonic * angles + rng.uniform(0, 2 * np.pi)
        )
    radius = np.maximum(radius, 0.25) * side * rng.uniform(0.18, 0.42)
    middle = rng.uniform(0.15, 0.85, 2) * side
    turn = rng.uniform(0, np.pi)
    stretch = rng.uniform(0.5, 1.0)
    points = np.stack([np.cos(angles) * radius, np.sin(angles) * radius * stretch], 1)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (points @ spin + middle).astype(np.float32)


def _fill(points: NDArray[np.float32], side: int) -> Layer:
    canvas = np.zeros((side * _FINE, side * _FINE), np.uint8)
    cv2.fillPoly(canvas, [np.rint(points * _FINE).astype(np.int32)], 255)
    return _shrink(canvas, side)


def _shrink(canvas: NDArray[np.uint8], side: int) -> Layer:
    small = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255


def _union(*layers: Layer) -> Layer:
    empty = np.ones_like(layers[0])
    for layer in layers:
        empty *= 1 - layer
    return 1 - empty


def _solid(rng: Rng, side: int) -> Layer:
    """A blob, a polygon or a letter."""
    kind = rng.random()
    if kind < 0.5:
        return _fill(outline(rng, side), side)
    if kind < 0.75:
        count = rng.integers(3, 9)
        return _fill((rng.uniform(-0.1, 1.1, (count, 2)) * side).astype(np.float32), side)
    image = Image.new("L", (side * _FINE, side * _FINE))
    font = ImageFont.load_default(side * _FINE * rng.uniform(0.5, 1.3))
    letter = _GLYPHS[rng.integers(len(_GLYPHS))]
    place = tuple(rng.uniform(-0.1, 0.3, 2) * side * _FINE)
    ImageDraw.Draw(image).text(place, letter, fill=255, font=font)
    turned = image.rotate(float(rng.uniform(0, 360)), resample=Image.Resampling.BILINEAR)
    return _shrink(np.asarray(turned), side)


def hard(rng: Rng, side: int) -> Layer:
    """A solid shape as a lens in focus draws it."""
    return cv2.GaussianBlur(_solid(rng, side), (0, 0), rng.uniform(0.3, 1.2))  # type: ignore[return-value]


def blurred(rng: Rng, side: int) -> Layer:
    """A solid or hairy shape out of focus, differently in different places."""
    sharp = _solid(rng, side) if rng.random() < 0.6 else hair(rng, side)
    near = cv2.GaussianBlur(sharp, (0, 0), rng.uniform(0.5, 3))
    radius = int(rng.uniform(3, 14))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2).astype(np.float32)
    far = cv2.filter2D(sharp, -1, disc / disc.sum())
    share = noise(rng, side, side / rng.uniform(1, 3))
    return (share * near + (1 - share) * far).astype(np.float32)


def _strands(
    rng: Rng, side: int, count: int, length: tuple[float, float], *, roots: NDArray[np.float32],
    away: NDArray[np.float32], width: tuple[float, float], curl: float,
) -> Layer:  # fmt: skip
    """Curved tapering strands from `roots` (N×2) in directions `away` (N×2, unit)."""
    canvas = np.zeros((side * _FINE, side * _FINE), np.uint8)
    layers = []
    for opacity in (1.0, rng.uniform(0.35, 0.9)):
        canvas[:] = 0
        clumps = max(1, count // int(rng.integers(2, 14)))
        guides = rng.integers(0, len(roots), clumps)
        bends = rng.normal(0, curl, clumps)
        lengths = rng.uniform(*length, clumps)
        spread = rng.uniform(0, 6)
        for _ in range(count // 2):
            clump = rng.integers(clumps)
            root = roots[guides[clump]] + rng.normal(0, 1 + spread, 2)
            heading = np.arctan2(away[guides[clump], 1], away[guides[clump], 0])
            heading += rng.normal(0, 0.12)
            steps = 12
            turn = (bends[clump] + rng.normal(0, curl / 3)) / steps
            wave = rng.normal(0, 0.25)
            headings = heading + turn * np.arange(steps) + wave * np.sin(np.arange(steps) * 0.9)
            reach = lengths[clump] * rng.uniform(0.6, 1.2) / steps
            path = root + np.cumsum(np.stack([np.cos(headings), np.sin(headings)], 1) * reach, 0)
            path = np.vstack([root[None], path])
            points = np.rint(path * _FINE * 8).astype(np.int32)
            thick = rng.uniform(*width) * _FINE
            half = len(points) // 2 + 1
            for part, share in ((points[:half], 1.0), (points[half - 1 :], 0.6)):
                cv2.polylines(
                    canvas, [part], False, 255, max(1, round(thick * share)), cv2.LINE_AA, 3
                )
        layers.append(_shrink(canvas, side) * np.float32(opacity))
    return _union(*layers)


def _edge(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Points along an outline and the directions out of it."""
    dense = np.repeat(points, 4, axis=0)
    along = np.roll(points, -1, 0) - np.roll(points, 1, 0)
    out = np.stack([along[:, 1], -along[:, 0]], 1)
    middle = points.mean(0)
    out *= np.sign(((points - middle) * out).sum(1, keepdims=True) + 1e-6)
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-6
    return dense, np.repeat(out, 4, axis=0).astype(np.float32)


def hair(rng: Rng, side: int) -> Layer:
    """A blob with long strands over part of its outline, all leaning one way."""
    points = outline(rng, side)
    roots, away = _edge(points)
    lean = rng.normal(0, 0.8, 2)
    away = away + lean * rng.uniform(0, 1)
    away /= np.linalg.norm(away, axis=1, keepdims=True) + 1e-6
    first, share = rng.integers(len(roots)), rng.uniform(0.3, 1)
    part = (np.arange(int(len(roots) * share)) + first) % len(roots)
    strands = _strands(
        rng, side, int(rng.integers(60, 700)), (0.06 * side, rng.uniform(0.1, 0.45) * side),
        roots=roots[part], away=away[part].astype(np.float32),
        width=(0.3, rng.uniform(0.5, 2.2)), curl=rng.uniform(0.2, 2),
    )  # fmt: skip
    body = cv2.GaussianBlur(_fill(points, side), (0, 0), rng.uniform(0.4, 2))
    return cv2.GaussianBlur(_union(body, strands), (0, 0), rng.uniform(0.3, 0.9))  # type: ignore[return-value]


def fur(rng: Rng, side: int) -> Layer:
    """A blob with short dense strands all round."""
    points = outline(rng, side)
    roots, away = _edge(points)
    longest = rng.uniform(0.03, 0.12) * side
    strands = _strands(
        rng, side, int(rng.integers(500, 2000)), (0.3 * longest, longest), roots=roots, away=away,
        width=(0.3, rng.uniform(0.6, 1.8)), curl=rng.uniform(0.1, 1),
    )  # fmt: skip
    body = cv2.GaussianBlur(_fill(points, side), (0, 0), rng.uniform(0.5, 3))
    return cv2.GaussianBlur(_union(body, strands), (0, 0), rng.uniform(0.3, 1.0))  # type: ignore[return-value]


def net(rng: Rng, side: int) -> Layer:
    """Threads crossing, a net or lace, across a blob or the whole square."""
    canvas = np.zeros((side * _FINE, side * _FINE), np.uint8)
    pitch = rng.uniform(5, 40)
    thick = max(1, round(rng.uniform(0.4, min(4.0, pitch / 3)) * _FINE))
    turn = rng.uniform(0, np.pi)
    bend, phase = rng.uniform(0, 12), rng.uniform(0, 6)
    along = np.linspace(-0.8, 0.8, 40) * side
    for across in (0.0, rng.uniform(0.8, 2.2)):
        for offset in np.arange(-0.8 * side, 0.8 * side, pitch * rng.uniform(0.8, 1.2)):
            sway = bend * np.sin(along / side * 6 + phase + offset / side * 5)
            angle = turn + across
            x = side / 2 + along * np.cos(angle) - (offset + sway) * np.sin(angle)
            y = side / 2 + along * np.sin(angle) + (offset + sway) * np.cos(angle)
            points = np.rint(np.stack([x, y], 1) * _FINE).astype(np.int32)
            cv2.polylines(canvas, [points], False, 255, thick, cv2.LINE_AA)
    threads = _shrink(canvas, side)
    if rng.random() < 0.7:
        shape = _fill(outline(rng, side), side)
        rim = cv2.morphologyEx(shape, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        threads = np.maximum(threads * shape, rim * np.float32(rng.random() < 0.5))
    return cv2.GaussianBlur(threads, (0, 0), rng.uniform(0.3, 1))  # type: ignore[return-value]


def leaves(rng: Rng, side: int) -> Layer:
    """Many pointed ovals and stems with gaps between them."""
    canvas = np.zeros((side * _FINE, side * _FINE), np.uint8)
    size = rng.uniform(0.02, 0.1) * side
    middle = rng.uniform(0.2, 0.8, 2) * side
    for _ in range(int(rng.integers(30, 250))):
        place = middle + rng.normal(0, 0.22 * side, 2)
        heading = rng.uniform(0, 2 * np.pi)
        long = size * rng.uniform(0.5, 1.6)
        t = np.linspace(0, 1, 12)
        half = np.sin(np.pi * t) * long * rng.uniform(0.12, 0.4)
        spine = np.stack([t * long * 2, np.zeros_like(t)], 1)
        ring = np.vstack(
            [spine + np.stack([0 * t, half], 1), (spine - np.stack([0 * t, half], 1))[::-1]]
        )
        spin = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
        points = np.rint((ring @ spin + place) * _FINE).astype(np.int32)
        cv2.fillPoly(canvas, [points], 255, cv2.LINE_AA)
        if rng.random() < 0.3:
            end = np.rint((place + rng.normal(0, 0.1 * side, 2)) * _FINE).astype(np.int32)
            cv2.line(
                canvas, tuple(points[0]), tuple(end), 255, int(rng.integers(1, 5)), cv2.LINE_AA
            )
    return cv2.GaussianBlur(_shrink(canvas, side), (0, 0), rng.uniform(0.3, 1.5))  # type: ignore[return-value]


def holed(rng: Rng, side: int) -> Layer:
    """A solid shape with holes through it, as a handle or a chair has."""
    shape = _fill(outline(rng, side), side)
    for _ in range(int(rng.integers(1, 10))):
        hole = outline(rng, side)
        middle = hole.mean(0)
        small = (hole - middle) * rng.uniform(0.05, 0.35) + rng.uniform(0.1, 0.9, 2) * side
        shape = shape * (1 - _fill(small.astype(np.float32), side))
    return cv2.GaussianBlur(shape, (0, 0), rng.uniform(0.4, 1.5))  # type: ignore[return-value]


def haze(rng: Rng, side: int) -> Layer:
    """Smoke, veil or glass: see-through in soft patches, denser at its rim."""
    shape = cv2.GaussianBlur(_fill(outline(rng, side), side), (0, 0), rng.uniform(0.6, 12))
    density = np.zeros((side, side), np.float32)
    for octave in range(4):
        density += noise(rng, side, side / 2 ** (octave + 1)) / 2**octave
    density = np.clip((density / 1.9 - 0.5) * rng.uniform(0.5, 2.5) + rng.uniform(0.1, 0.8), 0, 1)
    rim = np.abs(cv2.Laplacian(shape, cv2.CV_32F, ksize=5))
    return np.clip(shape * density + rim / (rim.max() + 1e-6) * rng.uniform(0, 0.6), 0, 1)


def _motion(rng: Rng, matte: Layer) -> Layer:
    length = int(rng.integers(3, 22))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    way = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = np.array([length / 2, length / 2])
    start, end = (tuple(np.rint(middle + s * way).astype(int)) for s in (-1, 1))
    cv2.line(kernel, start, end, 1.0)
    return cv2.filter2D(matte, -1, kernel / max(kernel.sum(), 1e-6))  # type: ignore[return-value]


KINDS: tuple[tuple[Callable[[Rng, int], Layer], float], ...] = (
    (hair, 4),
    (fur, 4),
    (hard, 2),
    (blurred, 3),
    (leaves, 2),
    (net, 1.5),
    (holed, 1.5),
    (haze, 1.5),
)
