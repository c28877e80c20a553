"""The web page's front door: what is shown (`page.layout`) wired to what it does (`handlers`)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from pickmatte import models
from pickmatte.interactive.pictures.picture import PIXEL_LIMIT
from pickmatte.models import weights
from pickmatte.page import handlers, layout
from pickmatte.page.handlers import visitor
from pickmatte.page.layout import LAUNCH
from pickmatte.service.samples import samples
from pickmatte.service.session_store import SessionStore


def build(store: SessionStore | None = None) -> gr.Blocks:
    """Lay out the page and wire it; `launch` serves it. `store` bounds what is kept of visitors."""
    store = SessionStore() if store is None else store
    offered = {sample.name: sample for sample in samples()}

    def open_(event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        file = handlers.uploaded(str(event.path))
        yield from handlers.open_picture(store, visitor(request), file, int(event.turn))

    def sample(event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        file = offered[event.name].path
        yield from handlers.open_picture(store, visitor(request), file, int(event.turn))

    def do(event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        yield from handlers.respond(store, visitor(request), event.said)

    def peek(event: gr.EventData, request: gr.Request) -> Any:
        return handlers.peek(store, visitor(request), event.said)

    def find(event: gr.EventData, request: gr.Request) -> Any:
        return handlers.find(store, visitor(request), str(event.text))

    def save(event: gr.EventData, request: gr.Request) -> Any:
        return handlers.save(store, visitor(request), str(event.kind), event.key)

    def leave(request: gr.Request) -> None:
        store.leave(visitor(request))
        # Gradio keeps what it showed last, small pictures too, and nothing the page would need.
        page.state_holder.session_data.pop(visitor(request), None)

    page: gr.Blocks
    with gr.Blocks(
        title="Pickmatte", analytics_enabled=False, fill_width=True, delete_cache=(300, 1800)
    ) as page:
        layout.header()
        with gr.Row(elem_id="pm-main", equal_height=False):
            table = layout.stage(offered)
            with gr.Column(elem_id="pm-side"):
                layout.layers()
                shown = layout.result()
        photo, peeked, found, file = map(layout.bridge, ("photo", "peeked", "found", "file"))

        work = _listening(16, "work")  # the heavy part of it goes through the store's gate
        table.open(open_, None, [photo, table, shown], **work)
        table.sample(sample, None, [photo, table, shown], **work)
        table.do(do, None, [photo, table, shown], **work)
        table.save(save, None, [table, file], **work)
        table.find(find, None, found, **work)
        table.peek(peek, None, peeked, **_listening(2, "peek"))
        page.unload(leave)
    return page


def launch(
    host: str = "127.0.0.1", port: int = 7860, limit: int = PIXEL_LIMIT, device: str = "auto"
) -> None:
    """Serve the page until it is stopped; other machines reach it only if `host` says so.

    Pictures of more than `limit` pixels are refused. Networks run on `device`.
    """
    models.load_segmenter(device=device)  # now, so that weights are fetched before anyone waits
    models.load_fast_saliency()
    if weights.present(models.choose_grounder("auto")):  # else at the first phrase, which says so
        load = partial(models.load_grounder, device=models.place("grounder", "auto", device))
        threading.Thread(target=load, daemon=True, name="pickmatte-words").start()
    store = SessionStore(limit=limit, device=device)
    store.sweep_now_and_then()
    build(store).launch(server_name=host, server_port=port, **LAUNCH)


def _listening(limit: int, name: str) -> dict[str, Any]:
    """How a listener is run: unseen, every time, so many at once under that name."""
    return {
        "show_progress": "hidden",
        "trigger_mode": "multiple",
        "concurrency_limit": limit,
        "concurrency_id": name,
        "api_visibility": "private",
    }


if __name__ == "__main__":
    launch()
