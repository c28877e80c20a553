"""What the page's events do: each answers one visitor, and says in a sentence what went wrong."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from pickmatte import Session
from pickmatte.models.errors import DeviceError, MissingExtra, PickmatteError, WeightsError
from pickmatte.service.session_store import SessionStore
from pickmatte.service.visitor_session import GONE

from . import views

log = logging.getLogger("pickmatte")

PUT_AWAY = "This picture was put away to make room. Open it again to go on."
OUR_FAULT = "Something went wrong on our side; your picture is as it was. Please try again."
NOT_SET_UP = "What this needs is not set up on this server. Its log says what is missing."
# A click that follows at once makes the full-size result of this one pointless.
SETTLE_SECONDS = 0.2

# What the photo, the stage and the result are told; gr.skip() tells nothing.
Answer = tuple[Any, Any, Any]


def visitor(request: gr.Request) -> str:
    """One open page of one browser; a reload is a new visitor."""
    if not request.session_hash:
        raise gr.Error("This page needs a session.")
    return str(request.session_hash)


def open_picture(store: SessionStore, who: str, path: Path, turn: int) -> Iterator[Answer]:
    """Put a picture on the table, and let the segmenter look at it.

    `turn` counts the pictures that this visitor wished for: whatever comes of one is not told any
    more once there is another that was wished for later.
    """
    try:
        session = Session.open(path, limit=store.limit, device=store.device)
        visitor_session = store.open(who, session, turn)
        if visitor_session is None:
            yield gr.skip(), gr.skip(), gr.skip()  # to yield nothing at all would tell null
            return
        snapshot = visitor_session.snapshot()
        told = views.stage(snapshot, {}) | {"turn": turn}
        if visitor_session.pictures.forgot_before:
            told |= {"notice": GONE}
        yield views.photo(snapshot), told, views.nothing(snapshot)
        visitor_session.look()
    except PickmatteError as error:
        visitor_session = store.find(who)
        late = visitor_session is not None and visitor_session.turn > turn
        said = gr.skip() if late else views.message(_said_of(error)) | {"turn": turn}
        yield gr.skip(), said, gr.skip()
    except Exception:
        log.exception("The page could not open a picture")
        yield gr.skip(), views.message(OUR_FAULT) | {"turn": turn}, gr.skip()


def uploaded(path: str) -> Path:
    """A file that was uploaded here: a browser may ask for any path, and gets no other."""
    file = Path(path).resolve()
    if not file.is_relative_to(Path(get_upload_folder()).resolve()):
        raise gr.Error("This file was not uploaded here.")
    return file


def respond(store: SessionStore, who: str, said: dict[str, Any]) -> Iterator[Answer]:
    """Do what was asked and answer in turn: the masks, a preview, the full-size result.

    A later edit of the same visitor makes what is left of this answer superfluous.
    """
    visitor_session = store.find(who)
    if visitor_session is None:
        yield gr.skip(), views.message(PUT_AWAY), gr.skip()
        return
    try:
        started, have = time.perf_counter(), said.get("have", {})
        snapshot = visitor_session.do(said)
        # Undo and redo may bring another picture back.
        photo = gr.skip() if said.get("photo") == snapshot.photo else views.photo(snapshot)
        told = views.stage(snapshot, have)
        if not told["subjects"]:
            yield photo, told, views.nothing(snapshot)
            return
        painting = bool(said.get("trimap"))
        yield photo, told | (views.trimap(snapshot, final=False) if painting else {}), gr.skip()
        if snapshot.superseded():
            return
        snapshot.preview()
        note = "Preview. Refining at full size…"
        yield gr.skip(), gr.skip(), views.result(snapshot, final=False, note=note)
        time.sleep(SETTLE_SECONDS)
        # Not yielded in there: whoever stops listening must not keep the locks.
        with visitor_session.refining, store.heavy:
            refined = snapshot.refine()
        if refined:
            height, width = snapshot.session.size
            seconds = time.perf_counter() - started
            note = f"Full size, {width} × {height} pixels, in {seconds:.1f} s"
            trimap = views.trimap(snapshot, final=True) if painting else {}
            told = views.stage(snapshot, have) | trimap
            yield gr.skip(), told, views.result(snapshot, final=True, note=note)
    except PickmatteError as error:
        yield gr.skip(), views.message(_said_of(error)), gr.skip()
    except Exception:
        log.exception("The page could not answer an edit")
        yield gr.skip(), views.message(OUR_FAULT), gr.skip()


def peek(store: SessionStore, who: str, said: dict[str, Any]) -> Any:
    """What one more click would take. No answer is no harm, and no sentence is worth it."""
    visitor_session = store.find(who)
    if visitor_session is None:
        return gr.skip()
    try:
        seen = visitor_session.peek(said)
        ticket = int(said["ticket"])
        return views.unpeeked(ticket) if seen is None else views.peeked(*seen, ticket)
    except PickmatteError:
        return views.unpeeked(int(said["ticket"]))
    except Exception:
        log.exception("The page could not look ahead")
        return gr.skip()


def find(store: SessionStore, who: str, text: str) -> Any:
    """What a phrase finds."""
    visitor_session = store.find(who)
    if visitor_session is None:
        return views.unfound(text, PUT_AWAY)
    try:
        snapshot = visitor_session.snapshot()
        return views.found(snapshot, text, snapshot.session.find(text))
    except PickmatteError as error:
        return views.unfound(text, _said_of(error))
    except Exception:
        log.exception("The page could not search for a phrase")
        return views.unfound(text, OUR_FAULT)


def save(store: SessionStore, who: str, kind: str, key: int | None) -> tuple[Any, Any]:
    """What the stage is told, and a file of what is there now."""
    visitor_session = store.find(who)
    if visitor_session is None:
        return views.message(PUT_AWAY), views.unsaved()
    try:
        with visitor_session.refining, store.heavy:
            return gr.skip(), views.saved(visitor_session.save(kind, key))
    except PickmatteError as error:
        return views.message(_said_of(error)), views.unsaved()
    except Exception:
        log.exception("The page could not write a cut-out")
        return views.message(OUR_FAULT), views.unsaved()


def _said_of(error: PickmatteError) -> str:
    """What a visitor is told; what only who runs the page can mend goes to the log."""
    if isinstance(error, WeightsError | MissingExtra | DeviceError):
        log.error("%s", error)
        return NOT_SET_UP
    return str(error)
