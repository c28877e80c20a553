"""The small U²-Net with its real weights."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pickmatte import models
from pickmatte.models import weights
from pickmatte.models.errors import UnknownModel
from pickmatte.models.inputs import prepare
from pickmatte.models.protocols import Salient
from pickmatte.models.runtime.onnx_runtime import Network
from pickmatte.models.salient.onnx_salient import any_side
from pickmatte.models.weights import catalogue


@pytest.fixture(scope="module")
def salient() -> Salient:
    """The whole look, where the choice among candidates takes a glance."""
    return models.load_salient("u2netp")


def test_the_cat_stands_out(salient: Salient, chelsea: NDArray[np.uint8]) -> None:
    seen = salient.saliency(chelsea)
    assert seen.shape == chelsea.shape[:2]
    assert seen.dtype == np.float32
    assert seen.min() == pytest.approx(0, abs=1e-3)
    assert seen.max() == pytest.approx(1, abs=1e-3)
    assert seen[100, 150] > 0.9  # between its eyes
    assert seen[5, 5] < 0.1
    assert seen[190, 5] < 0.1


def test_the_astronaut_stands_out_and_the_shuttle_behind_does_not(salient: Salient) -> None:
    seen = salient.saliency(data.astronaut())
    assert seen[120, 220] > 0.9  # the face
    assert seen[400, 250] > 0.9  # the suit
    assert seen[20, 420] < 0.3


def test_a_disc_on_a_plain_ground_is_found_where_it_is(salient: Salient) -> None:
    rgb = np.full((240, 400, 3), (90, 120, 140), np.uint8)
    disc = np.zeros((240, 400), np.uint8)
    cv2.circle(disc, (290, 90), 55, 1, -1)
    rgb[disc == 1] = (220, 60, 30)
    seen = salient.saliency(rgb) > 0.5
    assert (seen & (disc == 1)).sum() / (seen | (disc == 1)).sum() > 0.8


def test_a_dark_exposure_shows_the_same_subject(
    salient: Salient, chelsea: NDArray[np.uint8]
) -> None:
    seen, dark = salient.saliency(chelsea), salient.saliency(chelsea // 3)
    assert np.abs(seen - dark).mean() < 0.05


@pytest.mark.parametrize(
    ("size", "value"), [((1, 1), 0), ((1, 77), 255), ((3, 2000), 90), ((500, 2), 0)]
)
def test_tiny_and_flat_pictures_have_a_map(
    salient: Salient, size: tuple[int, int], value: int
) -> None:
    seen = salient.saliency(np.full((*size, 3), value, np.uint8))
    assert seen.shape == size
    assert np.isfinite(seen).all()
    assert seen.min() >= 0
    assert seen.max() <= 1


def test_the_same_name_is_the_same_network() -> None:
    assert models.load_salient("u2netp") is models.load_salient("u2netp") is models.load_salient()


@pytest.mark.parametrize("name", ["u3net", "mobile-sam", ""])
def test_what_is_no_salient_network_is_refused(name: str) -> None:
    with pytest.raises(UnknownModel, match=r"no salient model named .*: u2netp"):
        models.load_salient(name)


@pytest.mark.parametrize("name", ["nano-9", "u2netp", ""])
def test_what_is_no_matting_model_is_refused(name: str) -> None:
    with pytest.raises(UnknownModel, match=r"no matting model named .*: nano, closed-form"):
        models.load_matting(name)


def test_a_glance_sees_what_the_network_sees(chelsea: NDArray[np.uint8]) -> None:
    glance, look = models.load_fast_saliency(), models.load_salient("u2netp")
    assert glance.side < look.side
    assert np.abs(glance.saliency(chelsea) - look.saliency(chelsea)).mean() < 0.12


def test_a_graph_made_for_any_side_gives_the_same_at_its_own() -> None:
    model = catalogue.find("u2netp", "salient")
    path = weights.files(model)["u2netp.onnx"]
    assert model.input is not None
    picture = prepare(
        np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8), model.input
    )
    one, other = (Network(graph, shrinks=True) for graph in (path, any_side(path)))
    feeds = {one.inputs[0]: picture}
    assert np.array_equal(*(net.run(net.outputs[:1], feeds)[0] for net in (one, other)))
