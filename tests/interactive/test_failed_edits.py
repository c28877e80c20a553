"""An edit or a result that fails says why and changes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from photographed import CAT, HEIGHT, WIDTH, disc, known, masks, same, soft

from pickmatte import Session, Subject
from pickmatte.models.errors import (
    ExportError,
    MaskError,
    PickmatteError,
    PictureError,
    PromptError,
    TrimapError,
    UnknownModel,
)
from pickmatte.models.protocols import RGB

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
    "alpha from 0 to 255": (MaskError, lambda s: s.use_alpha(disc().astype(np.float32))),
    "alpha of text": (MaskError, lambda s: s.use_alpha(np.full((HEIGHT, WIDTH), "a"))),
    "mask of NaN": (MaskError, lambda s: s.use_mask(np.full((HEIGHT, WIDTH), NAN))),
    "mask with one NaN": (
        MaskError,
        lambda s: s.use_mask(np.where(np.indices((HEIGHT, WIDTH)).sum(0) == 9, NAN, soft())),
    ),
    "mask with infinity": (MaskError, lambda s: s.use_mask(np.where(disc() > 0, INF, 0))),
    "mask below zero": (MaskError, lambda s: s.use_mask(disc().astype(int) - 1)),
    "mask of floats to 255": (MaskError, lambda s: s.use_mask(disc().astype(np.float32))),
    "mask of labels past 255": (MaskError, lambda s: s.use_mask(disc().astype(int) * 2)),
    "mask without anything half white": (MaskError, lambda s: s.use_mask(disc() // 3)),
    "mask that is no array": (MaskError, lambda s: s.use_mask(None)),
    "mask file that is none": (PictureError, lambda s: s.use_mask("nowhere.png")),
    "trimap of NaN": (TrimapError, lambda s: s.use_trimap(np.full((HEIGHT, WIDTH), NAN))),
    "choice of NaN": (PromptError, lambda s: s.choose(NAN)),  # type: ignore[arg-type]
    "phrase with NaN": (PromptError, lambda s: s.say("cat", take=NAN)),  # type: ignore[arg-type]
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
