"""`pickmatte ui --limit`: the page refuses larger photos in a sentence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.page import handlers
from pickmatte.service.session_store import SessionStore


def test_the_page_has_the_limit_it_is_given(tmp_path: Path, chelsea: NDArray[np.uint8]) -> None:
    photo = tmp_path / "cat.png"
    cv2.imwrite(str(photo), chelsea[..., ::-1])

    def said(limit: int) -> str:
        return str([*handlers.open_picture(SessionStore(limit=limit), "someone", photo, 0)])

    assert "over the limit of 0.059 million" in said(59_000)
    assert "over the limit" not in said(60_000)
