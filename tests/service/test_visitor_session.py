from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pickmatte.interactive.session import Session
from pickmatte.models.errors import PromptError
from pickmatte.models.protocols import Detection, Findings
from pickmatte.page import views
from pickmatte.service.visitor_session import VisitorSession

RED, GREEN, BARE = (30, 22), (60, 45), (5, 55)  # on the red and on the green patch, on neither


def click(place: tuple[int, int], **more: object) -> dict[str, object]:
    return {"do": "click", "x": place[0], "y": place[1], "keep": True, **more}


@pytest.fixture
def visitor_session() -> VisitorSession:
    rgb = np.full((60, 80, 3), 210, np.uint8)
    rgb[15:30, 20:40] = (180, 20, 30)
    rgb[38:52, 50:70] = (20, 150, 60)
    return VisitorSession(Session(rgb))


@pytest.fixture
def two(visitor_session: VisitorSession) -> VisitorSession:
    visitor_session.do(click(RED))
    visitor_session.do({"do": "pick", "key": None})
    visitor_session.do(click(GREEN))
    return visitor_session


def names(visitor_session: VisitorSession) -> list[str]:
    return [subject.name for subject in visitor_session.session.order]


def test_the_first_click_makes_a_subject_and_the_next_is_of_it(
    visitor_session: VisitorSession,
) -> None:
    assert visitor_session.snapshot().subject is None
    snapshot = visitor_session.do(click(RED))
    assert snapshot.active == 0
    snapshot = visitor_session.do({**click(BARE), "keep": False})
    assert len(snapshot.session.subjects) == 1
    assert snapshot.subject is not None
    assert len(snapshot.subject.prompts) == 2


def test_a_click_on_another_subject_only_picks_it(two: VisitorSession) -> None:
    before = two.session.recipe()
    snapshot = two.do(click((28, 20)))
    assert snapshot.active == 0
    assert two.session.recipe() == before
    snapshot = two.do(click((32, 24), to=1))
    assert snapshot.active == 1
    assert len(two.session.subjects[1].prompts) == 2


def test_a_click_again_takes_the_next_candidate(visitor_session: VisitorSession) -> None:
    visitor_session.do(click(RED))
    count = len(visitor_session.session.subjects[0].candidates)
    assert count > 1
    chosen = [visitor_session.do(click(RED, near=2)).subject for _ in range(count)]
    assert [subject.chosen for subject in chosen if subject] == [*range(1, count), 0]


def test_making_a_subject_is_one_step_and_undo_follows_what_returns(two: VisitorSession) -> None:
    assert two.undo().active == 0
    assert len(two.session.subjects) == 1
    assert two.undo().active is None
    assert not two.session.can_undo
    assert two.redo().active == 0
    assert two.redo().active == 1
    two.do({"do": "remove", "keys": [1]})
    assert two.active is None
    assert two.undo().active == 1


def test_what_fails_leaves_everything_as_it_was(two: VisitorSession) -> None:
    before, revision = two.session.recipe(), two.revision
    for said in (
        click((500, 500)),
        {"do": "merge", "keys": [0]},
        {"do": "rename", "key": 0, "name": "  "},
        {"do": "remove", "keys": [0, 7]},  # of which the first is there
        {"do": "order", "keys": [0]},
        {"do": "brush", "points": [[1, 1]] * 30_000, "radius": 3, "makes": "keep"},
    ):
        with pytest.raises(PromptError):
            two.do(said)
    assert (two.session.recipe(), two.revision) == (before, revision)


def test_paint_needs_a_subject(visitor_session: VisitorSession) -> None:
    with pytest.raises(PromptError, match="Pick a subject"):
        visitor_session.do({"do": "brush", "points": [[1, 1]], "radius": 3, "makes": "keep"})


def test_clear_leaves_what_is_locked(two: VisitorSession) -> None:
    two.do({"do": "lock", "key": 0, "locked": True})
    two.do({"do": "clear"})
    assert names(two) == ["subject 1"]
    two.undo()
    assert len(names(two)) == 2


def test_order_merge_and_names(two: VisitorSession) -> None:
    two.do({"do": "order", "keys": [1, 0]})
    assert names(two) == ["subject 2", "subject 1"]
    two.do({"do": "order", "keys": [0, 1]})
    two.do({"do": "rename", "key": 0, "name": "red"})
    assert names(two) == ["red", "subject 2"]
    snapshot = two.do({"do": "merge", "keys": [0, 1]})
    assert snapshot.subject is not None
    assert snapshot.subject.name == "red and subject 2"


def test_another_picture_is_one_step_and_undo_brings_the_work_back(two: VisitorSession) -> None:
    before, number, names_before = two.session.recipe(), two.snapshot().photo, names(two)
    assert two.open(Session(np.full((40, 50, 3), 90, np.uint8)))
    snapshot = two.snapshot()
    assert (snapshot.session.size, snapshot.active, snapshot.can_undo) == ((40, 50), None, True)
    two.do(click((20, 20)))
    assert two.undo().has_work  # in the other picture
    assert two.snapshot().photo == snapshot.photo  # the click was a step of its own
    back = two.undo()
    assert (back.photo, back.active) == (number, 1)
    assert two.session.recipe() == before
    assert [subject.name for subject in back.session.order] == names_before
    for _ in range(3):  # and what was done to it can still be undone
        two.undo()
    assert names(two) == []
    for _ in range(2):
        two.redo()
    assert two.session.recipe() == before
    assert two.redo().photo == snapshot.photo
    assert two.snapshot().can_redo  # the click
    assert len(two.redo().session.subjects) == 1
    assert not two.snapshot().can_redo


def test_an_edit_of_the_picture_before_lets_go_of_the_one_after(two: VisitorSession) -> None:
    number = two.snapshot().photo
    two.open(Session(np.full((40, 50, 3), 90, np.uint8)))
    two.undo()
    assert two.do(click((28, 20))).can_redo  # only picks a subject
    assert not two.do({"do": "rename", "key": 0, "name": "red"}).can_redo
    assert two.redo().photo == number


def test_what_is_asked_of_another_picture_changes_nothing(two: VisitorSession) -> None:
    first = two.snapshot().photo
    two.open(Session(np.full((40, 50, 3), 90, np.uint8)))
    for late in (click((20, 20)), {"do": "undo"}, {"do": "clear"}):
        snapshot = two.do({**late, "photo": first})
        assert snapshot.photo != first
        assert snapshot.session.subjects == ()
    assert len(two.do({**click((20, 20)), "photo": two.snapshot().photo}).session.subjects) == 1


def test_a_shot_does_not_see_later_edits(visitor_session: VisitorSession) -> None:
    snapshot = visitor_session.do(click(RED))
    later = visitor_session.do({**click(BARE), "keep": False})
    assert later.revision > snapshot.revision
    assert snapshot.superseded()
    assert not later.superseded()
    assert snapshot.subject is not None
    assert len(snapshot.subject.prompts) == 1


def test_a_peek_is_no_edit_and_says_what_a_click_would_be(two: VisitorSession) -> None:
    before = two.session.recipe()
    seen = two.peek(click((28, 20)))
    assert seen is not None
    snapshot, then = seen
    assert (snapshot.active, then.key if then else None) == (1, 0)
    assert (two.session.recipe(), two.active) == (before, 1)
    two.do({"do": "pick", "key": None})
    seen = two.peek(click(BARE))
    assert seen is not None
    assert seen[1] is not None
    assert len(two.session.subjects) == 2


def test_looking_at_a_picture_is_no_edit(visitor_session: VisitorSession) -> None:
    before = visitor_session.snapshot()
    visitor_session.look()
    assert visitor_session.snapshot().revision == before.revision
    assert not visitor_session.session.can_undo


def test_only_what_changed_is_sent_again(two: VisitorSession) -> None:
    first = views.stage(two.snapshot(), {})
    assert all("overlay" in subject for subject in first["subjects"])
    have = {str(subject["key"]): subject["version"] for subject in first["subjects"]}
    snapshot = two.do({"do": "rename", "key": 0, "name": "red"})
    assert not any("overlay" in subject for subject in views.stage(snapshot, have)["subjects"])
    snapshot = two.do({"do": "brush", "points": [[75, 45]], "radius": 3, "makes": "keep"})
    sent = [
        subject["key"]
        for subject in views.stage(snapshot, have)["subjects"]
        if "overlay" in subject
    ]
    assert sent == [1]


def test_full_size_results_are_made_of_what_changed_only(two: VisitorSession) -> None:
    snapshot = two.snapshot()
    assert snapshot.refine()
    before = snapshot.known()
    assert all(layer.final for layer in before.values())
    after = two.do({"do": "band", "scale": 2.0}).known()
    assert after[0] is before[0]
    assert not after[1].final
    assert two.undo().known()[1] is before[1]  # what was undone is shown at once


def test_files_of_every_kind(two: VisitorSession) -> None:
    two.do({"do": "rename", "key": 0, "name": "../the red/one"})
    assert two.save("png").name == "picture-cutout.png"
    one = two.save("png", 0)
    assert one.name == "picture-the-red-one.png"
    alpha = np.asarray(Image.open(one))[..., 3]
    assert alpha[RED[1], RED[0]] == 255
    assert alpha[GREEN[1], GREEN[0]] == 0
    rest = np.asarray(Image.open(two.save("rest")))[..., 3]
    assert rest[RED[1], RED[0]] == rest[GREEN[1], GREEN[0]] == 0
    assert rest[BARE[1], BARE[0]] == 255
    kinds = [two.save(kind) for kind in ("psd", "ora", "tiff", "zip")]
    assert all(path.stat().st_size > 0 for path in kinds)
    folder: Path = one.parent
    two.close()
    assert not folder.exists()


def test_a_drop_with_no_subject_picked_is_from_the_one_that_is_there(two: VisitorSession) -> None:
    two.do({"do": "pick", "key": None})
    before = two.session.recipe()
    with pytest.raises(PromptError, match="nothing to drop"):
        two.do({**click(BARE), "keep": False})
    assert two.session.recipe() == before
    seen = two.peek({**click((28, 20)), "keep": False})
    assert seen is not None
    assert seen[1] is not None
    assert seen[1].key == 0  # what is promised is what is done
    snapshot = two.do({**click((28, 20)), "keep": False})
    assert snapshot.active == 0
    assert len(two.session.subjects[0].prompts) == 2


def test_what_a_phrase_leaves_open_is_marked_as_meant_by_nobody(two: VisitorSession) -> None:
    hits = tuple(
        Detection((x, 10, x + 20, 40), "person", 0.5, "A person.", requested=False) for x in (2, 40)
    )
    note = "Whether a person is a woman cannot be told; pick which one you mean."
    told = views.found(two.snapshot(), "the woman", Findings(hits, note))
    assert [hit["meant"] for hit in told["hits"]] == [False, False]
    assert told["note"] == note


def test_nothing_for_who_runs_the_page_is_among_results() -> None:
    assert "models pull" not in views.mattings()
    assert (
        "models pull" not in (Path(views.__file__).parent / "browser" / "result.html").read_text()
    )
