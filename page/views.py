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

from pickmatte import Subject, models
from pickmatte.interactive.edits.prompts import Box, Click, Phrase, Stroke
from pickmatte.interactive.mattes.glass import kept_opaque
from pickmatte.interactive.pictures.resize import shrink
from pickmatte.models import weights
from pickmatte.models.geometry.fitting import fit_long_side
from pickmatte.models.geometry.rectangle import Rectangle
from pickmatte.models.grounders.region_masks import RegionMask
from pickmatte.models.protocols import RGB, Detection, Findings
from pickmatte.models.weights import catalogue
from pickmatte.service.data_uri import data_uri
from pickmatte.service.layer_views import LayerView
from pickmatte.service.visitor_session import Snapshot

PEEKED = (255, 255, 255)
_FOUND_SIDE = 150
_FOUND_RIM = 0.04  # of a found thing's box, shown around it
_FADED = 0.25  # of its darkness, what a reading leaves out
_TRIMAP_TINTS = {0: (20, 18, 16, 150), 128: (128, 128, 128, 150), 255: (255, 255, 255, 0)}

Value = dict[str, Any]
# The browser redraws when a value differs from the last one: a sentence can be told twice.
_told = itertools.count()


def photo(snapshot: Snapshot) -> Value:
    """The photo as it is looked at, and the size that clicks are counted in.

    One with transparency is a WebP, under which the page shows its chequer.
    """
    picture, seen = snapshot.session.picture, snapshot.layers.photo
    return {
        "revision": snapshot.revision,
        "number": snapshot.photo,
        "src": data_uri(seen, "jpeg" if seen.shape[2] == 3 else "webp"),
        "width": picture.size[1],
        "height": picture.size[0],
        "name": picture.name,
    }


def stage(snapshot: Snapshot, have: Mapping[str, Any]) -> Value:
    """The subjects from front to back, and of the active one the prompts and candidates."""
    layers = snapshot.known()
    value: Value = {
        "revision": snapshot.revision,
        "told": next(_told),
        "active": snapshot.active,
        "subjects": [
            _listed(subject, layers[subject.key], have.get(str(subject.key)))
            for subject in snapshot.session.order
        ],
        "undo": snapshot.can_undo,
        "redo": snapshot.can_redo,
        "work": snapshot.has_work,
        "marks": [],
        "candidates": [],
        "chosen": 0,
        "detections": [],
    }
    subject = snapshot.subject
    if subject is not None:
        value["marks"] = [_mark(prompt) for prompt in subject.prompts]
        value["candidates"] = snapshot.layers.choices(subject.candidates, subject.colour)
        value["chosen"] = subject.chosen
        value["detections"] = _switches(snapshot, subject)
    return value


def trimap(snapshot: Snapshot, *, final: bool) -> Value:
    """The active subject's trimap over the photo: background dark, unknown grey.

    A quick one until it is `final`.
    """
    subject = snapshot.subject
    if subject is None:
        return {}
    size = snapshot.layers.view.shape[:2]
    whole = subject.trimap if final else subject.quick_trimap(max(size))
    small = cv2.resize(whole, size[::-1], interpolation=cv2.INTER_NEAREST)
    tints = np.zeros((256, 4), np.uint8)
    for value, colour in _TRIMAP_TINTS.items():
        tints[value] = colour
    return {"trimap": data_uri(tints[small], "png")}


def peeked(snapshot: Snapshot, then: Subject | None, ticket: int) -> Value:
    """What one more click would take, as an outline."""
    if then is None:
        return {"ticket": ticket}
    overlay, place = snapshot.layers.veil(snapshot.layers.coarse_mask(then), PEEKED, 0.25)
    picks = snapshot.active is not None and then.key != snapshot.active
    return {
        "ticket": ticket,
        "revision": snapshot.revision,
        "src": overlay,
        "place": place,
        "picks": then.name if picks else "",
    }


def unpeeked(ticket: int) -> Value:
    """Nothing to be seen there."""
    return {"ticket": ticket}


def found(snapshot: Snapshot, text: str, findings: Findings) -> Value:
    """What a phrase found, best first, for the person to take from."""
    return {
        "told": next(_told),
        "revision": snapshot.revision,
        "text": text,
        "hits": [_hit(snapshot, hit) for hit in findings.hits],
        "note": findings.note,
    }


def unfound(text: str, note: str) -> Value:
    """Why a phrase has no answer, in a sentence."""
    return {"told": next(_told), "text": text, "hits": [], "note": note}


def result(snapshot: Snapshot, *, final: bool, note: str = "") -> Value:
    """The cut-out of all kept subjects and of the active one alone; `final` from the full size."""
    layers, session, active = snapshot.known(), snapshot.session, snapshot.subject
    kept = [subject for subject in session.order if subject.kept]
    if not layers:
        return nothing(snapshot)
    value: Value = {
        "revision": snapshot.revision,
        "final": final,
        "of": snapshot.active,
        "kept": [subject.key for subject in kept],
        "cutout": data_uri(snapshot.layers.cutout([layers[s.key] for s in kept]), "webp"),
        "alone": "",
        "note": note,
        **_settings(snapshot),
    }
    if active is not None:
        layer = layers[active.key]
        full = dict(layer.views)
        if [subject.key for subject in kept] != [active.key]:
            value["alone"] = full.get("alone") or data_uri(snapshot.layers.cutout([layer]), "webp")
        value |= {name: uri for name, uri in full.items() if name != "alone"}
        if not final and layer.alpha is not None:
            value["alpha"] = data_uri(layer.alpha, "webp")
    return value


def nothing(snapshot: Snapshot) -> Value:
    """No result: nothing has been pointed at yet."""
    return {"revision": snapshot.revision, "cutout": "", **_settings(snapshot)}


def mattings() -> str:
    """The matting models that are present, as the options of a list, with a line on each."""
    present = [
        model for model in catalogue.MODELS if model.role == "matting" and weights.present(model)
    ]
    offered = [(model.name, model.name, f"{model.about} {model.licence}.") for model in present]
    best = models.choose_matting("auto")
    auto = ("auto", f"auto ({best})", "The best that is here.")
    return "".join(
        f'<option value="{name}" data-line="{html.escape(line)}">{html.escape(title)}</option>'
        for name, title, line in [auto, *offered]
    )


def better_models() -> str:
    """For who runs the page, as HTML: better models that are free to all and are not here yet."""
    grounders = _better(catalogue.BEST_GROUNDERS, models.choose_grounder("auto"))
    free = [name for name in grounders if catalogue.find(name).licence == "Apache-2.0"]
    mattings = _better(catalogue.BEST_MATTING, models.choose_matting("auto"))
    wanted = " ".join([*free[:1], *mattings[-1:]])
    if not wanted:
        return ""
    return (
        "<h3>For who runs this page</h3><p>With a GPU, phrases and edges come out better: "
        f"<code>pickmatte models pull {wanted}</code></p>"
    )


def _better(ranked: tuple[str, ...], name: str) -> tuple[str, ...]:
    return ranked[: ranked.index(name)]


def _settings(snapshot: Snapshot) -> Value:
    subject = snapshot.subject
    said: Value = {"matting": snapshot.matting, "name": subject.name if subject else ""}
    if subject is not None:
        said |= {"band": subject.band, "material": subject.material}
        if subject.material == "glass" and not subject.is_see_through:
            said["opaque"] = kept_opaque(subject.name)
    return said


def saved(path: Path) -> Value:
    """A file for the browser to fetch; Gradio adds the address."""
    return {"told": next(_told), "file": FileData(path=str(path), orig_name=path.name).model_dump()}


def unsaved() -> Value:
    """No file after all."""
    return {"told": next(_told)}


def message(text: str) -> Value:
    """What went wrong; everything else stays as it was."""
    return {"told": next(_told), "error": text}


def thumbnail_of(path: Path) -> str:
    """A small view of a file of ours."""
    rgb = np.asarray(Image.open(path).convert("RGB"))
    return data_uri(shrink(rgb, fit_long_side((rgb.shape[0], rgb.shape[1]), 480)), "jpeg")


def _listed(subject: Subject, layer: LayerView, has: object) -> Value:
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


def _hit(snapshot: Snapshot, hit: Detection) -> Value:
    x0, y0, x1, y1 = (round(edge) for edge in hit.box)
    height, width = snapshot.session.size
    rim = round(_FOUND_RIM * max(x1 - x0, y1 - y0)) + 1
    left, top = max(0, x0 - rim), max(0, y0 - rim)
    right, bottom = max(x1, left + 1) + rim, max(y1, top + 1) + rim
    window = Rectangle(left, top, min(width, right), min(height, bottom))
    size = fit_long_side(window.size, _FOUND_SIDE)
    return {
        "box": list(hit.box),
        "label": hit.label,
        "score": round(hit.score, 2),
        "why": hit.why,
        "meant": hit.requested,
        "reading": hit.alternative,
        "icon": data_uri(_icon(snapshot, hit, window, size), "jpeg", 82),
    }


def _icon(snapshot: Snapshot, hit: Detection, window: Rectangle, size: tuple[int, int]) -> RGB:
    """The picture within a window; of a reading, what is not in its mask is faded."""
    pixels = snapshot.layers.crop(window, size)
    if not hit.alternative or hit.logits is None:
        return pixels
    inside = RegionMask(hit.logits, snapshot.session.size, hit.score).within(window)
    mask = cv2.resize(inside.view(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST) > 0
    faded: RGB = (255 - (255 - pixels) * _FADED).astype(np.uint8)
    return np.where(mask[..., None], pixels, faded)


def _switches(snapshot: Snapshot, subject: Subject) -> list[Value]:
    """All that the phrase found, where some of it was not meant and nothing was said after it."""
    if not subject.prompts or not isinstance(subject.prompts[-1], Phrase):
        return []
    hits = subject.detections
    taken = subject.prompts[-1].take or 0
    if all(hit.requested for hit in hits):
        return []
    return [_hit(snapshot, hit) | {"taken": index == taken} for index, hit in enumerate(hits)]


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
