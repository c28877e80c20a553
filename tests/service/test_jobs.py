"""A job runs as a whole or not at all, and what can be known before the work stops it there."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pickmatte import Session
from pickmatte.interactive.edits.prompts import Box, Click, Phrase
from pickmatte.interactive.edits.state import Choice
from pickmatte.models.errors import (
    ExportError,
    JobError,
    MaskError,
    NothingFound,
    PickmatteError,
    PictureError,
    PromptError,
    UnknownModel,
)
from pickmatte.service.jobs import Job, Models, check, run
from pickmatte.service.outputs import Output, default_path
from pickmatte.service.tasks import (
    Auto,
    LayerFile,
    Prompted,
    Recipe,
    SubjectPrompts,
    Take,
    read_recipe,
)

ROOT = Path(__file__).parents[2]
CAT = Prompted((SubjectPrompts((Click(150, 100),), "cat"),))
TWO = Prompted(
    (SubjectPrompts((Click(150, 100),), "cat"), SubjectPrompts((Click(20, 20),), "wall"))
)


@pytest.fixture
def photo(tmp_path: Path, chelsea: NDArray[np.uint8]) -> Path:
    """The cat as a PNG, alone in a folder."""
    folder = tmp_path / "photos"
    folder.mkdir()
    path = folder / "cat.png"
    cv2.imwrite(str(path), chelsea[..., ::-1])
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for results."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def read(path: Path) -> Any:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def decoded(data: bytes | None) -> Any:
    assert data is not None
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def test_a_job_gives_the_pixels_of_the_session(photo: Path, out: Path) -> None:
    result = run(Job(photo, TWO, Output(out / "a.png", layers=True)))
    session = Session.open(photo)
    for one in TWO.subjects:
        session.subject(one.name).click(one.prompts[0].x, one.prompts[0].y)
    assert (read(out / "a.png") == session.cutout()[..., [2, 1, 0, 3]]).all()
    assert list(result.files) == [
        "cutout",
        *(f"{number}.{layer}" for number in (1, 2) for layer in ("mask", "trimap", "alpha")),
        "1",
        "2",
        "recipe",
    ]
    assert sorted(out.iterdir()) == sorted(result.files.values())
    assert (read(out / "a.2.mask.png") == session.subjects[1].mask * np.uint8(255)).all()
    assert (read(out / "a.2.png")[..., 3] == session.cutout([session.subjects[1]])[..., 3]).all()
    assert json.loads((out / "a.recipe.json").read_text()) == session.recipe()


def test_the_report_is_json(photo: Path, out: Path) -> None:
    report = run(Job(photo, CAT, Output(out / "a.png"))).report
    assert json.loads(json.dumps(report)) == report
    assert report["photo"] == str(photo)
    assert (report["width"], report["height"]) == (300, 200)
    assert (report["segmenter"], report["matting"]) == ("mobile-sam-whole", "nano")
    assert report["files"] == {"cutout": str(out / "a.png")}
    assert [subject["name"] for subject in report["subjects"]] == ["cat"]
    assert report["timings"]["total"] >= report["timings"]["encode"]
    assert "recipe" not in report


@pytest.mark.parametrize("source", ["bytes", "file"])
def test_without_names_the_picture_comes_back_as_bytes(photo: Path, source: str) -> None:
    data = photo.read_bytes()
    result = run(Job(data if source == "bytes" else io.BytesIO(data), CAT, Output(None)))
    assert result.files == result.report["files"] == {}
    assert result.report["photo"] == "-"
    assert decoded(result.data)[100, 150, 3] == 255
    assert list(photo.parent.iterdir()) == [photo]


def test_auto_and_its_recipe(photo: Path) -> None:
    found = run(Job(photo, Auto(largest=True), Output(None)))
    again = run(Job(photo, Recipe(found.report["recipe"]), Output(None)))
    assert again.data == found.data
    with pytest.raises(NothingFound):
        run(Job(photo, Auto(kind="product"), Output(None)))


def test_prompts_of_every_kind(photo: Path) -> None:
    said = SubjectPrompts(
        (Choice(1), Phrase("the cat"), Take(0), Box(60, 10, 290, 199), Click(20, 20, keep=False)),
        band=2,
        material="glass",
    )
    recipe = run(Job(photo, Prompted((said,)), Output(None, only="mask"))).report
    assert recipe["subjects"][0]["chosen"] == 1  # told first and done last
    assert recipe["grounder"]
    session = Session.open(photo)
    subject = session.subject("cat")
    subject.say("the cat")
    subject.take(0)
    subject.box(60, 10, 290, 199)
    subject.click(20, 20, keep=False)
    subject.choose(1)
    subject.set_band(2)
    subject.set_material("glass")
    assert recipe["subjects"][0]["name"] == "cat"
    data = run(Job(photo, Prompted((said,)), Output(None))).data
    assert (decoded(data) == session.cutout()[..., [2, 1, 0, 3]]).all()


# `only`: one layer of all subjects together


@pytest.mark.parametrize("invert", [False, True])
def test_only_a_layer_of_all_subjects(photo: Path, invert: bool) -> None:
    def layer(only: Any) -> Any:
        return decoded(run(Job(photo, TWO, Output(None, only=only, invert=invert))).data)

    session = Session.open(photo)
    for one in TWO.subjects:
        session.subject(one.name).click(one.prompts[0].x, one.prompts[0].y)
    one, other = session.subjects
    mask, alpha = one.mask | other.mask, session.alpha()
    trimap = np.maximum(one.trimap, other.trimap)
    if invert:
        mask, alpha = ~mask, 1 - alpha
        trimap = np.select([trimap == 0, trimap == 255], [255, 0], 128)
    assert (layer("mask") == mask * np.uint8(255)).all()
    assert (layer("trimap") == trimap).all()
    assert np.abs(layer("alpha") - alpha * 255.0).max() <= 0.51
    assert set(np.unique(layer("trimap"))) == {0, 128, 255}


def test_only_a_mask_needs_no_matting(photo: Path) -> None:
    report = run(Job(photo, CAT, Output(None, only="mask"))).report
    assert "matte" not in report["timings"]
    assert "trimap" not in report["timings"]


def test_what_is_not_kept_is_not_in_the_layer(photo: Path) -> None:
    session = Session.open(photo)
    session.subject("cat").click(150, 100)
    session.subject("wall").click(20, 20)
    session.subjects[1].keep(False)
    data = run(Job(photo, Recipe(session.recipe()), Output(None, only="mask"))).data
    assert (decoded(data) == session.subjects[0].mask * np.uint8(255)).all()
    session.subjects[0].keep(False)
    for only in ("mask", "trimap", "alpha"):
        with pytest.raises(MaskError, match="No subject is kept"):
            run(Job(photo, Recipe(session.recipe()), Output(None, only=only)))


# Refusals before the work: of a photo that is no picture, so that work would end otherwise


@pytest.fixture
def unread(tmp_path: Path) -> Path:
    """A file that fails as soon as it is read."""
    path = tmp_path / "words.jpg"
    path.write_text("This is no picture.")
    return path


@pytest.mark.parametrize(
    ("made", "kind", "says"),
    [
        (lambda out: Output(out / "a.jpg"), ExportError, "has no transparency"),
        (lambda out: Output(out / "a"), ExportError, "without suffix"),
        (lambda out: Output(out / "a.gif"), ExportError, "no format"),
        (lambda out: Output(out / "a.webp", bits=16), ExportError, "8 bits"),
        (lambda out: Output(out / "a.webp", only="mask"), ExportError, "written as .png"),
        (lambda out: Output(out / "a.psd", only="mask"), ExportError, "written as .png"),
        (lambda out: Output(out / "a.psd", invert=True), JobError, "one picture"),
        (lambda out: Output(out / "a.png", bits=12), JobError, "8 or 16"),
        (lambda out: Output(out / "a.png", only="mask", bits=16), JobError, "with 8 bits"),
        (lambda out: Output(out / "a.png", only="mask", layers=True), JobError, "too much"),
        (lambda out: Output(out / "a.png", only="hair"), JobError, "no layer 'hair'"),
        (lambda out: Output(out / "a.png", strip="name"), JobError, "'location' or 'all'"),
        (lambda out: Output(None, layers=True), JobError, "name a file"),
        (lambda out: Output(out / "no" / "a.png"), ExportError, "does not exist"),
        (lambda out: Output(out), ExportError, "without suffix"),
        (lambda out: Output(out / "folder.png"), ExportError, "is a folder"),
        (lambda out: Output(out / "file" / "a.png"), ExportError, "not a folder"),
        (lambda out: Output(out / f"{'n' * 300}.png"), ExportError, "too long"),
        (lambda out: Output(out / f"{'n' * 246}.png", layers=True), ExportError, "too long"),
        (lambda out: Output(out / "nul\0.png"), ExportError, "cannot be written"),
        (lambda out: Output(out / "device.png"), ExportError, "is a device"),
        (lambda out: Output(out / "read.png"), ExportError, "read-only"),
    ],
)
def test_outputs_are_refused_before_the_work(
    unread: Path, out: Path, made: Callable[[Path], Output], kind: type[Exception], says: str
) -> None:
    (out / "folder.png").mkdir()
    (out / "file").write_text("here")
    (out / "device.png").symlink_to("/dev/full")
    (out / "read.png").write_text("here")
    (out / "read.png").chmod(0o400)
    before = sorted(out.rglob("*"))
    with pytest.raises(kind, match=says) as caught:
        run(Job(unread, CAT, made(out)))
    assert str(caught.value).endswith(".")
    assert sorted(out.rglob("*")) == before


@pytest.mark.parametrize(
    ("made", "kind", "says"),
    [
        (lambda: SubjectPrompts(), JobError, "Say what to cut out"),
        (lambda: Prompted(()), JobError, "Say what to cut out"),
        (lambda: Click(float("nan"), 1), PromptError, "finite"),
        (lambda: Box(5, 5, 5, 9), PromptError, "no area"),
        (lambda: Take(-1), PromptError, "counted from 0"),
        (lambda: Choice(-1), PromptError, "counted from 0"),
        (lambda: SubjectPrompts((Click(1, 1),), band=11), PromptError, "between 0 and 10"),
        (lambda: SubjectPrompts((Click(1, 1),), band=float("nan")), PromptError, "between"),
        (lambda: SubjectPrompts((Click(1, 1),), material="wood"), PromptError, "no material"),
        (lambda: given("trimap", prompts=(Click(1, 1),)), JobError, "nothing to prompts"),
        (lambda: given("trimap", material="glass"), JobError, "nothing to a material"),
        (lambda: given("alpha", band=1), JobError, "nothing to a band"),
    ],
)
def test_what_says_nothing_or_too_much_is_no_task(
    made: Callable[[], Any], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        made()


def given(kind: Any, **more: Any) -> SubjectPrompts:
    return SubjectPrompts(layer=LayerFile(kind, b""), **more)


@pytest.mark.parametrize(
    ("task", "models", "kind"),
    [
        (CAT, Models(segmenter="sam-9000"), UnknownModel),
        (CAT, Models(matting="u2netp"), UnknownModel),
        (CAT, Models(grounder="mobile-sam"), UnknownModel),
        (Auto("mobile-sam"), Models(), UnknownModel),
        (Recipe({}), Models(), PromptError),
        (Recipe({"pickmatte": 2, "subjects": [{}]}), Models(), PromptError),
    ],
)
def test_tasks_are_refused_before_the_work(
    unread: Path, task: Any, models: Models, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        run(Job(unread, task, Output(None), models))


def test_an_input_is_never_replaced_and_must_be_there(photo: Path) -> None:
    layer = Prompted((SubjectPrompts(layer=LayerFile("mask", photo)),))
    recipe = photo.with_name("cat.recipe.json")
    recipe.write_text(json.dumps(Session.open(photo).recipe()))
    link = photo.with_name("link.png")
    link.symlink_to(photo)
    for job in (
        Job(photo, CAT, Output(photo)),
        Job(photo, CAT, Output(link)),
        Job(photo.read_bytes(), layer, Output(photo)),
    ):
        with pytest.raises(JobError, match="is an input"):
            check(job)
    with pytest.raises(JobError, match="is an input"):
        check(Job(photo, read_recipe(recipe), Output(photo.with_suffix(".webp"), layers=True)))
    nowhere = photo.with_name("none.png")
    for missing in (
        Job(nowhere, CAT, Output(nowhere / "cat.png")),
        Job(photo, Prompted((SubjectPrompts(layer=LayerFile("mask", nowhere)),)), Output(None)),
    ):
        with pytest.raises(PictureError, match="There is no file"):
            check(missing)


@pytest.mark.parametrize(
    ("prompts", "size", "name"),
    [
        ((Click(150, 100), Click(5000, 10)), (200, 300), "a.png"),
        ((Click(150, 100), Box(400, 50, 500, 90)), (200, 300), "a.png"),
        ((Click(1, 1),), (2, 16384), "a.webp"),
        ((Click(1, 1),), (30001, 2), "a.psd"),
    ],
)
def test_what_does_not_fit_the_picture_is_refused_before_any_network_runs(
    out: Path, prompts: tuple[Any, ...], size: tuple[int, int], name: str
) -> None:
    """Without weights and a network, so that looking for the subject would end otherwise."""
    _, png = cv2.imencode(".png", np.zeros(size, np.uint8))
    (out / "photo.png").write_bytes(png.tobytes())
    program = (
        "import sys; from pathlib import Path\n"
        "from pickmatte.models.errors import PickmatteError\n"
        "from pickmatte.interactive.edits.prompts import Box, Click\n"
        "from pickmatte.service.jobs import Job, run\n"
        "from pickmatte.service.tasks import Prompted, SubjectPrompts\n"
        "from pickmatte.service.outputs import Output\n"
        f"task = Prompted((SubjectPrompts({prompts!r}),))\n"
        "try: run(Job(Path(sys.argv[1]), task, Output(Path(sys.argv[2]))))\n"
        "except PickmatteError as error: print(type(error).__name__)"
    )
    offline = {"PICKMATTE_OFFLINE": "1", "PICKMATTE_CACHE": str(out / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", program, out / "photo.png", out / name],
        cwd=ROOT,
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
    )
    expected = "PromptError" if name == "a.png" else "ExportError"
    assert (done.stdout.strip(), done.stderr) == (expected, "")


def test_a_folder_that_may_not_be_searched() -> None:
    """Root may search any, so the child becomes nobody when it is root."""
    program = (
        "import os, sys; from pathlib import Path\n"
        "from pickmatte.models.errors import ExportError\n"
        "from pickmatte.service.outputs import Output, check\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "for path in ('a.png', 'in/a.png'):\n"
        "  try: check(Output(Path(sys.argv[1], path), layers=True), 1, [])\n"
        "  except ExportError as error: print(error)"
    )
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder, "closed")
        closed.mkdir(0o000)
        Path(folder).chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", program, str(closed)], cwd=ROOT, capture_output=True, text=True
        )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"You have no permission to write in '{place}'; choose another place."
        for place in (closed, closed / "in")
    ]


# All or nothing


def test_what_fails_at_the_last_file_leaves_none(photo: Path, out: Path) -> None:
    """The recipe of a subject that nobody prompted: its own files cannot be made."""
    session = Session.open(photo)
    session.subject("cat").click(150, 100)
    session.subject("nothing")
    for name in ("a.png", "a.psd"):
        with pytest.raises(PickmatteError):
            run(Job(photo, Recipe(session.recipe()), Output(out / name, layers=True)))
    assert list(out.iterdir()) == []


def test_a_photo_over_the_limit(photo: Path) -> None:
    for task in (CAT, Auto(), Recipe(Session.open(photo).recipe())):
        with pytest.raises(PictureError, match=r"limit of 0\.059 million"):
            run(Job(photo, task, Output(None), limit=59_000))
    assert run(Job(photo, CAT, Output(None), limit=60_000)).data


def test_where_a_result_lies_that_nobody_named() -> None:
    assert default_path(Path("a/cat.jpg")) == Path("a/cat.cutout.png")
    assert default_path(Path("cat.cutout.png")) == Path("cat.cutout.cutout.png")
    assert default_path(Path("cat"), "mask") == Path("cat.mask.png")
    for folder in ("", "/"):
        with pytest.raises(PictureError, match="is a folder"):
            default_path(Path(folder))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_recipe(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "r.json").write_bytes(text)
    for source in (tmp_path / "r.json", io.BytesIO(text)):
        with pytest.raises(PromptError, match="is no recipe"):
            read_recipe(source)
    with pytest.raises(PromptError, match="cannot be read"):
        read_recipe(tmp_path)
