from __future__ import annotations

from pathlib import Path

from pickmatte.models.weights.derived import derived


def test_it_is_made_once_and_kept_beside_its_source(tmp_path: Path) -> None:
    source = tmp_path / "net.onnx"
    source.write_bytes(b"graph")
    made: list[Path] = []

    def make(path: Path) -> bytes:
        made.append(path)
        return path.read_bytes()[::-1]

    assert derived(source, "turned", make) == b"hparg"
    assert derived(source, "turned", make) == b"hparg"
    assert made == [source]
    kept = tmp_path / "net.turned.onnx"
    kept.write_bytes(b"wrong")  # damage is noticed
    assert derived(source, "turned", make) == b"hparg"
    source.write_bytes(b"other")  # and so is another source
    assert derived(source, "turned", make) == b"rehto"
    assert len(made) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "net.onnx",
        "net.turned.onnx",
        "net.turned.onnx.sha256",
    ]
