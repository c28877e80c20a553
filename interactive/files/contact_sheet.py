"""The contact sheet: everything that was made of one picture, side by side, for people to judge."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pickmatte.interactive.edits.prompts import Box, Click, Prompt
from pickmatte.interactive.pictures.resize import shrink
from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.protocols import RGB, Alpha, Mask, Trimap

RGBA8 = NDArray[np.uint8]  # H×W×4, straight

_SIDE = 512  # long side of a panel
_GAP = 16
_CAPTION = 30
_PAPER, _INK = (246, 246, 244), (40, 40, 40)
_KEEP, _DROP = (24, 160, 88), (214, 48, 49)
_DARK, _LIGHT, _VIVID = (24, 26, 30), (255, 255, 255), (0, 140, 255)
_CHECK = 12  # side of a checkerboard's square


def contact_sheet(
    rgb: RGB,
    prompts: Sequence[Prompt],
    mask: Mask,
    trimap: Trimap,
    alpha: Alpha,
    cutout: NDArray[np.uint8] | NDArray[np.uint16],
) -> RGB:
    """Eight captioned panels of a subject as one picture, uint8 RGB, four in a row.

    All layers have the picture's size. A vivid ground shows what colour of the old one is left.
    """
    size = fit_long_side(mask.shape, _SIDE)
    small = shrink(cutout, size)
    panels = (
        ("photo and clicks", _marked(rgb, prompts, size)),
        ("mask", shrink(mask, size)),
        ("trimap", shrink(trimap, size)),
        ("alpha", shrink(alpha, size)),
        ("cut-out", over(small, checkerboard(size))),
        ("on dark", over(small, _DARK)),
        ("on light", over(small, _LIGHT)),
        ("on a colour", over(small, _VIVID)),
    )
    height, width = size[0] + _CAPTION + _GAP, size[1] + _GAP
    sheet = Image.new("RGB", (4 * width + _GAP, 2 * height + _GAP), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(17)
    for number, (caption, pixels) in enumerate(panels):
        x, y = _GAP + number % 4 * width, _GAP + number // 4 * height
        pen.text((x, y), caption, _INK, font)
        sheet.paste(Image.fromarray(pixels).convert("RGB"), (x, y + _CAPTION))
    return np.asarray(sheet)


def over(cutout: RGBA8, ground: tuple[int, int, int] | RGB) -> RGB:
    """A straight 8-bit cut-out on a colour or a picture of its size, uint8 H×W×3."""
    share = cutout[..., 3:].astype(np.float32) / 255
    below = np.asarray(ground, np.float32)
    return np.rint(cutout[..., :3] * share + below * (1 - share)).astype(np.uint8)


def checkerboard(size: tuple[int, int]) -> RGB:
    """What stands for "transparent": light grey squares, uint8 H×W×3 of (height, width)."""
    rows, columns = np.indices(size) // _CHECK
    grey = np.where((rows + columns) % 2, np.uint8(255), np.uint8(216))
    return np.repeat(grey[..., None], 3, axis=2)


def _marked(rgb: RGB, prompts: Sequence[Prompt], size: tuple[int, int]) -> RGB:
    view = shrink(rgb, size).copy()
    scale = np.array(size[::-1]) / rgb.shape[1::-1]

    def place(x: float, y: float) -> tuple[int, int]:
        across, down = np.array([x, y]) * scale
        return int(across), int(down)

    for prompt in prompts:
        if isinstance(prompt, Click):
            _dot(view, place(prompt.x, prompt.y), _KEEP if prompt.keep else _DROP)
        elif isinstance(prompt, Box):
            corner, opposite = place(prompt.x0, prompt.y0), place(prompt.x1, prompt.y1)
            cv2.rectangle(view, corner, opposite, _KEEP, 2, cv2.LINE_AA)
    return view


def _dot(view: RGB, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.circle(view, at, 11, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(view, at, 8, colour, -1, cv2.LINE_AA)
