"""The page shows a photo with transparency as it is, and results as transparent as their files."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pickmatte.interactive.session import Session
from pickmatte.page import views
from pickmatte.service.visitor_session import VisitorSession


def opened(uri: str) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))


@pytest.fixture
def photo() -> NDArray[np.uint8]:
    """A red patch, half transparent on its right, on transparent black."""
    rgba = np.zeros((60, 80, 4), np.uint8)
    rgba[15:45, 20:60] = (180, 20, 30, 255)
    rgba[15:45, 40:60, 3] = 120
    return rgba


def test_the_photo_keeps_its_transparency(photo: NDArray[np.uint8]) -> None:
    shown = views.photo(VisitorSession(Session(photo)).snapshot())["src"]
    assert shown.startswith("data:image/webp")  # what the style sheet lays the chequer under
    assert np.abs(opened(shown)[..., 3].astype(int) - photo[..., 3]).max() <= 1
    opaque = views.photo(VisitorSession(Session(photo[..., :3])).snapshot())["src"]
    assert opaque.startswith("data:image/jpeg")


def test_the_result_is_as_transparent_as_its_file(photo: NDArray[np.uint8]) -> None:
    visitor_session = VisitorSession(Session(photo))
    visitor_session.do({"do": "box", "box": [18, 13, 62, 47]})
    for final in (False, True):
        snapshot = visitor_session.snapshot()
        snapshot.preview()
        if final:
            assert snapshot.refine()
        file = snapshot.session.cutout()
        shown = opened(views.result(snapshot, final=final)["cutout"])
        assert np.abs(shown[..., 3].astype(int) - file[..., 3]).mean() < (1 if final else 4)
        assert (shown[20:40, 44:56, 3] == 120).all()
        assert np.abs(shown[20:40, 44:56, :3].astype(int) - (180, 20, 30)).max() < 8
        icon = opened(snapshot.known()[0].icon)
        assert (icon[..., 3] > 250).any()
        assert ((icon[..., 3] > 110) & (icon[..., 3] < 130)).mean() > 0.3
