"""Boxes and windows by themselves, then the detector with its real weights on real photos."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pickmatte.models import weights
from pickmatte.models.geometry.boxes import iou, soft_nms
from pickmatte.models.grounders.detectors.coco_detector import COCO, Detector
from pickmatte.models.grounders.detectors.tiling import tiles, whole_within
from pickmatte.models.grounders.english.lexicon import lexicon


@pytest.fixture(scope="module")
def detector() -> Detector:
    found = weights.files("starter")
    return Detector(
        found["frozen_inference_graph.pb"], found["ssd_mobilenet_v2_coco_2018_03_29.pbtxt"]
    )


def boxes(*sides: tuple[float, float, float, float]) -> NDArray[np.float64]:
    return np.array(sides, float).reshape(-1, 4)


def test_iou_of_boxes() -> None:
    found = iou(boxes((0, 0, 10, 10)), boxes((0, 0, 10, 10), (5, 0, 15, 10), (20, 20, 30, 30)))
    assert found.tolist() == [[1.0, pytest.approx(1 / 3), 0.0]]
    assert iou(boxes(), boxes((0, 0, 1, 1))).shape == (0, 1)


def test_several_boxes_of_one_thing_become_one() -> None:
    seen = boxes((0, 0, 100, 100), (4, 0, 104, 100), (300, 0, 400, 100))
    merged, scores = soft_nms(seen, np.array([0.9, 0.9, 0.5]), 0.1)
    assert merged.tolist() == [[2, 0, 102, 100], [300, 0, 400, 100]]
    assert scores.tolist() == [0.9, 0.5]


def test_a_neighbour_that_overlaps_stays_and_a_part_loses_score() -> None:
    seen = boxes((0, 0, 100, 100), (60, 0, 160, 100), (10, 10, 40, 40))
    merged, scores = soft_nms(seen, np.array([0.9, 0.8, 0.8]), 0.1)
    assert len(merged) == 3
    assert 0.7 < scores[1] < 0.8  # an overlap of a quarter is two things
    assert scores[2] < 0.55
    assert soft_nms(boxes(), np.zeros(0), 0.1)[0].shape == (0, 4)


def test_an_upper_half_and_the_whole_are_one_thing() -> None:
    half, whole = (2, 0, 100, 100), (0, 0, 100, 220)
    for first, second in ((half, whole), (whole, half)):
        merged, scores = soft_nms(boxes(first, second), np.array([0.8, 0.7]), 0.1)
        assert merged.round(6).tolist() == [list(whole)]
        assert scores.tolist() == [0.8]
    merged, _ = soft_nms(boxes(half, whole), np.array([0.8, 0.5]), 0.1)
    assert merged.round(6).tolist() == [list(half)]  # the larger may be a group


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_windows_cover_the_picture_and_overlap(height: int, width: int) -> None:
    whole, *parts = tiles((height, width))
    assert whole == (0, 0, width, height)
    for x0, y0, x1, y1 in parts:
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height
    seen = np.zeros((height, width), np.uint8) if height * width < 10**6 else None
    if parts and seen is not None:
        for x0, y0, x1, y1 in parts:
            seen[y0:y1, x0:x1] = 1
        assert seen.all()


def test_what_a_window_cuts_is_told_from_what_the_picture_ends() -> None:
    cut = (60, 0, 160, 100)  # of a picture of 200×100
    found = boxes((60, 20, 90, 80), (80, 0, 140, 100), (130, 20, 160, 80))
    assert whole_within(found, cut, (100, 200)).tolist() == [False, True, False]
    assert whole_within(found, (0, 0, 200, 100), (100, 200)).all()


def test_the_lexicon_speaks_of_labels_that_exist() -> None:
    assert len(COCO) == 80
    labels = weights.files("starter")["efficientnet_labels.txt"].read_text().splitlines()
    names = {line.split(",")[0].strip() for line in labels}
    for meaning in lexicon().things.values():
        assert set(meaning.classes) <= set(COCO)
        assert set(meaning.finer) <= names


def test_the_cat_is_found_where_it_is(detector: Detector, chelsea: NDArray[np.uint8]) -> None:
    best = detector.detect(chelsea)[0]
    assert (best.label, best.score > 0.7) == ("cat", True)
    assert iou(boxes(best.box), boxes((10, 0, 275, 200)))[0, 0] > 0.8


def test_small_things_are_found_in_a_big_picture(
    detector: Detector, chelsea: NDArray[np.uint8]
) -> None:
    picture = np.full((1200, 1800, 3), 200, np.uint8)
    picture[700:900, 300:600] = chelsea
    cats = [thing for thing in detector.detect(picture) if thing.label == "cat"]
    assert cats[0].score > 0.6
    assert iou(boxes(cats[0].box), boxes((310, 700, 575, 900)))[0, 0] > 0.7


def test_a_blank_picture_and_a_tiny_one_hold_nothing(detector: Detector) -> None:
    for size in ((1, 1), (3, 500), (200, 200)):
        found = detector.detect(np.full((*size, 3), 127, np.uint8))
        assert all(thing.score < 0.5 for thing in found)
