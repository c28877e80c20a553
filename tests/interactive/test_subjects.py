"""Several subjects of one session: order, names, keeping, locking, paint, merging, history."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pickmatte import Click, Session, Subject
from pickmatte.models.errors import MaskError, NothingFound, PhraseError, PromptError
from pickmatte.models.protocols import RGB, Detection, EncodedPicture, Findings

CAT, WALL = (150, 100), (20, 20)
SIZE = (200, 300)


@pytest.fixture
def session(chelsea: RGB) -> Session:
    return Session(chelsea)


def disc(x: int, y: int, radius: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    rows, columns = np.indices(SIZE)
    return (rows - y) ** 2 + (columns - x) ** 2 <= radius**2


@pytest.fixture
def three(session: Session) -> tuple[Subject, Subject, Subject]:
    made = []
    for name, x in (("left", 60), ("middle", 150), ("right", 240)):
        subject = session.subject(name)
        subject.use_mask(disc(x, 100, 35))
        made.append(subject)
    return made[0], made[1], made[2]


def names(subjects: tuple[Subject, ...]) -> list[str]:
    return [subject.name for subject in subjects]


def test_the_order_is_changed_by_naming_it(
    session: Session, three: tuple[Subject, Subject, Subject]
) -> None:
    left, middle, right = three
    session.reorder([left, middle, right])
    assert names(session.order) == ["left", "middle", "right"]
    session.reorder([right, left, middle])
    assert names(session.order) == ["right", "left", "middle"]
    session.reorder([left, middle, right])
    session.subject("new")
    assert names(session.order)[0] == "new"
    assert names(session.subjects) == ["left", "middle", "right", "new"]
    with pytest.raises(PromptError):
        session.reorder([left, middle])


def test_what_is_not_kept_is_not_cut_out(
    session: Session, three: tuple[Subject, Subject, Subject]
) -> None:
    left, middle, right = three
    middle.keep(False)
    alpha = session.cutout()[..., 3]
    assert alpha[100, 60] == alpha[100, 240] == 255
    assert alpha[100, 150] == 0
    assert session.cutout([middle])[100, 150, 3] == 255
    left.keep(False)
    right.keep(False)
    with pytest.raises(MaskError, match="kept"):
        session.cutout()


LOCKED_EDITS: list[Callable[[Subject], object]] = [
    lambda s: s.click(*CAT),
    lambda s: s.set_band(2),
    lambda s: s.set_material("glass"),
    lambda s: s.brush([(1, 1)], 2),
    lambda s: s.lasso([(1, 1), (9, 1), (9, 9)]),
    lambda s: s.use_mask(disc(9, 9, 5)),
    lambda s: s.clear(),
    lambda s: s.remove(),
    lambda s: s.say("the cat"),
]


@pytest.mark.parametrize("edit", LOCKED_EDITS)
def test_a_locked_subject_refuses_edits(
    session: Session,
    three: tuple[Subject, Subject, Subject],
    edit: Callable[[Subject], object],
) -> None:
    left = three[0]
    left.lock()
    before = session.recipe()
    with pytest.raises(PromptError, match="locked"):
        edit(left)
    assert session.recipe() == before
    left.lock(False)
    left.set_band(2)


def test_paint_outlives_later_clicks_and_is_undone_by_itself(session: Session) -> None:
    cat = session.subject("cat")
    cat.click(*CAT)
    free = cat.trimap
    cat.lasso([(5, 5), (45, 5), (45, 45), (5, 45)], "keep")
    cat.brush([(150, 100)], 6, "drop")
    cat.brush([(200, 100)], 6, "unknown")
    cat.click(150, 120)
    assert cat.trimap[20, 20] == 255
    assert cat.trimap[100, 150] == 0
    assert cat.trimap[100, 200] == 128
    assert cat.mask[20, 20]
    assert not cat.mask[100, 150]
    assert cat.alpha[20, 20] == 1
    assert cat.alpha[100, 150] == 0
    preview = cat.preview(150)
    assert preview[10, 10, 3] == 255
    assert preview[50, 75, 3] == 0
    for _ in range(4):
        session.undo()
    assert np.array_equal(cat.trimap, free)


def test_painting_everything_away_is_refused(session: Session) -> None:
    cat = session.subject("cat")
    cat.click(*CAT)
    with pytest.raises(MaskError, match="Nothing would be left"):
        cat.lasso([(0, 0), (300, 0), (300, 200), (0, 200)], "drop")
    assert cat.paint == ()


def test_merging_makes_one_of_several_and_can_be_undone(
    session: Session, three: tuple[Subject, Subject, Subject]
) -> None:
    left, middle, right = three
    session.reorder([right, middle, left])
    both = session.merge([left, right])
    assert both.name == "left and right"
    assert names(session.order) == ["left and right", "middle"]
    assert both.mask[100, 60]
    assert both.mask[100, 240]
    assert not both.mask[100, 150]
    session.undo()
    assert names(session.order) == ["right", "middle", "left"]
    with pytest.raises(PromptError):
        session.merge([left])


def test_a_removed_subject_is_gone_until_undo(
    session: Session, three: tuple[Subject, Subject, Subject]
) -> None:
    left = three[0]
    left.remove()
    assert names(session.subjects) == ["middle", "right"]
    with pytest.raises(PromptError, match="not there"):
        _ = left.mask
    session.undo()
    assert left.name == "left"


def test_names_are_tidied_and_never_empty(three: tuple[Subject, Subject, Subject]) -> None:
    three[0].rename("  the   hat ")
    assert three[0].name == "the hat"
    with pytest.raises(PromptError):
        three[0].rename("  ")


def test_two_hundred_edits_of_every_kind_are_undone_exactly(
    session: Session, three: tuple[Subject, Subject, Subject]
) -> None:
    edits: list[Callable[[int], object]] = [
        lambda i: three[i % 3].set_band(1.01 + i / 100),
        lambda i: three[i % 3].rename(f"name {i}"),
        lambda i: three[i % 3].brush([(i % 300, 50)], 3, "unknown"),
        lambda i: three[i % 3].keep(not three[i % 3].kept),
        lambda i: session.reorder(session.order[::-1]),
    ]
    past = []
    for i in range(200):
        past.append(session.recipe())
        edits[i % len(edits)](i)
    last = session.recipe()
    for before in reversed(past):
        assert session.undo()
        assert session.recipe() == before
    while session.redo():
        pass
    assert session.recipe() == last


def test_a_recipe_of_all_this_replays_to_the_same_pixels(
    session: Session, three: tuple[Subject, Subject, Subject], chelsea: RGB
) -> None:
    left, middle, _ = three
    left.brush([(60, 60), (60, 140)], 9, "unknown")
    middle.lasso([(140, 90), (160, 90), (150, 110)], "drop")
    middle.lock()
    left.keep(False)
    session.reorder([left, *(one for one in session.order if one.key != left.key)])
    again = Session.replay(_png(chelsea), session.recipe())
    assert again.recipe() == session.recipe()
    assert np.array_equal(again.cutout(), session.cutout())
    assert names(again.order) == names(session.order)
    assert [s.locked for s in again.subjects] == [False, True, False]
    again.subject("next")  # its key is free
    assert len({s.key for s in again.subjects}) == 4


def _png(rgb: RGB) -> bytes:
    return cv2.imencode(".png", rgb[..., ::-1])[1].tobytes()


class Pointer:
    """A grounder for tests: it finds what its table says, whatever the picture."""

    name = "pointer"

    def __init__(self, **table: list[Detection]) -> None:
        self.table = table
        self.searches = 0

    def search(self, rgb: RGB, phrase: str, *, encoded: EncodedPicture | None = None) -> Findings:
        assert encoded is not None
        self.searches += 1
        return Findings(tuple(self.table.get(phrase, ())), "There is a cat only.")

    def find(self, rgb: RGB, phrase: str) -> list[Detection]:
        raise NotImplementedError


HEAD = Detection((60, 10, 260, 190), "cat", 0.9, "It is the only one.")
EYE = Detection((120, 60, 160, 95), "eye", 0.5, "It is smaller.", requested=False)


def test_a_phrase_takes_what_was_found_and_switches(chelsea: RGB) -> None:
    grounder = Pointer(cat=[HEAD, EYE])
    session = Session(chelsea, grounder=grounder)
    cat = session.subject()
    cat.say("cat")
    whole = int(cat.mask.sum())
    assert [hit.label for hit in cat.detections] == ["cat", "eye"]
    cat.click(150, 100)
    cat.take(1)
    assert int(cat.mask.sum()) < whole
    assert not any(isinstance(prompt, Click) for prompt in cat.prompts)
    assert grounder.searches == 1
    with pytest.raises(PromptError):
        cat.take(2)
    before = session.recipe()
    with pytest.raises(NothingFound, match="a cat only"):
        cat.say("dog")
    with pytest.raises(PhraseError):
        cat.say("  ")
    assert session.recipe() == before


def test_a_phrase_of_several_makes_several_subjects_in_one_edit(chelsea: RGB) -> None:
    session = Session(chelsea, grounder=Pointer(both=[HEAD, replace(EYE, requested=True)]))
    made = session.say("both")
    assert names(made) == ["cat 1", "eye 2"]
    assert int(made[0].mask.sum()) > int(made[1].mask.sum()) > 0
    session.undo()
    assert session.subjects == ()


def test_a_second_phrase_adds_to_the_subject(chelsea: RGB) -> None:
    left = Detection((60, 10, 150, 190), "left", 0.9, "")
    right = Detection((150, 10, 260, 190), "right", 0.9, "")
    session = Session(chelsea, grounder=Pointer(left=[left], right=[right]))
    cat = session.subject()
    cat.say("left")
    first = cat.candidates[0].inside
    cat.say("right")
    assert (cat.candidates[0].inside | first == cat.candidates[0].inside).all()


def test_a_layered_file_keeps_order_and_hides_what_is_not_kept(
    session: Session, three: tuple[Subject, Subject, Subject], tmp_path: Path
) -> None:
    left, middle, right = three
    session.reorder([left, right, middle])
    middle.keep(False)
    with zipfile.ZipFile(session.save_layers(tmp_path / "three.zip")) as file:
        manifest = json.loads(file.read("manifest.json"))
    told = [(layer["name"], layer["visible"]) for layer in manifest["layers"]]
    assert told[:3] == [("left", True), ("right", True), ("middle", False)]
    with pytest.raises(MaskError, match="no layers"):
        Session(session.picture).save_layers(tmp_path / "none.zip")
    assert not (tmp_path / "none.zip").exists()


def test_a_recipe_of_words_fits_another_photo(chelsea: RGB) -> None:
    session = Session(chelsea, grounder="starter")
    session.subject("cat").say("the cat")
    mirrored = np.ascontiguousarray(chelsea[:, ::-1])
    again = Session.replay(_png(mirrored), session.recipe())
    seen, mirror = session.subjects[0].mask, again.subjects[0].mask[:, ::-1]
    assert (seen & mirror).sum() / (seen | mirror).sum() > 0.8
