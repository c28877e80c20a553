"""What the browser is told: each function makes one value of one of the page's components.

The values are JSON-ready; pictures in them are data URIs. A layer's pictures travel only where the
browser lacks them: it says which versions it has (`have`, by subject).
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from gradio.data_classes import FileData
from PIL import Image

import models
from interactive import Subject
from interactive.candidates import Window
from interactive.draw import fitted, shrink
from interactive.prompts import Box, Click, Phrase, Stroke
from models import catalog, weights
from models.grounders.outlines import Outline
from models.protocols import RGB, Detection, Findings

from .images import data_uri
from .layers import Layer
from .visit import Shot

PEEKED = (255, 255, 255)
_FOUND_SIDE = 150
_FOUND_RIM = 0.04  # of a found thing's box, shown around it
_FADED = 0.25  # of its darkness, what a reading leaves out
_TRIMAP_TINTS = {0: (20, 18, 16, 150), 128: (128, 128, 128, 150), 255: (255, 255, 255, 0)}

Value = dict[str, Any]
# The browser redraws when a value differs from the last one: a sentence can be told twice.
_told = itertools.count()


def photo(shot: Shot) -> Value:
    """The photo as it is looked at, and the size that clicks are counted in."""
    picture = shot.session.picture
    return {
        "edition": shot.edition,
        "src": data_uri(shot.layers.view, "jpeg"),
        "width": picture.size[1],
        "height": picture.size[0],
        "name": picture.name,
    }


def stage(shot: Shot, have: Mapping[str, Any]) -> Value:
    """The subjects from front to back, and of the active one the prompts and candidates."""
    layers = shot.known()
    value: Value = {
        "edition": shot.edition,
        "told": next(_told),
        "active": shot.active,
        "subjects": [
            _listed(subject, layers[subject.key], have.get(str(subject.key)))
            for subject in shot.session.order
        ],
        "undo": shot.session.can_undo,
        "redo": shot.session.can_redo,
        "marks": [],
        "candidates": [],
        "chosen": 0,
        "detections": [],
    }
    subject = shot.subject
    if subject is not None:
        value["marks"] = [_mark(prompt) for prompt in subject.prompts]
        value["candidates"] = shot.layers.choices(subject.candidates, subject.colour)
        value["chosen"] = subject.chosen
        value["detections"] = _switches(shot, subject)
    return value


def trimap(shot: Shot, *, final: bool) -> Value:
    """The active subject's trimap over the photo: background dark, unknown grey.

    A quick one until it is `final`.
    """
    subject = shot.subject
    if subject is None:
        return {}
    size = shot.layers.view.shape[:2]
    whole = subject.trimap if final else subject.quick_trimap(max(size))
    small = cv2.resize(whole, size[::-1], interpolation=cv2.INTER_NEAREST)
    tints = np.zeros((256, 4), np.uint8)
    for value, colour in _TRIMAP_TINTS.items():
        tints[value] = colour
    return {"trimap": data_uri(tints[small], "png")}


def peeked(shot: Shot, then: Subject | None, ticket: int) -> Value:
    """What one more click would take, as an outline."""
    if then is None:
        return {"ticket": ticket}
    overlay, place = shot.layers.veil(shot.layers.glimpse(then), PEEKED, 0.25)
    picks = shot.active is not None and then.key != shot.active
    return {
        "ticket": ticket,
        "edition": shot.edition,
        "src": overlay,
        "place": place,
        "picks": then.name if picks else "",
    }


def unpeeked(ticket: int) -> Value:
    """Nothing to be seen there."""
    return {"ticket": ticket}


def found(shot: Shot, text: str, findings: Findings) -> Value:
    """What a phrase found, best first, for the person to take from."""
    return {
        "told": next(_told),
        "edition": shot.edition,
        "text": text,
        "hits": [_hit(shot, hit) for hit in findings.hits],
        "note": findings.note,
        "grounder": _grounder(shot.session.grounder),
    }


def unfound(text: str, note: str) -> Value:
    """Why a phrase has no answer, in a sentence."""
    return {"told": next(_told), "text": text, "hits": [], "note": note}


def result(shot: Shot, *, final: bool, note: str = "") -> Value:
    """The cut-out of all kept subjects and of the active one alone; `final` from the full size."""
    layers, session, active = shot.known(), shot.session, shot.subject
    kept = [subject for subject in session.order if subject.kept]
    if not layers:
        return nothing(shot)
    value: Value = {
        "edition": shot.edition,
        "final": final,
        "of": shot.active,
        "kept": [subject.key for subject in kept],
        "cutout": data_uri(shot.layers.cutout([layers[s.key] for s in kept]), "webp"),
        "alone": "",
        "note": note,
        **_settings(shot),
    }
    if active is not None:
        layer = layers[active.key]
        full = dict(layer.views)
        if [subject.key for subject in kept] != [active.key]:
            value["alone"] = full.get("alone") or data_uri(shot.layers.cutout([layer]), "webp")
        value |= {name: uri for name, uri in full.items() if name != "alone"}
        if not final and layer.alpha is not None:
            value["alpha"] = data_uri(layer.alpha, "webp")
    return value


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


def _grounder(name: str) -> str:
    """Which grounder answered, and how to get a better one that is free to all."""
    better = catalog.BEST_GROUNDERS[: catalog.BEST_GROUNDERS.index(name)]
    free = [one for one in better if catalog.find(one).licence == "Apache-2.0"]
    more = f" With a GPU, better: pickmatte models pull {free[0]}." if free else ""
    return f"Found by {name}.{more}"


def _settings(shot: Shot) -> Value:
    subject = shot.subject
    said: Value = {"matting": shot.matting, "name": subject.name if subject else ""}
    if subject is not None:
        said |= {"band": subject.band, "material": subject.material}
    return said


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


def _listed(subject: Subject, layer: Layer, has: object) -> Value:
    value: Value = {
        "key": subject.key,
        "name": subject.name,
        "colour": "#{:02x}{:02x}{:02x}".format(*subject.colour),
        "kept": subject.kept,
        "locked": subject.locked,
        "version": layer.version,
        "place": layer.place,
    }
    if has != layer.version:
        value |= {"overlay": layer.overlay, "icon": layer.icon}
    return value


def _hit(shot: Shot, hit: Detection) -> Value:
    x0, y0, x1, y1 = (round(edge) for edge in hit.box)
    height, width = shot.session.size
    rim = round(_FOUND_RIM * max(x1 - x0, y1 - y0)) + 1
    left, top = max(0, x0 - rim), max(0, y0 - rim)
    window = left, top, min(width, max(x1, left + 1) + rim), min(height, max(y1, top + 1) + rim)
    size = fitted((window[3] - window[1], window[2] - window[0]), _FOUND_SIDE)
    return {
        "box": list(hit.box),
        "label": hit.label,
        "score": round(hit.score, 2),
        "why": hit.why,
        "meant": hit.meant,
        "reading": hit.reading,
        "icon": data_uri(_icon(shot, hit, window, size), "jpeg", 82),
    }


def _icon(shot: Shot, hit: Detection, window: Window, size: tuple[int, int]) -> RGB:
    """The picture within a window; of a reading, what is not in its mask is faded."""
    pixels = shot.layers.crop(window, size)
    if not hit.reading or hit.logits is None:
        return pixels
    inside = Outline(hit.logits, shot.session.size, hit.score).over(window)
    mask = cv2.resize(inside.view(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST) > 0
    faded: RGB = (255 - (255 - pixels) * _FADED).astype(np.uint8)
    return np.where(mask[..., None], pixels, faded)


def _switches(shot: Shot, subject: Subject) -> list[Value]:
    """All that the phrase found, where some of it was not meant and nothing was said after it."""
    if not subject.prompts or not isinstance(subject.prompts[-1], Phrase):
        return []
    hits = subject.detections
    taken = subject.prompts[-1].take or 0
    if all(hit.meant for hit in hits):
        return []
    return [_hit(shot, hit) | {"taken": index == taken} for index, hit in enumerate(hits)]


def _mark(prompt: object) -> Value:
    if isinstance(prompt, Click):
        return {"x": prompt.x, "y": prompt.y, "keep": prompt.keep}
    if isinstance(prompt, Box):
        return {"box": [prompt.x0, prompt.y0, prompt.x1, prompt.y1]}
    if isinstance(prompt, Phrase):
        return {"text": prompt.text}
    if isinstance(prompt, Stroke):
        return {"points": [list(point) for point in prompt.points], "keep": prompt.keep}
    raise TypeError(f"The page draws no {type(prompt).__name__}.")
