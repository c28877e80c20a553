"""A box around nearly everything means what stands out in it."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from pickmatte import Session
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import Mask

PHOTOS = {"coffee": (data.coffee, (300, 200)), "rocket": (data.rocket, (320, 200))}


def boxed(name: str, inset: float) -> Mask:
    rgb = PHOTOS[name][0]()
    height, width = rgb.shape[:2]
    subject = Session(rgb).subject()
    subject.box(width * inset, height * inset, width * (1 - inset), height * (1 - inset))
    return subject.mask


@pytest.mark.parametrize("inset", [0, 0.02, 0.05, 0.1])
@pytest.mark.parametrize("name", PHOTOS)
def test_it_is_not_the_background(name: str, inset: float) -> None:
    clicked = Session(PHOTOS[name][0]()).subject()
    clicked.click(*PHOTOS[name][1])
    assert mask_iou(boxed(name, inset), clicked.mask) > 0.5


def test_the_others_can_still_be_chosen() -> None:
    subject = Session(data.coffee()).subject()
    subject.box(0, 0, 600, 400)
    taken, *others = (one.inside for one in subject.candidates)
    assert min(mask_iou(taken, other) for other in others) < 0.5
    subject.choose(1)
    assert subject.mask.any()


def test_a_picture_without_anything_keeps_what_the_segmenter_says() -> None:
    rgb = np.full((200, 300, 3), 128, np.uint8)
    subject = Session(rgb).subject()
    subject.box(0, 0, 300, 200)
    assert subject.mask.mean() > 0.9
