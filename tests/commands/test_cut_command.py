"""`pickmatte cut`: prompts, layers, recipes, formats; several subjects."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from running import error_of, read, run, shell

from pickmatte import Session


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
    assert (told["segmenter"], told["matting"]) == ("mobile-sam-whole", "nano")
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
    assert "The rest of a photo is one picture" in error_of(run("cut", cat, *args), 2)


def test_glass_that_would_vanish_is_kept_opaque_and_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    photo, mask = tmp_path / "plain.png", tmp_path / "mask.png"
    cv2.imwrite(str(photo), rng.normal(150, 6, (120, 160, 3)).clip(0, 255).astype(np.uint8))
    layer = np.zeros((120, 160), np.uint8)
    layer[30:90, 50:110] = 255
    cv2.imwrite(str(mask), layer)
    out = tmp_path / "out.png"
    result = run("cut", photo, "-o", out, "--mask", mask, "--material", "glass")
    assert result.exit_code == 0
    assert "kept opaque" in result.stderr
    assert read(out)[60, 80, 3] == 255
