"""A person at the page, as code."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Page

PATIENCE = 60_000  # ms; a slow machine is no failure


class Visitor:
    """One browser window at the page, driven the way a person does it."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(f"console: {message.text}")
                if message.type == "error"
                else None
            ),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((url, "data:", "blob:"))
                else self.complaints.append(f"outside: {request.url}")
            ),
        )
        self.page.goto(url)
        self.page.wait_for_selector(".pm-drop")

    def open(self, file: Path) -> None:
        self.page.set_input_files("#pm-upload input[type=file]", file)
        self.page.wait_for_function(
            "name => document.querySelector('.pm-base').alt.endsWith(name)", arg=file.stem
        )
        self.page.wait_for_selector(".pm-photo", state="visible")

    def click(
        self,
        x: float,
        y: float,
        picture: tuple[int, int],
        button: Literal["left", "right"] = "left",
    ) -> None:
        """Click where this pixel of the picture (width, height) is on the screen."""
        photo = self.page.locator(".pm-photo")
        frame = photo.bounding_box()
        assert frame is not None
        photo.click(
            position={"x": x / picture[0] * frame["width"], "y": y / picture[1] * frame["height"]},
            button=button,
        )

    def told(self, picture: tuple[int, int]) -> list[tuple[int, int]]:
        """The pixels of the clicks that the server has drawn, first to last."""
        places = self.page.eval_on_selector_all(
            ".pm-mark", "nodes => nodes.map((node) => [node.style.left, node.style.top])"
        )
        return [
            (
                round(float(left.rstrip("%")) / 100 * picture[0] - 0.5),
                round(float(top.rstrip("%")) / 100 * picture[1] - 0.5),
            )
            for left, top in places
        ]

    def box(self, picture: tuple[int, int]) -> tuple[int, int, int, int]:
        """The box that the server has drawn: x0, y0, x1, y1."""
        left, top, width, height = self.page.locator(".pm-box").evaluate(
            """node => ['left', 'top', 'width', 'height']
                .map((side) => parseFloat(node.style[side]) / 100)"""
        )
        return (
            round(left * picture[0]),
            round(top * picture[1]),
            round((left + width) * picture[0]),
            round((top + height) * picture[1]),
        )

    def marks(self, count: int) -> None:
        """Wait until the server has answered with this many prompts."""
        self.page.wait_for_selector(f".pm-stage[data-marks='{count}']")

    def settled(self) -> None:
        """Wait until the full-size result of the newest edit is shown."""
        self.page.wait_for_function(
            """() => {
              const stage = document.querySelector('.pm-stage').dataset;
              const result = document.querySelector('.pm-result').dataset;
              return result.state === 'final' && result.revision === stage.revision;
            }"""
        )

    def changed(self, do: Callable[[], object]) -> None:
        """Do something and wait for an answer of the server that is newer than what is shown."""
        revision = self.page.get_attribute(".pm-stage", "data-revision")
        do()
        self.page.wait_for_function(
            "old => document.querySelector('.pm-stage').dataset.revision !== old", arg=revision
        )

    def subjects(self, count: int) -> None:
        """Wait until the server has answered with this many subjects."""
        self.page.wait_for_selector(f".pm-stage[data-subjects='{count}']")

    def names(self) -> list[str]:
        """The names in the list of subjects, front to back."""
        return self.page.locator(".pm-row .pm-name").all_inner_texts()

    def active(self) -> str:
        """Where the page says that clicks go to."""
        return self.page.inner_text(".pm-target-name")

    def fresh(self) -> None:
        """Begin a new subject."""
        self.page.keyboard.press("n")
        self.page.wait_for_selector(".pm-target[data-fresh=true]")

    def overlay(self) -> str:
        """The picture of the active subject over the photo."""
        shown = self.page.locator(".pm-overlay[data-active=true]")
        return (shown.get_attribute("src") or "") if shown.count() else ""

    def veil(self, size: tuple[int, int]) -> np.ndarray:
        """How strongly the active subject is tinted, for each pixel of a photo of this size."""
        place = self.page.locator(".pm-overlay[data-active=true]").evaluate(
            """node => ['left', 'top', 'width', 'height']
                .map((side) => parseFloat(node.style[side]) / 100)"""
        )
        width, height = size
        x0, y0 = round(place[0] * width), round(place[1] * height)
        wide, tall = round(place[2] * width), round(place[3] * height)
        part = Image.open(io.BytesIO(base64.b64decode(self.overlay().split(",")[1])))
        veil = np.zeros((height, width), np.uint8)
        alpha = np.asarray(part.resize((wide, tall)))[..., 3]
        room = veil[y0 : y0 + tall, x0 : x0 + wide]
        room[:] = alpha[: room.shape[0], : room.shape[1]]
        return veil

    def settings(self) -> None:
        """Open the settings of the edge."""
        self.page.click(".pm-settings summary")
        self.page.wait_for_selector("#pm-band", state="visible")

    def drag(self, *places: tuple[float, float]) -> None:
        """Drag over the photo, along shares of its width and height."""
        frame = self.page.locator(".pm-photo").bounding_box()
        assert frame is not None
        on_screen = [
            (frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in places
        ]
        self.page.mouse.move(*on_screen[0])
        self.page.mouse.down()
        for place in on_screen[1:]:
            self.page.mouse.move(*place, steps=4)
        self.page.mouse.up()

    def layer(self, view: str) -> str:
        self.page.click(f"[role=tab][data-view={view}]")
        return self.page.locator(".pm-layer").get_attribute("src") or ""

    def download(self, folder: Path, kind: str = "") -> Path:
        """Save the file that the button gives, or the one of a kind from the menu beside it."""
        with self.page.expect_download() as coming:
            if kind:
                self.page.click(".pm-more")
                self.page.click(f".pm-menu [data-kind={kind}]")
            else:
                self.page.click(".pm-save")
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path


def overlapping(path: Path, size: tuple[int, int]) -> Path:
    """A picture of a red disc before a blue board, on noise."""
    width, height = size
    rng = np.random.default_rng(7)
    rgb = rng.normal(205, 6, (height, width, 3)).clip(0, 255).astype(np.uint8)
    a, b = (round(width * 0.4), round(height * 0.2)), (round(width * 0.85), round(height * 0.8))
    cv2.rectangle(rgb, a, b, (30, 60, 200), -1)
    middle, radius = (round(width * 0.4), round(height * 0.5)), round(min(size) * 0.22)
    cv2.circle(rgb, middle, radius, (200, 30, 40), -1, cv2.LINE_AA)
    Image.fromarray(rgb).save(path)
    return path


def drawn(path: Path, size: tuple[int, int], colour: tuple[int, int, int]) -> Path:
    """A picture of a disc of `colour` left and a grey square right, on noise."""
    width, height = size
    rng = np.random.default_rng(7)
    rgb = rng.normal(205, 6, (height, width, 3)).clip(0, 255).astype(np.uint8)
    middle, radius = (round(width * 0.3), round(height * 0.5)), round(min(size) * 0.22)
    cv2.circle(rgb, middle, radius, colour, -1, cv2.LINE_AA)
    a, b = (round(width * 0.62), round(height * 0.3)), (round(width * 0.85), round(height * 0.7))
    cv2.rectangle(rgb, a, b, (70, 72, 78), -1)
    Image.fromarray(rgb).save(path)
    return path
