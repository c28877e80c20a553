from __future__ import annotations

import numpy as np
import pytest

from pickmatte.models.choice.masks import masks_of_click, salient_logits
from pickmatte.models.protocols import Logits

SALIENCE = np.zeros((48, 64), np.float32)
SALIENCE[10:30, 10:30] = 0.9
SALIENCE[35:45, 40:60] = 0.8


class Decoder:
    """Answers with constant layers and remembers its mask prompts."""

    def __init__(self) -> None:
        self.hints: list[Logits | None] = []

    def __call__(self, hint: Logits | None) -> tuple[np.ndarray, np.ndarray]:
        self.hints.append(hint)
        level = float(len(self.hints))
        return np.full((4, 64, 64), level, np.float32), np.full(4, level / 10, np.float32)


def test_a_click_on_nothing_that_stands_out_asks_once() -> None:
    decode = Decoder()
    found = masks_of_click(decode, (2, 2), SALIENCE)
    assert decode.hints == [None]
    assert found.kinds.tolist() == [0, 1, 2, 3]
    assert len(found.logits) == len(found.scores) == 4


def test_what_stands_out_under_the_click_is_a_hint_and_a_mask_of_its_own() -> None:
    decode = Decoder()
    found = masks_of_click(decode, (50, 40), SALIENCE)
    assert found.kinds.tolist() == list(range(9))
    assert found.scores == pytest.approx([0.1] * 4 + [0.2] * 5)
    hint = decode.hints[1]
    assert hint is not None
    assert np.array_equal(found.logits[8], hint)
    inside = hint[:48] > 0
    assert inside[40, 50]
    assert not inside[20, 20], "another thing stands out there"
    assert inside.sum() == 10 * 20


def test_beyond_the_picture_nothing_stands_out() -> None:
    layer = salient_logits(np.ones((48, 64), np.float32), 64)
    assert (layer[:48] == 10).all()
    assert (layer[48:] == -10).all()
