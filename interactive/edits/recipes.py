"""A recipe: the session's state as JSON, with a version, and back."""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np

from pickmatte.models.errors import MaskError, PhraseError, PromptError, TrimapError

from .paint import Paint
from .prompts import Box, Click, Phrase, Stroke
from .state import Choice, Material, State, Step, SubjectState, UserLayer

VERSION = 2
_READ = (1, VERSION)  # 1 knew clicks, boxes, strokes and choices only


def write(state: State, models: dict[str, str]) -> dict[str, Any]:
    """The state and the names of the models that were used, as JSON-ready data."""
    return {
        "pickmatte": VERSION,
        **models,
        "subjects": [
            {
                "name": subject.name,
                "band": subject.band,
                **({"material": subject.material} if subject.material != "solid" else {}),
                **({"given": _write_user_layer(subject.user_layer)} if subject.user_layer else {}),
                "steps": [_write_step(step) for step in subject.steps],
                **(
                    {"paint": [_write_paint(one) for one in subject.paint]} if subject.paint else {}
                ),
                **({} if subject.kept else {"kept": False}),
                **({"locked": True} if subject.locked else {}),
            }
            for subject in state.subjects
        ],
        **({"order": _write_order(state)} if state.order else {}),
    }


def read(recipe: dict[str, Any]) -> tuple[State, dict[str, str]]:
    """State and model names of a recipe; raises `PromptError` for what is none."""
    if not isinstance(recipe, dict) or recipe.get("pickmatte") not in _READ:
        raise PromptError(f"This is no Pickmatte recipe of version {VERSION} or older.")
    try:
        subjects = tuple(
            SubjectState(
                key,
                str(entry["name"]),
                tuple(_read_step(step) for step in entry["steps"]),
                _read_user_layer(entry["given"]) if "given" in entry else None,
                _read_band(entry["band"]),
                _read_material(entry.get("material", "solid")),
                tuple(_read_paint(one) for one in entry.get("paint", ())),
                bool(entry.get("kept", True)),
                bool(entry.get("locked", False)),
            )
            for key, entry in enumerate(recipe["subjects"])
        )
        order = _read_order(recipe.get("order", []), len(subjects))
        said = ("grounder",) if "grounder" in recipe else ()
        named = {name: str(recipe[name]) for name in ("segmenter", "matting", *said)}
        return State(subjects, order), named
    except (MaskError, PhraseError, PromptError, TrimapError) as problem:
        raise PromptError(f"The recipe is damaged. {problem}") from problem
    except (KeyError, TypeError, ValueError, OverflowError) as problem:
        raise PromptError(f"The recipe is damaged: {problem!r}.") from problem


def _write_step(step: Step) -> dict[str, Any]:
    if isinstance(step, Click):
        return {"click": [step.x, step.y], "keep": bool(step.keep)}
    if isinstance(step, Box):
        return {"box": [step.x0, step.y0, step.x1, step.y1]}
    if isinstance(step, Stroke):
        return {"stroke": [list(point) for point in step.points], "keep": bool(step.keep)}
    if isinstance(step, Phrase):
        return {"say": step.text} | ({} if step.take is None else {"take": step.take})
    return {"choose": int(step.index)}


def _read_step(entry: dict[str, Any]) -> Step:
    if "click" in entry:
        x, y = entry["click"]
        return Click(float(x), float(y), bool(entry["keep"]))
    if "box" in entry:
        x0, y0, x1, y1 = entry["box"]
        return Box(float(x0), float(y0), float(x1), float(y1))
    if "stroke" in entry:
        return Stroke(tuple((x, y) for x, y in entry["stroke"]), bool(entry["keep"]))
    if "say" in entry:
        return Phrase(str(entry["say"]), int(entry["take"]) if "take" in entry else None)
    return Choice(int(entry["choose"]))


def _write_paint(paint: Paint) -> dict[str, Any]:
    size = {} if paint.radius is None else {"radius": paint.radius}
    return {"makes": paint.makes, **size, "points": [list(point) for point in paint.points]}


def _read_paint(entry: dict[str, Any]) -> Paint:
    radius = float(entry["radius"]) if "radius" in entry else None
    return Paint(tuple((x, y) for x, y in entry["points"]), entry["makes"], radius)


def _write_order(state: State) -> list[int]:
    """Front to back, as places in the list of subjects."""
    places = {subject.key: place for place, subject in enumerate(state.subjects)}
    return [places[key] for key in state.order]


def _read_order(entry: Any, count: int) -> tuple[int, ...]:
    order = tuple(int(place) for place in entry)
    if order and sorted(order) != list(range(count)):
        raise ValueError("its order is not one of its subjects")
    return order


def _read_band(value: Any) -> float:
    band = float(value)
    if not 0 <= band <= 10:
        raise ValueError(f"the band's scale {band:g} is not between 0 and 10")
    return band


def _read_material(value: Any) -> Material:
    if value == "solid":
        return "solid"
    if value == "glass":
        return "glass"
    raise ValueError(f"there is no material {value!r}")


def _write_user_layer(user_layer: UserLayer) -> dict[str, str]:
    pixels = user_layer.pixels
    if user_layer.kind == "alpha":  # the bytes of its float32, as four channels, lose nothing
        pixels = pixels.astype("<f4").view(np.uint8).reshape(*pixels.shape, 4)
    _, png = cv2.imencode(".png", pixels.astype(np.uint8))
    return {"kind": user_layer.kind, "png": base64.b64encode(png.tobytes()).decode("ascii")}


def _read_user_layer(entry: dict[str, str]) -> UserLayer:
    png = np.frombuffer(base64.b64decode(entry["png"], validate=True), np.uint8)
    try:
        pixels = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)
    except cv2.error as problem:
        raise ValueError("a picture in it cannot be read") from problem
    kind = entry["kind"]
    shape = (4,) if kind == "alpha" else ()
    if pixels is None or pixels.dtype != np.uint8 or pixels.shape[2:] != shape:
        raise ValueError("a picture in it cannot be read")
    if kind == "mask":
        return UserLayer("mask", pixels)
    if kind == "trimap":
        return UserLayer("trimap", pixels)
    if kind == "alpha":
        return UserLayer("alpha", np.ascontiguousarray(pixels).view("<f4")[..., 0])
    raise ValueError(f"unknown kind {kind!r}")
