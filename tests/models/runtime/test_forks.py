"""A forked child says what is wrong at once; one forked before the first work just works."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

# Run by a process of its own: the tests' process has worked already.
CUT = """
import multiprocessing, sys
import numpy as np
from skimage import data
from pickmatte import Session

photo = data.chelsea()[::3, ::3].copy()

def cut(session=None):
    session = session or Session(photo)
    subject = session.subject()
    subject.click(50, 33)
    return int((session.cutout([subject])[..., 3] > 127).sum())

def known(name):
    from pickmatte import models
    trimap = np.where(photo[..., 0] > 99, 255, 128).astype(np.uint8)
    return models.load_matting(name).alpha(photo, trimap).sum()

if __name__ == "__main__":
    how, first = sys.argv[1], sys.argv[2] == "after"
    if first:
        cut()
    with multiprocessing.get_context(how).Pool(2) as pool:
        for work, told in ((cut, ()), (known, ("closed-form",)), (known, ("nano",))):
            try:
                print("done", pool.apply_async(work, told).get(60) > 0)
            except Exception as error:
                print(type(error).__name__, error)
"""


def run(how: str, when: str, folder: object) -> list[str]:
    path = f"{folder}/cut.py"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - a path of the test's own
        file.write(CUT)
    done = subprocess.run(
        [sys.executable, path, how, when], capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_child_forked_after_use_says_so_instead_of_hanging(tmp_path: object) -> None:
    lines = run("fork", "after", tmp_path)
    assert len(lines) == 3
    assert all(line.startswith("ForkError This process was forked") for line in lines)
    assert all("spawn" in line for line in lines)


@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="no fork server here"
)
def test_children_of_a_fork_server_work_after_use(tmp_path: object) -> None:
    assert run("forkserver", "after", tmp_path) == ["done True"] * 3


def test_a_child_forked_before_use_works(tmp_path: object) -> None:
    assert run("fork", "before", tmp_path) == ["done True"] * 3
