"""The command line on real photos with the real weights."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from skimage import data

import cli
from interactive import Session
from models import catalog, weights

ROOT = Path(__file__).parents[1]
CAT = ("--click", "230,150")


def run(*args: str | Path) -> Result:
    """Run a command in this process, where models stay loaded; defects surface."""
    return CliRunner().invoke(cli.main, [str(arg) for arg in args], catch_exceptions=False)


def shell(*args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, args)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def read(path: Path) -> Any:
    """The pixels of a PNG as they are."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None, path
    return pixels


def error_of(result: Result, code: int) -> str:
    """The error that a command ended with: one line, and nothing on standard output."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    if code == 1:
        assert result.stderr.count("\n") == 1
    return last.removeprefix("Error: ")


@pytest.fixture(scope="session")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of a cat, 300 pixels wide (skimage's chelsea, CC0)."""
    path = tmp_path_factory.mktemp("photos") / "cat.png"
    small = cv2.resize(data.chelsea(), (300, 200), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), small[..., ::-1])
    return path


@pytest.fixture(scope="session")
def made(cat: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the cat cut out and all layers beside it."""
    folder = tmp_path_factory.mktemp("made")
    assert (
        run("cut", cat, "-o", folder / "cat.png", "--click", "150,100", "--layers").exit_code == 0
    )
    return folder


# cut


def test_cut_as_a_user_does(cat: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    done = shell("cut", cat, "-o", out, "--click", "150,100")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{out}\n"
    rgba = read(out)
    assert rgba.shape == (200, 300, 4)
    assert rgba.dtype == np.uint8
    assert rgba[100, 150, 3] == 255
    assert rgba[5, 5, 3] == 0
    assert os.listdir(tmp_path) == ["out.png"]  # noqa: PTH208


def test_cut_gives_the_pixels_of_the_python_api(cat: Path, made: Path) -> None:
    session = Session.open(cat)
    session.subject().click(150, 100)
    rgba = session.cutout()
    np.testing.assert_array_equal(read(made / "cat.png"), rgba[..., [2, 1, 0, 3]])


def test_layers(made: Path) -> None:
    names = ["cat.alpha.png", "cat.mask.png", "cat.png", "cat.recipe.json", "cat.trimap.png"]
    assert sorted(path.name for path in made.iterdir()) == names
    mask, trimap, alpha = (read(made / f"cat.{name}.png") for name in ("mask", "trimap", "alpha"))
    assert mask.shape == trimap.shape == alpha.shape == (200, 300)
    assert set(np.unique(mask)) == {0, 255}
    assert set(np.unique(trimap)) == {0, 128, 255}
    assert (alpha[trimap == 255] == 255).all()
    assert (alpha[trimap == 0] == 0).all()
    np.testing.assert_array_equal(read(made / "cat.png")[..., 3], alpha)


def test_json_tells_what_was_found(cat: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    result = run("cut", cat, "-o", out, "--click", "150,100", "--layers", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (told["width"], told["height"]) == (300, 200)
    assert (told["segmenter"], told["matting"]) == ("mobile-sam", "nano")
    assert list(told["files"]) == ["cutout", "mask", "trimap", "alpha", "recipe"]
    assert all(Path(path).is_file() for path in told["files"].values())
    assert told["timings"]["total"] > 0
    (subject,) = told["subjects"]
    assert subject["name"] == "cat"
    assert subject["chosen"] == 0
    assert len(subject["candidates"]) > 1
    assert all(isinstance(one["score"], float) for one in subject["candidates"])
    mask = read(Path(told["files"]["mask"]))
    x, y, width, height = cv2.boundingRect(mask)
    assert subject["box"] == [x, y, x + width, y + height]


def test_prompts_keep_the_order_they_were_typed_in(cat: Path, tmp_path: Path) -> None:
    prompts = [("click", (150, 100)), ("box", (60, 10, 290, 199)), ("drop", (10, 10))]
    prompts += [("click", (170, 120)), ("drop", (20, 190))]
    args = [f"--{kind}={','.join(map(str, numbers))}" for kind, numbers in prompts]
    assert run("cut", cat, "-o", tmp_path / "a.png", "--layers", *args).exit_code == 0
    steps = json.loads((tmp_path / "a.recipe.json").read_text())["subjects"][0]["steps"]
    found = [
        ("box", tuple(step["box"]))
        if "box" in step
        else ("click" if step["keep"] else "drop", tuple(step["click"]))
        for step in steps
    ]
    assert found == prompts


def test_recipe_makes_the_same_pixels_again(cat: Path, made: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.png"
    assert run("cut", cat, "-o", again, "--recipe", made / "cat.recipe.json").exit_code == 0
    assert again.read_bytes() == (made / "cat.png").read_bytes()


def test_recipe_of_several_subjects(cat: Path, tmp_path: Path) -> None:
    session = Session.open(cat)
    for name, (x, y) in {"cat": (150, 100), "wall": (20, 20)}.items():
        session.subject(name).click(x, y)
    (tmp_path / "r.json").write_text(json.dumps(session.recipe()))
    args = ("--recipe", tmp_path / "r.json", "--layers", "--json")
    told = json.loads(run("cut", cat, "-o", tmp_path / "both.png", *args).stdout)
    assert [subject["name"] for subject in told["subjects"]] == ["cat", "wall"]
    assert told["files"]["2.mask"] == str(tmp_path / "both.2.mask.png")
    rgba = read(tmp_path / "both.png")
    np.testing.assert_array_equal(rgba, session.cutout()[..., [2, 1, 0, 3]])
    assert rgba[100, 150, 3] == rgba[20, 20, 3] == 255


def test_choose_takes_another_candidate(cat: Path, tmp_path: Path) -> None:
    def mask_of(number: int) -> Any:
        args = ("-o", tmp_path / "out.png", "--layers", "--choose", str(number))
        assert run("cut", cat, *args, "--click", "150,100").exit_code == 0
        return read(tmp_path / "out.mask.png")

    assert (mask_of(0) != mask_of(1)).any()


@pytest.mark.parametrize("kind", ["mask", "trimap", "alpha"])
def test_what_the_user_has_already(cat: Path, made: Path, tmp_path: Path, kind: str) -> None:
    given = made / f"cat.{kind}.png"
    assert run("cut", cat, "-o", tmp_path / "out.png", f"--{kind}", given).exit_code == 0
    alpha = read(tmp_path / "out.png")[..., 3]
    if kind == "mask":  # its band is made without the segmenter's doubts, so it may differ there
        assert (alpha[read(made / "cat.trimap.png") == 255] > 0).all()
    else:
        np.testing.assert_array_equal(alpha, read(made / "cat.alpha.png"))


def test_band_scales_the_unknown(cat: Path, made: Path, tmp_path: Path) -> None:
    args = ("cut", cat, "-o", tmp_path / "out.png", "--click", "150,100", "--layers")
    assert run(*args, "--band", "3").exit_code == 0
    unknown = [
        (read(folder / name) == 128).sum()
        for folder, name in ((made, "cat.trimap.png"), (tmp_path, "out.trimap.png"))
    ]
    assert unknown[1] > unknown[0]


def test_bits_and_formats(cat: Path, made: Path, tmp_path: Path) -> None:
    alpha = made / "cat.alpha.png"
    for name in ("deep.png", "deep.tiff"):
        assert (
            run("cut", cat, "-o", tmp_path / name, "--alpha", alpha, "--bits", "16").exit_code == 0
        )
        assert read(tmp_path / name).dtype == np.uint16
    assert run("cut", cat, "-o", tmp_path / "a.webp", "--alpha", alpha).exit_code == 0
    np.testing.assert_array_equal(read(tmp_path / "a.webp")[..., 3], read(alpha))


# matte


def test_matte(cat: Path, made: Path, tmp_path: Path) -> None:
    out = tmp_path / "alpha.png"
    result = run("matte", cat, made / "cat.trimap.png", "-o", out, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["files"] == {"alpha": str(out)}
    assert (told["width"], told["height"], told["matting"]) == (300, 200, "nano")
    np.testing.assert_array_equal(read(out), read(made / "cat.alpha.png"))


# Wrong usage: exit code 2


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


def test_output_is_required(cat: Path) -> None:
    assert "Missing option '-o'" in error_of(run("cut", cat, *CAT), 2)


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


@pytest.fixture
def bad(cat: Path, made: Path, tmp_path: Path) -> Path:
    """A folder of inputs that cannot work."""
    folder = tmp_path / "bad"
    folder.mkdir()
    whole = cat.read_bytes()
    (folder / "words.jpg").write_text("This is no picture.")
    (folder / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "empty.json").write_text("")
    (folder / "other.json").write_text('{"name": "no recipe"}')
    for name, layer in {
        "small.png": np.full((10, 10), 255, np.uint8),
        "black.png": np.zeros((200, 300), np.uint8),
        "grey.png": np.full((200, 300), 128, np.uint8),
    }.items():
        cv2.imwrite(str(folder / name), layer)
    return folder


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


def test_matte_failures(cat: Path, bad: Path, tmp_path: Path) -> None:
    for photo, trimap in [(cat, "grey.png"), (cat, "small.png"), (bad / "half.png", "grey.png")]:
        error_of(run("matte", photo, bad / trimap, "-o", tmp_path / "alpha.png"), 1)
        assert not (tmp_path / "alpha.png").exists()


def test_offline_without_weights(cat: Path, tmp_path: Path) -> None:
    cache, out = tmp_path / "cache", tmp_path / "results"
    out.mkdir()
    environment = {"PICKMATTE_OFFLINE": "1", "PICKMATTE_CACHE": str(cache)}
    done = shell("cut", cat, "-o", out / "out.png", "--click", "150,100", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "pickmatte models pull mobile-sam --from PATH" in done.stderr
    assert list(out.iterdir()) == []


# models, and help


def test_models_list_pull_and_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = weights.files("mobile-sam")["encoder.onnx"].parent
    monkeypatch.setenv("PICKMATTE_CACHE", str(tmp_path))
    monkeypatch.setenv("PICKMATTE_OFFLINE", "1")
    listed = run("models", "list").stdout
    for model in catalog.MODELS:
        assert re.search(rf"^{model.name} .*{re.escape(model.licence)}$", listed, re.MULTILINE)
    assert re.search(r"^mobile-sam .* missing ", listed, re.MULTILINE)

    assert "no such file" in error_of(run("models", "pull", "mobile-sam", "--from", tmp_path), 1)
    pulled = run("models", "pull", "mobile-sam", "closed-form", "--from", held)
    assert pulled.exit_code == 0
    assert "mobile-sam is ready. Licence: MIT" in pulled.stdout
    assert re.search(r"^mobile-sam .* present ", run("models", "list").stdout, re.MULTILINE)
    verified = run("models", "verify")
    assert verified.exit_code == 0
    assert verified.stdout.count("present") == 2

    place = tmp_path / "models" / "mobile-sam" / "decoder.onnx"
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    assert re.search(r"^mobile-sam .* corrupt ", run("models", "list").stdout, re.MULTILINE)
    verified = run("models", "verify")
    assert verified.exit_code == 1
    assert f"corrupt   {place}" in verified.stdout
    assert verified.stderr == (
        "Error: Deleted 1 corrupt file(s); run `pickmatte models pull mobile-sam`.\n"
    )
    assert not place.exists()


def test_models_pull_unknown_or_none() -> None:
    assert "no model named 'sam-9000'" in error_of(run("models", "pull", "sam-9000"), 1)
    error_of(run("models", "pull"), 2)


def test_ui_serves_the_page(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-m", "cli", "ui", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                    assert b"gradio" in page.read()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail((tmp_path / "log").read_text() or "no answer")
        assert f"http://127.0.0.1:{port} " in (tmp_path / "log").read_text()
        taken = error_of(run("ui", "--port", str(port)), 1)
        assert taken == f"127.0.0.1 port {port} cannot be served: Address already in use."
    finally:
        server.terminate()
        server.wait(30)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, cli\n"
        "try: cli.main(['cut', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'cv2', 'gradio', 'onnxruntime', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "--click X,Y" in done.stdout


# Several subjects


def test_each_subject_has_the_prompts_after_it(cat: Path, tmp_path: Path) -> None:
    out = tmp_path / "both.png"
    two = ("--subject", "cat", "--click", "150,100", "--subject", "wall", "--click", "20,20")
    told = json.loads(run("cut", cat, "-o", out, *two, "--layers", "--json").stdout)
    assert [subject["name"] for subject in told["subjects"]] == ["cat", "wall"]
    session = Session.open(cat)
    session.subject("cat").click(150, 100)
    session.subject("wall").click(20, 20)
    assert np.array_equal(read(out), session.cutout()[..., [2, 1, 0, 3]])
    alone = session.cutout([session.subjects[1]])
    assert np.array_equal(read(tmp_path / "both.2.png"), alone[..., [2, 1, 0, 3]])


def test_invert_writes_the_rest(cat: Path, tmp_path: Path) -> None:
    run("cut", cat, "-o", tmp_path / "cat.png", "--click", "150,100")
    run("cut", cat, "-o", tmp_path / "rest.png", "--click", "150,100", "--invert")
    both = read(tmp_path / "cat.png")[..., 3] + read(tmp_path / "rest.png")[..., 3].astype(int)
    assert abs(both - 255).max() <= 1


def test_a_layered_file_has_each_subject(cat: Path, tmp_path: Path) -> None:
    two = ("--subject", "cat", "--click", "150,100", "--subject", "wall", "--click", "20,20")
    assert run("cut", cat, "-o", tmp_path / "both.ora", *two).exit_code == 0
    with zipfile.ZipFile(tmp_path / "both.ora") as file:
        stack = file.read("stack.xml").decode()
    assert 'name="cat"' in stack
    assert 'name="wall"' in stack


@pytest.mark.parametrize(
    "args",
    [
        ("--subject", "cat"),
        ("--subject", "a", "--subject", "b", "--click", "1,1"),
        ("--subject", "a", "--click", "1,1", "--mask", "m.png"),
        ("--say", "the cat", "--trimap", "t.png"),
        ("--take", "x"),
    ],
)
def test_subjects_that_say_nothing_or_too_much(cat: Path, args: tuple[str, ...]) -> None:
    error_of(run("cut", cat, "-o", cat.with_name("no.png"), *args), 2)


def test_an_invert_of_layers_is_refused(cat: Path) -> None:
    args = ("-o", cat.with_name("no.psd"), "--click", "150,100", "--invert")
    assert "--invert" in error_of(run("cut", cat, *args), 2)
