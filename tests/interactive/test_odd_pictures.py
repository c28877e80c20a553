"""Pictures of every size, depth and transparency go the whole way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from making import deep_file
from photographed import CAT, HEIGHT, WIDTH, disc, known

from pickmatte import Session, Subject, models
from pickmatte.models.errors import Cancelled, PickmatteError, UnknownModel
from pickmatte.models.protocols import RGB


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
