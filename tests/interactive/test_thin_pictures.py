"""Pictures so thin that a small view of them would have no pixel left on their short side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pickmatte import Session, Subject
from pickmatte.models.errors import NothingFound
from pickmatte.models.protocols import RGB, Mask

Edit = Callable[[Subject, int, int], None]

EDITS: dict[str, Edit] = {
    "click": lambda subject, x, y: subject.click(x, y),
    "box": lambda subject, x, y: subject.box(x // 2, y // 2, x + 1, y + 1),
    "stroke": lambda subject, x, y: subject.stroke([(x, y), (x - (x > 0), y - (y > 0))]),
    "glass": lambda subject, x, y: see_through(subject, x, y),
    "mask": lambda subject, x, y: subject.use_mask(enclosing(subject, x, y)),
}


def see_through(subject: Subject, x: int, y: int) -> None:
    subject.click(x, y)
    subject.set_material("glass")


def enclosing(subject: Subject, x: int, y: int) -> Mask:
    mask = np.zeros(subject._session.size, bool)
    mask[max(0, y - 50) : y + 50, max(0, x - 50) : x + 50] = True
    return mask


def stripe(height: int, width: int) -> RGB:
    """A grey line, its second quarter red."""
    line = np.full((max(height, width), min(height, width), 3), 90, np.uint8)
    line[len(line) // 4 : len(line) // 2] = 220, 30, 40
    return line if height > width else np.ascontiguousarray(line.swapaxes(0, 1))


@pytest.mark.parametrize(
    "size", [(1, 5000), (5000, 1), (2, 4000), (1, 1280)], ids=lambda size: f"{size[1]}x{size[0]}"
)
def test_every_prompt_leads_to_a_picture(size: tuple[int, int], tmp_path: Path) -> None:
    height, width = size
    session = Session(stripe(height, width))
    x, y = 3 * width // 8, 3 * height // 8
    for name, edit in EDITS.items():
        subject = session.subject(name)
        edit(subject, x, y)
        assert subject.mask[y, x]
        assert subject.alpha.shape == size
        assert subject.preview(64).shape[2] == 4
        assert subject.quick_trimap(64).any()
        assert session.cutout([subject])[y, x, 3] > 0
        subject.remove()
    with pytest.raises(NothingFound):
        session.subject("phrase").say("the dog")
    session.auto()
    assert session.save(tmp_path / "out.png").is_file()
