"""Several subjects on one photo: told apart, ordered, painted, named, found and taken away."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driver import Visitor, overlapping
from PIL import Image

from pickmatte import models
from pickmatte.interactive.session import Session
from pickmatte.models import weights

SIZE = (900, 600)
DISC, RIM, BOARD, FAR = (330, 300), (250, 300), (620, 300), (60, 60)  # disc, disc, board, neither

Enter = Callable[..., Visitor]


@pytest.fixture
def two(visit: Enter, tmp_path: Path) -> Visitor:
    """A visitor who has clicked on a disc, and on the board behind it."""
    visitor = visit()
    visitor.open(overlapping(tmp_path / "pair.png", SIZE))
    visitor.click(*DISC, SIZE)
    visitor.subjects(1)
    visitor.fresh()
    visitor.click(*BOARD, SIZE)
    visitor.subjects(2)
    return visitor


def alpha(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))[..., 3]


def test_two_that_overlap_are_told_apart_ordered_and_exported(two: Visitor, tmp_path: Path) -> None:
    assert two.names() == ["subject 1", "subject 2"]  # front to back, as the photo shows it
    assert two.active() == "subject 2"
    veil = two.veil(SIZE)
    assert veil[BOARD[1], BOARD[0]] > 0
    assert veil[DISC[1], DISC[0]] == 0

    two.changed(lambda: two.page.click("[data-do=forward]"))
    assert two.names() == ["subject 2", "subject 1"]
    two.page.locator(".pm-row").first.focus()
    two.changed(lambda: two.page.keyboard.press("Alt+ArrowDown"))
    assert two.names() == ["subject 1", "subject 2"]
    grip = two.page.locator(".pm-grip").first.bounding_box()
    last = two.page.locator(".pm-row").last.bounding_box()
    assert grip is not None
    assert last is not None
    two.page.mouse.move(grip["x"] + 5, grip["y"] + 10)
    two.page.mouse.down()
    two.page.mouse.move(grip["x"] + 5, last["y"] + last["height"] + 4, steps=5)
    two.changed(two.page.mouse.up)
    assert two.names() == ["subject 2", "subject 1"]
    two.changed(lambda: two.page.keyboard.press("Control+Z"))
    assert two.names() == ["subject 1", "subject 2"]
    two.settled()

    one = alpha(two.download(tmp_path, "subject"))
    assert one[BOARD[1], BOARD[0]] == 255
    assert one[RIM[1], RIM[0]] == 0
    both = alpha(two.download(tmp_path))
    assert both[RIM[1], RIM[0]] == both[BOARD[1], BOARD[0]] == 255
    rest = alpha(two.download(tmp_path, "rest"))
    assert rest[BOARD[1], BOARD[0]] == 0
    assert rest[FAR[1], FAR[0]] == 255
    with zipfile.ZipFile(two.download(tmp_path, "zip")) as layers:
        manifest = json.loads(layers.read("manifest.json"))
        assert [layer["name"] for layer in manifest["layers"]][:2] == ["subject 1", "subject 2"]


def test_a_click_on_another_subject_picks_it_and_takes_nothing(two: Visitor) -> None:
    board = two.veil(SIZE)
    two.changed(lambda: two.click(*RIM, SIZE))
    assert two.active() == "subject 1"
    assert two.page.locator(".pm-mark").count() == 1
    two.changed(lambda: two.page.click("[data-act=here]"))  # but that was meant
    assert two.active() == "subject 2"
    assert two.page.locator(".pm-mark").count() == 2
    assert two.veil(SIZE)[RIM[1], RIM[0]] > 0
    two.changed(lambda: two.page.keyboard.press("Control+Z"))
    assert np.array_equal(two.veil(SIZE), board)


def test_a_click_at_the_same_spot_takes_the_next_possibility(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    visitor.open(overlapping(tmp_path / "pair.png", SIZE))
    visitor.click(*BOARD, SIZE)
    visitor.subjects(1)
    count = visitor.page.locator("[data-candidate]").count()
    assert count > 1
    chosen = "[data-candidate='{}'][aria-pressed=true]"
    for index in range(1, count):
        visitor.click(*BOARD, SIZE)
        visitor.page.wait_for_selector(chosen.format(index))
    assert visitor.page.locator(".pm-mark").count() == 1
    visitor.page.keyboard.press("c")  # the last one is followed by the first
    visitor.page.wait_for_selector(chosen.format(0))
    visitor.page.keyboard.press("Shift+C")
    visitor.page.wait_for_selector(chosen.format(count - 1))


def test_names_eyes_locks_merging_and_deleting_can_all_be_undone(
    two: Visitor, tmp_path: Path
) -> None:
    page = two.page
    page.dblclick(".pm-row >> nth=1 >> .pm-name")
    page.keyboard.type("board")
    two.changed(lambda: page.keyboard.press("Enter"))
    two.changed(lambda: page.click(".pm-row >> nth=0 >> .pm-name"))
    page.keyboard.press("F2")
    page.keyboard.type("disc")
    two.changed(lambda: page.keyboard.press("Enter"))
    assert two.names() == ["disc", "board"]
    assert two.active() == "disc"

    two.changed(lambda: page.click("[aria-label='Keep board']"))
    two.settled()
    only = two.download(tmp_path)
    assert alpha(only)[BOARD[1], BOARD[0]] == 0
    assert alpha(only)[RIM[1], RIM[0]] == 255
    two.changed(lambda: page.click("[aria-label='Lock disc']"))
    two.click(*FAR, SIZE)
    page.wait_for_selector(".pm-toast", state="visible")
    assert "locked" in page.inner_text(".pm-toast")
    two.changed(lambda: page.click("[aria-label='Lock disc']"))

    page.click(".pm-row >> nth=1 >> .pm-name", modifiers=["Control"])
    two.changed(lambda: page.click("[data-do=merge]"))
    assert two.names() == ["disc and board"]
    page.locator(".pm-photo").focus()
    two.changed(lambda: page.keyboard.press("Delete"))
    two.subjects(0)
    assert page.is_disabled("[data-do=fresh]")  # what is clicked next is new in any case

    for _ in range(30):
        if page.is_disabled("[data-act=undo]"):
            break
        two.changed(lambda: page.click("[data-act=undo]"))
    two.subjects(0)
    for _ in range(30):
        if page.is_disabled("[data-act=redo]"):
            break
        two.changed(lambda: page.click("[data-act=redo]"))
    two.subjects(0)
    two.changed(lambda: page.click("[data-act=undo]"))
    assert len(two.names()) == 1
    two.changed(lambda: page.click("[data-act=undo]"))
    assert two.names() == ["disc", "board"]


def test_paint_goes_into_the_trimap_and_stays(two: Visitor, tmp_path: Path) -> None:
    page = two.page
    page.keyboard.press("p")
    page.wait_for_selector(".pm-trimap", state="visible")
    page.locator("#pm-size").fill("30")
    two.changed(lambda: two.drag((0.9, 0.05), (0.97, 0.05), (0.97, 0.15)))
    page.keyboard.press("l")
    page.click(".pm-makes label:has([value=drop])")
    two.changed(lambda: two.drag((0.6, 0.3), (0.8, 0.3), (0.8, 0.6), (0.6, 0.6)))
    page.keyboard.press("k")
    two.changed(lambda: two.click(560, 440, SIZE))
    two.settled()
    painted = alpha(two.download(tmp_path, "subject"))
    assert painted[30, 840] == 255  # the brush
    assert painted[270, 630] == 0  # the lasso
    assert painted[440, 560] == 255
    page.keyboard.press("p")
    page.click(".pm-makes label:has([value=erase])")
    page.locator("#pm-size").fill("60")
    two.changed(lambda: two.drag((0.88, 0.05), (0.97, 0.05), (0.97, 0.17)))
    two.settled()
    assert alpha(two.download(tmp_path, "subject"))[30, 840] == 0


def test_what_a_click_would_take_is_shown_where_the_mouse_rests(two: Visitor) -> None:
    frame = two.page.locator(".pm-photo").bounding_box()
    assert frame is not None
    two.page.mouse.move(frame["x"] + frame["width"] * 0.36, frame["y"] + frame["height"] * 0.5)
    two.page.mouse.move(frame["x"] + frame["width"] * 0.37, frame["y"] + frame["height"] * 0.5)
    two.page.wait_for_selector(".pm-peek", state="visible")
    assert two.page.get_attribute(".pm-photo", "title") == "A click picks subject 1"
    assert len(two.names()) == 2
    two.page.mouse.move(5, 5)
    two.page.wait_for_selector(".pm-peek", state="hidden")
    two.page.keyboard.press("v")  # the bare photo
    two.page.wait_for_selector(".pm-overlays", state="hidden")


def test_what_stands_out_becomes_a_subject(visit: Enter, tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data", reason="the cup comes with scikit-image")
    Image.fromarray(data.coffee()).save(tmp_path / "coffee.png")
    visitor = visit()
    visitor.open(tmp_path / "coffee.png")
    visitor.changed(lambda: visitor.page.click("[data-do=auto]"))
    assert visitor.active() == "subject 1"
    visitor.settled()
    assert alpha(visitor.download(tmp_path))[150, 300] == 255


def test_a_finger_paints(visit: Enter, tmp_path: Path) -> None:
    visitor = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    visitor.open(overlapping(tmp_path / "pair.png", SIZE))
    visitor.click(*BOARD, SIZE)
    visitor.subjects(1)
    visitor.page.click(".pm-modes label:has([value=brush])")
    visitor.page.wait_for_selector(".pm-trimap", state="visible")
    assert visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    visitor.page.locator(".pm-photo").scroll_into_view_if_needed()
    before = visitor.veil(SIZE)
    touch = visitor.context.new_cdp_session(visitor.page)
    frame = visitor.page.locator(".pm-photo").bounding_box()
    assert frame is not None

    def at(x: float, y: float) -> list[dict[str, float]]:
        return [{"x": frame["x"] + x * frame["width"], "y": frame["y"] + y * frame["height"]}]

    def paint() -> None:
        send = touch.send
        send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at(0.9, 0.1)})
        for y in (0.3, 0.5, 0.7):
            send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": at(0.9, y)})
        send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    visitor.changed(paint)
    assert visitor.veil(SIZE)[300, 810] > 0
    assert before[300, 810] == 0


@pytest.mark.skipif(
    not weights.present(models.choose_grounder("auto")),
    reason="no grounder is here: make demo fetches one",
)
def test_a_phrase_becomes_subjects(visit: Enter, tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data", reason="the cat comes with scikit-image")
    cat = data.chelsea()
    photo = tmp_path / "cats.png"
    Image.fromarray(np.hstack([cat, cat[:, ::-1]])).save(photo)
    expected = Session.open(photo).find("the two cats")
    assert len(expected.hits) >= 2

    visitor = visit()
    visitor.open(photo)
    page = visitor.page
    page.keyboard.press("/")
    page.keyboard.type("a giraffe")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pm-stage[data-found='0']")
    assert "giraffe" in page.inner_text(".pm-findings-note")
    assert page.is_hidden("[data-act=take]")

    page.fill(".pm-phrase input", "the two cats")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".pm-stage[data-found='{len(expected.hits)}']")
    assert page.locator(".pm-hit[aria-pressed=true]").count() == 2
    assert expected.hits[0].why in page.inner_text(".pm-findings ol")
    page.click(".pm-hit-row >> nth=1")
    assert page.inner_text("[data-act=take]") == "Make 1 subject"
    page.click(".pm-hit-row >> nth=1")
    visitor.changed(lambda: page.click("[data-act=take]"))
    visitor.subjects(2)
    assert sorted(visitor.names()) == ["cat 1", "cat 2"]
    assert page.is_hidden(".pm-findings")
    visitor.changed(lambda: page.keyboard.press("Control+Z"))  # one step
    visitor.subjects(0)
