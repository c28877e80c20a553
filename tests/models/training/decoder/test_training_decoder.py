"""The decoder's network, its training on a handful of views, and its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage import data

from pickmatte.models import weights
from pickmatte.models.protocols import Segmenter
from pickmatte.models.segmenters.onnx_sam import OnnxSam
from pickmatte.models.weights import catalogue

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
pytest.importorskip("segment_anything", reason="needs pip install 'pickmatte[torch]'")

from pickmatte.models.training.decoder import photos, train  # noqa: E402
from pickmatte.models.training.decoder.export import export  # noqa: E402
from pickmatte.models.training.decoder.judge import judge  # noqa: E402
from pickmatte.models.training.decoder.network import Decoder, numbers_of  # noqa: E402
from pickmatte.models.training.decoder.pool import Pool, fill  # noqa: E402
from pickmatte.models.training.decoder.views import whole_of  # noqa: E402


def as_it_comes() -> Decoder:
    return Decoder(numbers_of(weights.files("mobile-sam")["decoder.onnx"]))


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    """The cup of a sample photo, seen once, as the encoder sees it."""
    folder = tmp_path_factory.mktemp("people")
    Image.fromarray(data.coffee()).save(folder / "coffee.jpg")
    rows, columns = np.ogrid[:400, :600]
    cup = ((columns - 310) / 170) ** 2 + ((rows - 190) / 150) ** 2 < 1
    Image.fromarray(cup.astype(np.uint8)).save(folder / "coffee.png")
    (photo,) = photos.people(folder)
    every = [whole_of(photo)]
    fill(folder / "pool", every, lambda line: None)
    fill(folder / "pool", every, lambda line: pytest.fail("it is there already"))
    return Pool(folder / "pool")


def test_the_pool_gives_what_was_seen(pool: Pool, segmenter: Segmenter) -> None:
    (view,) = (pool[place] for place in range(len(pool)))
    seen = segmenter.encode(np.asarray(Image.open(pool.folder.parent / "coffee.jpg")))
    assert np.abs(view.embedding - seen.features[0][0]).max() < 0.01
    assert view.masks.shape == (1, 171, 256)
    assert view.masks[0, 80, 130]
    assert view.salience.shape == (171, 256)
    assert view.categories == (photos.PERSON,)


def test_training_brings_the_first_click_nearer_to_the_thing(pool: Pool, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    decoder = as_it_comes()
    before = judge(decoder, [pool], pool[0].fold)["people"]
    trained = train.train([pool], decoder, 12, tmp_path, without=None, tell=told.append)
    after = judge(trained, [pool], pool[0].fold)["people"]
    assert after["random@1"] >= before["random@1"]
    assert after["central 0"] > before["central 0"] - 0.01
    assert told[-1]["step"] == 12
    assert (tmp_path / "average.pt").exists()
    assert after != before, "it learned something"


def test_a_fold_that_is_left_out_is_not_trained_on(pool: Pool, tmp_path: Path) -> None:
    places = train.places_of([pool], without=pool[0].fold)
    assert not any(places.values())
    assert train.places_of([pool], without=None)["people"] == [(0, 0)]


def test_the_file_answers_as_the_network_does(pool: Pool, tmp_path: Path) -> None:
    decoder = as_it_comes()
    path = tmp_path / "whole.onnx"
    export(decoder, path)
    assert path.stat().st_size < 9_000_000
    model = catalogue.find("mobile-sam")
    exported = OnnxSam("a", weights.files(model)["encoder.onnx"], path, model.takes, "cpu")
    embedding = exported.encode(data.coffee())
    found = exported.decode(embedding, [(300, 200)], [1])
    original = OnnxSam("b", *weights.files(model).values(), model.takes, "cpu")
    same = original.decode(embedding, [(300, 200)], [1])
    assert np.abs(found.scores - same.scores).max() < 0.01, "float16 numbers"
    assert ((found.logits > 0) != (same.logits > 0)).mean() < 0.002
