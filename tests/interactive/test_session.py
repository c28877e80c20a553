"""Sessions on real photos with the real networks."""

from __future__ import annotations

import copy
import json
import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import deep_file, saved
from numpy.typing import NDArray

import models
from interactive import Box, Click, Session, Stroke, Subject
from models.errors import (
    Cancelled,
    ExportError,
    MaskError,
    PickmatteError,
    PictureError,
    PromptError,
    TrimapError,
    UnknownModel,
)
from models.protocols import RGB, Candidates, Embedding, Logits, Segmenter

Edit = tuple[Any, ...]
CAT = (150, 100)
HEIGHT, WIDTH = 200, 300


@pytest.fixture
def session(chelsea: RGB) -> Session:
    return Session(chelsea)


@pytest.fixture
def cat(session: Session) -> Subject:
    subject = session.subject("cat")
    subject.click(*CAT)
    return subject


@pytest.fixture(scope="module")
def png(chelsea: RGB) -> bytes:
    """The cat as a file."""
    return saved(np.asarray(chelsea), "PNG")


def disc(centre: tuple[int, int] = CAT, radius: int = 60) -> NDArray[np.uint8]:
    layer = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(layer, centre, radius, 255, -1)
    return layer


def ring() -> NDArray[np.uint8]:
    """A trimap: sure inside, sure outside, unknown between."""
    trimap = np.where(disc(radius=70) > 0, 128, 0).astype(np.uint8)
    trimap[disc(radius=60) > 0] = 255
    return trimap


def soft() -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(disc(), (0, 0), 3), np.float32) / 255


def known(session: Session) -> Any:
    """All that a person can tell of a session without computing pixels."""
    return (
        session.recipe(),
        session.can_undo,
        session.can_redo,
        [(s.name, s.prompts, s.band, s.chosen, len(s.candidates)) for s in session.subjects],
    )


def masks(session: Session) -> list[NDArray[np.bool_] | None]:
    found: list[NDArray[np.bool_] | None] = []
    for subject in session.subjects:
        try:
            found.append(subject.mask.copy())
        except MaskError:
            found.append(None)
    return found


def same(one: Sequence[NDArray[Any] | None], two: Sequence[NDArray[Any] | None]) -> bool:
    return len(one) == len(two) and all(
        (a is None and b is None) or (a is not None and b is not None and bool((a == b).all()))
        for a, b in zip(one, two, strict=True)
    )


# The main job


def test_a_click_finds_the_cat(session: Session, cat: Subject) -> None:
    assert session.size == (HEIGHT, WIDTH)
    assert cat.name == "cat"
    assert cat.prompts == (Click(*CAT),)
    assert cat.chosen == 0
    assert cat.mask.shape == (HEIGHT, WIDTH)
    assert cat.mask.dtype == bool
    assert cat.mask[CAT[1], CAT[0]]
    assert 0.1 < cat.mask.mean() < 0.9
    assert not cat.mask[3, 3]


def test_candidates_are_pictures_masks_with_scores(cat: Subject) -> None:
    assert 1 < len(cat.candidates) <= 4
    for candidate in cat.candidates:
        assert math.isfinite(candidate.score)
        assert candidate.mask.shape == (HEIGHT, WIDTH)
        assert candidate.mask.any()
        assert candidate.box is not None
        x0, y0, x1, y1 = candidate.box
        assert 0 <= x0 < x1 <= WIDTH
        assert 0 <= y0 < y1 <= HEIGHT
    scores = [candidate.score for candidate in cat.candidates]
    assert scores == sorted(scores, reverse=True)


def test_layers_agree_with_each_other(session: Session, cat: Subject) -> None:
    trimap, alpha = cat.trimap, cat.alpha
    assert trimap.dtype == np.uint8
    assert set(np.unique(trimap)) == {0, 128, 255}
    assert alpha.dtype == np.float32
    assert trimap.shape == alpha.shape == session.size
    assert ((alpha >= 0) & (alpha <= 1)).all()
    assert (alpha[trimap == 255] == 1).all()
    assert (alpha[trimap == 0] == 0).all()
    assert cat.mask[trimap == 255].all()
    assert not cat.mask[trimap == 0].any()
    assert cat.foreground.shape == (HEIGHT, WIDTH, 3)
    rgba = session.cutout()
    assert rgba.dtype == np.uint8
    np.testing.assert_array_equal(rgba[..., 3], np.rint(alpha * np.float32(255)))
    sure = alpha == 1
    np.testing.assert_array_equal(rgba[sure][:, :3], session.picture.rgb[sure])


@settings(max_examples=12, deadline=None)
@given(
    st.integers(20, 280),
    st.integers(20, 180),
    st.integers(3, 60),
    st.integers(1, 25),
    st.sampled_from([0.0, 0.5, 1.0, 4.0, 10.0]),
)
def test_alpha_is_exact_where_the_trimap_is_known(
    chelsea: RGB, x: int, y: int, radius: int, width: int, band: float
) -> None:
    subject = Session(chelsea).subject()
    subject.use_mask(disc((x, y), radius))
    subject.set_band(band)
    trimap, alpha = subject.trimap, subject.alpha
    assert (alpha[trimap == 255] == 1).all()
    assert (alpha[trimap == 0] == 0).all()
    assert ((alpha >= 0) & (alpha <= 1)).all()
    given_trimap = np.where(disc((x, y), radius + width) > 0, 128, 0).astype(np.uint8)
    given_trimap[disc((x, y), radius) > 0] = 255
    if not (given_trimap == 0).any():
        return
    subject.use_trimap(given_trimap)
    np.testing.assert_array_equal(subject.trimap, given_trimap)
    assert (subject.alpha[given_trimap == 255] == 1).all()
    assert (subject.alpha[given_trimap == 0] == 0).all()


def test_several_prompts_together(session: Session, cat: Subject) -> None:
    cat.click(10, 10, keep=False)
    cat.box(20, 5, 290, 199)
    cat.stroke([(120, 80), (150, 100), (180, 120)])
    cat.stroke([(5, 195), (20, 195)], keep=False)
    assert [type(prompt) for prompt in cat.prompts] == [Click, Click, Box, Stroke, Stroke]
    assert cat.mask[100, 150]
    assert not cat.mask[10, 10]
    assert not cat.mask[195, 5:21].any()


def test_another_candidate_can_be_chosen_and_refined(cat: Subject) -> None:
    first, others = cat.mask.copy(), cat.candidates
    cat.choose(1)
    assert cat.chosen == 1
    assert cat.candidates == others
    assert (cat.mask != first).any()
    chosen = cat.mask.copy()
    cat.choose(0)
    assert cat.chosen == 0
    np.testing.assert_array_equal(cat.mask, first)
    cat.choose(1)
    np.testing.assert_array_equal(cat.mask, chosen)
    cat.click(*CAT)
    assert cat.chosen == 0


def test_choosing_what_is_chosen_is_no_edit(session: Session, cat: Subject) -> None:
    before = session.recipe()
    cat.choose(0)
    cat.set_band(cat.band)
    assert session.recipe() == before
    assert session.undo()
    assert session.undo()
    assert not session.can_undo


def test_the_band_widens_what_is_unknown(cat: Subject) -> None:
    unknown = []
    for band in (0.5, 1.0, 3.0):
        cat.set_band(band)
        assert cat.band == band
        unknown.append(int((cat.trimap == 128).sum()))
    assert unknown[0] < unknown[1] < unknown[2]


def test_two_subjects_in_one_cut_out(session: Session) -> None:
    left, right = session.subject("left"), session.subject("right")
    left.use_mask(disc((60, 100), 30))
    right.use_mask(disc((230, 100), 30))
    assert [subject.name for subject in session.subjects] == ["left", "right"]
    both = session.cutout()[..., 3]
    alone = session.cutout([left])[..., 3]
    assert both[100, 60] == both[100, 230] == alone[100, 60] == 255
    assert alone[100, 230] == 0
    assert both[5, 5] == 0


def test_clearing_forgets_prompts_and_what_was_given(session: Session, cat: Subject) -> None:
    cat.choose(1)
    cat.clear()
    assert cat.prompts == ()
    assert cat.candidates == ()
    with pytest.raises(MaskError, match="click on it first"):
        _ = cat.mask
    cat.use_mask(disc())
    cat.clear()
    with pytest.raises(MaskError):
        _ = cat.alpha
    session.undo()
    np.testing.assert_array_equal(cat.mask, disc() > 0)


@pytest.mark.parametrize("side", [32, 100, 299, 1024])
def test_a_preview_is_small_and_like_the_cut_out(session: Session, cat: Subject, side: int) -> None:
    preview = cat.preview(side)
    assert preview.dtype == np.uint8
    assert max(preview.shape[:2]) == min(side, WIDTH)
    assert preview.shape[2] == 4
    size = preview.shape[1::-1]
    final = cv2.resize(session.cutout()[..., 3], size, interpolation=cv2.INTER_AREA)
    assert np.abs(preview[..., 3].astype(int) - final).mean() < 12


# What was brought along


def test_a_given_mask_is_the_mask(session: Session) -> None:
    subject = session.subject()
    subject.use_mask(disc())
    np.testing.assert_array_equal(subject.mask, disc() > 0)
    assert subject.prompts == ()
    assert (subject.trimap == 128).any()


def test_a_given_trimap_is_the_trimap(session: Session) -> None:
    subject = session.subject()
    subject.use_trimap(ring())
    np.testing.assert_array_equal(subject.trimap, ring())
    np.testing.assert_array_equal(subject.mask, ring() == 255)


def test_a_given_alpha_is_the_alpha(session: Session) -> None:
    subject = session.subject()
    subject.use_alpha(soft())
    np.testing.assert_array_equal(subject.alpha, soft())
    np.testing.assert_array_equal(
        session.cutout()[..., 3], np.rint(soft() * np.float32(255)).astype(np.uint8)
    )


@pytest.mark.parametrize("kind", ["mask", "trimap", "alpha"])
def test_clicks_refine_what_was_given(session: Session, kind: str) -> None:
    subject = session.subject()
    give(subject, kind)
    subject.click(*CAT)
    subject.click(8, 8, keep=False)
    assert subject.mask[CAT[1], CAT[0]]
    assert not subject.mask[8, 8]
    assert subject.candidates
    while session.can_undo:
        session.undo()
    assert session.subjects == ()


def give(subject: Subject, kind: str) -> None:
    if kind == "mask":
        subject.use_mask(disc())
    elif kind == "trimap":
        subject.use_trimap(ring())
    else:
        subject.use_alpha(soft())


@pytest.mark.parametrize("kind", ["mask", "trimap", "alpha"])
def test_the_users_array_stays_the_users(session: Session, kind: str) -> None:
    layer: NDArray[Any] = {"mask": disc() > 0, "trimap": ring(), "alpha": soft()}[kind]
    subject = session.subject()
    getattr(subject, f"use_{kind}")(layer)
    before, recipe = subject.alpha.copy(), session.recipe()
    layer[...] = layer.max()  # must stay writable, and must not be looked at again
    assert session.recipe() == recipe
    np.testing.assert_array_equal(subject.alpha, before)


@pytest.mark.parametrize("layer", ["mask", "trimap", "alpha"])
def test_results_cannot_be_spoiled_by_who_gets_them(cat: Subject, layer: str) -> None:
    """A result is read-only, or a copy: writing into it changes no later answer."""
    before = getattr(cat, layer).copy()
    got = getattr(cat, layer)
    if got.flags.writeable:
        got[...] = 0
    np.testing.assert_array_equal(getattr(cat, layer), before)


# Undo


EDITS: tuple[Edit, ...] = (
    ("click", 150, 100, True),
    ("click", 10, 10, False),
    ("click", 220, 60, True),
    ("box", 20, 5, 290, 199),
    ("stroke", ((120, 80), (150, 100)), True),
    ("choose", 0),
    ("choose", 1),
    ("choose", 2),
    ("set_band", 0.5),
    ("set_band", 2.0),
    ("clear",),
    ("use", "mask"),
    ("use", "trimap"),
    ("use", "alpha"),
    ("subject", "another"),
)


def do(session: Session, edit: Edit, which: int = -1) -> None:
    name, *rest = edit
    if name == "subject":
        session.subject(*rest)
        return
    subject = session.subjects[which % len(session.subjects)]
    if name == "use":
        give(subject, rest[0])
    else:
        getattr(subject, name)(*rest)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 1)), min_size=1, max_size=6),
    st.data(),
)
def test_undo_is_exact(chelsea: RGB, edits: list[tuple[Edit, int]], data: st.DataObject) -> None:
    session = Session(chelsea)
    session.subject("first")
    states = [(session.recipe(), masks(session))]
    for edit, which in edits:
        before = session.recipe()
        try:
            do(session, edit, which)
        except PromptError:  # nothing to choose from yet, or only a drop
            assert session.recipe() == before
            continue
        if edit[0] == "use" or session.recipe() != before:
            states.append((session.recipe(), masks(session)))

    for recipe, seen in reversed(states):
        assert session.recipe() == recipe
        assert same(masks(session), seen)
        assert session.undo()
    assert session.subjects == ()
    assert not session.can_undo
    assert not session.undo()

    for recipe, seen in states:
        assert session.redo()
        assert session.recipe() == recipe
        assert same(masks(session), seen)
    assert not session.can_redo
    assert not session.redo()

    # From anywhere in the middle, a new edit ends what could be redone.
    for _ in range(data.draw(st.integers(1, len(states)))):
        session.undo()
    session.subject("new")
    assert not session.can_redo
    session.undo()
    session.redo()
    assert session.subjects[-1].name == "new"


def test_a_handle_outlives_undo_and_redo(session: Session, cat: Subject) -> None:
    mask = cat.mask.copy()
    session.undo()
    session.undo()
    assert session.subjects == ()
    with pytest.raises(PromptError, match="undone"):
        _ = cat.mask
    with pytest.raises(PromptError, match="undone"):
        cat.click(*CAT)
    session.redo()
    assert cat.prompts == ()
    session.redo()
    np.testing.assert_array_equal(cat.mask, mask)


def test_a_subject_made_after_an_undo_is_another(session: Session) -> None:
    first = session.subject("first")
    session.undo()
    second = session.subject("second")
    with pytest.raises(PromptError, match="undone"):
        _ = first.name
    assert second.name == "second"
    assert len(session.subjects) == 1


def test_a_thousand_edits_leave_what_two_hundred_did(session: Session) -> None:
    subject = session.subject()
    for count in range(1000):
        subject.set_band(1 + count % 2 + count / 1000)
    undone = 0
    while session.undo():
        undone += 1
    assert undone == 200


# Edits that fail


NAN, INF = math.nan, math.inf
FAILING: dict[str, tuple[type[PickmatteError], Callable[[Subject], object]]] = {
    "click left of the picture": (PromptError, lambda s: s.click(-0.5, 5)),
    "click right of it": (PromptError, lambda s: s.click(WIDTH, 5)),
    "click above": (PromptError, lambda s: s.click(5, -1)),
    "click below": (PromptError, lambda s: s.click(5, HEIGHT)),
    "drop outside": (PromptError, lambda s: s.click(5, 1e9, keep=False)),
    "click at NaN": (PromptError, lambda s: s.click(NAN, 5)),
    "click at infinity": (PromptError, lambda s: s.click(5, INF)),
    "box without width": (PromptError, lambda s: s.box(20, 20, 20, 50)),
    "box without height": (PromptError, lambda s: s.box(20, 20, 50, 20)),
    "box turned round": (PromptError, lambda s: s.box(50, 50, 20, 20)),
    "box outside": (PromptError, lambda s: s.box(WIDTH, 0, WIDTH + 50, 50)),
    "box with NaN": (PromptError, lambda s: s.box(0, 0, NAN, 50)),
    "box with infinity": (PromptError, lambda s: s.box(0, 0, INF, 50)),
    "stroke that leaves": (PromptError, lambda s: s.stroke([(5, 5), (5, 5000)])),
    "stroke without points": (PromptError, lambda s: s.stroke([])),
    "stroke with NaN": (PromptError, lambda s: s.stroke([(5, 5), (NAN, 5)])),
    "choice beyond the list": (PromptError, lambda s: s.choose(99)),
    "choice below zero": (PromptError, lambda s: s.choose(-1)),
    "choice between two": (PromptError, lambda s: s.choose(0.5)),  # type: ignore[arg-type]
    "band below zero": (PromptError, lambda s: s.set_band(-0.1)),
    "band too wide": (PromptError, lambda s: s.set_band(11)),
    "band of NaN": (PromptError, lambda s: s.set_band(NAN)),
    "mask of another size": (MaskError, lambda s: s.use_mask(np.ones((HEIGHT, WIDTH + 1), bool))),
    "mask in colour": (MaskError, lambda s: s.use_mask(np.ones((HEIGHT, WIDTH, 3), bool))),
    "mask turned": (MaskError, lambda s: s.use_mask(np.ones((WIDTH, HEIGHT), bool))),
    "mask that is empty": (MaskError, lambda s: s.use_mask(np.zeros((HEIGHT, WIDTH), bool))),
    "trimap of another size": (TrimapError, lambda s: s.use_trimap(np.ones((5, 5), np.uint8))),
    "trimap of floats": (TrimapError, lambda s: s.use_trimap(soft())),  # type: ignore[arg-type]
    "trimap without foreground": (
        TrimapError,
        lambda s: s.use_trimap(np.where(disc() > 0, 128, 0).astype(np.uint8)),
    ),
    "trimap without background": (
        TrimapError,
        lambda s: s.use_trimap(np.where(disc() > 0, 255, 128).astype(np.uint8)),
    ),
    "alpha of another size": (MaskError, lambda s: s.use_alpha(np.ones((5, 5), np.float32))),
    "alpha that is empty": (MaskError, lambda s: s.use_alpha(np.zeros((HEIGHT, WIDTH), "f4"))),
    "alpha of NaN": (MaskError, lambda s: s.use_alpha(np.full((HEIGHT, WIDTH), NAN, "f4"))),
    "alpha with one NaN": (
        MaskError,
        lambda s: s.use_alpha(np.where(np.indices((HEIGHT, WIDTH)).sum(0) == 9, NAN, soft())),
    ),
    "alpha from 0 to 255": (MaskError, lambda s: s.use_alpha(disc() // 2)),  # type: ignore[arg-type]
}


@pytest.fixture(scope="module")
def busy(chelsea: RGB) -> Session:
    """A session with a subject that has prompts and a choice, one that was given, and a redo."""
    session = Session(chelsea)
    given = session.subject("given")
    given.use_mask(disc((220, 60), 20))
    cat = session.subject("cat")
    cat.click(*CAT)
    cat.choose(1)
    cat.set_band(2)
    session.undo()
    return session


@pytest.mark.parametrize(("error", "edit"), FAILING.values(), ids=FAILING.keys())
def test_an_edit_that_fails_changes_nothing(
    busy: Session, error: type[PickmatteError], edit: Callable[[Subject], object]
) -> None:
    before, seen = known(busy), masks(busy)
    for subject in busy.subjects:
        with pytest.raises(error) as caught:
            edit(subject)
        text = str(caught.value)
        assert text.endswith(".")
        assert "\n" not in text
    assert busy.can_redo
    assert known(busy) == before
    assert same(masks(busy), seen)


def test_a_first_drop_says_nothing_of_what_to_keep(session: Session) -> None:
    subject = session.subject()
    before = known(session)
    with pytest.raises(PromptError):
        subject.click(10, 10, keep=False)
    with pytest.raises(PromptError):
        subject.stroke([(10, 10), (20, 20)], keep=False)
    assert known(session) == before


def test_nothing_is_cut_out_before_a_prompt(session: Session, tmp_path: Path) -> None:
    with pytest.raises(MaskError):
        session.cutout()
    subject = session.subject("shy")
    for layer in ("mask", "trimap", "alpha", "foreground"):
        with pytest.raises(MaskError, match=r"'shy'.*click on it"):
            getattr(subject, layer)
    with pytest.raises(MaskError):
        subject.preview()
    with pytest.raises(MaskError):
        session.save(tmp_path / "out.png")
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_cannot_be_written_leaves_no_file(
    cat: Subject, session: Session, tmp_path: Path
) -> None:
    for name in ("out.gif", "missing/out.png"):
        with pytest.raises(ExportError):
            session.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong", [np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5, 2), np.uint8), np.zeros((5, 5, 3))]
)
def test_what_is_no_picture_opens_no_session(wrong: NDArray[Any]) -> None:
    with pytest.raises(PictureError):
        Session(wrong)


def test_unknown_models_are_refused_at_once(chelsea: RGB) -> None:
    with pytest.raises(UnknownModel, match="no segmenter model named 'nope'"):
        Session(chelsea, segmenter="nope")
    with pytest.raises(UnknownModel, match="no matting model named 'nope'"):
        Session(chelsea, matting="nope")


# Recipes


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


# Sessions beside each other


class Counting:
    """The real segmenter, and how often it was asked to look at a picture."""

    def __init__(self, real: Segmenter) -> None:
        self.name, self.grid, self.device = real.name, real.grid, real.device
        self.encoded: list[tuple[int, ...]] = []
        self._real = real

    def encode(self, rgb: RGB) -> Embedding:
        self.encoded.append(rgb.shape)
        return self._real.encode(rgb)

    def decode(
        self,
        embedding: Embedding,
        points: NDArray[np.float32] | Sequence[Sequence[float]] = (),
        labels: NDArray[np.int_] | Sequence[int] = (),
        *,
        box: Sequence[float] | None = None,
        mask: Logits | None = None,
    ) -> Candidates:
        return self._real.decode(embedding, points, labels, box=box, mask=mask)


def fresh(chelsea: RGB, mark: int) -> RGB:
    """The cat with one pixel that no other test has: nothing of it is in any cache."""
    rgb = np.array(chelsea)
    rgb[0, 0] = (mark, 255 - mark, 77)
    return rgb


def test_the_same_picture_is_looked_at_once(segmenter: Segmenter, chelsea: RGB) -> None:
    spy = Counting(segmenter)
    rgb = fresh(chelsea, 1)
    for x in (150, 100):
        session = Session(rgb.copy(), segmenter=spy)
        subject = session.subject()
        subject.click(x, 100)
        subject.click(x + 50, 120)
        session.undo()
        session.redo()
        _ = subject.mask
        _ = subject.alpha
    assert spy.encoded == [rgb.shape]


def test_the_same_picture_in_two_threads_is_looked_at_once(
    segmenter: Segmenter, chelsea: RGB
) -> None:
    spy = Counting(segmenter)
    rgb = fresh(chelsea, 2)
    together = threading.Barrier(2)

    def visit(_: int) -> NDArray[np.bool_]:
        subject = Session(rgb.copy(), segmenter=spy).subject()
        together.wait(10)
        subject.click(*CAT)
        return subject.mask

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(visit, range(2))
    assert spy.encoded == [rgb.shape]
    np.testing.assert_array_equal(one, two)


def test_another_picture_is_another_look(segmenter: Segmenter, chelsea: RGB) -> None:
    spy = Counting(segmenter)
    for mark in (3, 4):
        Session(fresh(chelsea, mark), segmenter=spy).subject().click(*CAT)
    assert len(spy.encoded) == 2


def test_two_pictures_never_share_masks(chelsea: RGB, coffee: RGB) -> None:
    """The same clicks in sessions that take turns, and in sessions that are alone."""

    def work(session: Session) -> Callable[[], list[NDArray[np.bool_]]]:
        subject = session.subject("it")
        seen: list[NDArray[np.bool_]] = []

        def click() -> list[NDArray[np.bool_]]:
            x, y = ((130, 100), (40, 30), (200, 150))[len(seen)]
            subject.click(x, y)
            seen.append(subject.mask.copy())
            return seen

        return click

    cup = coffee[: chelsea.shape[0] - 1, : chelsea.shape[1]]
    cat = chelsea[: cup.shape[0], : cup.shape[1]]  # the same size: only pixels tell them apart
    turns = [work(Session(cat)), work(Session(cup))]
    for _ in range(3):
        mixed = [click() for click in turns]
    for rgb, seen in zip((cat, cup), mixed, strict=True):
        click = work(Session(rgb))
        for _ in range(3):
            alone = click()
        assert same(alone, seen)
    assert not same(*mixed)


def test_a_subject_of_another_session_is_refused(chelsea: RGB, coffee: RGB) -> None:
    session, other = Session(chelsea), Session(coffee)
    session.subject().use_mask(disc())
    stranger = other.subject()
    stranger.use_mask(np.ones(other.size, bool))
    with pytest.raises(PickmatteError):
        session.cutout([stranger])


def test_sessions_in_threads_do_not_mix(chelsea: RGB) -> None:
    masks_alone = []
    for x in (60, 150, 240):
        subject = Session(chelsea).subject()
        subject.click(x, 100)
        masks_alone.append(subject.mask.copy())

    def visit(x: int) -> NDArray[np.bool_]:
        subject = Session(chelsea).subject()
        subject.click(x, 100)
        return subject.mask

    with ThreadPoolExecutor(3) as pool:
        assert same(list(pool.map(visit, (60, 150, 240))), masks_alone)


# Pictures of every kind


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2000)])
def test_tiny_pictures_go_the_whole_way(size: tuple[int, int], tmp_path: Path) -> None:
    """Each step gives a result or says in a sentence why not."""
    height, width = size
    rgb = np.full((height, width, 3), (200, 30, 30), np.uint8)
    rgb[:, width // 2 :] = (20, 30, 200)
    session = Session(rgb)
    subject = session.subject()
    edits: list[Callable[[], object]] = [
        lambda: subject.click(0, 0),
        lambda: subject.click(width - 0.5, height - 0.5, keep=False),
        lambda: subject.box(0, 0, width, height),
        lambda: subject.stroke([(0, 0), (width - 1, height - 1)]),
        lambda: subject.use_mask(np.ones((height, width), bool)),
    ]
    for edit in edits:
        before = known(session)
        try:
            edit()
        except PickmatteError:
            assert known(session) == before
            continue
        assert subject.mask.shape == subject.trimap.shape == subject.alpha.shape == size
        assert np.isfinite(subject.alpha).all()
        assert session.cutout().shape == (*size, 4)
        assert subject.preview(16).shape[2] == 4
    assert session.save(tmp_path / "out.png").is_file()


def test_everything_and_one_pixel_are_masks(session: Session) -> None:
    subject = session.subject()
    subject.use_mask(np.ones((HEIGHT, WIDTH), bool))
    assert subject.alpha.mean() > 0.95
    dot = np.zeros((HEIGHT, WIDTH), bool)
    dot[50, 60] = True
    subject.use_mask(dot)
    assert subject.alpha[50, 60] > 0
    assert subject.alpha.sum() < 100
    subject.click(*CAT)
    assert subject.mask[CAT[1], CAT[0]]


def test_a_faint_alpha_has_no_sure_mask(session: Session) -> None:
    subject = session.subject()
    subject.use_alpha(np.full((HEIGHT, WIDTH), 0.2, np.float32))
    assert not subject.mask.any()
    assert (session.cutout()[..., 3] == 51).all()
    before = known(session)
    try:
        subject.click(*CAT)
    except PickmatteError:
        assert known(session) == before
    else:
        assert subject.mask[CAT[1], CAT[0]]


def test_grey_pictures_work(chelsea: RGB) -> None:
    session = Session(cv2.cvtColor(chelsea, cv2.COLOR_RGB2GRAY))
    subject = session.subject()
    subject.click(*CAT)
    assert subject.mask[CAT[1], CAT[0]]
    rgba = session.cutout()
    sure = subject.alpha == 1
    assert (rgba[sure][:, 0] == rgba[sure][:, 2]).all()


def test_deep_pictures_give_deep_cut_outs(chelsea: RGB) -> None:
    deep = (chelsea.astype(np.uint16) * 257 + 3 * (chelsea < 250)).astype(np.uint16)
    session = Session.open(deep_file(deep, ".png"))
    subject = session.subject()
    subject.use_mask(disc())
    rgba = session.cutout(bits=16)
    assert rgba.dtype == np.uint16
    sure = subject.alpha == 1
    np.testing.assert_array_equal(rgba[sure][:, :3], deep[sure])
    assert (rgba[sure][:, 3] == 65535).all()
    assert session.cutout().dtype == np.uint8
    plain = Session(chelsea)
    plain.subject().use_mask(disc())
    np.testing.assert_array_equal(
        plain.cutout(bits=16)[sure][:, :3], chelsea[sure].astype(np.uint16) * 257
    )


def test_a_depth_there_is_not_is_refused(session: Session, cat: Subject) -> None:
    with pytest.raises((PickmatteError, ValueError)):
        session.cutout(bits=12)


def test_what_was_transparent_stays_transparent(chelsea: RGB) -> None:
    rgba = np.dstack([chelsea, np.full((HEIGHT, WIDTH), 255, np.uint8)])
    rgba[:, :150, 3] = 0
    rgba[:, 150:160, 3] = 100
    session = Session(rgba)
    session.subject().use_mask(disc())
    alpha = session.cutout()[..., 3]
    assert not alpha[:, :150].any()
    assert (alpha[90:110, 150:160] == 100).all()
    assert (alpha[90:110, 165:190] == 255).all()


def test_another_matting_makes_other_alphas_and_is_no_edit(session: Session) -> None:
    subject = session.subject()
    subject.click(*CAT)
    mask, alpha = subject.mask, subject.alpha
    steps = session.can_undo
    session.use_matting("closed-form")
    assert session.matting == "closed-form"
    assert session.can_undo == steps
    assert subject.mask is mask, "what does not depend on it is kept"
    assert (subject.alpha != alpha).any()
    session.use_matting("auto")
    assert session.matting == models.choose_matting("auto")
    assert session.recipe()["matting"] == session.matting
    with pytest.raises(UnknownModel):
        session.use_matting("cosmic")


def test_a_snapshot_can_be_told_to_stop(session: Session) -> None:
    session.subject().click(*CAT)
    shot = session.snapshot(cancelled=lambda: True)
    with pytest.raises(Cancelled):
        shot.cutout()
    assert session.cutout().shape == (HEIGHT, WIDTH, 4)
