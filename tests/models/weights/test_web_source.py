"""Files that are at an address of their own."""

from __future__ import annotations

import hashlib

import pytest
from loopback import REVISION, Fault, Loopback, noise

from pickmatte.models import weights
from pickmatte.models.errors import WeightsError
from pickmatte.models.weights.records import File, Hub, Model, Web

BLOB = noise(3)


def entry(loopback: Loopback, *, hub: bool = False) -> Model:
    """A checkpoint at an address, and on request in a hub's repository too."""
    where = [Web(f"{loopback.url}/cdn/sam.pth")]
    found = [*where, Hub("someone/model", REVISION, "sam.pth")] if hub else where
    file = File("sam.pth", len(BLOB), hashlib.sha256(BLOB).hexdigest(), tuple(found))
    return Model("test-sam", "segmenter", "test", "MIT", "A model of the tests.", (file,))


def test_it_is_fetched_and_goes_on_where_it_stopped(loopback: Loopback) -> None:
    loopback.blobs = {"sam.pth": BLOB}
    loopback.faults = [Fault(after=100_000)]
    found = weights.files(entry(loopback))
    assert found["sam.pth"].read_bytes() == BLOB
    assert loopback.transfers == [None, "bytes=100000-"]


def test_another_source_is_asked_where_it_is_gone(loopback: Loopback) -> None:
    loopback.blobs = {"sam.pth": BLOB}
    loopback.faults = [Fault(status=404)]
    assert weights.files(entry(loopback, hub=True))["sam.pth"].read_bytes() == BLOB


def test_what_has_another_hash_is_refused(loopback: Loopback) -> None:
    loopback.blobs = {"sam.pth": noise(4)}
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1:\d+: SHA-256 is"):
        weights.files(entry(loopback))


def test_offline_asks_nobody(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    with pytest.raises(WeightsError, match="PICKMATTE_OFFLINE is set"):
        weights.files(entry(loopback))
    assert loopback.asked == []
