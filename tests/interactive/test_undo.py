"""Undo and redo are exact, and handles outlive them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photographed import CAT, Edit, give, masks, same

from pickmatte import Session, Subject
from pickmatte.models.errors import PromptError
from pickmatte.models.protocols import RGB

EDITS: tuple[Edit, ...] = (
    ("click", 150, 100, True),
    ("click", 10, 10, False),
    ("click", 220, 60, True),
    ("box", 20, 5, 290, 199),
    ("stroke", ((120, 80), (150, 100)), True),
    ("choose", 0),
    ("choose", 1),
    ("choose", 2),
    ("set_band", 0.5),
    ("set_band", 2.0),
    ("clear",),
    ("use", "mask"),
    ("use", "trimap"),
    ("use", "alpha"),
    ("subject", "another"),
)


def do(session: Session, edit: Edit, which: int = -1) -> None:
    name, *rest = edit
    if name == "subject":
        session.subject(*rest)
        return
    subject = session.subjects[which % len(session.subjects)]
    if name == "use":
        give(subject, rest[0])
    else:
        getattr(subject, name)(*rest)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 1)), min_size=1, max_size=6),
    st.data(),
)
def test_undo_is_exact(chelsea: RGB, edits: list[tuple[Edit, int]], data: st.DataObject) -> None:
    session = Session(chelsea)
    session.subject("first")
    states = [(session.recipe(), masks(session))]
    for edit, which in edits:
        before = session.recipe()
        try:
            do(session, edit, which)
        except PromptError:  # nothing to choose from yet, or only a drop
            assert session.recipe() == before
            continue
        if edit[0] == "use" or session.recipe() != before:
            states.append((session.recipe(), masks(session)))

    for recipe, seen in reversed(states):
        assert session.recipe() == recipe
        assert same(masks(session), seen)
        assert session.undo()
    assert session.subjects == ()
    assert not session.can_undo
    assert not session.undo()

    for recipe, seen in states:
        assert session.redo()
        assert session.recipe() == recipe
        assert same(masks(session), seen)
    assert not session.can_redo
    assert not session.redo()

    # From anywhere in the middle, a new edit ends what could be redone.
    for _ in range(data.draw(st.integers(1, len(states)))):
        session.undo()
    session.subject("new")
    assert not session.can_redo
    session.undo()
    session.redo()
    assert session.subjects[-1].name == "new"


def test_a_handle_outlives_undo_and_redo(session: Session, cat: Subject) -> None:
    mask = cat.mask.copy()
    session.undo()
    session.undo()
    assert session.subjects == ()
    with pytest.raises(PromptError, match="undone"):
        _ = cat.mask
    with pytest.raises(PromptError, match="undone"):
        cat.click(*CAT)
    session.redo()
    assert cat.prompts == ()
    session.redo()
    np.testing.assert_array_equal(cat.mask, mask)


def test_a_subject_made_after_an_undo_is_another(session: Session) -> None:
    first = session.subject("first")
    session.undo()
    second = session.subject("second")
    with pytest.raises(PromptError, match="undone"):
        _ = first.name
    assert second.name == "second"
    assert len(session.subjects) == 1


def test_a_thousand_edits_leave_what_two_hundred_did(session: Session) -> None:
    subject = session.subject()
    for count in range(1000):
        subject.set_band(1 + count % 2 + count / 1000)
    undone = 0
    while session.undo():
        undone += 1
    assert undone == 200
