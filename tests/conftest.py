"""What many tests need: real photos and the real networks, each made once."""

from __future__ import annotations

import os

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pickmatte import models
from pickmatte.models.protocols import Salient, Segmenter


@pytest.fixture(scope="session")
def chelsea() -> NDArray[np.uint8]:
    """A photo of a cat, 300×200 (skimage's chelsea, CC0); the cat is at 150, 100."""
    small = cv2.resize(data.chelsea(), (300, 200), interpolation=cv2.INTER_AREA)
    small.flags.writeable = False
    return small  # type: ignore[return-value]


@pytest.fixture(scope="session")
def coffee() -> NDArray[np.uint8]:
    """A photo of a cup, 301×199 (skimage's coffee, CC0); the cup is at 130, 100."""
    small = cv2.resize(data.coffee(), (301, 199), interpolation=cv2.INTER_AREA)
    small.flags.writeable = False
    return small  # type: ignore[return-value]


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """MobileSAM with its real weights."""
    return models.load_segmenter("mobile-sam")


@pytest.fixture(scope="session")
def salient() -> Salient:
    """U²-Net (small) with its real weights."""
    return models.load_fast_saliency()


_MACHINE = (
    "nothing is forbidden to root"  # the one thing that what `make test` installs cannot mend
)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, where all is installed, a test that skips for want of something has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI"):
        return
    skipped = [str(report.longrepr) for report in reporter.stats.get("skipped", [])]
    wanting = [reason for reason in skipped if _MACHINE not in reason]
    if wanting:
        reporter.write_line(f"Skipped, though make test installs all: {wanting[0]}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
