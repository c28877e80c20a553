"""What salient networks take and give, by tiny graphs of which the answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from pickmatte.models.salient.onnx_salient import OnnxSalient, in_unit
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.records import Input, Output

NAMES = catalogue.names("salient")
PLAIN = (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)


def red_of(path: Path, *, scale: float, shift: float, half: bool = False) -> Path:
    """A graph that gives the red channel times `scale` plus `shift`, and a second output of 7s."""
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    number = np.float16 if half else np.float32
    constants = {"scale": scale, "shift": shift, "seven": 7.0, "none": 0.0}
    weights = [
        numpy_helper.from_array(np.array(value, number), name) for name, value in constants.items()
    ]
    weights.append(numpy_helper.from_array(np.array([0], np.int64), "first"))
    nodes = [
        helper.make_node("Gather", ["x", "first"], ["red"], axis=1),
        helper.make_node("Mul", ["red", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["fine"]),
        helper.make_node("Mul", ["red", "none"], ["nothing"]),
        helper.make_node("Add", ["nothing", "seven"], ["coarse"]),
    ]
    shape = [1, None, "height", "width"]
    graph = helper.make_graph(
        nodes,
        "red",
        [helper.make_tensor_value_info("x", kind, [1, 3, "height", "width"])],
        [helper.make_tensor_value_info(name, kind, shape) for name in ("fine", "coarse")],
        weights,
    )
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return path


@pytest.fixture
def ramp() -> NDArray[np.uint8]:
    """60×90, red grows from 51 at the left to 204 at the right."""
    rgb = np.zeros((60, 90, 3), np.uint8)
    rgb[..., 0] = np.linspace(51, 204, 90).round()
    return rgb


def test_logits_become_probabilities(tmp_path: Path, ramp: NDArray[np.uint8]) -> None:
    graph = red_of(tmp_path / "red.onnx", scale=10, shift=-5)
    network = OnnxSalient("red", graph, Input(64, *PLAIN, "1CHW", "stretch"), Output("logits"))
    seen = network.saliency(ramp)
    expected = 1 / (1 + np.exp(-(ramp[..., 0] / 25.5 - 5)))
    assert seen.shape == (60, 90)
    assert seen.dtype == np.float32
    assert np.abs(seen - expected).max() < 0.02


def test_alpha_is_taken_as_it_is_and_a_range_is_stretched(
    tmp_path: Path, ramp: NDArray[np.uint8]
) -> None:
    graph = red_of(tmp_path / "red.onnx", scale=1, shift=0)
    takes = Input(64, *PLAIN, "1CHW", "stretch")
    alpha = OnnxSalient("red", graph, takes, Output("alpha")).saliency(ramp)
    stretched = OnnxSalient("red", graph, takes, Output("range")).saliency(ramp)
    assert np.abs(alpha - ramp[..., 0] / 255).max() < 0.01
    assert stretched.min() == 0
    assert stretched.max() == 1


def test_half_precision_graphs_are_fed_and_read(tmp_path: Path, ramp: NDArray[np.uint8]) -> None:
    graph = red_of(tmp_path / "half.onnx", scale=1, shift=0, half=True)
    takes = Input(64, *PLAIN, "1CHW", "stretch")
    seen = OnnxSalient("half", graph, takes, Output("alpha")).saliency(ramp)
    assert seen.dtype == np.float32
    assert np.abs(seen - ramp[..., 0] / 255).max() < 0.01


@pytest.mark.parametrize("fit", ["stretch", "pad", "short side"])
@pytest.mark.parametrize("size", [(60, 90), (90, 60), (40, 200), (1, 1)])
def test_the_map_lies_over_the_picture_however_it_was_fitted(
    tmp_path: Path, fit: str, size: tuple[int, int]
) -> None:
    rgb = np.zeros((*size, 3), np.uint8)
    rgb[size[0] // 2 :, size[1] // 2 :, 0] = 255
    graph = red_of(tmp_path / "red.onnx", scale=1, shift=0)
    takes = Input(64, *PLAIN, "1CHW", fit)  # type: ignore[arg-type]
    seen = OnnxSalient("red", graph, takes, Output("alpha")).saliency(rgb)
    assert seen.shape == size
    assert (np.abs(seen - rgb[..., 0] / 255) < 0.5).mean() > 0.95


def test_a_faint_map_is_not_blown_up() -> None:
    faint = np.array([[0.0, 0.1]], np.float32)
    assert in_unit(faint, "range").tolist() == [[0, pytest.approx(0.2)]]


def test_numbers_of_any_size_stay_in_the_unit() -> None:
    wild = np.array([[-1e9, 0, 1e9]], np.float32)
    assert in_unit(wild, "logits").tolist() == [[pytest.approx(0), 0.5, pytest.approx(1)]]
    assert in_unit(wild, "alpha").tolist() == [[0, 0, 1]]
    assert in_unit(wild, "range").tolist() == [[0, 0.5, 1]]
    assert in_unit(np.full((2, 2), 3, np.float32), "range").tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_says_what_its_network_takes_and_gives(name: str) -> None:
    model = catalogue.find(name)
    assert model.input is not None
    assert model.output is not None
    assert model.input.side % 32 == 0
    assert [file.name for file in model.files] == [f"{name}.onnx"]
    assert model.verified


def test_licences_that_forbid_trade_say_so() -> None:
    forbidding = {model.name for model in catalogue.MODELS if not model.commercial}
    assert forbidding == {"rmbg-1.4", "rmbg-2.0"}
    assert all("non-commercial" in catalogue.find(name).licence for name in forbidding)
