"""Wrong usage and failures: one line that says why, and nothing written."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from running import CAT, error_of, run, shell


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((), "Say what to cut out: --click"),
        (("--click", "12"), "'12' is not of the form X,Y"),
        (("--click", "1,2,3"), "is not of the form X,Y"),
        (("--drop", "a,b"), "is not of the form X,Y"),
        (("--click", "1,nan"), "is not of the form X,Y"),
        (("--box", "1,2,3"), "is not of the form X0,Y0,X1,Y1"),
        ((*CAT, "--bits", "12"), "Invalid value for '--bits'"),
        ((*CAT, "--band", "wide"), "Invalid value for '--band'"),
        ((*CAT, "--sing", "the cat"), "No such option"),
        (("--mask", "m.png", "--trimap", "t.png"), "only one of --mask and --trimap"),
        (("--trimap", "t.png", *CAT), "--trimap leaves nothing to --click"),
        (("--alpha", "a.png", "--band", "0"), "--alpha leaves nothing to --band"),
        (("--recipe", "r.json", "--matting", "x"), "--recipe leaves nothing to --matting"),
    ],
)
def test_wrong_usage(cat: Path, tmp_path: Path, args: tuple[str, ...], reason: str) -> None:
    assert reason in error_of(run("cut", cat, "-o", tmp_path / "out.png", *args), 2)
    assert list(tmp_path.iterdir()) == []


def test_inputs_are_never_overwritten(cat: Path, made: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    shutil.copy(cat, photo)
    shutil.copy(made / "cat.trimap.png", tmp_path / "photo.trimap.png")
    (tmp_path / "link.png").symlink_to(photo)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for name in ("photo.png", "../" + tmp_path.name + "/photo.png", "link.png"):
        assert "is an input" in error_of(run("cut", photo, "-o", tmp_path / name, *CAT), 2)
    args = ("--trimap", tmp_path / "photo.trimap.png")
    error_of(run("matte", photo, args[1], "-o", args[1]), 2)
    error_of(run("cut", photo, "-o", tmp_path / "photo.webp", *args, "--layers"), 2)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


# Failures: exit code 1, one line, nothing written


@pytest.mark.parametrize(
    ("photo", "args"),
    [
        ("bad/words.jpg", CAT),
        ("bad/half.png", CAT),
        ("bad/empty.png", CAT),
        ("bad/none.png", CAT),
        ("bad", CAT),
        ("cat", ("--click", "5000,10")),
        ("cat", ("--click", "-5,10")),
        ("cat", ("--click", "150,100", "--drop", "150,200")),
        ("cat", ("--box", "50,50,50,90")),
        ("cat", ("--box", "90,90,50,50")),
        ("cat", ("--box", "400,50,500,90")),
        ("cat", ("--click", "150,100", "--choose", "99")),
        ("cat", ("--click", "150,100", "--band", "-1")),
        ("cat", ("--click", "150,100", "--segmenter", "sam-9000")),
        ("cat", ("--click", "150,100", "--matting", "mobile-sam")),
        ("cat", ("--mask", "bad/black.png")),
        ("cat", ("--mask", "bad/small.png")),
        ("cat", ("--mask", "bad/none.png")),
        ("cat", ("--trimap", "bad/black.png")),
        ("cat", ("--trimap", "bad/grey.png")),
        ("cat", ("--trimap", "bad/half.png")),
        ("cat", ("--alpha", "bad/small.png")),
        ("cat", ("--recipe", "bad/none.json")),
        ("cat", ("--recipe", "bad/empty.json")),
        ("cat", ("--recipe", "bad/other.json")),
    ],
)
def test_failure_leaves_nothing(
    cat: Path, bad: Path, tmp_path: Path, photo: str, args: tuple[str, ...]
) -> None:
    out = tmp_path / "results"
    out.mkdir()
    paths = {f"bad/{name}": bad / name for name in (*os.listdir(bad), "none.png", "none.json")}  # noqa: PTH208
    paths |= {"cat": cat, "bad": bad}
    told = [paths.get(arg, arg) for arg in args]
    message = error_of(run("cut", paths[photo], "-o", out / "out.png", *told, "--layers"), 1)
    assert re.search(r"[.)]$", message), "a sentence"
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/out.png", ".", "out.jpg", "out"])
def test_output_that_cannot_be_written(cat: Path, made: Path, tmp_path: Path, name: str) -> None:
    alpha = made / "cat.alpha.png"
    error_of(run("cut", cat, "-o", tmp_path / name, "--alpha", alpha, "--layers"), 1)
    error_of(run("matte", cat, made / "cat.trimap.png", "-o", tmp_path / name), 1)
    assert list(tmp_path.iterdir()) == []


def test_offline_without_weights(cat: Path, tmp_path: Path) -> None:
    cache, out = tmp_path / "cache", tmp_path / "results"
    out.mkdir()
    environment = {"PICKMATTE_OFFLINE": "1", "PICKMATTE_CACHE": str(cache)}
    done = shell("cut", cat, "-o", out / "out.png", "--click", "150,100", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "pickmatte models pull mobile-sam-whole --from PATH" in done.stderr
    assert list(out.iterdir()) == []
