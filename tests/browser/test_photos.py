"""Photos come and go: in the order they were wished for, and never with the work done on them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from driver import Visitor, drawn
from PIL import Image

RED, BLUE = (200, 30, 40), (30, 60, 200)
SMALL = (900, 600)
DISC = (270, 300)

Enter = Callable[..., Visitor]


@pytest.fixture
def worked(visit: Enter, tmp_path: Path) -> Visitor:
    """A visitor with a subject of two clicks and a name."""
    visitor = visit()
    visitor.open(drawn(tmp_path / "red.png", SMALL, RED))
    visitor.click(*DISC, SMALL)
    visitor.marks(1)
    visitor.click(20, 20, SMALL, button="right")
    visitor.marks(2)
    visitor.page.keyboard.press("F2")
    visitor.page.keyboard.type("disc")
    visitor.changed(lambda: visitor.page.keyboard.press("Enter"))
    visitor.settled()
    return visitor


def shown(visitor: Visitor, name: str) -> None:
    visitor.page.wait_for_selector(f".pm-base[alt='The photo {name}']")


@pytest.mark.parametrize("sent", [False, True])
def test_a_slow_photo_does_not_push_out_a_later_one(
    visit: Enter, tmp_path: Path, sent: bool
) -> None:
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 255, (500, 760, 3), np.uint8)
    large = cv2.resize(noise, (7600, 5000), interpolation=cv2.INTER_CUBIC)  # 38 MP
    Image.fromarray(large).save(tmp_path / "large.png", compress_level=1)
    small = drawn(tmp_path / "small.png", SMALL, RED)
    visitor = visit()
    chooser = "#pm-upload input[type=file]"
    if sent:  # it is being read, not on its way any more
        with visitor.page.expect_request("**/queue/join*"):
            visitor.page.set_input_files(chooser, tmp_path / "large.png")
    else:
        visitor.page.set_input_files(chooser, tmp_path / "large.png")
    visitor.page.set_input_files(chooser, small)
    shown(visitor, "small")
    visitor.click(*DISC, SMALL)
    visitor.marks(1)
    visitor.settled()
    visitor.page.wait_for_timeout(6000)  # the large one is ready long before
    shown(visitor, "small")
    assert visitor.page.locator(".pm-mark").count() == 1
    assert visitor.page.is_hidden(".pm-busy")


@pytest.mark.parametrize("again", [False, True], ids=["another file", "the same file"])
def test_another_photo_is_a_step_that_is_undone(
    worked: Visitor, tmp_path: Path, again: bool
) -> None:
    page = worked.page
    before, cutout = worked.overlay(), worked.download(tmp_path)
    other = tmp_path / ("red.png" if again else "blue.png")
    if not again:
        drawn(other, SMALL, BLUE)
    worked.changed(lambda: page.set_input_files("#pm-upload input[type=file]", other))
    worked.marks(0)
    worked.subjects(0)
    worked.click(*DISC, SMALL)
    worked.marks(1)
    assert worked.names() == ["subject 1"]
    worked.changed(lambda: page.keyboard.press("Control+Z"))
    worked.marks(0)
    worked.changed(lambda: page.keyboard.press("Control+Z"))
    shown(worked, "red")
    worked.marks(2)
    assert worked.names() == ["disc"]
    assert worked.overlay() == before
    worked.settled()
    assert worked.download(tmp_path).read_bytes() == cutout.read_bytes()
    worked.changed(lambda: page.click("[data-act=redo]"))
    worked.subjects(0)
    shown(worked, other.stem)
    worked.changed(lambda: page.click("[data-act=redo]"))
    worked.marks(1)
    assert page.is_disabled("[data-act=redo]")


def test_a_drop_and_a_paste_can_be_undone_too(worked: Visitor) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), (90, 120, 90)).save(buffer, "PNG")
    for kind in ("drop", "paste"):
        worked.page.evaluate(
            """([bytes, kind]) => {
              const list = new DataTransfer();
              const data = new Uint8Array(bytes);
              list.items.add(new File([data], `${kind}.png`, { type: 'image/png' }));
              document.dispatchEvent(kind === 'drop'
                ? new DragEvent('drop', { dataTransfer: list, cancelable: true })
                : new ClipboardEvent('paste', { clipboardData: list }));
            }""",
            [list(buffer.getvalue()), kind],
        )
        shown(worked, kind)
        worked.subjects(0)
        worked.changed(lambda: worked.page.click("[data-act=undo]"))
        shown(worked, "red")
        assert worked.names() == ["disc"]


def test_leaving_is_asked_about_where_there_is_work(worked: Visitor, tmp_path: Path) -> None:
    page = worked.page
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    worked.click(640, 300, SMALL)  # whoever stays goes on
    worked.marks(3)
    worked.settled()
    worked.download(tmp_path)
    assert asked == ["beforeunload"]
    page.reload()  # all is saved
    page.wait_for_selector(".pm-drop")
    assert asked == ["beforeunload"]


def test_leaving_without_work_is_not_asked_about(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    visitor.open(drawn(tmp_path / "red.png", SMALL, RED))
    asked: list[object] = []
    visitor.page.on("dialog", lambda dialog: (asked.append(dialog), dialog.accept()))
    visitor.page.reload()
    visitor.page.wait_for_selector(".pm-drop")
    assert asked == []
