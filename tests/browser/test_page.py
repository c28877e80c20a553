from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driver import Visitor, drawn
from PIL import Image
from playwright.sync_api import Browser

from pickmatte import app
from pickmatte.interactive.session import Session
from pickmatte.service.session_store import SessionStore

RED, BLUE = (200, 30, 40), (30, 60, 200)
SMALL, LARGE = (900, 600), (2700, 1800)  # LARGE is more than the browser is sent
DISC, SQUARE = (0.3, 0.5), (0.74, 0.5)  # where the drawn subjects are

Enter = Callable[..., Visitor]


def at(place: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    return place[0] * size[0], place[1] * size[1]


def pixels(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))


def same_pixels(a: Path, b: Path) -> bool:
    return np.array_equal(np.asarray(Image.open(a)), np.asarray(Image.open(b)))


def test_from_a_photo_to_a_file_that_equals_what_python_gives(visit: Enter, tmp_path: Path) -> None:
    photo = drawn(tmp_path / "shapes.png", LARGE, RED)
    session = Session.open(photo)
    python = session.subject()
    visitor = visit()
    visitor.open(photo)

    visitor.click(*at(DISC, LARGE), LARGE)
    visitor.marks(1)
    (hit,) = visitor.told(LARGE)
    assert np.abs(np.subtract(hit, at(DISC, LARGE))).max() < 4  # one pixel of the screen
    python.click(*hit)
    veil = visitor.veil(SMALL)
    assert veil[300, 270] > 0
    assert veil[5, 5] == 0
    visitor.settled()

    before = visitor.overlay()
    visitor.changed(lambda: visitor.page.click("[data-candidate='1']"))
    python.choose(1)
    visitor.settled()
    other = visitor.overlay()
    assert other != before
    visitor.changed(lambda: visitor.page.click("[data-act=undo]"))
    assert visitor.overlay() == before
    visitor.changed(lambda: visitor.page.keyboard.press("Control+Shift+Z"))
    assert visitor.overlay() == other
    assert visitor.page.get_attribute("[data-candidate='1']", "aria-pressed") == "true"

    visitor.page.keyboard.press("d")
    visitor.click(*at(SQUARE, LARGE), LARGE)
    visitor.marks(2)
    hit = visitor.told(LARGE)[1]
    assert np.abs(np.subtract(hit, at(SQUARE, LARGE))).max() < 4
    python.click(*hit, keep=False)
    assert visitor.page.locator(".pm-not").count() == 1

    visitor.settled()
    got = visitor.download(tmp_path)
    assert got.name == "shapes-cutout.png"
    assert same_pixels(got, session.save(tmp_path / "python.png"))


def test_a_box_by_two_clicks_and_the_band(visit: Enter, tmp_path: Path) -> None:
    photo = drawn(tmp_path / "shapes.png", SMALL, RED)
    session = Session.open(photo)
    visitor = visit()
    visitor.open(photo)

    visitor.page.click(".pm-modes label:has([value=box])")
    visitor.click(*at((0.13, 0.22), SMALL), SMALL)
    visitor.page.wait_for_selector(".pm-rubber", state="visible")
    visitor.click(*at((0.47, 0.78), SMALL), SMALL)
    visitor.marks(1)
    box = visitor.box(SMALL)
    assert np.abs(np.subtract(box, (117, 132, 423, 468))).max() <= 3
    visitor.settled()
    assert visitor.page.locator(".pm-box").count() == 1
    narrow = pixels(visitor.layer("trimap"))

    visitor.settings()
    visitor.changed(lambda: visitor.page.locator("#pm-band").fill("3"))
    visitor.settled()
    wide = pixels(visitor.layer("trimap"))
    assert (wide == 128).sum() > 1.5 * (narrow == 128).sum()
    for view in ("mask", "alpha", "cutout"):
        assert pixels(visitor.layer(view)).shape[:2] == (600, 900)

    visitor.page.click("[data-view=compare]")
    visitor.page.locator(".pm-wiper").fill("80")
    assert "80%" in visitor.page.evaluate("document.querySelector('.pm-layer').style.clipPath")

    python = session.subject()
    python.box(*box)
    python.set_band(3)
    assert same_pixels(visitor.download(tmp_path), session.save(tmp_path / "python.png"))

    visitor.changed(lambda: visitor.page.keyboard.press("Control+Z"))
    visitor.settled()
    assert visitor.page.input_value("#pm-band") == "1"


def test_glass_and_another_matting(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    photo = drawn(tmp_path / "shapes.png", SMALL, RED)
    visitor.open(photo)
    visitor.click(*at(DISC, SMALL), SMALL)
    visitor.marks(1)
    visitor.settled()
    (hit,) = visitor.told(SMALL)
    solid = visitor.layer("trimap")

    visitor.settings()
    visitor.changed(lambda: visitor.page.check("#pm-glass"))
    visitor.settled()
    clear = visitor.layer("trimap")
    assert clear != solid
    visitor.changed(lambda: visitor.page.keyboard.press("Control+Z"))
    visitor.settled()
    assert not visitor.page.is_checked("#pm-glass")
    assert visitor.layer("trimap") == solid
    before = visitor.layer("alpha")

    assert "default" in visitor.page.inner_text("#pm-matting-help")
    visitor.changed(lambda: visitor.page.select_option("#pm-matting", "closed-form"))
    visitor.settled()
    assert "Levin" in visitor.page.inner_text("#pm-matting-help")
    assert visitor.layer("alpha") != before
    python = Session.open(photo, matting="closed-form")
    python.subject().click(*hit)
    assert same_pixels(visitor.download(tmp_path), python.save(tmp_path / "python.png"))


def test_clear_takes_out_the_subjects_and_can_be_undone(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    visitor.open(drawn(tmp_path / "shapes.png", SMALL, RED))
    assert visitor.page.is_disabled("[data-act=undo]")
    visitor.click(*at(DISC, SMALL), SMALL)
    visitor.marks(1)
    visitor.settled()
    visitor.page.click("[data-act=clear]")
    visitor.marks(0)
    visitor.page.wait_for_selector(".pm-result[data-state=empty]", state="attached")
    assert visitor.page.is_disabled(".pm-save")
    visitor.page.click("[data-act=undo]")
    visitor.marks(1)
    visitor.page.click("[data-act=undo]")
    visitor.marks(0)
    assert visitor.page.is_disabled("[data-act=undo]")
    visitor.click(*at(SQUARE, SMALL), SMALL)  # the picture itself was not undone
    visitor.marks(1)
    visitor.settled()


def test_another_photo_starts_afresh(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    visitor.open(drawn(tmp_path / "red.png", SMALL, RED))
    visitor.click(*at(DISC, SMALL), SMALL)
    visitor.marks(1)
    visitor.settled()
    visitor.open(drawn(tmp_path / "blue.png", SMALL, BLUE))
    visitor.marks(0)
    assert visitor.page.locator(".pm-mark").count() == 0
    assert visitor.page.locator(".pm-overlay, .pm-row").count() == 0
    assert visitor.page.is_hidden(".pm-layer")
    assert visitor.page.is_disabled(".pm-save")
    visitor.page.keyboard.press("b")
    frame = visitor.page.locator(".pm-photo").bounding_box()
    assert frame is not None
    mouse = visitor.page.mouse
    mouse.move(frame["x"] + 0.13 * frame["width"], frame["y"] + 0.22 * frame["height"])
    mouse.down()  # a box can be dragged, too
    mouse.move(frame["x"] + 0.3 * frame["width"], frame["y"] + 0.5 * frame["height"])
    mouse.move(frame["x"] + 0.47 * frame["width"], frame["y"] + 0.78 * frame["height"])
    mouse.up()
    visitor.marks(1)
    assert np.abs(np.subtract(visitor.box(SMALL), (117, 132, 423, 468))).max() <= 3
    visitor.settled()
    middle = pixels(visitor.layer("cutout"))[300, 270].astype(int)
    assert middle[2] > middle[0] + 80


def test_two_people_never_see_each_others_pictures(visit: Enter, tmp_path: Path) -> None:
    colours = {"red": RED, "blue": BLUE}
    people = {name: visit() for name in colours}
    for name, colour in colours.items():
        people[name].open(drawn(tmp_path / f"{name}.png", SMALL, colour))
    for person in people.values():
        person.click(*at(DISC, SMALL), SMALL)
    for name, person in people.items():
        person.settled()
        own, other = (0, 2) if name == "red" else (2, 0)
        shown = pixels(person.layer("cutout"))
        middle = shown[shown.shape[0] // 2, round(shown.shape[1] * 0.3)].astype(int)
        assert middle[own] > middle[other] + 80
        rgba = np.asarray(Image.open(person.download(tmp_path)))
        assert tuple(rgba[300, 270]) == (*colours[name], 255)


def test_many_quick_clicks_end_with_the_newest_result(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    visitor.open(drawn(tmp_path / "shapes.png", LARGE, RED))
    for step in range(4):
        visitor.click((0.27 + 0.02 * step) * LARGE[0], 0.5 * LARGE[1], LARGE)
    visitor.marks(4)
    visitor.settled()
    newest = visitor.page.locator(".pm-layer").get_attribute("src")
    visitor.page.wait_for_timeout(1500)
    visitor.settled()
    assert visitor.page.locator(".pm-layer").get_attribute("src") == newest


def test_what_is_no_picture_is_said_in_a_sentence(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    photo = drawn(tmp_path / "shapes.png", SMALL, RED)
    visitor.open(photo)
    visitor.click(*at(DISC, SMALL), SMALL)
    visitor.marks(1)
    bad = tmp_path / "notes.png"
    bad.write_text("This is no picture.")
    visitor.page.set_input_files("#pm-upload input[type=file]", bad)
    visitor.page.wait_for_selector(".pm-toast", state="visible")
    said = visitor.page.inner_text(".pm-toast")
    assert said.endswith(".")
    assert "Traceback" not in said
    visitor.click(*at(SQUARE, SMALL), SMALL, button="right")  # the picture is still there
    visitor.marks(2)
    assert visitor.page.locator(".pm-not").count() == 1


def test_a_phone(visit: Enter, tmp_path: Path) -> None:
    visitor = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    overhang = "document.documentElement.scrollWidth - window.innerWidth"
    assert visitor.page.evaluate(overhang) <= 0
    photo = drawn(tmp_path / "shapes.png", SMALL, RED)
    visitor.open(photo)
    frame = visitor.page.locator(".pm-photo").bounding_box()
    assert frame is not None
    visitor.page.touchscreen.tap(
        frame["x"] + frame["width"] * 0.3, frame["y"] + frame["height"] / 2
    )
    visitor.marks(1)
    visitor.settled()
    assert visitor.page.evaluate(overhang) <= 0
    for target in (".pm-save", ".pm-modes label", "[data-act=undo]", "[data-candidate='0']"):
        box = visitor.page.locator(target).first.bounding_box()
        assert box is not None
        assert box["height"] >= 34  # a thumb's target


def test_by_keyboard_alone(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    visitor.open(drawn(tmp_path / "shapes.png", SMALL, RED))
    press = visitor.page.keyboard.press
    assert visitor.page.evaluate("document.activeElement.className") == "pm-photo"
    for _ in range(10):
        press("ArrowLeft")
    press("Shift+ArrowLeft")
    press("Enter")
    visitor.marks(1)
    mark = visitor.page.locator(".pm-mark").first
    assert mark.evaluate("node => node.style.left") == f"{(450 - 180 - 1 + 0.5) / 900 * 100:g}%"
    press("d")
    for _ in range(22):
        press("ArrowRight")
    press("Enter")
    visitor.marks(2)
    press("Control+Z")
    visitor.marks(1)
    seen = set()
    for _ in range(50):
        press("Tab")
        seen.add(
            visitor.page.evaluate(
                """(() => {
                  const on = document.activeElement;
                  return on.dataset.act || on.name || on.id || on.className;
                })()"""
            )
        )
    assert {"pm-mode", "undo", "redo", "clear", "new", "fresh", "phrase", "pm-photo"} <= seen
    assert "pm-row" in seen
    assert "pm-tab-cutout" in seen
    assert any("pm-save" in name for name in seen)
    visitor.page.focus("#pm-tab-cutout")
    press("ArrowRight")
    assert visitor.page.get_attribute(".pm-result", "data-view") == "compare"


def test_paste_and_camera(visit: Enter, tmp_path: Path) -> None:
    visitor = visit(permissions=["camera"])
    photo = drawn(tmp_path / "pasted.png", SMALL, RED)
    visitor.page.evaluate(
        """data => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }));
          document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
        }""",
        base64.b64encode(photo.read_bytes()).decode(),
    )
    visitor.page.wait_for_selector(".pm-stage[data-open=true]")
    assert visitor.page.get_attribute(".pm-base", "alt") == "The photo pasted"

    visitor = visit(permissions=["camera"])
    visitor.page.click("[data-act=camera]")
    visitor.page.wait_for_function("document.querySelector('.pm-camera video').videoWidth > 0")
    visitor.page.click("[data-act=shoot]")
    visitor.page.wait_for_selector(".pm-stage[data-open=true]")
    assert visitor.page.get_attribute(".pm-base", "alt") == "The photo camera"


def test_samples_are_credited_and_open(visit: Enter) -> None:
    pytest.importorskip("skimage", reason="the samples come with scikit-image")
    visitor = visit()
    assert "NASA, public domain" in visitor.page.inner_text(".pm-samples")
    visitor.page.click("[data-sample=coffee]")
    visitor.page.wait_for_selector(".pm-stage[data-open=true]")
    visitor.click(310, 200, (600, 400))
    visitor.marks(1)
    visitor.settled()


def test_no_file_of_the_machine_is_served(visit: Enter, server: str, tmp_path: Path) -> None:
    visitor = visit()
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for path in (secret, Path(app.__file__), Path("/etc/passwd")):
        answer = visitor.page.request.get(f"{server}/gradio_api/file={path}")
        assert answer.status in (403, 404)


@pytest.mark.filterwarnings("ignore::Warning:gradio.queueing")
def test_a_picture_that_was_put_away_is_said_so_and_who_leaves_is_forgotten(
    browser: Browser, tmp_path: Path
) -> None:
    store = SessionStore(pixels=SMALL[0] * SMALL[1], grace=0)  # room for one picture
    page = app.build(store)
    _, url, _ = page.launch(prevent_thread_lock=True, **app.LAUNCH)
    try:
        first = Visitor(browser.new_context(), url.rstrip("/"))
        first.open(drawn(tmp_path / "first.png", SMALL, RED))
        second = Visitor(browser.new_context(), url.rstrip("/"))
        second.open(drawn(tmp_path / "second.png", SMALL, BLUE))
        first.click(*at(DISC, SMALL), SMALL)
        first.page.wait_for_selector(".pm-toast", state="visible")
        assert "put away" in first.page.inner_text(".pm-toast")
        assert first.page.locator(".pm-mark").count() == 0
        second.click(*at(DISC, SMALL), SMALL)
        second.marks(1)
        assert len(store) == 1
        second.context.close()
        for _ in range(100):
            store.sweep()
            if not len(store):
                break
            time.sleep(0.1)
        assert len(store) == 0
        assert len(page.state_holder.session_data) == 1  # of the first, who is still there
        first.context.close()
        assert first.complaints + second.complaints == []
    finally:
        page.close()


def test_a_drop_is_promised_only_where_there_is_something_to_drop(
    visit: Enter, tmp_path: Path
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(drawn(tmp_path / "shapes.png", SMALL, RED))
    page.keyboard.press("d")
    page.mouse.move(5, 5)
    photo = page.locator(".pm-photo")
    photo.hover(position={"x": 200, "y": 200})
    photo.hover(position={"x": 204, "y": 200})
    page.wait_for_timeout(1500)
    assert page.is_hidden(".pm-peek")
    assert page.inner_text(".pm-target-name") == "nothing yet"
    visitor.click(*at(DISC, SMALL), SMALL)
    page.wait_for_selector(".pm-toast", state="visible")
    assert "nothing to drop" in page.inner_text(".pm-toast")
    assert page.locator(".pm-mark").count() == 0

    page.keyboard.press("k")
    visitor.click(*at(DISC, SMALL), SMALL)
    visitor.marks(1)
    visitor.fresh()
    visitor.changed(lambda: visitor.click(*at(DISC, SMALL), SMALL, button="right"))
    assert visitor.active() == "subject 1"  # it is there that something is dropped


def test_what_a_phrase_leaves_open_is_not_ticked(visit: Enter, tmp_path: Path) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(drawn(tmp_path / "shapes.png", SMALL, RED))
    note = "Whether a person is a woman cannot be told; pick which one you mean."
    hit = {"label": "person", "score": 0.5, "why": "A person.", "meant": False, "reading": False}
    hits = [{**hit, "box": [x, 50, x + 200, 400], "icon": ""} for x in (50, 400)]
    page.evaluate(
        "detail => window.dispatchEvent(new CustomEvent('pm-found', { detail }))",
        {"told": 1, "revision": 10**9, "text": "the woman", "note": note, "hits": hits},
    )
    assert page.locator("[data-hit][aria-pressed=true]").count() == 0
    assert page.is_disabled("[data-act=take]")
    assert page.locator(f"text={note}").count() == 1
    page.click(".pm-hit-row >> nth=1")
    assert page.is_enabled("[data-act=take]")


def test_glass_that_would_vanish_is_said_to_be_kept_opaque(visit: Enter, tmp_path: Path) -> None:
    rgb = np.random.default_rng(5).normal(150, 6, (600, 900, 3))
    rgb[150:450, 300:600] -= 90
    rgb[154:446, 304:596] += 90  # a thin rim, and its ground shows through it
    Image.fromarray(rgb.clip(0, 255).astype(np.uint8)).save(tmp_path / "pane.png")
    visitor = visit()
    visitor.open(tmp_path / "pane.png")
    visitor.page.keyboard.press("b")
    visitor.click(298, 148, SMALL)
    visitor.click(602, 452, SMALL)
    visitor.marks(1)
    visitor.settled()
    assert "file stays transparent" in visitor.page.inner_text(".pm-grounds")
    visitor.settings()
    visitor.changed(lambda: visitor.page.check("#pm-glass"))
    visitor.settled()
    assert "kept opaque" in visitor.page.inner_text(".pm-opaque")
    assert pixels(visitor.layer("alpha"))[300, 450].min() > 250
    visitor.changed(lambda: visitor.page.uncheck("#pm-glass"))
    visitor.settled()
    assert visitor.page.inner_text(".pm-opaque") == ""
    for place in (".pm-result", ".pm-findings", ".pm-table"):
        assert "models pull" not in (visitor.page.text_content(place) or "")
