from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pickmatte.models.training.decoder import photos
from pickmatte.models.training.decoder.pool import on_grid
from pickmatte.models.training.decoder.views import views, whole_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A photo of a square beside a small disc, and one of a person in two parts."""
    labels = np.zeros((120, 160), np.uint8)
    labels[30:90, 20:80] = 1
    labels[50:60, 120:130] = 2
    Image.fromarray(labels).save(tmp_path / "a.png")
    Image.fromarray(np.dstack([labels * 100] * 3)).save(tmp_path / "a.jpg")
    item = {
        "image": "a.jpg",
        "labels": "a.png",
        "instances": [{"value": 1, "category": "box"}, {"value": 2, "category": "ball"}],
    }
    (tmp_path / "objects.json").write_text(json.dumps({"items": [item]}))
    (tmp_path / "people").mkdir()
    labels[30:60] *= 7
    Image.fromarray(labels).save(tmp_path / "people" / "b.png")
    Image.fromarray(np.dstack([labels] * 3)).save(tmp_path / "people" / "b.jpg")
    return tmp_path


def test_an_object_photo_is_seen_whole_mirrored_and_around_what_is_large(folder: Path) -> None:
    (photo,) = photos.objects(folder)
    whole, mirrored, *closer = views(photo, np.random.default_rng(0))
    assert [thing.category for thing, _ in whole.things()] == ["box", "ball"]
    assert np.array_equal(mirrored.things()[0][1], whole.things()[0][1][:, ::-1])
    assert mirrored.rgb().shape == whole.rgb().shape
    assert len(closer) == 2, "the ball is too small"
    for view in closer:
        (thing, mask), *_ = view.things()
        assert thing.category == "box"
        assert mask.shape == view.rgb().shape[:2]
        assert mask.sum() == 60 * 60
        assert mask.mean() > 0.14


def test_all_labels_of_a_person_are_the_person(folder: Path) -> None:
    (photo,) = photos.people(folder / "people")
    view = whole_of(photo)
    ((thing, mask),) = view.things()
    assert thing.category == photos.PERSON
    assert mask.sum() == 60 * 60 + 10 * 10


def test_a_photo_is_always_of_the_same_fold(folder: Path) -> None:
    (photo,) = photos.objects(folder)
    assert photo.fold == photos.objects(folder)[0].fold
    assert 0 <= photo.fold < photos.FOLDS


def test_a_mask_on_the_grid_keeps_its_proportions() -> None:
    mask = np.zeros((300, 600), bool)
    mask[:, :300] = True
    small = on_grid(mask)
    assert small.shape == (128, 256)
    assert small[:, :128].all()
    assert not small[:, 128:].any()
