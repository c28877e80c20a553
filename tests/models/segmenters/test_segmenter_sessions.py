"""Every geometry of segmenters in a session: clicks, mask prompts, boxes, zoom, the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tiny_sam
from click.testing import CliRunner
from loopback import Loopback
from numpy.typing import NDArray
from PIL import Image
from serving import serve

from pickmatte import Session, cli, models
from pickmatte.interactive.cache import ByteCache
from pickmatte.interactive.edits.prompts import Click
from pickmatte.interactive.masks.candidate import Candidate, logits_of_mask
from pickmatte.interactive.masks.phrases.detections import laid_on
from pickmatte.interactive.masks.view import View
from pickmatte.interactive.masks.zoom import closer, window_for
from pickmatte.models.geometry.masks import mask_iou
from pickmatte.models.protocols import upscale

torch = pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
RGB = NDArray[np.uint8]
# Padded; stretched; stretched with another share of the square.
MAKERS: dict[str, Callable[[Path], int]] = {
    "sam-vit-b": tiny_sam.sam,
    "sam2.1-hiera-tiny": tiny_sam.sam2,
    "sam3-tracker": tiny_sam.sam3,
}


@pytest.fixture(scope="module")
def starter() -> tuple[Any, ...]:
    """The starter's networks, loaded before the cache folder is another."""
    return models.load_salient(), models.load_fast_saliency(), models.load_matting("nano")


@pytest.fixture(scope="module")
def photo(chelsea: RGB) -> RGB:
    """The cat at 75, 50, small, as random masks are all edge."""
    return cv2.resize(chelsea, (150, 100)).astype(np.uint8, copy=False)


@pytest.fixture(params=list(MAKERS))
def name(
    request: pytest.FixtureRequest,
    starter: tuple[Any, ...],
    loopback: Loopback,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[str]:
    """A segmenter's name in the catalogue; its files are tiny and random."""
    torch.manual_seed(1)
    serve(request.param, tmp_path, MAKERS[request.param](tmp_path), loopback, monkeypatch)
    yield request.param
    models.unload()


def test_a_session_works_with_it(name: str, photo: RGB) -> None:
    session = Session(photo, segmenter=name)
    cat = session.subject("cat")
    cat.click(75, 50)
    first = cat.mask
    assert first.shape == (100, 150)
    assert first.any()
    grid = models.segmenter_grid(name)
    assert {one.fit for one in cat.candidates} == {grid.fit}
    assert {one.logits.shape for one in cat.candidates} == {(grid.side, grid.side)}
    cat.click(10, 10, keep=False)  # the mask so far is a prompt now
    cat.click(125, 90)
    cat.box(20, 5, 140, 95)
    assert cat.alpha.shape == (100, 150)
    other = session.subject("other")
    other.click(10, 90)
    assert not (cat.mask & other.mask).any()
    assert session.cutout().shape == (100, 150, 4)
    for _ in range(5):
        session.undo()
    np.testing.assert_array_equal(cat.mask, first)
    assert session.device == "cpu"


def test_a_mask_that_is_brought_along_can_be_clicked_on(name: str, photo: RGB) -> None:
    session = Session(photo, segmenter=name)
    cat = session.subject("cat")
    brought = np.zeros((100, 150), bool)
    brought[30:70, 45:105] = True
    cat.use_mask(brought)
    assert session.device is None, "not needed yet"
    assert mask_iou(cat.candidates[0].mask, brought) > 0.7
    cat.click(75, 50)
    assert cat.mask.shape == (100, 150)
    assert session.device == "cpu"


def test_masks_lie_where_the_segmenter_saw_them(name: str, photo: RGB) -> None:
    view = View(photo, "photo", models.load_segmenter(name), ByteCache(1 << 26))
    seen = view.decode(view.whole, [Click(75, 50)], None)
    found = view.segmenter.decode(view.embedding(view.whole), [(75, 50)], [1])
    for one, layer, content in zip(seen, found.logits, found.content, strict=True):
        np.testing.assert_array_equal(one.content, content)
        cubic, linear = one.seen(view.whole, view.size), upscale(layer, view.size, found.fit)
        assert np.corrcoef(cubic.ravel(), linear.ravel())[0, 1] > 0.9


def test_a_closer_look_lies_in_its_window(name: str, photo: RGB) -> None:
    large = cv2.resize(photo, (2400, 1600)).astype(np.uint8, copy=False)
    view = View(large, "large", models.load_segmenter(name), ByteCache(1 << 26))
    small = np.zeros((1600, 2400), bool)
    cv2.circle(small.view(np.uint8), (1500, 500), 200, 1, -1)
    grid = view.segmenter.grid
    candidate = Candidate(logits_of_mask(small, grid), view.whole, view.size, 1.0, grid.fit)
    window = window_for(candidate)
    assert window is not None
    asked: list[Any] = []
    decode = view.segmenter.decode

    class Heard:
        name, grid, device = view.segmenter.name, view.segmenter.grid, "cpu"
        encode = view.segmenter.encode

        def decode(self, *given: Any, **told: Any) -> Any:
            asked.append(told["mask"])
            return decode(*given, **told)

    heard = View(large, "large", Heard(), view.embeddings)  # type: ignore[arg-type]
    closer(heard, candidate, [Click(1500, 500)])
    hint = Candidate(asked[0], window, view.size, 1.0, grid.fit)
    assert mask_iou(hint.mask, candidate.mask) > 0.9


def test_a_grounders_mask_is_laid_on_its_grid(name: str, photo: RGB) -> None:
    view = View(photo, "photo", models.load_segmenter(name), ByteCache(1 << 26))
    seen = view.decode(view.whole, [Click(75, 50)], None)[0]
    slope = np.linspace(-3, 3, 288, dtype=np.float32)[None].repeat(288, 0)  # right of the middle
    laid = replace(seen, logits=laid_on(slope, seen))
    assert laid.logits.shape == seen.logits.shape
    assert not laid.mask[:, :70].any()
    assert laid.mask[:, 80:].all()
    height, width = seen.content.shape
    np.testing.assert_array_equal(laid.logits[height:], seen.logits[height:])
    np.testing.assert_array_equal(laid.logits[:, width:], seen.logits[:, width:])


@pytest.mark.parametrize("name", ["sam2.1-hiera-tiny"], indirect=True)
def test_the_command_gives_what_python_gives(name: str, photo: RGB, tmp_path: Path) -> None:
    path, out = tmp_path / "photo.png", tmp_path / "out.png"
    Image.fromarray(photo).save(path)
    told = ["cut", path, "-o", out, "--click", "75,50", "--drop", "10,10"]
    told += ["--segmenter", name, "--device", "cpu", "--json"]
    done = CliRunner().invoke(cli.main, [str(one) for one in told], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["segmenter"], report["device"]) == (name, "cpu")
    session = Session.open(path, segmenter=name)
    subject = session.subject()
    subject.click(75, 50)
    subject.click(10, 10, keep=False)
    np.testing.assert_array_equal(np.asarray(Image.open(out)), session.cutout())
    scores = [one["score"] for one in report["subjects"][0]["candidates"]]
    assert scores == [round(float(one.score), 4) for one in subject.candidates]
