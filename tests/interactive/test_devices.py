"""A session's networks run on the device it was asked for, small ones on the CPU."""

from __future__ import annotations

import os

import numpy as np
import onnxruntime as ort
import pytest

from pickmatte import Session
from pickmatte.models.errors import DeviceError

RGB = np.zeros((40, 60, 3), np.uint8)


def test_the_device_is_where_the_segmenter_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICKMATTE_DEVICE", "tensorrt")  # what is asked for counts for more
    session = Session(RGB, device="CPU")
    assert session.device is None
    session.load("segmenter")
    assert session.device == "cpu"
    assert os.environ["PICKMATTE_DEVICE"] == "tensorrt"


def test_what_is_no_device_is_refused_at_once() -> None:
    with pytest.raises(DeviceError, match="'toaster' is no device"):
        Session(RGB, device="toaster")


@pytest.mark.skipif("CUDAExecutionProvider" in ort.get_available_providers(), reason="it is here")
def test_small_networks_need_no_device_that_is_not_here() -> None:
    session = Session(RGB, device="cuda", grounder="starter")
    session.load("matting", "grounder")
    with pytest.raises(DeviceError, match="cannot use cuda here"):
        session.load("segmenter")
