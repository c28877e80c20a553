"""Masks, trimaps and alphas that the user brings, and arrays that are handed out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from photographed import CAT, disc, give, ring, soft

from pickmatte import Session, Subject


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
