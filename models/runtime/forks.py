"""A process forked from one in which networks have run is told so, instead of hanging.

The threads of ONNX Runtime, OpenCV, OpenMP and numba do not live on in a forked child, while their
locks and pools look as if they did: the child waits for ever or is ended by its libraries.
"""

from __future__ import annotations

import os

from pickmatte.models.errors import ForkError

_owner: int | None = None  # the process in which work was first done


def guard() -> None:
    """Note that this process works; raises `ForkError` where it was forked from one that did.

    Takes less than a microsecond: called wherever work begins that threads may be needed for.
    """
    global _owner
    process = os.getpid()
    if _owner is None:
        _owner = process
    elif _owner != process:
        raise ForkError(
            "This process was forked from one in which Pickmatte had worked already, and the "
            "threads it needs did not come along. Start workers by 'spawn' or 'forkserver' "
            "(multiprocessing.get_context('spawn')), or fork before the first picture."
        )
