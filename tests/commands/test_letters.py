"""Text in any letters to streams of any encoding, and names of files that are no text."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from running import pipe, run

from pickmatte import cli
from pickmatte.commands.console import accept_any_letters

CLICK = ("--click", "150,100")
NAMES = {"latin": "café.png", "cjk": "猫.png", "bytes": os.fsdecode(b"c\xff.png")}
SHOWN = {  # how a name is printed to a stream of that encoding
    ("utf-8", "latin"): "café.png".encode(),
    ("utf-8", "cjk"): "猫.png".encode(),
    ("utf-8", "bytes"): b"c\xff.png",
    ("cp1252", "latin"): b"caf\xe9.png",
    ("cp1252", "cjk"): rb"\u732b.png",
    ("cp1252", "bytes"): b"c\xff.png",
    ("ascii", "latin"): "café.png".encode(),
    ("ascii", "cjk"): "猫.png".encode(),
    ("ascii", "bytes"): b"c\xff.png",
    ("utf-16-le", "bytes"): r"c\udcff.png".encode("utf-16-le"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes")
@pytest.mark.parametrize(("encoding", "name"), SHOWN)
def test_a_name_in_any_letters_is_printed_in_any_encoding(
    cat: Path, made: Path, tmp_path: Path, encoding: str, name: str
) -> None:
    out, alpha = tmp_path / NAMES[name], made / "cat.alpha.png"
    done = pipe("cut", cat, "-o", out, "--alpha", alpha, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert out.is_file()
    line = "\n".encode(encoding)
    assert done.stdout.endswith(SHOWN[encoding, name] + line)
    assert done.stdout.count(line) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii", "koi8-r", "utf-16"])
@pytest.mark.parametrize("name", NAMES)
def test_errors_in_any_letters(cat: Path, encoding: str, name: str) -> None:
    word = NAMES[name].removesuffix(".png")
    for args in (
        ("cut", str(cat), "-o", f"{word}/a.png", *CLICK),
        ("cut", str(cat), "--subject", word),
        ("cut", word, *CLICK),
        ("cut", str(cat), "--recipe", word),
        ("find", word, "x"),
        ("models", "pull", word),
        ("demo", f"/dev/null/{word}"),
        ("ui", "--host", word),
    ):
        done = CliRunner(charset=encoding).invoke(cli.main, args, catch_exceptions=False)
        assert done.exit_code in (1, 2)
        assert done.stderr.splitlines()[-1].startswith("Error: ")
        assert done.stdout_bytes == b""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_an_error_as_a_user_sees_it(encoding: str) -> None:
    for name, shown in (("猫", r"\u732b" if encoding == "cp1252" else "猫"), ("c", "c")):
        done = pipe("cut", f"{name}.png", *CLICK, encoding=encoding)
        said = f"Error: There is no file '{shown}.png'; check the path.\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, b"", said.encode())


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_help_and_lists_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    for args in (("--help",), ("cut", "--help"), ("auto", "--help"), ("models", "list")):
        done = pipe(*args, encoding=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout


def test_reports_and_recipes_in_any_letters(cat: Path, tmp_path: Path) -> None:
    """JSON is ASCII: it leads back to the very name."""
    for name in NAMES.values():
        photo = tmp_path / name
        shutil.copy(cat, photo)
        done = pipe("cut", photo, *CLICK, "--layers", "--json", encoding="cp1252")
        assert (done.returncode, done.stderr) == (0, b"")
        report = json.loads(done.stdout)
        assert report["photo"] == str(photo)
        assert all(Path(path).is_file() for path in report["files"].values())
        recipe = Path(report["files"]["recipe"])
        assert json.loads(recipe.read_text())["subjects"][0]["name"] == photo.stem
        again = run("cut", photo, "-o", tmp_path / "again.psd", "--recipe", recipe)
        assert again.exit_code == 0


def test_a_stream_that_is_no_file_is_let_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    accept_any_letters()
    print("猫")
    assert sys.stdout.getvalue() == "猫\n"
