"""The parts that the page is laid out of, and how it is served."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from pickmatte.service.samples import Sample

from . import views

BROWSER = Path(__file__).parent / "browser"
UPLOAD_MEGABYTES = 200

# The scripts of the photo, in the order they are read: one idea a file, one scope in the browser.
STAGE = ("stage", "pointer", "paint", "peek", "find", "keys", "files", "leave")


def header() -> gr.HTML:
    """The page's name, above all."""
    return gr.HTML(_read("header.html"), elem_id="pm-header", js_on_load=None)


def stage(offered: Mapping[str, Sample]) -> gr.HTML:
    """The photo with its tools, and before there is one the ways to open one."""
    return _custom(
        "stage",
        STAGE,
        SAMPLES=_sample_buttons(offered),
        LIMIT=str(UPLOAD_MEGABYTES),
        BETTER=views.better_models(),
    )


def layers() -> gr.HTML:
    """The list of subjects."""
    return _custom("layers")


def result() -> gr.HTML:
    """The result with its views, settings and files."""
    return _custom("result", MATTINGS=views.mattings())


def bridge(name: str) -> gr.HTML:
    """Hands what the server says to all parts of the page, as an event of that name."""
    script = _read("bridge.js").replace("NAME", name)
    return gr.HTML(value={}, html_template="", js_on_load=script, elem_classes="pm-bridge")


def _read(name: str) -> str:
    return (BROWSER / name).read_text(encoding="utf-8")


def _custom(name: str, scripts: tuple[str, ...] = (), **filled: str) -> gr.HTML:
    """A component of ours: its HTML with the capital words filled in, and its scripts."""
    template = _read(f"{name}.html")
    for word, text in filled.items():
        template = template.replace(word, text)
    return gr.HTML(
        value={},
        html_template=template,
        js_on_load="\n".join(_read(f"{script}.js") for script in scripts or (name,)),
        apply_default_css=False,
        elem_id=f"pm-{name}",
    )


def _sample_buttons(offered: Mapping[str, Sample]) -> str:
    if not offered:
        return ""
    buttons = "".join(
        f'<li><button type="button" data-sample="{sample.name}">'
        f'<img src="{views.thumbnail_of(sample.path)}" alt="">'
        f"<b>{html.escape(sample.title)}</b></button><small>{html.escape(sample.credit)}</small></li>"
        for sample in offered.values()
    )
    return f'<div class="pm-samples"><h3>Or try one of these</h3><ul>{buttons}</ul></div>'


# System fonts: the page asks nothing of any other machine.
_FONTS = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
_ICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'>"
    "<circle cx='9' cy='9' r='6' fill='none' stroke='%23d1186a' stroke-width='5'/></svg>"
)
LAUNCH: dict[str, Any] = {
    "theme": gr.themes.Base(font=_FONTS, font_mono=["ui-monospace", "Consolas", "monospace"]),
    "css_paths": BROWSER / "page.css",
    "footer_links": [],
    "max_file_size": UPLOAD_MEGABYTES * 1_000_000,
    "state_session_capacity": 50,
    "head": f'<link rel="icon" href="{_ICON}">',
    "share": False,
    "ssr_mode": False,
    "enable_monitoring": False,
    "run_history": False,
    "quiet": True,
}
