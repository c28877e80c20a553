"""From prompts to masks, with the real weights on real photos."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from skimage import data

from pickmatte import PickmatteError, Session
from pickmatte.interactive.masks.zoom import window_for
from pickmatte.models.geometry.masks import mask_iou

ASTRONAUT = (230, 300)  # on the suit


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()


def test_a_click_on_the_suit_takes_the_person(astronaut: np.ndarray) -> None:
    subject = Session(astronaut).subject()
    subject.click(*ASTRONAUT)
    mask = subject.mask
    assert mask[120, 210]  # her face
    assert mask[300, 230]
    assert not mask[100, 420]  # the shuttle behind her
    assert 0.3 < mask.mean() < 0.75


def test_candidates_are_distinct_and_best_first(astronaut: np.ndarray) -> None:
    subject = Session(astronaut).subject()
    subject.click(*ASTRONAUT)
    candidates = subject.candidates
    assert 2 <= len(candidates) <= 5
    assert list(candidates) == sorted(candidates, key=lambda one: -one.score)
    for n, one in enumerate(candidates):
        assert all(mask_iou(one.inside, other.inside) < 0.95 for other in candidates[:n])


def test_later_clicks_hold(astronaut: np.ndarray) -> None:
    subject = Session(astronaut).subject()
    subject.click(*ASTRONAUT)
    before = subject.mask
    subject.click(420, 60, keep=False)  # the shuttle, which was not taken anyway
    assert not subject.mask[60, 420]
    assert mask_iou(before, subject.mask) > 0.9  # what was right stays right


def test_the_chosen_candidate_is_what_the_next_click_refines(astronaut: np.ndarray) -> None:
    first, second = Session(astronaut).subject(), Session(astronaut).subject()
    for subject in (first, second):
        subject.click(*ASTRONAUT)
    last = len(first.candidates) - 1
    first.choose(last)
    taken = first.mask
    for subject in (first, second):
        subject.click(210, 120)
    assert mask_iou(first.mask, taken) != mask_iou(second.mask, taken)


def test_a_box_takes_what_fills_it() -> None:
    cat = Session(data.chelsea()).subject()
    cat.box(60, 10, 400, 299)
    assert cat.mask[150, 200]
    assert not cat.mask[:, :30].any()


def test_a_stroke_over_the_person_is_like_clicks_on_her(astronaut: np.ndarray) -> None:
    clicked, drawn = Session(astronaut).subject(), Session(astronaut).subject()
    clicked.click(*ASTRONAUT)
    drawn.stroke([(210, 130), (215, 250), (240, 400)])
    assert mask_iou(clicked.mask, drawn.mask) > 0.85


def test_only_what_to_drop_is_no_subject(astronaut: np.ndarray) -> None:
    session = Session(astronaut)
    subject = session.subject()
    with pytest.raises(PickmatteError, match="Point at the subject first"):
        subject.click(10, 10, keep=False)
    assert subject.prompts == ()


@pytest.fixture(scope="module")
def small_subject() -> tuple[np.ndarray, np.ndarray]:
    """The astronaut at her full 512 pixels in a calm picture of 12 MP, and where she is."""
    photo = np.full((3000, 4000, 3), 90, np.uint8)
    photo += np.random.default_rng(0).integers(0, 9, photo.shape, np.uint8)
    photo[1200:1712, 2500:3012] = data.astronaut()
    return photo, np.array([2500, 1200])


def test_a_small_subject_is_seen_through_a_window_of_its_own(
    small_subject: tuple[np.ndarray, np.ndarray],
) -> None:
    photo, corner = small_subject
    x, y = corner + ASTRONAUT
    subject = Session(photo).subject()
    subject.click(int(x), int(y))
    coarse = subject.candidates[subject.chosen]
    window = window_for(coarse)
    assert window is not None
    assert max(window[2] - window[0], window[3] - window[1]) < 1500
    mask = subject.mask  # the closer look
    # A closer look has cells of a few pixels, the whole picture's are 16: the outline shows it.
    assert 0 < (mask ^ coarse.mask).mean() < 0.01
    assert mask_iou(mask, coarse.mask) > 0.75
    assert mask[1200 + 120, 2500 + 210]


def test_a_picture_that_fits_the_encoder_is_never_looked_at_twice(astronaut: np.ndarray) -> None:
    subject = Session(astronaut).subject()
    subject.click(*ASTRONAUT)
    assert all(window_for(one) is None for one in subject.candidates)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (3, 1500), (9, 9)])
def test_the_smallest_pictures_work_or_say_why_not(size: tuple[int, int]) -> None:
    subject = Session(np.full((*size, 3), 128, np.uint8)).subject()
    # What cannot be told from the picture is a sentence; any other error fails here.
    with suppress(PickmatteError):
        subject.click(0, 0)
        assert subject.alpha.shape == size


def test_a_click_that_no_mask_heeds_turns_what_is_under_it() -> None:
    """On a plain disc there is nothing to tell its rim by."""
    rgb = np.full((300, 400, 3), 205, np.uint8)
    rows, columns = np.ogrid[:300, :400]
    disc = np.hypot(rows - 150, columns - 200) < 80
    rgb[disc] = 200, 30, 40
    subject = Session(rgb).subject()
    subject.click(200, 150)
    subject.click(140, 150, keep=False)
    assert not subject.mask[150, 140]
    assert subject.mask[150, 200]
    assert mask_iou(subject.mask, disc) > 0.5
