"""The web page: layout and wiring. What it shows is made in `page`, the work in `interactive`."""

from __future__ import annotations

import html
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from pickmatte import Session, models
from pickmatte.models import weights
from pickmatte.models.errors import PickmatteError
from pickmatte.page import views
from pickmatte.service.samples import Sample, samples
from pickmatte.service.session_store import SessionStore

log = logging.getLogger("pickmatte")

PAGE = Path(__file__).parent / "page" / "browser"
UPLOAD_MEGABYTES = 200
PUT_AWAY = "This picture was put away to make room. Open it again to go on."
OUR_FAULT = "Something went wrong on our side; your picture is as it was. Please try again."
# A click that follows at once makes the full-size result of this one pointless.
SETTLE_SECONDS = 0.2
SWEEP_SECONDS = 30

Answer = tuple[Any, Any]  # what the stage and the result are told; gr.skip() tells nothing
Opened = tuple[Any, Any, Any]  # the photo, and then the same

# The scripts of the photo, in the order they are read: one idea a file, one scope in the browser.
STAGE = ("stage", "pointer", "paint", "peek", "find", "keys", "files")


def build(store: SessionStore | None = None) -> gr.Blocks:
    """Lay out the page and wire it; `launch` serves it. `store` bounds what is kept of visitors."""
    store = SessionStore() if store is None else store
    threading.Thread(target=_sweep, args=(store,), daemon=True, name="pickmatte-sweep").start()
    offered = {sample.name: sample for sample in samples()}

    def upload(file: str, request: gr.Request) -> Iterator[Opened]:
        yield from _open(store, Path(file), request)

    def sample(event: gr.EventData, request: gr.Request) -> Iterator[Opened]:
        yield from _open(store, offered[event.name].path, request)

    def do(event: gr.EventData, request: gr.Request) -> Iterator[Answer]:
        yield from _respond(store, request, event.said)

    def peek(event: gr.EventData, request: gr.Request) -> Any:
        return _peek(store, request, event.said)

    def find(event: gr.EventData, request: gr.Request) -> Any:
        return _find(store, request, str(event.text))

    def save(event: gr.EventData, request: gr.Request) -> Answer:
        return _save(store, request, str(event.kind), event.key)

    def leave(request: gr.Request) -> None:
        store.leave(_visitor(request))
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
            table = _custom(
                "stage", STAGE, SAMPLES=_sample_buttons(offered), LIMIT=str(UPLOAD_MEGABYTES)
            )
            with gr.Column(elem_id="pm-side"):
                _custom("layers")
                shown = _custom("result", MATTINGS=views.mattings())
        photo, peeked, found, file = map(_bridge, ("photo", "peeked", "found", "file"))
        with gr.Column(elem_id="pm-upload"):  # not seen: the stage drops, pastes and shoots into it
            chooser = gr.UploadButton("Photo file")

        def listen(limit: int, name: str) -> dict[str, Any]:
            return {
                "show_progress": "hidden",
                "trigger_mode": "multiple",
                "concurrency_limit": limit,
                "concurrency_id": name,
                "api_visibility": "private",
            }

        work = listen(16, "work")  # the heavy part of it goes through the desk's gate
        chooser.upload(upload, chooser, [photo, table, shown], **work)
        table.sample(sample, None, [photo, table, shown], **work)
        table.do(do, None, [table, shown], **work)
        table.save(save, None, [table, file], **work)
        table.find(find, None, found, **work)
        table.peek(peek, None, peeked, **listen(2, "peek"))
        layout.unload(leave)
    return layout


def launch(host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the page until it is stopped; other machines reach it only if `host` says so."""
    models.load_segmenter("mobile-sam")  # now, so that weights are fetched before anyone waits
    models.load_fast_saliency()
    if weights.present(models.choose_grounder("auto")):  # else at the first phrase, which says so
        threading.Thread(target=models.load_grounder, daemon=True, name="pickmatte-words").start()
    build().launch(server_name=host, server_port=port, **LAUNCH)


def _respond(store: SessionStore, request: gr.Request, said: dict[str, Any]) -> Iterator[Answer]:
    """Do what was asked and answer in turn: the masks, a preview, the full-size result.

    A later edit of the same visitor makes what is left of this answer superfluous.
    """
    visit = store.find(_visitor(request))
    if visit is None:
        yield views.message(PUT_AWAY), gr.skip()
        return
    try:
        started, have = time.perf_counter(), said.get("have", {})
        snapshot = visit.do(said)
        told = views.stage(snapshot, have)
        if not told["subjects"]:
            yield told, views.nothing(snapshot)
            return
        painting = bool(said.get("trimap"))
        yield told | (views.trimap(snapshot, final=False) if painting else {}), gr.skip()
        if snapshot.superseded():
            return
        snapshot.preview()
        yield gr.skip(), views.result(snapshot, final=False, note="Preview. Refining at full size…")
        time.sleep(SETTLE_SECONDS)
        # Not yielded in there: whoever stops listening must not keep the locks.
        with visit.refining, store.heavy:
            refined = snapshot.refine()
        if refined:
            height, width = snapshot.session.size
            seconds = time.perf_counter() - started
            note = f"Full size, {width} × {height} pixels, in {seconds:.1f} s"
            trimap = views.trimap(snapshot, final=True) if painting else {}
            yield (
                views.stage(snapshot, have) | trimap,
                views.result(snapshot, final=True, note=note),
            )
    except PickmatteError as error:
        yield views.message(str(error)), gr.skip()
    except Exception:
        log.exception("The page could not answer an edit")
        yield views.message(OUR_FAULT), gr.skip()


def _peek(store: SessionStore, request: gr.Request, said: dict[str, Any]) -> Any:
    """What one more click would take. No answer is no harm, and no sentence is worth it."""
    visit = store.find(_visitor(request))
    if visit is None:
        return gr.skip()
    try:
        seen = visit.peek(said)
        ticket = int(said["ticket"])
        return views.unpeeked(ticket) if seen is None else views.peeked(*seen, ticket)
    except PickmatteError:
        return views.unpeeked(int(said["ticket"]))
    except Exception:
        log.exception("The page could not look ahead")
        return gr.skip()


def _find(store: SessionStore, request: gr.Request, text: str) -> Any:
    visit = store.find(_visitor(request))
    if visit is None:
        return views.unfound(text, PUT_AWAY)
    try:
        snapshot = visit.snapshot()
        return views.found(snapshot, text, snapshot.session.find(text))
    except PickmatteError as error:
        return views.unfound(text, str(error))
    except Exception:
        log.exception("The page could not search for a phrase")
        return views.unfound(text, OUR_FAULT)


def _open(store: SessionStore, path: Path, request: gr.Request) -> Iterator[Opened]:
    try:
        visit = store.open(_visitor(request), Session.open(path))
        snapshot = visit.snapshot()
        yield views.photo(snapshot), views.stage(snapshot, {}), views.nothing(snapshot)
        visit.look()
    except PickmatteError as error:
        yield gr.skip(), views.message(str(error)), gr.skip()
    except Exception:
        log.exception("The page could not open a picture")
        yield gr.skip(), views.message(OUR_FAULT), gr.skip()


def _save(store: SessionStore, request: gr.Request, kind: str, key: int | None) -> Answer:
    visit = store.find(_visitor(request))
    if visit is None:
        return views.message(PUT_AWAY), views.unsaved()
    try:
        with visit.refining, store.heavy:
            return gr.skip(), views.saved(visit.save(kind, key))
    except PickmatteError as error:
        return views.message(str(error)), views.unsaved()
    except Exception:
        log.exception("The page could not write a cut-out")
        return views.message(OUR_FAULT), views.unsaved()


def _visitor(request: gr.Request) -> str:
    """One open page of one browser; a reload is a new visitor."""
    if not request.session_hash:
        raise gr.Error("This page needs a session.")
    return str(request.session_hash)


def _sweep(store: SessionStore) -> None:
    while True:
        time.sleep(SWEEP_SECONDS)
        store.sweep()


def _read(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


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


def _bridge(name: str) -> gr.HTML:
    """Hands what the server says to all parts of the page, as an event of that name."""
    script = _read("bridge.js").replace("NAME", name)
    return gr.HTML(value={}, html_template="", js_on_load=script, elem_classes="pm-bridge")


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
