"""Training scenes: two textures mixed by a matte, a trimap of the kind that really comes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.matting.trimaps import BACKGROUND, FOREGROUND, UNKNOWN
from pickmatte.models.protocols import RGB, Alpha, Trimap

from .mattes import Layer, Rng, any_matte, noise


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture with its true alpha and a trimap."""

    rgb: RGB
    trimap: Trimap
    alpha: Alpha


def load_photos(folder: Path, longest: int = 1800) -> list[RGB]:
    """Every photo below a folder as uint8 RGB, scaled down to `longest` pixels a side."""
    photos = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in {".jpg", ".jpeg", ".png", ".webp"} or path.is_symlink():
            continue
        photo = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if photo is None or min(photo.shape[:2]) < 500:
            continue
        scale = min(1.0, longest / max(photo.shape[:2]))
        photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        photos.append(np.ascontiguousarray(photo[..., ::-1]))
    return photos


def scene(rng: Rng, photos: list[RGB], side: int, *, clean: bool) -> Scene:
    """One S×S scene with some of each: known foreground, known background, unknown.

    A `clean` one is as a good camera's photo is once it is scaled down: hardly any grain.
    """
    while True:
        alpha = any_matte(rng, side)
        if rng.random() < 0.25:
            alpha = np.clip(1 - (1 - alpha) * (1 - any_matte(rng, side)), 0, 1)
        if rng.random() < 0.1:
            alpha = 1 - alpha
        trimap = _trimap(rng, alpha)
        share = float((trimap == UNKNOWN).mean())
        if (
            0.03 < share < 0.7
            and min((trimap == v).mean() for v in (FOREGROUND, BACKGROUND)) > 0.02
        ):
            return Scene(_compose(rng, photos, alpha, 0.15 if clean else 1.0), trimap, alpha)


def _texture(rng: Rng, photos: list[RGB], side: int) -> NDArray[np.float32]:
    """A piece of a photo at a random scale, perhaps mirrored, re-lit; 0..1."""
    photo = photos[rng.integers(len(photos))]
    size = int(np.clip(side * np.exp(rng.uniform(-0.5, 1.3)), 64, min(photo.shape[:2])))
    top, left = (int(rng.integers(0, most - size + 1)) for most in photo.shape[:2])
    piece = photo[top : top + size, left : left + size]
    piece = cv2.resize(
        piece, (side, side), interpolation=cv2.INTER_AREA if size > side else cv2.INTER_CUBIC
    )
    texture = piece.astype(np.float32) / 255
    if rng.random() < 0.5:
        texture = texture[:, ::-1]
    texture = texture[..., rng.permutation(3)] if rng.random() < 0.2 else texture
    texture = texture ** np.float32(np.exp(rng.normal(0, 0.3)))
    flat = texture.mean((0, 1))
    texture = flat + (texture - flat) * np.float32(rng.uniform(0.3, 1.3))
    if rng.random() < 0.3:  # nearly one colour, as a coat, a wall or the sky is
        tint = rng.random(3).astype(np.float32)
        texture = tint + (texture - flat) * np.float32(rng.uniform(0.1, 0.6))
    return np.clip(texture, 0, 1)


def _compose(rng: Rng, photos: list[RGB], alpha: Layer, grit: float) -> RGB:
    side = len(alpha)
    fore, back = _texture(rng, photos, side), _texture(rng, photos, side)
    if rng.random() < 0.45:  # defocused, as most backgrounds are
        back = cv2.GaussianBlur(back, (0, 0), rng.uniform(1, 9))
    if rng.random() < 0.3:
        fore = cv2.GaussianBlur(fore, (0, 0), rng.uniform(0.5, 4))
    if rng.random() < 0.3:  # colours that nearly match
        pull = np.float32(rng.uniform(0.3, 0.9))
        fore = np.clip(fore + pull * (back.mean((0, 1)) - fore.mean((0, 1))), 0, 1)
    light = 1 + rng.normal(0, 0.25) * (noise(rng, side, side / 1.5) - 0.5)
    fore = np.clip(fore * light[..., None], 0, 1).astype(np.float32)
    grain = rng.normal(0, rng.uniform(0, 0.06 * grit), alpha.shape).astype(np.float32)
    fore = np.clip(fore + cv2.GaussianBlur(grain, (0, 0), 0.7)[..., None], 0, 1)
    mix = alpha[..., None]
    if rng.random() < 0.5:  # light adds up before the camera's curve
        image = (mix * fore**2.2 + (1 - mix) * back**2.2) ** (1 / 2.2)
    else:
        image = mix * fore + (1 - mix) * back
    image = image + rng.normal(0, rng.uniform(0, 0.025 * grit), image.shape)
    pixels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.4 * grit:
        quality = int(rng.integers(55, 98))
        packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        pixels = cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)
    return pixels


def _trimap(rng: Rng, alpha: Layer) -> Trimap:
    """Eroded and dilated by an uneven width, around the truth or around a mask that errs."""
    side = len(alpha)
    if rng.random() < 0.8:
        inside, outside = alpha > 0.98, alpha < 0.02
    else:  # as a segmenter's mask: smooth, thin things cut off
        soft = cv2.GaussianBlur(alpha, (0, 0), rng.uniform(1, 5))
        inside = soft > rng.uniform(0.5, 0.9)
        outside = soft < rng.uniform(0.05, 0.3)
    widest = rng.uniform(1, 8) if rng.random() < 0.35 else rng.uniform(6, 40)
    evenness = rng.uniform(0, 0.9)
    width = widest * (1 - evenness * noise(rng, side, side / rng.uniform(1.5, 5)))
    to_edge = [
        cv2.distanceTransform(layer.astype(np.uint8), cv2.DIST_L2, 5) for layer in (inside, outside)
    ]
    lean = rng.uniform(0.4, 1)
    trimap = np.full(alpha.shape, UNKNOWN, np.uint8)
    trimap[to_edge[0] > width * lean] = FOREGROUND
    trimap[to_edge[1] > width] = BACKGROUND
    return trimap
