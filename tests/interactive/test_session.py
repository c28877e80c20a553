"""A session: from prompts to layers and cut-outs."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photographed import CAT, HEIGHT, WIDTH, disc

from pickmatte import Box, Click, Session, Stroke, Subject
from pickmatte.models.errors import MaskError
from pickmatte.models.protocols import RGB


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
