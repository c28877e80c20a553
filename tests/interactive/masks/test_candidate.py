"""Candidates made of synthetic logits: where in the picture their masks lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pickmatte.interactive.masks.candidate import Candidate, logits_of_mask
from pickmatte.models.geometry.rectangle import Rectangle, bounding_box
from pickmatte.models.protocols import content_size
from pickmatte.models.weights.records import Grid

SIDE = 64


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[int, int], Rectangle]:
    """A picture of any proportions, often odd, and a window in it."""
    height, width = draw(st.tuples(st.integers(1, 700), st.integers(1, 700)))
    x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    if draw(st.booleans()):
        return (height, width), (0, 0, width, height)
    return (height, width), (
        x0,
        y0,
        draw(st.integers(x0 + 1, width)),
        draw(st.integers(y0 + 1, height)),
    )


@st.composite
def patches(draw: st.DrawFn) -> tuple[Candidate, tuple[float, float, float, float]]:
    """A candidate with one rectangle of cells inside, and where that is in the picture."""
    size, window = draw(windows())
    x0, y0, x1, y1 = window
    height, width = content_size((y1 - y0, x1 - x0), SIDE)
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    right, bottom = draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))
    logits = np.full((SIDE, SIDE), -8, np.float32)
    logits[top:bottom, left:right] = 8
    # Padding must not count, whatever a network says there.
    logits[height:], logits[:, width:] = 8, 8
    sx, sy = (x1 - x0) / width, (y1 - y0) / height
    where = (x0 + left * sx, y0 + top * sy, x0 + right * sx, y0 + bottom * sy)
    return Candidate(logits, window, size, 0.5), where


@given(patches())
def test_a_mask_lies_where_its_logits_say(
    case: tuple[Candidate, tuple[float, float, float, float]],
) -> None:
    candidate, (left, top, right, bottom) = case
    mask = candidate.mask
    assert mask.shape == candidate.size
    assert mask.dtype == bool
    x0, y0, x1, y1 = candidate.window
    height, width = candidate.content.shape
    # The outline is somewhere between the middles of the cells on its two sides.
    dx, dy = (x1 - x0) / width, (y1 - y0) / height
    rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]] + 0.5
    within = (columns >= x0) & (columns <= x1) & (rows >= y0) & (rows <= y1)
    deep = (columns > left + dx) & (columns < right - dx) & (rows > top + dy) & (rows < bottom - dy)
    beyond = (
        (columns < left - dx) | (columns > right + dx) | (rows < top - dy) | (rows > bottom + dy)
    )
    assert mask[deep & within].all()
    assert not mask[beyond].any()
    assert not mask[~within].any()


@given(patches())
def test_the_box_is_that_of_the_mask_to_a_cell(
    case: tuple[Candidate, tuple[float, float, float, float]],
) -> None:
    candidate, where = case
    # A patch of a pixel or two lies between the pixels' middles, where ties decide.
    assume(where[2] - where[0] >= 3)
    assume(where[3] - where[1] >= 3)
    box = candidate.box
    assert box is not None
    x0, y0, x1, y1 = candidate.window
    assert x0 <= box[0] <= box[2] <= x1
    assert y0 <= box[1] <= box[3] <= y1
    assert np.abs(np.array(box) - where).max() <= 0.5 + 1e-6
    seen = bounding_box(candidate.mask)
    assume(seen is not None)
    height, width = candidate.content.shape
    reach = np.array([(x1 - x0) / width, (y1 - y0) / height] * 2) + 1
    assert (np.abs(np.array(box) - np.array(seen)) <= reach).all()


def test_nothing_inside_is_an_empty_mask_without_box() -> None:
    logits = np.full((SIDE, SIDE), -1, np.float32)
    logits[48:] = 5  # padding below
    candidate = Candidate(logits, (0, 0, 40, 30), (30, 40), 0.1)
    assert candidate.box is None
    assert not candidate.mask.any()


def test_everything_inside_is_the_whole_window() -> None:
    logits = np.full((SIDE, SIDE), 3, np.float32)
    candidate = Candidate(logits, (10, 5, 37, 28), (50, 60), 0.1)
    expected = np.zeros((50, 60), bool)
    expected[5:28, 10:37] = True
    assert candidate.box == (10, 5, 37, 28)
    np.testing.assert_array_equal(candidate.mask, expected)


def test_a_candidate_is_small_whatever_the_picture() -> None:
    candidate = Candidate(np.zeros((256, 256), np.float32), (0, 0, 9000, 9000), (9000, 9000), 0.1)
    assert candidate.nbytes == 256 * 256 * 5  # logits, and the coarse mask


@given(windows(), st.data())
def test_a_mask_as_a_prompt_is_that_mask_again(
    case: tuple[tuple[int, int], Rectangle], data: st.DataObject
) -> None:
    size, _ = case
    height, width = size
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    mask = np.zeros(size, bool)
    mask[top:bottom, left:right] = True
    grid = Grid(SIDE, data.draw(st.sampled_from(["pad", "stretch"])))
    logits = logits_of_mask(mask, grid)
    assert logits.shape == (SIDE, SIDE)
    assert np.abs(logits).max() < 10.001
    again = Candidate(logits, (0, 0, width, height), size, 1.0, grid.fit).mask
    # They differ by at most the cells along the outline.
    cell = max(1.0, max(size) / SIDE) + 1
    rows, columns = np.mgrid[:height, :width] + 0.5
    near = (
        (np.abs(columns - left) <= cell)
        | (np.abs(columns - right) <= cell)
        | (np.abs(rows - top) <= cell)
        | (np.abs(rows - bottom) <= cell)
    )
    np.testing.assert_array_equal(again[~near], mask[~near])


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 2000)])
def test_tiny_pictures_have_masks(size: tuple[int, int]) -> None:
    height, width = size
    logits = logits_of_mask(np.ones(size, bool))
    assert Candidate(logits, (0, 0, width, height), size, 1.0).mask.all()
