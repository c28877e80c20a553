"""What the person sees, and files whose hash is on no public record."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
from dataclasses import replace
from pathlib import Path

import pytest
from fetching import A, B, start
from loopback import Loopback, entry

from pickmatte import models
from pickmatte.models import weights
from pickmatte.models.errors import WeightsError
from pickmatte.models.weights import sources
from pickmatte.models.weights.records import Model


def test_progress(loopback: Loopback, capfd: pytest.CaptureFixture[str]) -> None:
    loopback.blobs = {"deep/0.bin": A}
    place = weights.files(entry(A))["0.bin"]
    assert capfd.readouterr() == ("", ""), "silent when standard error is no terminal"
    place.unlink()
    weights.files(entry(A), progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert err == "0.bin from Hugging Face someone/model@01234567 (0.3 MB) ...\n"


def test_progress_on_a_terminal(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": A}
    ours, theirs = pty.openpty()
    process = start(entry(A), stderr=theirs, TERM="xterm", COLUMNS="140")
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux tells that the other end is closed
        while piece := os.read(ours, 1 << 12):
            shown += piece
    os.close(ours)
    assert process.wait(60) == 0
    assert b"0.bin from Hugging Face someone/model@01234567" in shown
    assert b"300.0/300.0 kB" in shown


# Files whose hash is on no public record


def unverified(blob: bytes) -> Model:
    model = entry(blob)
    return replace(model, files=(replace(model.files[0], bytes=1, sha256=""),))


def test_first_download_is_recorded_and_held_to(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": A}
    model = unverified(A)
    assert not model.verified
    assert weights.check(model).state == "missing"
    place = weights.files(model)["0.bin"]
    assert place.read_bytes() == A
    assert weights.check(model).state == "present"
    place.write_bytes(B)
    loopback.blobs = {"deep/0.bin": B}
    assert weights.check(model).state == "corrupt"
    with pytest.raises(WeightsError, match=r"not|offers"):
        weights.files(model)  # what the hub offers now is not what it gave first


def test_a_stated_hash_is_checked_at_the_first_download(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.blobs = {"deep/0.bin": A}
    lie = lambda source, file: replace(file, bytes=len(A), sha256=hashlib.sha256(B).hexdigest())  # noqa: E731
    monkeypatch.setattr(sources, "hub_facts", lie)
    with pytest.raises(WeightsError, match="SHA-256"):
        weights.files(unverified(A))


def test_unverified_file_from_a_folder_is_found_by_its_name(
    loopback: Loopback, tmp_path: Path
) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "0.bin").write_bytes(A)
    found = weights.files(unverified(A), path=tmp_path / "given")
    assert found["0.bin"].read_bytes() == A


def test_unverified_file_of_an_unreachable_hub(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WeightsError, match="Hugging Face"):
        weights.files(unverified(A))


def test_present_means_files_here_and_packages_installed(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weights.present("nano")
    assert weights.present("closed-form")
    assert not weights.present("vitmatte-small")
    assert models.choose_matting("auto") == "nano"
    loopback.blobs = {"config.json": b"{}", "model.safetensors": b"numbers"}
    weights.files("vitmatte-small")
    monkeypatch.setattr(weights.cache, "find_spec", lambda package: True)
    assert weights.present("vitmatte-small")
    assert models.choose_matting("auto") == "vitmatte-small"
    monkeypatch.setattr(weights.cache, "find_spec", lambda package: None)
    assert not weights.present("vitmatte-small")
    assert models.choose_matting("auto") == "nano"


def test_what_a_licence_forbids_is_said_before_the_first_transfer_only(
    loopback: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    loopback.blobs = {"deep/0.bin": A}
    model = replace(entry(A), commercial=False, licence="For study only")
    weights.files(model)
    assert ["not for commercial use" in record.getMessage() for record in caplog.records] == [True]
    assert "For study only" in caplog.text
    weights.files(model)
    assert len(caplog.records) == 1


def test_removed_files_are_gone_and_come_back(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": A}
    model = entry(A)
    assert weights.remove(model) == 0
    found = weights.files(model)
    assert weights.remove(model) == len(A)
    assert not found["0.bin"].exists()
    assert weights.check(model).state == "missing"
    assert weights.files(model)["0.bin"].read_bytes() == A
