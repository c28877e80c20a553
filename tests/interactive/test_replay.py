"""Recipes of a session replay to the same pixels; what does not fit is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from making import saved
from photographed import CAT, give, ring

from pickmatte import Session
from pickmatte.models.errors import PickmatteError
from pickmatte.models.protocols import RGB


@pytest.fixture(scope="module")
def told(png: bytes) -> Session:
    """A session in which everything was used once."""
    session = Session.open(png)
    cat = session.subject("cat")
    cat.click(150.25, 100.5)
    cat.choose(1)
    cat.stroke([(120, 80), (150, 100)])
    cat.click(8, 8, keep=False)
    cat.set_band(1.5)
    boxed = session.subject()
    boxed.box(20.5, 5, 400, 199)  # is cut to the picture
    for kind in ("mask", "trimap", "alpha"):
        give(session.subject(kind), kind)
    refined = session.subject("refined")
    refined.use_trimap(ring())
    refined.click(200, 100)
    return session


def test_a_recipe_replays_to_the_same_pixels(told: Session, png: bytes) -> None:
    text = json.dumps(told.recipe(), allow_nan=False)
    again = Session.replay(png, json.loads(text))
    assert again.recipe() == told.recipe()
    assert [s.name for s in again.subjects] == [s.name for s in told.subjects]
    for before, after in zip(told.subjects, again.subjects, strict=True):
        assert after.prompts == before.prompts
        assert after.chosen == before.chosen
        np.testing.assert_array_equal(after.mask, before.mask)
        np.testing.assert_array_equal(after.trimap, before.trimap)
        np.testing.assert_array_equal(after.alpha, before.alpha)
    np.testing.assert_array_equal(again.cutout(), told.cutout())


def test_a_replayed_session_can_be_worked_on(told: Session, png: bytes) -> None:
    again = Session.replay(png, told.recipe())
    count = len(again.subjects)
    again.subject("new").click(*CAT)
    assert len(again.subjects) == count + 1
    while again.undo():
        pass
    assert again.subjects == ()


def test_a_recipe_is_a_copy(told: Session) -> None:
    recipe = told.recipe()
    before = copy.deepcopy(recipe)
    recipe["subjects"].clear()
    assert told.recipe() == before


def step(entry: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda recipe: recipe["subjects"][0].update(steps=[entry])


def steps(*entries: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda recipe: recipe["subjects"][0].update(steps=[*entries])


CLICK = {"click": [150, 100], "keep": True}
UNFIT: dict[str, Callable[[dict[str, Any]], None]] = {
    "another segmenter": lambda r: r.update(segmenter="nope"),
    "another matting": lambda r: r.update(matting="nope"),
    "a click outside": step({"click": [5000, 5], "keep": True}),
    "a box outside": step({"box": [5000, 5, 6000, 9]}),
    "a stroke outside": step({"stroke": [[5000, 5]], "keep": True}),
    "a choice of nothing": step({"choose": 0}),
    "a choice beyond the list": steps(CLICK, {"choose": 99}),
    "a choice beyond the list, then more": steps(CLICK, {"choose": 99}, CLICK),
    "a first drop": step({"click": [5, 5], "keep": False}),
    "another version": lambda r: r.update(pickmatte=0),
    "no steps": lambda r: r["subjects"][0].pop("steps"),
}


@pytest.mark.parametrize("damage", UNFIT.values(), ids=UNFIT.keys())
def test_a_recipe_that_does_not_fit_is_refused(
    told: Session, png: bytes, damage: Callable[[dict[str, Any]], None]
) -> None:
    recipe = copy.deepcopy(told.recipe())
    recipe["subjects"] = recipe["subjects"][:1]
    damage(recipe)
    with pytest.raises(PickmatteError):
        Session.replay(png, recipe)


def test_a_recipe_of_another_pictures_mask_is_refused(told: Session, coffee: RGB) -> None:
    recipe = told.recipe()
    recipe["subjects"] = [entry for entry in recipe["subjects"] if entry["name"] == "mask"]
    with pytest.raises(PickmatteError):
        Session.replay(saved(np.asarray(coffee), "PNG"), recipe)
