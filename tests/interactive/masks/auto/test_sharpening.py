"""The mask of a share of the map, sharpened by a segmenter that knows only discs."""

from __future__ import annotations

import cv2
import numpy as np
from discs import SIZE, Scene, candidate, disc

from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.edits.state import Step, UserLayer
from pickmatte.interactive.masks.auto.sharpening import sharpened, softly
from pickmatte.interactive.masks.candidate import Candidate


def test_the_segmenters_outline_is_taken_where_it_agrees() -> None:
    thing = disc(32, 32, 14)
    found = sharpened(Scene(thing), disc(32, 32, 15).astype(np.float32), SIZE)
    assert (found.inside == thing).all()
    assert found.layer.kind == "mask"
    (click,) = found.steps
    assert isinstance(click, Click)
    assert thing[int(click.y / 10), int(click.x / 10)]


def test_where_it_makes_something_else_of_it_the_map_is_the_subject() -> None:
    wanted = disc(32, 32, 14).astype(np.float32)
    found = sharpened(Scene(disc(32, 32, 7)), wanted, SIZE)
    assert found.steps == ()
    assert found.layer.kind == "alpha"
    assert (found.inside == disc(32, 32, 14)).all()
    assert (found.layer.pixels[5::10, 5::10] > 0.5)[found.inside].mean() > 0.95


def test_the_segmenter_is_given_the_maps_own_mask() -> None:
    wanted = disc(32, 32, 14).astype(np.float32)
    given: list[UserLayer | None] = []

    def look(steps: tuple[Step, ...], layer: UserLayer | None) -> list[Candidate]:
        given.append(layer)
        return [candidate(wanted > 0)]

    sharpened(look, wanted, SIZE)
    (layer,) = given
    assert layer is not None
    assert (layer.pixels[5::10, 5::10] == (wanted > 0)).mean() > 0.99


def test_a_map_as_an_alpha_is_soft_only_where_it_is_unsure() -> None:
    rows, columns = np.ogrid[:32, :32]
    slope = np.clip(1 + (rows + columns - 31.0) / 8, 0, 1).astype(np.float32)
    alpha = softly(slope, (320, 320))
    assert alpha.dtype == np.float32
    grown = cv2.resize(slope, (320, 320), interpolation=cv2.INTER_CUBIC)
    assert (alpha[grown > 0.6] == 1).all()
    assert (alpha[grown < 0.2] == 0).all()
    assert ((alpha > 0) & (alpha < 1)).any()
    outline = (alpha > 0.5).argmax(1)
    assert np.abs(np.diff(outline[40:200])).max() <= 2  # not the ten pixels of a cell
