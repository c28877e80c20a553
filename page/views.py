"""What the browser is sent: small pictures as data URIs, so that none lies on a shared disk.

Each function makes one value of one of the page's components, as JSON-ready data.
"""

from __future__ import annotations

import base64
import html
import io
import itertools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from gradio.data_classes import FileData
from numpy.typing import NDArray
from PIL import Image

import models
from interactive.candidates import Candidate
from interactive.draw import fitted, glimpse, shrink, thumbnail, tint, window_around
from interactive.prompts import Box, Click
from models import catalog, weights

from .desk import Shot

SIDE = 1400  # long side of the photo in the browser
THUMB_SIDE = 240
RESULT_SIDE = 1024  # long side of the results beside it
ACCENT = (226, 29, 110)

Value = dict[str, Any]
# The browser redraws when a value differs from the last one: a sentence can be told twice.
_told = itertools.count()


def data_uri(
    pixels: NDArray[np.uint8], kind: Literal["png", "jpeg", "webp"], quality: int = 88
) -> str:
    """uint8 H×W, H×W×3 or H×W×4 as a URI that carries the file itself."""
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    if kind == "png":
        image.save(buffer, "PNG", compress_level=4)
    elif kind == "jpeg":
        image.save(buffer, "JPEG", quality=quality)
    else:
        image.save(buffer, "WEBP", quality=quality, method=1)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def photo(shot: Shot) -> Value:
    """The photo as it is looked at, and the size that clicks are counted in."""
    picture = shot.session.picture
    height, width = picture.size
    view = shrink(picture.rgb, fitted(picture.size, SIDE))
    return {
        "edition": shot.edition,
        "src": data_uri(view, "jpeg"),
        "width": width,
        "height": height,
        "name": picture.name,
    }


def stage(shot: Shot) -> Value:
    """The prompts, the mask over the photo, and the candidates to choose from."""
    subject, picture = shot.subject, shot.session.picture
    scale = SIDE / max(picture.size)
    shown = max(1, round(picture.size[0] * scale)), max(1, round(picture.size[1] * scale))
    candidates = subject.candidates
    return {
        "edition": shot.edition,
        "told": next(_told),
        "marks": [_mark(prompt) for prompt in subject.prompts],
        "overlay": data_uri(tint(subject.mask, shown, ACCENT), "png") if candidates else "",
        "candidates": _thumbnails(shot.session.picture.rgb, candidates),
        "chosen": subject.chosen,
        "undo": shot.can_undo,
        "redo": shot.can_redo,
    }


def preview(shot: Shot) -> Value:
    """A quick stand-in for the result, while the full size is computed."""
    cutout = shot.subject.preview(RESULT_SIDE)
    return {
        "edition": shot.edition,
        "final": False,
        "cutout": data_uri(cutout, "webp"),
        "alpha": data_uri(np.ascontiguousarray(cutout[..., 3]), "webp"),
        **_settings(shot),
    }


def result(shot: Shot, started: float) -> Value:
    """The full-size result, made small for the screen; `started` is when it was asked for."""
    height, width = shot.session.size
    size = fitted((height, width), RESULT_SIDE)
    subject = shot.subject
    cutout = data_uri(shrink(shot.session.cutout(), size), "webp")
    seconds = time.perf_counter() - started
    return {
        "edition": shot.edition,
        "final": True,
        "cutout": cutout,
        "mask": data_uri(shrink(subject.mask, size), "png"),
        "trimap": data_uri(shrink(subject.trimap, size), "png"),
        "alpha": data_uri(shrink(subject.alpha, size), "webp"),
        **_settings(shot),
        "note": f"Full size, {width} × {height} pixels, in {seconds:.1f} s",
    }


def nothing(shot: Shot) -> Value:
    """No result: nothing has been pointed at yet."""
    return {"edition": shot.edition, "cutout": "", **_settings(shot)}


def mattings() -> str:
    """The matting models that are present, as the options of a list, with a line on each."""
    present = [
        model for model in catalog.MODELS if model.role == "matting" and weights.present(model)
    ]
    offered = [(model.name, model.name, f"{model.about} {model.licence}.") for model in present]
    best = models.choose_matting("auto")
    absent = [name for name in catalog.BEST_MATTING if not weights.present(name)]
    more = f" Better with a GPU: pickmatte models pull {absent[-1]}." if absent else ""
    auto = ("auto", f"auto ({best})", f"The best that is here.{more}")
    return "".join(
        f'<option value="{name}" data-line="{html.escape(line)}">{html.escape(title)}</option>'
        for name, title, line in [auto, *offered]
    )


def _settings(shot: Shot) -> Value:
    subject = shot.subject
    return {"band": subject.band, "material": subject.material, "matting": shot.matting}


def saved(path: Path) -> Value:
    """A file for the browser to fetch; Gradio adds the address."""
    return {"told": next(_told), "file": FileData(path=str(path), orig_name=path.name).model_dump()}


def unsaved() -> Value:
    """No file after all."""
    return {"told": next(_told)}


def sentence(text: str) -> Value:
    """What went wrong; everything else stays as it was."""
    return {"told": next(_told), "error": text}


def thumbnail_of(path: Path) -> str:
    """A small view of a file of ours."""
    rgb = np.asarray(Image.open(path).convert("RGB"))
    return data_uri(shrink(rgb, fitted((rgb.shape[0], rgb.shape[1]), 480)), "jpeg")


def _thumbnails(rgb: NDArray[np.uint8], candidates: Sequence[Candidate]) -> list[str]:
    """All candidates in the same window, so that they can be told apart."""
    boxes = [candidate.box for candidate in candidates if candidate.box is not None]
    if not boxes:
        return []
    window = x0, y0, x1, y1 = window_around(boxes, rgb.shape[:2])
    size = fitted((y1 - y0, x1 - x0), THUMB_SIDE)
    view = shrink(rgb[y0:y1, x0:x1], size)
    return [
        data_uri(thumbnail(view, glimpse(candidate, window, size), ACCENT), "jpeg", 82)
        for candidate in candidates
    ]


def _mark(prompt: object) -> Value:
    if isinstance(prompt, Click):
        return {"x": prompt.x, "y": prompt.y, "keep": prompt.keep}
    if isinstance(prompt, Box):
        return {"box": [prompt.x0, prompt.y0, prompt.x1, prompt.y1]}
    raise TypeError(f"The page draws no {type(prompt).__name__}.")
