"""The state a session holds, and its recipe: values, so tested with values alone."""

from __future__ import annotations

import base64
import copy
import json
import math
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from pickmatte.interactive.edits import recipes
from pickmatte.interactive.edits.prompts import Box, Click, Stroke
from pickmatte.interactive.edits.state import Choice, State, Step, SubjectState, UserLayer
from pickmatte.models.errors import MaskError, PickmatteError, PromptError, TrimapError

MODELS = {"segmenter": "mobile-sam", "matting": "closed-form"}

numbers = st.floats(0, 1e5)
points = st.tuples(numbers, numbers)
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(Click, numbers, numbers, st.booleans()),
    st.builds(lambda a, w, h: Box(*a, a[0] + w, a[1] + h), points, *[st.floats(2, 1e4)] * 2),
    st.builds(Stroke, st.lists(points, min_size=1, max_size=4).map(tuple), st.booleans()),
    st.builds(Choice, st.integers(0, 9)),
)
shapes = arrays.array_shapes(min_dims=2, max_dims=2, max_side=7)
layers = st.one_of(
    arrays.arrays(bool, shapes).map(lambda a: ("mask", a)),
    arrays.arrays(np.uint8, shapes, elements=st.sampled_from([0, 128, 255])).map(
        lambda a: ("trimap", a)
    ),
    arrays.arrays(np.float32, shapes, elements=st.floats(0, 1, width=32)).map(
        lambda a: ("alpha", a)
    ),
)
given_layers = layers.filter(
    lambda layer: bool((layer[1] == 255).any() if layer[0] == "trimap" else layer[1].any())
).map(lambda layer: UserLayer(*layer))
subjects = st.builds(
    SubjectState,
    st.integers(),
    st.text(max_size=9).filter(lambda text: text.isprintable()),
    st.lists(steps, max_size=5).map(tuple),
    st.none() | given_layers,
    st.floats(0, 10),
)


# State


def subject(key: int, *steps: Step) -> SubjectState:
    return SubjectState(key, f"number {key}", steps)


def test_putting_makes_a_new_state_and_keeps_the_order() -> None:
    empty = State()
    one = empty.put(subject(1))
    two = one.put(subject(2))
    changed = two.put(subject(1, Click(3, 4)))
    assert [len(state.subjects) for state in (empty, one, two, changed)] == [0, 1, 2, 2]
    assert [entry.key for entry in changed.subjects] == [1, 2]
    assert changed.get(1).steps == (Click(3, 4),)
    assert two.get(1).steps == ()
    assert changed.put(subject(1)) == two


def test_an_unknown_key_is_not_there() -> None:
    with pytest.raises(KeyError):
        State().put(subject(1)).get(2)


def test_prompts_are_the_steps_without_choices() -> None:
    entry = subject(1, Click(1, 2), Choice(1), Box(0, 0, 9, 9), Choice(0))
    assert entry.prompts == (Click(1, 2), Box(0, 0, 9, 9))


@pytest.mark.parametrize("index", [-1, 0.5, -0.5])
def test_a_choice_counts_from_zero(index: float) -> None:
    with pytest.raises(PromptError, match="no candidate"):
        Choice(index)  # type: ignore[arg-type]


@given(given_layers)
def test_what_was_given_is_a_value(layer: UserLayer) -> None:
    again = UserLayer(layer.kind, layer.pixels.copy())
    assert layer == again
    assert hash(layer) == hash(again)
    if layer.kind != "mask":
        as_mask = UserLayer("mask", layer.pixels > 0)
        assert layer != as_mask


def test_equal_bytes_in_another_shape_are_not_equal() -> None:
    assert UserLayer("mask", np.ones((2, 3), bool)) != UserLayer("mask", np.ones((3, 2), bool))


@given(given_layers)
def test_what_was_given_is_a_copy_that_cannot_be_written(layer: UserLayer) -> None:
    users = layer.pixels.copy()
    kept = UserLayer(layer.kind, users)
    users[...] = 0
    assert kept == layer
    with pytest.raises(ValueError, match="read-only"):
        kept.pixels[...] = 0


@pytest.mark.parametrize(
    ("kind", "pixels", "error"),
    [
        ("mask", np.zeros((4, 5), bool), MaskError),
        ("trimap", np.full((4, 5), 7, np.uint8), TrimapError),
        ("trimap", np.full((4, 5), 128, np.uint8), TrimapError),
        ("trimap", np.full((4, 5), 255, np.int32), TrimapError),
        ("alpha", np.zeros((4, 5), np.float32), MaskError),
        ("alpha", np.full((4, 5), np.nan, np.float32), MaskError),
        ("alpha", np.full((4, 5), 1.5, np.float32), MaskError),
        ("alpha", np.full((4, 5), -0.5, np.float32), MaskError),
        ("alpha", np.full((4, 5), 200, np.uint8), MaskError),
        ("alpha", np.full((4, 5), 1j), MaskError),
    ],
)
def test_what_cannot_be_meant_is_not_taken(
    kind: Any, pixels: NDArray[Any], error: type[PickmatteError]
) -> None:
    with pytest.raises(error):
        UserLayer(kind, pixels)


def test_an_alphas_rounding_is_forgiven() -> None:
    layer = UserLayer("alpha", np.array([[-1e-7, 0.5, 1 + 1e-7]]))
    np.testing.assert_array_equal(layer.pixels, np.array([[0, 0.5, 1]], np.float32))


# Recipes


@given(st.lists(subjects, max_size=3))
def test_a_recipe_goes_through_json_and_comes_back_equal(entries: list[SubjectState]) -> None:
    state = State(tuple(entries))
    recipe = recipes.write(state, MODELS)
    text = json.dumps(recipe, allow_nan=False)
    again, models = recipes.read(json.loads(text))
    assert models == MODELS
    assert len(again.subjects) == len(entries)
    for before, after in zip(entries, again.subjects, strict=True):
        assert (after.name, after.band, after.steps) == (before.name, before.band, before.steps)
        assert after.user_layer == before.user_layer
        if before.user_layer and after.user_layer:
            assert after.user_layer.pixels.dtype == before.user_layer.pixels.dtype
            np.testing.assert_array_equal(after.user_layer.pixels, before.user_layer.pixels)
    assert recipes.write(again, models) == recipe


def test_keys_of_subjects_are_apart_after_reading() -> None:
    state = State((subject(7), subject(9)))
    again, _ = recipes.read(recipes.write(state, MODELS))
    assert len({entry.key for entry in again.subjects}) == 2


def test_numpy_values_from_a_user_go_into_json() -> None:
    entry = subject(1, Click(1.5, 2.5, keep=np.bool_(False)), Choice(np.int64(2)))  # type: ignore[arg-type]
    again, _ = recipes.read(json.loads(json.dumps(recipes.write(State((entry,)), MODELS))))
    assert again.subjects[0].steps == (Click(1.5, 2.5, keep=False), Choice(2))


def png(pixels: NDArray[Any]) -> str:
    return base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes()).decode("ascii")


def good() -> dict[str, Any]:
    entry = SubjectState(
        0, "cup", (Click(3, 4), Choice(1)), UserLayer("mask", np.ones((4, 5), bool))
    )
    return recipes.write(State((entry,)), MODELS)


DAMAGES: dict[str, Any] = {
    "no version": lambda r: r.pop("pickmatte"),
    "another version": lambda r: r.update(pickmatte=99),
    "no segmenter": lambda r: r.pop("segmenter"),
    "no matting": lambda r: r.pop("matting"),
    "no subjects": lambda r: r.pop("subjects"),
    "subjects is null": lambda r: r.update(subjects=None),
    "subjects is a number": lambda r: r.update(subjects=3),
    "subjects is an object": lambda r: r.update(subjects={"a": 1}),
    "a subject is text": lambda r: r.update(subjects=["cup"]),
    "no name": lambda r: r["subjects"][0].pop("name"),
    "no steps": lambda r: r["subjects"][0].pop("steps"),
    "steps is null": lambda r: r["subjects"][0].update(steps=None),
    "no band": lambda r: r["subjects"][0].pop("band"),
    "band is text": lambda r: r["subjects"][0].update(band="wide"),
    "band is a list": lambda r: r["subjects"][0].update(band=[1]),
    "band is NaN": lambda r: r["subjects"][0].update(band=math.nan),
    "band is negative": lambda r: r["subjects"][0].update(band=-1),
    "band is huge": lambda r: r["subjects"][0].update(band=1e9),
    "given is null": lambda r: r["subjects"][0].update(given=None),
    "given is text": lambda r: r["subjects"][0].update(given="mask"),
    "given without pixels": lambda r: r["subjects"][0]["given"].pop("png"),
    "given of no kind": lambda r: r["subjects"][0]["given"].update(kind="face"),
    "given is not base64": lambda r: r["subjects"][0]["given"].update(png="%%%"),
    "given is a number": lambda r: r["subjects"][0]["given"].update(png=5),
    "given is nothing": lambda r: r["subjects"][0]["given"].update(png=""),
    "given is no picture": lambda r: r["subjects"][0]["given"].update(png="AAAA"),
    "given is cut short": lambda r: r["subjects"][0]["given"].update(
        png=base64.b64encode(
            base64.b64decode(png(np.random.default_rng(0).integers(0, 2, (64, 64), np.uint8)))[:60]
        ).decode("ascii")
    ),
    "given is in colour": lambda r: r["subjects"][0]["given"].update(
        png=png(np.ones((4, 5, 3), np.uint8))
    ),
    "given mask is empty": lambda r: r["subjects"][0]["given"].update(
        png=png(np.zeros((4, 5), np.uint8))
    ),
    "given trimap has other values": lambda r: r["subjects"][0].update(
        given={"kind": "trimap", "png": png(np.full((4, 5), 9, np.uint8))}
    ),
    "given trimap is deep": lambda r: r["subjects"][0].update(
        given={"kind": "trimap", "png": png(np.full((4, 5), 255, np.uint16))}
    ),
    "given alpha is a mask": lambda r: r["subjects"][0]["given"].update(kind="alpha"),
    "given alpha is beyond 1": lambda r: r["subjects"][0].update(
        given={"kind": "alpha", "png": png(np.full((4, 5, 4), 0x41, np.uint8))}
    ),
    "a step is a number": lambda r: r["subjects"][0].update(steps=[5]),
    "a step is text": lambda r: r["subjects"][0].update(steps=["click"]),
    "a step is null": lambda r: r["subjects"][0].update(steps=[None]),
    "a step is unknown": lambda r: r["subjects"][0].update(steps=[{"dance": 1}]),
    "a click has one number": lambda r: r["subjects"][0].update(steps=[{"click": [1]}]),
    "a click has no keep": lambda r: r["subjects"][0].update(steps=[{"click": [1, 2]}]),
    "a click is text": lambda r: r["subjects"][0].update(
        steps=[{"click": ["a", "b"], "keep": True}]
    ),
    "a click is not finite": lambda r: r["subjects"][0].update(
        steps=[{"click": [math.nan, 2], "keep": True}]
    ),
    "a click is beyond any number": lambda r: r["subjects"][0].update(
        steps=[{"click": [10**400, 2], "keep": True}]
    ),
    "a box has three numbers": lambda r: r["subjects"][0].update(steps=[{"box": [1, 2, 3]}]),
    "a box has no area": lambda r: r["subjects"][0].update(steps=[{"box": [5, 5, 5, 5]}]),
    "a stroke is empty": lambda r: r["subjects"][0].update(steps=[{"stroke": [], "keep": True}]),
    "a stroke's point has three": lambda r: r["subjects"][0].update(
        steps=[{"stroke": [[1, 2, 3]], "keep": True}]
    ),
    "a stroke is a number": lambda r: r["subjects"][0].update(steps=[{"stroke": 4, "keep": True}]),
    "a choice is infinite": lambda r: r["subjects"][0].update(steps=[{"choose": math.inf}]),
    "a choice is NaN": lambda r: r["subjects"][0].update(steps=[{"choose": math.nan}]),
    "a choice is negative": lambda r: r["subjects"][0].update(steps=[{"choose": -1}]),
    "a choice is text": lambda r: r["subjects"][0].update(steps=[{"choose": "first"}]),
}


def test_the_recipe_that_is_damaged_below_is_good() -> None:
    recipes.read(good())


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_recipes_are_refused_in_a_sentence(damage: Any) -> None:
    recipe = copy.deepcopy(good())
    damage(recipe)
    with pytest.raises(PromptError, match="recipe") as caught:
        recipes.read(recipe)
    assert "\n" not in str(caught.value).strip()


@pytest.mark.parametrize("nonsense", [None, 3, "recipe", [], [1], {}, {"subjects": []}])
def test_what_is_no_recipe_is_refused(nonsense: Any) -> None:
    with pytest.raises(PromptError, match="no Pickmatte recipe of version 2"):
        recipes.read(nonsense)


@st.composite
def mutilated(draw: st.DrawFn) -> Any:
    """A good recipe with any one value in it replaced by any JSON."""
    recipe = good()
    spot: Any = recipe
    while True:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = draw(st.sampled_from(keys))
        if not isinstance(spot[key], dict | list) or not spot[key] or draw(st.booleans()):
            break
        spot = spot[key]
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    spot[key] = draw(st.recursive(plain, lambda inner: st.lists(inner, max_size=3), max_leaves=4))
    return recipe


@given(mutilated())
def test_any_damage_is_refused_or_read(recipe: Any) -> None:
    try:
        state, models = recipes.read(recipe)
    except PromptError:
        return
    json.dumps(recipes.write(state, models), allow_nan=False)
