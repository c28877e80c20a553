"""The web page: layout and wiring. What it shows is made in `page`, the work in `interactive`."""

from __future__ import annotations

import html
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

import models
from interactive import Session, Subject
from interactive.state import Material
from models.errors import Cancelled, PickmatteError
from page import views
from page.desk import Desk, Shot, Visit
from page.samples import Sample, samples

log = logging.getLogger("pickmatte")

PAGE = Path(__file__).parent / "page"
UPLOAD_MEGABYTES = 200
PUT_AWAY = "This picture was put away to make room. Open it again to go on."
OUR_FAULT = "Something went wrong on our side; your picture is as it was. Please try again."
# A click that follows at once makes the full-size result of this one pointless.
SETTLE_SECONDS = 0.2
SWEEP_SECONDS = 30

Answer = tuple[Any, Any]  # what the stage and the result are told; gr.skip() tells nothing
Opened = tuple[Any, Any, Any]  # the photo, and then the same


def build(desk: Desk | None = None) -> gr.Blocks:
    """Lay out the page and wire it; `launch` serves it. `desk` bounds what is kept of visitors."""
    desk = Desk() if desk is None else desk
    threading.Thread(target=_sweep, args=(desk,), daemon=True, name="pickmatte-sweep").start()
    offered = {sample.name: sample for sample in samples()}

    def upload(file: str, request: gr.Request) -> Iterator[Opened]:
        yield from _open(desk, Path(file), request)

    def sample(event: gr.EventData, request: gr.Request) -> Iterator[Opened]:
        yield from _open(desk, offered[event.name].path, request)

    def pick(event: gr.EventData, request: gr.Request) -> Iterator[Answer]:
        def click(subject: Subject) -> None:
            subject.click(event.x, event.y, keep=bool(event.keep))

        yield from _respond(desk, request, lambda visit: visit.edit(click))

    def box(event: gr.EventData, request: gr.Request) -> Iterator[Answer]:
        yield from _respond(desk, request, lambda visit: visit.edit(lambda s: s.box(*event.box)))

    def choose(event: gr.EventData, request: gr.Request) -> Iterator[Answer]:
        yield from _respond(
            desk, request, lambda visit: visit.edit(lambda s: s.choose(int(event.index)))
        )

    def band(event: gr.EventData, request: gr.Request) -> Iterator[Answer]:
        yield from _respond(
            desk, request, lambda visit: visit.edit(lambda s: s.set_band(float(event.scale)))
        )

    def material(event: gr.EventData, request: gr.Request) -> Iterator[Answer]:
        said: Material = "glass" if event.glass else "solid"
        yield from _respond(desk, request, lambda visit: visit.edit(lambda s: s.set_material(said)))

    def matting(event: gr.EventData, request: gr.Request) -> Iterator[Answer]:
        yield from _respond(desk, request, lambda visit: visit.use_matting(str(event.name)))

    def clear(request: gr.Request) -> Iterator[Answer]:
        yield from _respond(desk, request, lambda visit: visit.edit(Subject.clear))

    def undo(request: gr.Request) -> Iterator[Answer]:
        yield from _respond(desk, request, Visit.undo)

    def redo(request: gr.Request) -> Iterator[Answer]:
        yield from _respond(desk, request, Visit.redo)

    def save(request: gr.Request) -> Answer:
        return _save(desk, request)

    def leave(request: gr.Request) -> None:
        desk.leave(_visitor(request))
        # Gradio keeps what it showed last, small pictures too, and nothing the page would need.
        layout.state_holder.session_data.pop(_visitor(request), None)

    layout: gr.Blocks
    with gr.Blocks(
        title="Pickmatte",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(300, 1800),
    ) as layout:
        gr.HTML(_read("header.html"), elem_id="pm-header", js_on_load=None)
        with gr.Row(elem_id="pm-main", equal_height=False):
            table = _custom("stage", SAMPLES=_sample_buttons(offered), LIMIT=str(UPLOAD_MEGABYTES))
            shown = _custom("result", MATTINGS=views.mattings())
        photo = gr.HTML(
            value={}, html_template="", js_on_load=_read("carrier.js"), elem_id="pm-carrier"
        )
        with gr.Column(elem_id="pm-upload"):  # not seen: the stage drops, pastes and shoots into it
            file = gr.UploadButton("Photo file")

        listen: dict[str, Any] = {
            "show_progress": "hidden",
            "trigger_mode": "multiple",
            "concurrency_limit": 16,  # the heavy part of them goes through the desk's gate
            "concurrency_id": "work",
            "api_visibility": "private",
        }
        file.upload(upload, file, [photo, table, shown], **listen)
        table.sample(sample, None, [photo, table, shown], **listen)
        for trigger, answer in (
            (table.pick, pick),
            (table.box, box),
            (table.choose, choose),
            (table.undo, undo),
            (table.redo, redo),
            (table.clear_all, clear),
            (shown.band, band),
            (shown.material, material),
            (shown.matting, matting),
            (shown.save, save),
        ):
            trigger(answer, None, [table, shown], **listen)
        layout.unload(leave)
    return layout


def launch(host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the page until it is stopped; other machines reach it only if `host` says so."""
    models.load_segmenter("mobile-sam")  # now, so that weights are fetched before anyone waits
    models.load_salient("u2netp")
    build().launch(server_name=host, server_port=port, **LAUNCH)


def _respond(desk: Desk, request: gr.Request, take: Callable[[Visit], Shot]) -> Iterator[Answer]:
    """Do an edit and answer three times: the mask, a preview, the full-size result.

    A later edit of the same visitor makes what is left of this answer superfluous.
    """
    visit = desk.find(_visitor(request))
    if visit is None:
        yield views.sentence(PUT_AWAY), gr.skip()
        return
    try:
        started = time.perf_counter()
        shot = take(visit)
        told = views.stage(shot)
        if not shot.subject.candidates:
            yield told, views.nothing(shot)
            return
        yield told, gr.skip()
        yield gr.skip(), views.preview(shot)
        time.sleep(SETTLE_SECONDS)
        # Not yielded in there: whoever stops listening must not keep the locks.
        with visit.refining, desk.heavy:
            full = views.result(shot, started) if visit.edition == shot.edition else None
        if full is not None:
            yield gr.skip(), full
    except Cancelled:
        return  # a later edit is being answered
    except PickmatteError as error:
        yield views.sentence(str(error)), gr.skip()
    except Exception:
        log.exception("The page could not answer an edit")
        yield views.sentence(OUR_FAULT), gr.skip()


def _open(desk: Desk, path: Path, request: gr.Request) -> Iterator[Opened]:
    try:
        visit = desk.open(_visitor(request), Session.open(path))
        shot = visit.shot()
        yield views.photo(shot), views.stage(shot), views.nothing(shot)
        visit.look()
    except PickmatteError as error:
        yield gr.skip(), views.sentence(str(error)), gr.skip()
    except Exception:
        log.exception("The page could not open a picture")
        yield gr.skip(), views.sentence(OUR_FAULT), gr.skip()


def _save(desk: Desk, request: gr.Request) -> Answer:
    visit = desk.find(_visitor(request))
    if visit is None:
        return views.sentence(PUT_AWAY), views.unsaved()
    try:
        with visit.refining, desk.heavy:
            return gr.skip(), views.saved(visit.save())
    except PickmatteError as error:
        return views.sentence(str(error)), views.unsaved()
    except Exception:
        log.exception("The page could not write a cut-out")
        return views.sentence(OUR_FAULT), views.unsaved()


def _visitor(request: gr.Request) -> str:
    """One open page of one browser; a reload is a new visitor."""
    if not request.session_hash:
        raise gr.Error("This page needs a session.")
    return str(request.session_hash)


def _sweep(desk: Desk) -> None:
    while True:
        time.sleep(SWEEP_SECONDS)
        desk.sweep()


def _read(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def _custom(name: str, **filled: str) -> gr.HTML:
    """A component of ours: its HTML with the capital words filled in, and its JavaScript."""
    template = _read(f"{name}.html")
    for word, text in filled.items():
        template = template.replace(word, text)
    return gr.HTML(
        value={},
        html_template=template,
        js_on_load=_read(f"{name}.js"),
        apply_default_css=False,
        elem_id=f"pm-{name}",
    )


def _sample_buttons(offered: dict[str, Sample]) -> str:
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
    "css_paths": PAGE / "page.css",
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

if __name__ == "__main__":
    launch()
