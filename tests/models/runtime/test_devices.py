"""Which device is taken of those that are there."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from pickmatte.models.errors import DeviceError
from pickmatte.models.runtime import devices
from pickmatte.models.runtime.onnx_runtime import Network
from pickmatte.models.runtime.pytorch import import_torch

CPU, CUDA, DML = "CPUExecutionProvider", "CUDAExecutionProvider", "DmlExecutionProvider"
TENSORRT, COREML = "TensorrtExecutionProvider", "CoreMLExecutionProvider"


@pytest.mark.parametrize(
    ("asked", "present", "taken"),
    [
        ("auto", [CPU], "cpu"),
        ("auto", [TENSORRT, CUDA, CPU], "cuda"),
        ("auto", [DML, CPU], "directml"),
        ("auto", [COREML, CPU], "cpu"),
        ("mps", [COREML, CPU], "mps"),
        ("tensorrt", [TENSORRT, CUDA, CPU], "tensorrt"),
        ("cpu", [TENSORRT, CUDA, CPU], "cpu"),
    ],
)
def test_graphs(asked: str, present: list[str], taken: str) -> None:
    assert devices.for_onnx(asked, present) == taken


@pytest.mark.parametrize(
    ("asked", "here", "taken"),
    [
        ("auto", ["cpu"], "cpu"),
        ("auto", ["mps", "cpu"], "mps"),
        ("auto", ["cuda", "cpu"], "cuda"),
        ("cpu", ["cuda", "cpu"], "cpu"),
    ],
)
def test_pytorch(asked: str, here: list[str], taken: str) -> None:
    assert devices.for_torch(asked, here) == taken


def test_what_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(DeviceError, match=r"cannot use cuda here, only cpu.*onnxruntime-gpu"):
        devices.for_onnx("cuda", [CPU])
    with pytest.raises(DeviceError, match=r"PyTorch cannot use tensorrt here, only cuda, cpu"):
        devices.for_torch("tensorrt", ["cuda", "cpu"])


def test_the_environment_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PICKMATTE_DEVICE", raising=False)
    assert devices.wanted() == "auto"
    monkeypatch.setenv("PICKMATTE_DEVICE", "MPS")
    assert devices.wanted() == "mps"
    monkeypatch.setenv("PICKMATTE_DEVICE", "toaster")
    with pytest.raises(DeviceError, match="'toaster' is no device; there are: auto, cpu"):
        devices.wanted()


def test_pytorch_obeys_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="needs pip install 'pickmatte[torch]'")
    pytest.importorskip("transformers", reason="needs pip install 'pickmatte[torch]'")
    monkeypatch.setenv("PICKMATTE_DEVICE", "cpu")
    assert import_torch("sam-vit-b")[2] == "cpu"
    monkeypatch.setenv("PICKMATTE_DEVICE", "directml")
    assert import_torch("sam-vit-b", "cpu")[2] == "cpu"
    with pytest.raises(DeviceError):
        import_torch("sam-vit-b")


def test_a_graph_says_where_it_runs() -> None:
    node = onnx.helper.make_node("Neg", ["x"], ["y"])
    value = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [2]) for n in "xy"]
    graph = onnx.helper.make_graph([node], "negate", value[:1], value[1:])
    opsets = [onnx.helper.make_opsetid("", 17)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9)
    network = Network(model.SerializeToString(), shrinks=True, device="cpu")
    assert network.device == "cpu"
    (negative,) = network.run(["y"], {"x": np.float32([1, -2])})
    assert negative.tolist() == [-1, 2]
