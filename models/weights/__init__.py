"""Every model as data, and its files: where they come from, and the cache they are kept in."""

from .cache import (
    Status,
    cache_folder,
    check,
    files,
    missing_bytes,
    offline,
    present,
    remove,
    sha256,
)

__all__ = [
    "Status",
    "cache_folder",
    "check",
    "files",
    "missing_bytes",
    "offline",
    "present",
    "remove",
    "sha256",
]
