"""A session with the cat in it."""

from __future__ import annotations

import numpy as np
import pytest
from making import saved
from photographed import CAT

from pickmatte import Session, Subject
from pickmatte.models.protocols import RGB


@pytest.fixture
def session(chelsea: RGB) -> Session:
    return Session(chelsea)


@pytest.fixture
def cat(session: Session) -> Subject:
    subject = session.subject("cat")
    subject.click(*CAT)
    return subject


@pytest.fixture(scope="module")
def png(chelsea: RGB) -> bytes:
    """The cat as a file."""
    return saved(np.asarray(chelsea), "PNG")
