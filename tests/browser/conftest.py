"""The page, served by a process of its own with real weights, in a real headless Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
# Root needs no-sandbox; the others keep Chromium from calling home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PATIENCE = 60_000  # ms; a slow machine is no failure


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", f"import app; app.launch(port={port})"],
            cwd=ROOT,
            env=os.environ | {"GRADIO_TEMP_DIR": str(folder / "cache")},
            stdout=out,
            stderr=out,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if process.poll() is not None:
                pytest.fail(f"The server stopped:\n{log.read_text()}")
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("No Chromium is installed (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


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

    def click(self, x: float, y: float, picture: tuple[int, int]) -> None:
        """Click where this pixel of the picture (width, height) is on the screen."""
        photo = self.page.locator(".pm-photo")
        frame = photo.bounding_box()
        assert frame is not None
        photo.click(
            position={"x": x / picture[0] * frame["width"], "y": y / picture[1] * frame["height"]}
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
              return result.state === 'final' && result.edition === stage.edition;
            }"""
        )

    def changed(self, do: Callable[[], object]) -> None:
        """Do something and wait for an answer of the server that is newer than what is shown."""
        edition = self.page.get_attribute(".pm-stage", "data-edition")
        do()
        self.page.wait_for_function(
            "old => document.querySelector('.pm-stage').dataset.edition !== old", arg=edition
        )

    def overlay(self) -> str:
        return self.page.locator(".pm-overlay").get_attribute("src") or ""

    def layer(self, view: str) -> str:
        self.page.click(f"[role=tab][data-view={view}]")
        return self.page.locator(".pm-layer").get_attribute("src") or ""

    def download(self, folder: Path) -> Path:
        with self.page.expect_download() as coming:
            self.page.click(".pm-save")
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Visitor]]:
    """Open a window at the page; at the end it must have had nothing to complain about."""
    visitors: list[Visitor] = []

    def enter(**options: object) -> Visitor:
        context = browser.new_context(
            **({"viewport": {"width": 1280, "height": 800}} | options)  # type: ignore[arg-type]
        )
        visitors.append(Visitor(context, server))
        return visitors[-1]

    yield enter
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []


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
