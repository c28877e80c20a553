"""Reading files leaves the process that does it as it was."""

from __future__ import annotations

import subprocess
import sys
import threading
import warnings

import pytest
from making import noise, saved

from pickmatte.interactive.pictures.picture import open_picture
from pickmatte.interactive.pictures.quiet import quiet
from pickmatte.models.errors import PictureError

_STATE = """
import ctypes, io, logging, sys, warnings
from PIL import _imaging
def state():
    handler = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
    handler.restype, handler.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    libtiff = handler(None)
    handler(libtiff)
    return libtiff, list(warnings.filters), list(logging.getLogger("PIL").handlers)
"""


def test_importing_and_opening_leaves_no_trace() -> None:
    program = _STATE + (
        "import cv2, scipy.special, scipy.sparse  # which set filters of their own\n"
        "before = state()\n"
        "assert before[0], 'libtiff has a handler of its own'\n"
        "from pickmatte.interactive.pictures.picture import open_picture\n"
        "assert state() == before, (before, state())\n"
        "from pickmatte.models.errors import PictureError\n"
        "data = sys.stdin.buffer.read()\n"
        "open_picture(data)\n"
        "try: open_picture(data[:len(data) // 2])\n"
        "except PictureError: print('refused')\n"
        "assert state() == before, (before, state())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=saved(noise(60, 50), "TIFF", compression="tiff_lzw"),
        capture_output=True,
    )
    assert (ran.stdout, ran.stderr) == (b"refused\n", b"")


def test_all_is_put_back_by_the_last_of_several_threads() -> None:
    before = list(warnings.filters)
    inside, leave = threading.Barrier(3), threading.Event()

    def read() -> None:
        with quiet():
            inside.wait()
            leave.wait()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait()
    with quiet():
        pass
    assert list(warnings.filters) != before  # the others are still at it
    warnings.filterwarnings("ignore", message="set by the host meanwhile")
    ours = warnings.filters[0]
    leave.set()
    for thread in threads:
        thread.join()
    assert list(warnings.filters) == [ours, *before]
    warnings.filters.remove(ours)


def test_a_host_that_makes_errors_of_warnings_can_open_odd_files() -> None:
    odd = saved(noise(9, 9), "TIFF", tiffinfo={305: "Pickmatte"})
    at = odd.index(b"\x31\x01\x02\x00")  # the software field claims to lie beyond the file's end
    odd = odd[: at + 4] + b"\xff\xff\0\0\xff\xff\xff\0" + odd[at + 12 :]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_picture(odd).size == (9, 9)
        with pytest.raises(PictureError):
            open_picture(odd[:100])
