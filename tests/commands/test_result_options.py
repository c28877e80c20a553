"""`--only`, `--strip`, `--strip-location` and `--limit`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import error_of, read, run

CLICK = ("--click", "150,100")


def test_only_a_layer(cat: Path, made: Path, tmp_path: Path) -> None:
    for layer in ("mask", "trimap", "alpha"):
        out = tmp_path / f"{layer}.png"
        done = run("cut", cat, "-o", out, *CLICK, "--only", layer, "--json")
        assert json.loads(done.stdout)["files"] == {layer: str(out)}
        assert read(out).dtype == np.uint8
        assert (read(out) == read(made / f"cat.{layer}.png")).all()
    both = ("--only", "animal", "--only", "mask", "--largest")
    assert run("auto", cat, "-o", tmp_path / "auto.png", *both).exit_code == 0
    assert read(tmp_path / "auto.png").shape == (200, 300)
    reason = error_of(run("cut", cat, "-o", tmp_path / "a.webp", *CLICK, "--only", "mask"), 1)
    assert reason == "'a.webp': a mask is written as .png; name it so."


@pytest.mark.parametrize("command", ["cut", "auto"])
def test_strip(cat: Path, tmp_path: Path, command: str) -> None:
    photo, out = tmp_path / "cat.jpg", tmp_path / "out.png"
    exif = Image.Exif()
    exif[271] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    Image.open(cat).save(photo, exif=exif)
    args = (command, photo, "-o", out, *(CLICK if command == "cut" else ()))
    told = {}
    for option in ((), ("--strip-location",), ("--strip",), ("--strip", "--strip-location")):
        assert run(*args, *option).exit_code == 0
        kept = Image.open(out).getexif()
        told[option] = kept.get(271), kept.get_ifd(0x8825).get(1)
    assert [*told.values()] == [("Maker", "N"), ("Maker", None), (None, None), (None, None)]


@pytest.mark.parametrize("command", ["cut", "auto", "find", "matte"])
def test_limit(cat: Path, made: Path, tmp_path: Path, command: str) -> None:
    args: dict[str, tuple[str | Path, ...]] = {
        "cut": (cat, "-o", tmp_path / "out.png", "--alpha", made / "cat.alpha.png"),
        "auto": (cat, "-o", tmp_path / "out.png"),
        "find": (cat, "the cat"),
        "matte": (cat, made / "cat.trimap.png", "-o", tmp_path / "out.png"),
    }
    said = error_of(run(command, *args[command], "--limit", "0.05"), 1)
    assert "over the limit of 0.05 million" in said
    assert run(command, *args[command], "--limit", "0.06").exit_code == 0
    for nonsense in ("0", "-1", "nan", "inf", "much"):
        assert "--limit" in error_of(run(command, *args[command], "--limit", nonsense), 2)


def test_a_photo_beyond_the_usual_limit(tmp_path: Path) -> None:
    """A camera's 101.8 megapixels: refused, and opened where the user says so."""
    photo = tmp_path / "large.png"
    Image.new("1", (11648, 8740)).save(photo)
    args = ("find", photo, "the nothing that is there", "--limit", "102")
    assert "101.8 million pixels, over the limit of 100" in error_of(run(*args[:3]), 1)
    assert "limit" not in error_of(run(*args), 1)
