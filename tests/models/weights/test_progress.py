"""How a download is told of."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from pickmatte.models import weights
from pickmatte.models.weights import catalogue
from pickmatte.models.weights.progress import Bars


def test_the_total_sums_what_is_under_way() -> None:
    with Progress(console=Console(file=io.StringIO())) as progress:
        bars = Bars(progress)
        with bars.total(300):
            with bars.bar("one", 100, done=40) as advance:
                advance(70)
                advance(100)
            with bars.bar("two", 200) as advance:
                advance(150)
            assert [task.completed for task in progress.tasks] == [250, 100, 150]
        assert progress.tasks[0].total == 300


def test_nothing_to_fetch_has_no_total() -> None:
    with Progress(console=Console(file=io.StringIO())) as progress:
        with Bars(progress).total(0):
            pass
        assert not progress.tasks


def test_what_is_missing_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path))
    mobile, large = catalogue.find("mobile-sam"), catalogue.find("sam2.1-hiera-large")
    tarball = weights.missing_bytes([mobile])
    assert tarball == mobile.files[0].sources[0].bytes  # type: ignore[union-attr]
    assert weights.missing_bytes([mobile, large]) == tarball + large.bytes
    assert weights.missing_bytes([catalogue.find("nano"), catalogue.find("starter")]) == 0
