"""`-` for standard input and output, and results that nobody named."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from running import ROOT, error_of, pipe, read, run

from pickmatte import cli

CLICK = ("--click", "150,100")


def decoded(data: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


# Standard input and output


def test_a_photo_through_a_pipe(cat: Path, made: Path) -> None:
    done = pipe("cut", "-", "-o", "-", *CLICK, given=cat.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (made / "cat.png").read_bytes()


def test_what_comes_through_a_pipe_leaves_through_one(cat: Path, made: Path) -> None:
    done = pipe("cut", "-", *CLICK, "--json", given=cat.read_bytes())
    assert done.returncode == 0
    assert done.stdout == (made / "cat.png").read_bytes()
    report = json.loads(done.stderr)
    assert (report["photo"], report["files"]) == ("-", {})
    assert report["subjects"][0]["name"] == "subject 1"


def test_every_input_and_every_command_knows_pipes(cat: Path, made: Path, tmp_path: Path) -> None:
    def invoke(*args: str | Path, given: Path) -> Any:
        data = given.read_bytes()
        done = CliRunner().invoke(cli.main, [*map(str, args)], input=data, catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return done

    cutout = read(made / "cat.png")
    trimap, recipe = made / "cat.trimap.png", made / "cat.recipe.json"
    for option, layer in (("--trimap", trimap), ("--alpha", made / "cat.alpha.png")):
        out = invoke("cut", cat, "-o", "-", option, "-", given=layer).stdout_bytes
        assert (decoded(out)[..., 3] == cutout[..., 3]).all()
    again = invoke("cut", cat, "-o", "-", "--recipe", "-", given=recipe).stdout_bytes
    assert again == (made / "cat.png").read_bytes()
    for args, given in ((("-", trimap), cat), ((cat, "-"), trimap)):
        alpha = invoke("matte", *args, "-o", "-", given=given).stdout_bytes
        assert (decoded(alpha) == read(made / "cat.alpha.png")).all()
    found = json.loads(invoke("find", "-", "the cat", "--json", given=cat).stdout)
    assert found["photo"] == "-"
    auto = invoke("auto", "-", "--json", given=cat)
    assert decoded(auto.stdout_bytes).shape == (200, 300, 4)
    assert json.loads(auto.stderr)["recipe"]["subjects"]


def test_a_file_whose_name_is_a_dash(
    cat: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(cat, "-")
    assert run("cut", "./-", "-o", "a.png", *CLICK).exit_code == 0
    assert (tmp_path / "a.png").read_bytes() == (made / "cat.png").read_bytes()


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("cut", "-", "--mask", "-"), "Standard input can be read once"),
        (("matte", "-", "-"), "Standard input can be read once"),
        (("cut", "-", "-o", "-", *CLICK, "--layers"), "name a file"),
        (("cut", "-", *CLICK, "--layers"), "name a file"),
        (("cut", "-", *CLICK, "--only", "mask", "--layers"), "too much"),
        (("cut", "-", *CLICK, "--only", "mask", "--bits", "16"), "8 bits"),
        (("auto", "-", "--only", "mask", "--only", "alpha"), "--only mask and --only alpha"),
        (("auto", "-", "--only", "animal", "--only", "person"), "--only animal and --only person"),
    ],
)
def test_contradictions_are_wrong_usage(args: tuple[str, ...], reason: str) -> None:
    """Nothing is read: an empty standard input would be another failure."""
    assert reason in error_of(run(*args), 2)


def test_a_terminal_is_no_picture(cat: Path) -> None:
    keyboard, screen = pty.openpty()
    try:
        for args, streams, reason in (
            (("cut", "-", *CLICK), {"stdin": screen}, b"Standard input is a terminal"),
            (("cut", cat, "-o", "-", *CLICK), {"stdout": screen}, b"Standard output is a terminal"),
            (("matte", cat, "-"), {"stdin": screen}, b"Standard input is a terminal"),
        ):
            others = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | streams
            command = [sys.executable, "-m", "cli", *map(str, args)]
            done = subprocess.run(
                command, cwd=ROOT, stderr=subprocess.PIPE, timeout=60, check=False, **others
            )
            assert done.returncode == 2
            assert reason in done.stderr
    finally:
        os.close(keyboard)
        os.close(screen)


def test_standard_output_that_is_full_or_closed(cat: Path, made: Path) -> None:
    command = [sys.executable, "-m", "cli", "cut", str(cat), "-o", "-"]
    command += ["--alpha", str(made / "cat.alpha.png")]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1
    assert done.stderr == b"Error: Standard output cannot be written: No space left on device.\n"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_what_standard_input_brings_that_is_no_picture() -> None:
    done = pipe("cut", "-", *CLICK, given=b"words")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"Error: ")
    assert done.stderr.count(b"\n") == 1


# Results that nobody named


def test_a_result_without_a_name_lies_beside_the_photo(
    cat: Path, made: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "cat.png"
    shutil.copy(cat, photo)
    given = ("--alpha", made / "cat.alpha.png")
    for args, name in (
        (("cut", photo, *given), "cat.cutout.png"),
        (("cut", photo, *given, "--only", "alpha"), "cat.alpha.png"),
        (("cut", photo, *CLICK, "--only", "trimap"), "cat.trimap.png"),
        (("auto", photo, "--only", "mask"), "cat.mask.png"),
        (("matte", photo, made / "cat.trimap.png"), "cat.alpha.png"),
    ):
        done = run(*args)
        assert (done.exit_code, done.stdout) == (0, f"{tmp_path / name}\n")
        assert (tmp_path / name).is_file()
    assert photo.read_bytes() == cat.read_bytes()


def test_a_result_without_a_name_never_replaces_an_input(
    cat: Path, made: Path, tmp_path: Path
) -> None:
    photo, mask = tmp_path / "cat.png", tmp_path / "cat.mask.png"
    shutil.copy(cat, photo)
    shutil.copy(made / "cat.mask.png", mask)
    assert "is an input" in error_of(run("cut", photo, "--mask", mask, "--only", "mask"), 2)
    assert mask.read_bytes() == (made / "cat.mask.png").read_bytes()


@pytest.mark.parametrize("photo", ["none.png", "no/such/cat.png", ".", "/", ""])
def test_a_result_without_a_name_of_a_photo_that_is_none(tmp_path: Path, photo: str) -> None:
    error_of(run("cut", photo, *CLICK), 1)
