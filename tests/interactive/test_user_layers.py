"""Masks, trimaps and alphas that the user brings, and arrays that are handed out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making import deep_file, saved
from numpy.typing import NDArray
from photographed import CAT, disc, give, ring, soft
from PIL import Image

from pickmatte import Session, Subject
from pickmatte.interactive.edits.state import UserLayer
from pickmatte.interactive.pictures.picture import mask_from_array, open_alpha, open_mask
from pickmatte.models.errors import MaskError


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


# One rule for masks, whichever way they come: at least half white is the subject

SOFT = np.array([[0, 1, 100, 127, 128, 200, 255]] * 2, np.uint8)
HALF = [[False, False, False, False, True, True, True]] * 2


def ways(values: NDArray[np.uint8], folder: Path) -> dict[str, Any]:
    """The same soft mask in every way that it can be brought along."""
    path = folder / "mask.png"
    path.write_bytes(saved(values, "PNG"))
    deep = values.astype(np.uint16) * np.uint16(257)
    return {
        "uint8": values,
        "int64": values.astype(np.int64),
        "uint16": deep,
        "float32": values.astype(np.float32) / 255,
        "path": path,
        "text": str(path),
        "bytes": path.read_bytes(),
        "file": io.BytesIO(path.read_bytes()),
        "16 bit file": deep_file(deep[..., None], ".png"),
        "PIL": Image.fromarray(values),
        "16 bit PIL": Image.fromarray(deep),
        "float PIL": Image.fromarray(values.astype(np.float32) / 255),
        "RGB PIL": Image.fromarray(values).convert("RGB"),
        "cut-out": Image.merge("LA", [Image.new("L", values.shape[::-1]), Image.fromarray(values)]),
    }


def test_a_soft_mask_is_read_by_one_rule(tmp_path: Path) -> None:
    for way, mask in ways(SOFT, tmp_path).items():
        assert open_mask(mask, (2, 7)).tolist() == HALF, way


def test_zero_and_one_are_a_mask_in_every_integer_type(tmp_path: Path) -> None:
    binary = (SOFT > 100).astype(np.uint8)
    for kind in (bool, np.uint8, np.uint16, np.int64, np.float64):
        assert mask_from_array(binary.astype(kind), (2, 7)).tolist() == (binary > 0).tolist()
    assert open_mask(saved(binary, "PNG"), (2, 7)).tolist() == (binary > 0).tolist()


def test_every_way_is_a_way_of_telling_a_subject(session: Session, tmp_path: Path) -> None:
    subject = session.subject()
    for way, mask in ways(disc(), tmp_path).items():
        subject.use_mask(mask)
        np.testing.assert_array_equal(subject.mask, disc() > 0, err_msg=way)
    for trimap in (Image.fromarray(ring()), saved(ring(), "PNG")):
        subject.use_trimap(trimap)
        np.testing.assert_array_equal(subject.trimap, ring())
    eight = np.rint(soft() * 255).astype(np.uint8)
    deep = eight.astype(np.uint16) * np.uint16(257)
    alphas = eight, deep, eight / 255, (eight / 255).tolist(), Image.fromarray(eight)
    for alpha in (*alphas, io.BytesIO(saved(eight, "PNG"))):
        subject.use_alpha(alpha)
        np.testing.assert_allclose(subject.alpha, eight / 255, atol=1e-6)


@pytest.mark.parametrize("opacity", [255, 254, 200])
def test_opacity_that_tells_nothing_apart_is_not_the_mask(opacity: int) -> None:
    rgba = np.dstack([SOFT, SOFT, SOFT, np.full_like(SOFT, opacity)])
    assert open_mask(saved(rgba, "PNG"), (2, 7)).tolist() == HALF
    np.testing.assert_allclose(open_alpha(saved(rgba, "PNG"), (2, 7)), SOFT / 255, atol=1e-6)
    rgba[:, 0, 3] = 127
    assert open_mask(saved(rgba, "PNG"), (2, 7)).tolist() == [[False] + [True] * 6] * 2


def test_nothing_but_true_and_false_is_a_given_mask() -> None:
    for wrong in (np.full((2, 2), np.nan), np.full((2, 2), 0.5, np.float32)):
        with pytest.raises(MaskError):
            UserLayer("mask", wrong)
