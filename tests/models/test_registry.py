"""A new model is one entry, a new family one loader more: both work through every door."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from running import run
from skimage import data, io

from pickmatte import Session, models
from pickmatte.models.errors import DeviceError, UnknownModel
from pickmatte.models.matting.trimaps import FOREGROUND, UNKNOWN
from pickmatte.models.protocols import (
    RGB,
    Alpha,
    Candidates,
    Detection,
    Embedding,
    EncodedPicture,
    Findings,
    TileRules,
    Trimap,
)
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Grid, Model

HEIGHT, WIDTH = 120, 160
BOX = (40, 30, 100, 90)  # what every one of these networks finds


def entry(name: str, role: str, **more: object) -> Model:
    return Model(name, role, f"{name}s", "MIT", "Made for a test.", **more)  # type: ignore[arg-type]


class Boxer:
    """A segmenter to which everything is the box."""

    name, device, grid = "boxer", "cpu", Grid(64)

    def encode(self, rgb: RGB) -> Embedding:
        return Embedding((np.zeros((1, 1), np.float32),), (rgb.shape[0], rgb.shape[1]))

    def decode(self, embedding: Embedding, *told: object, **more: object) -> Candidates:
        scale = 64 / max(embedding.size)
        x0, y0, x1, y1 = (round(side * scale) for side in BOX)
        logits = np.full((1, 64, 64), -8, np.float32)
        logits[0, y0:y1, x0:x1] = 8
        return Candidates(logits, np.ones(1, np.float32), embedding.size)


class Halver:
    """A matting model that gives every unknown pixel one half."""

    name = "halver"
    rules = TileRules(context=1, largest=1 << 30, bytes_per_unknown=1, bytes_per_pixel=1)

    def __init__(self, device: str) -> None:
        self.device = device

    def alpha(self, rgb: RGB, trimap: Trimap) -> Alpha:
        alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
        alpha[trimap == UNKNOWN] = 0.5
        return alpha


class Spotter:
    """A salient network that sees the box."""

    name, fine, side = "spotter", False, 64

    def saliency(self, rgb: RGB) -> Alpha:
        found: Alpha = np.zeros(rgb.shape[:2], np.float32)
        down, across = rgb.shape[0] / HEIGHT, rgb.shape[1] / WIDTH
        x0, y0, x1, y1 = BOX
        found[int(y0 * down) : int(y1 * down), int(x0 * across) : int(x1 * across)] = 1
        return found


class Finder:
    """A grounder that finds the box for any phrase."""

    name = "finder"

    def search(self, rgb: RGB, phrase: str, *, encoded: EncodedPicture | None = None) -> Findings:
        x0, y0, x1, y1 = map(float, BOX)
        return Findings((Detection((x0, y0, x1, y1), phrase, 0.9, "It is the box."),))

    def find(self, rgb: RGB, phrase: str) -> list[Detection]:
        return list(self.search(rgb, phrase).hits)


@pytest.fixture
def added() -> Iterator[None]:
    """One new model of each role, each of a family of its own."""
    before = catalogue.MODELS
    models.register(entry("boxer", "segmenter", grid=Grid(64)), lambda model, device: Boxer())
    models.register(entry("halver", "matting"), lambda model, device: Halver(device))
    models.register(entry("spotter", "salient"), lambda model, device: Spotter())
    models.register(entry("finder", "grounder"), lambda model, device: Finder())
    yield
    for name in ("boxer", "halver", "spotter", "finder"):
        catalogue.remove(name)
        models.unload(name)
    assert before == catalogue.MODELS


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    io.imsave(tmp_path / "photo.png", data.chelsea()[:HEIGHT, :WIDTH], check_contrast=False)
    return tmp_path / "photo.png"


def test_through_a_session(added: None, photo: Path) -> None:
    session = Session.open(photo, segmenter="boxer", matting="halver", grounder="finder")
    subject = session.subject()
    subject.say("the box")
    assert subject.mask[60, 70]
    assert not subject.mask[10, 10]
    assert set(np.unique(subject.alpha)) == {0, 0.5, 1}
    (evident,) = Session.open(photo, segmenter="boxer", matting="halver").auto("spotter")
    assert evident.mask[60, 70]


def test_through_the_command_line(added: None, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    chosen = ("--segmenter", "boxer", "--matting", "halver")
    told = ("--say", "the box", "--grounder", "finder")
    assert run("cut", photo, "-o", out, *chosen, *told).exit_code == 0
    assert set(np.unique(io.imread(out)[..., 3])) == {0, 128, 255}
    assert "finder" in run("models", "list").stdout
    assert run("auto", photo, "-o", out, "--model", "spotter").exit_code == 0
    assert "the box" in run("find", photo, "the box", "--grounder", "finder").stdout


def test_each_device_has_a_network_of_its_own(added: None) -> None:
    on_cpu, on_mps = models.load_matting("halver", "cpu"), models.load_matting("halver", "MPS")
    assert isinstance(on_mps, Halver)
    assert on_mps.device == "mps"
    assert models.load_matting("halver", "cpu") is on_cpu is not on_mps
    with pytest.raises(DeviceError, match="no device"):
        models.load_matting("halver", "toaster")


@pytest.mark.parametrize("role", ["segmenter", "matting", "salient", "grounder"])
def test_a_family_that_nothing_loads_is_an_error(role: str) -> None:
    stranger = entry("stranger", role)
    with pytest.raises(UnknownModel, match="Nothing here loads stranger"):
        models.register(stranger)
    assert "stranger" not in catalogue.names()


def test_an_entry_of_a_known_family_needs_no_loader() -> None:
    models.register(replace(catalogue.find("closed-form"), name="levin"))
    try:
        assert models.load_matting("levin").alpha is not None
        with pytest.raises(UnknownModel, match="already"):
            models.register(replace(catalogue.find("nano"), name="levin"))
    finally:
        catalogue.remove("levin")
        models.unload("levin")


def test_threads_that_ask_at_once_get_one_network() -> None:
    made: list[object] = []

    def loader(model: Model, device: str) -> object:
        made.append(Halver(device))
        return made[-1]

    models.register(entry("halver", "matting"), loader)
    try:
        found: list[object] = []
        threads = [
            threading.Thread(target=lambda: found.append(models.load_matting("halver")))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 1
        assert all(one is made[0] for one in found)
    finally:
        catalogue.remove("halver")
        models.unload("halver")
