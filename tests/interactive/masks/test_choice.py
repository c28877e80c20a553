from __future__ import annotations

import numpy as np
import pytest

from pickmatte.interactive.edits.prompts import Box
from pickmatte.interactive.masks.candidate import Candidate, logits_of_mask
from pickmatte.interactive.masks.choice import distinct, rank, rank_in_box, salience_of
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import RGB, Alpha

SIZE = (200, 300)


def candidate(x0: int, y0: int, x1: int, y1: int, score: float = 0.9) -> Candidate:
    mask = np.zeros(SIZE, bool)
    mask[y0:y1, x0:x1] = True
    return Candidate(logits_of_mask(mask), (0, 0, SIZE[1], SIZE[0]), SIZE, score)


part, whole, group = (
    candidate(130, 60, 170, 100),
    candidate(120, 40, 180, 170),
    candidate(2, 2, 298, 198),
)


class Spotlight:
    """A salient network that sees one rectangle of a picture painted white."""

    name = "spotlight"

    def saliency(self, rgb: RGB) -> Alpha:
        return (rgb[..., 0] > 127).astype(np.float32)


def test_the_whole_is_meant_rather_than_its_part_or_the_group() -> None:
    ranked = rank([part, whole, group], [0.5, 0.5, 0.5])
    assert mask_iou(ranked[0].inside, whole.inside) == 1


def test_a_far_better_score_still_wins() -> None:
    better = candidate(130, 60, 170, 100, score=1.2)
    assert rank([better, whole, group], [0.5, 0.5, 0.5])[0].box == better.box


def test_salience_tells_which_candidate_stands_out() -> None:
    rgb = np.zeros((*SIZE, 3), np.uint8)
    rgb[40:170, 120:180] = 255
    found = salience_of([part, whole, group], rgb, Spotlight())
    assert found[1] > 0.95
    assert found[0] < 0.4
    assert found[2] < 0.4


def test_salience_is_measured_in_pixels_of_the_picture_at_any_size() -> None:
    size = (2000, 3000)
    mask = np.zeros(size, bool)
    mask[400:1700, 1200:1800] = True
    big = Candidate(logits_of_mask(mask), (0, 0, 3000, 2000), size, 0.9)
    rgb = np.zeros((*size, 3), np.uint8)
    rgb[mask] = 255
    assert salience_of([big], rgb, Spotlight())[0] > 0.9


def test_a_box_takes_the_candidate_that_fills_it() -> None:
    ranked = rank_in_box([part, whole, group], Box(118, 38, 182, 172))
    assert ranked[0].box == whole.box


def test_near_copies_and_empty_masks_are_left_out() -> None:
    empty = candidate(0, 0, 0, 0)
    copy = candidate(120, 40, 181, 170)
    kept = distinct([whole, copy, empty, part])
    assert [one.box for one in kept] == [whole.box, part.box]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_where_all_are_empty_one_is_left(count: int) -> None:
    assert len(distinct([candidate(0, 0, 0, 0)] * count)) == 1
