"""`pickmatte models`, `pickmatte ui` and help."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from running import ROOT, error_of, run

from pickmatte.models import weights
from pickmatte.models.weights import catalogue


def test_models_list_pull_and_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = weights.files("mobile-sam")["encoder.onnx"].parent
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path))
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    listed = run("models", "list").stdout
    for model in catalogue.MODELS:
        assert re.search(rf"^{model.name} .*{re.escape(model.licence)}$", listed, re.MULTILINE)
    assert re.search(r"^mobile-sam .* missing ", listed, re.MULTILINE)

    assert "no such file" in error_of(run("models", "pull", "mobile-sam", "--from", tmp_path), 1)
    pulled = run("models", "pull", "mobile-sam", "closed-form", "--from", held)
    assert pulled.exit_code == 0
    assert "mobile-sam is ready. Licence: MIT" in pulled.stdout
    assert re.search(r"^mobile-sam .* present ", run("models", "list").stdout, re.MULTILINE)
    verified = run("models", "verify")
    assert verified.exit_code == 0
    assert verified.stdout.count("present") == 3  # the encoder is of two models

    place = tmp_path / "models" / "mobile-sam" / "decoder.onnx"
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    assert re.search(r"^mobile-sam .* corrupt ", run("models", "list").stdout, re.MULTILINE)
    verified = run("models", "verify")
    assert verified.exit_code == 1
    assert f"corrupt   {place}" in verified.stdout
    assert verified.stderr == (
        "Error: Deleted 1 corrupt file(s); run `pickmatte models pull mobile-sam`.\n"
    )
    assert not place.exists()


def test_models_pull_unknown_or_none() -> None:
    assert "no model named 'sam-9000'" in error_of(run("models", "pull", "sam-9000"), 1)
    error_of(run("models", "pull"), 2)


def test_ui_serves_the_page(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-m", "pickmatte", "ui", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                    assert b"gradio" in page.read()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail((tmp_path / "log").read_text() or "no answer")
        assert f"http://127.0.0.1:{port} " in (tmp_path / "log").read_text()
        taken = error_of(run("ui", "--port", str(port)), 1)
        assert taken == f"127.0.0.1 port {port} cannot be served: Address already in use."
    finally:
        server.terminate()
        server.wait(30)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, cli\n"
        "try: cli.main(['cut', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'cv2', 'gradio', 'onnxruntime', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "--click X,Y" in done.stdout
