"""The loopback's hub and npm registry as a fixture."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from loopback import Handler, Loopback


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Loopback]:
    """A hub and npm registry that the environment points to, and an empty cache folder."""
    state = Loopback()
    handler = type("Handler", (Handler,), {"loopback": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", state.url)
    monkeypatch.setenv("npm_config_registry", state.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PICKMATTE_OFFLINE", raising=False)
    yield state
    server.shutdown()
    thread.join()
    server.server_close()
