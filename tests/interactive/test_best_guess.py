"""What scripts get where a phrase leaves open who is meant, with the real starter grounder."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from pickmatte import Session


@pytest.fixture(scope="module")
def session() -> Session:
    """The same woman twice, side by side."""
    astronaut = data.astronaut()
    return Session(np.ascontiguousarray(np.hstack([astronaut, astronaut[:, ::-1]])))


def test_a_person_is_asked_and_a_script_gets_the_best_guess(session: Session) -> None:
    found = session.find("the woman on the left")
    assert len(found.hits) == 2
    assert not any(hit.requested for hit in found.hits)
    assert "pick the one you mean" in found.note
    (woman,) = session.say("the woman on the left")
    assert woman.mask[:, :512].mean() > 0.2
    assert woman.mask[:, 512:].mean() < 0.01
    other = session.subject()
    other.say("the woman on the right")
    assert other.mask[:, :512].mean() < 0.01


def test_of_several_the_best_guess_is_as_many(session: Session) -> None:
    left, right = session.say("the two women")
    assert (left.mask[:, :512].any(), right.mask[:, 512:].any()) in ((True, True), (False, False))
    assert not (left.mask & right.mask).any()
    both = session.subject()
    both.say("the two women")
    assert both.candidates[0].inside[:, :100].any()
    assert both.candidates[0].inside[:, -100:].any()
