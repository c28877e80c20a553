"""Graphs made from a model's own files once, and kept beside them, each with its SHA-256."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

_log = logging.getLogger("pickmatte")


def derived(source: Path, tag: str, make: Callable[[Path], bytes]) -> bytes:
    """What `make` makes of a verified file, from where it was kept the last time if that is sound.

    `tag` names what is made; change it with what `make` does. What was kept is checked by the
    SHA-256 that was written down beside it, and made anew where that fails. A folder that cannot be
    written to costs no more than making it again each time.
    """
    place = source.with_name(f"{source.stem}.{tag}{source.suffix}")
    record = place.with_name(f"{place.name}.sha256")
    origin = sha256(source.read_bytes()).hexdigest()
    try:
        data = place.read_bytes()
        if record.read_text().split() == [origin, sha256(data).hexdigest()]:
            return data
    except OSError:
        pass  # it was not made yet
    data = make(source)
    try:
        _put(place, data)
        _put(record, f"{origin} {sha256(data).hexdigest()}\n".encode())
    except OSError as error:
        _log.debug("%s is made anew each time: %s", place, error)
    return data


def _put(place: Path, data: bytes) -> None:
    part = place.with_name(f".{place.name}-{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        os.replace(part, place)  # noqa: PTH105 - the call whose promise this stands on
    finally:
        part.unlink(missing_ok=True)
