"""Results to files: all of a file or none of it, under the name that was asked for."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import cv2
import numpy as np

from pickmatte.interactive.pictures.metadata.record import NO_METADATA, Metadata
from pickmatte.models.errors import ExportError

from . import encode, tiff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_FORMATS = {".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}


def save_cutout(
    path: str | os.PathLike[str],
    rgba: NDArray[Any],
    *,
    icc: bytes | None = None,
    metadata: Metadata = NO_METADATA,
) -> Path:
    """Write a cut-out, its format told by the suffix: .png, .webp, .tif or .tiff; all lossless.

    `rgba` is H×W×4, straight alpha, uint8 or (not for WebP) uint16. `icc` is written as it is
    given, of `metadata` what the format has a place for. The file appears whole or not at all, and
    one that was there stays until then; its permissions are kept. Returns the path. Raises
    `ExportError`.
    """
    format = format_of(path)
    return _write(Path(path), encode_cutout(rgba, format, icc=icc, metadata=metadata))


def format_of(path: str | os.PathLike[str]) -> str:
    """Return "PNG", "WEBP" or "TIFF" by the suffix; raise `ExportError` for any other."""
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _FORMATS:
        no_alpha = suffix in (".jpg", ".jpeg", ".bmp")
        reason = "has no transparency" if no_alpha else "is no format a cut-out can be written in"
        raise ExportError(
            f"'{target.name}': {suffix or 'a name without suffix'} {reason}; "
            "name it .png, .webp or .tiff."
        )
    return _FORMATS[suffix]


def encode_cutout(
    rgba: NDArray[Any],
    format: str = "PNG",
    *,
    icc: bytes | None = None,
    metadata: Metadata = NO_METADATA,
) -> bytes:
    """Return the very bytes that `save_cutout` writes; `format` is "PNG", "WEBP" or "TIFF"."""
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype not in (np.uint8, np.uint16):
        raise ExportError(
            f"A cut-out is H×W×4, uint8 or uint16; this is {rgba.dtype} {rgba.shape}."
        )
    if rgba.size == 0:
        raise ExportError("The cut-out has no pixels.")
    name = format.upper()
    if name == "PNG":
        return encode.png(rgba, icc, metadata)
    metadata.check_colours(icc, name)
    if name == "TIFF":
        return tiff.tiff(rgba, icc, metadata)
    if name != "WEBP":
        raise ExportError(f"A cut-out cannot be written as {format}; use PNG, WEBP or TIFF.")
    if rgba.dtype != np.uint8:
        raise ExportError("WebP has 8 bits a channel; write 16 bits as .png or .tiff.")
    if max(rgba.shape) > encode.WEBP_SIDE:
        raise ExportError(
            f"WebP ends at {encode.WEBP_SIDE} pixels a side, and the cut-out is "
            f"{rgba.shape[1]}×{rgba.shape[0]}; write it as .png or .tiff."
        )
    return encode.webp(rgba, icc, metadata)


def save_grey(path: str | os.PathLike[str], layer: NDArray[Any]) -> Path:
    """Write a mask, trimap or alpha as an 8 bit, one-channel PNG; see `encode_grey`.

    Whole or not at all, as with `save_cutout`. Returns the path. Raises `ExportError`.
    """
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise ExportError(f"'{target.name}': masks, trimaps and alphas are written as .png.")
    return _write(target, encode_grey(layer))


def encode_grey(layer: NDArray[Any]) -> bytes:
    """Return the PNG of an H×W layer: bool as 0 and 255, uint8 as it is, float to the nearest."""
    if layer.ndim != 2 or layer.size == 0:
        raise ExportError(f"A mask, trimap or alpha is H×W with pixels; this is {layer.shape}.")
    if layer.dtype == np.bool_:
        grey = layer.astype(np.uint8) * np.uint8(255)
    elif layer.dtype == np.uint8:
        grey = layer
    elif layer.dtype in (np.float32, np.float64):
        if not (layer.min() > -0.001 and layer.max() < 1.001):  # written so that NaN is caught
            raise ExportError("The alpha has values outside 0..1.")
        grey = np.asarray(cv2.convertScaleAbs(layer.astype(np.float32, copy=False), alpha=255))
    else:
        raise ExportError(
            f"A mask, trimap or alpha is bool, uint8 or float; this is {layer.dtype}."
        )
    return encode.png(grey.reshape(*layer.shape, 1).view(np.uint8))


def _write(target: Path, data: bytes) -> Path:
    with replacing(target) as file:
        file.write(data)
    return target


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file beside the target, renamed over it at the end: no reader ever sees half a file.

    Whatever is raised meanwhile removes it and leaves what was there before; an `OSError` becomes
    an `ExportError`.
    """
    check_target(target)
    try:
        # A link stays a link: what it points to is replaced.
        real = Path(os.path.realpath(target))
        temporary = real.with_name(f".pickmatte-{secrets.token_hex(8)}.part")
        before = _status(real)
        mode = 0o666 if before is None else stat.S_IMODE(before.st_mode)
        # Not mkstemp, whose files only their owner may read: this one follows the umask.
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    except (OSError, ValueError) as error:
        raise _refusal(target, error) from error
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            if before is not None:
                _take_after(before, file.fileno(), temporary)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, real)  # noqa: PTH105 - the call whose promise this stands on
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _refusal(target, error) from error
        raise


def check_target(path: str | os.PathLike[str], *, photo: Path | None = None) -> Path:
    """Refuse what can be known to fail before any work is done; return the path.

    Raises `ExportError` where the folder is missing or may not be written to, and where the file
    that is there is a folder, a device, read-only, or `photo`.
    """
    target = Path(path)
    try:
        real = Path(os.path.realpath(target))
        there, folder = _status(real), real.parent.stat()
        if not stat.S_ISDIR(folder.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory")
        if not os.access(real.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "Permission denied")
        if there is None:
            return target
        if not stat.S_ISREG(there.st_mode):
            kind = "a folder" if stat.S_ISDIR(there.st_mode) else "a device"
            raise ExportError(f"'{target}' is {kind}; choose another name.")
        opened = _status(photo) if photo is not None else None
        if opened is not None and os.path.samestat(there, opened):
            raise ExportError(
                f"'{target}' is the photo that was opened and would be lost; choose another name."
            )
        # The mode is asked too, for nothing is forbidden to root.
        if not there.st_mode & 0o222 or not os.access(real, os.W_OK):
            raise ExportError(f"'{target}' is read-only; make it writable or choose another name.")
    except (OSError, ValueError) as error:
        raise _refusal(target, error) from error
    return target


def _status(path: Path) -> os.stat_result | None:
    """What is at a path; None where nothing is."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _take_after(before: os.stat_result, handle: int, temporary: Path) -> None:
    """Give a new file the owner, where that is allowed, and the permissions of the one before."""
    if hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(handle, before.st_uid, before.st_gid)
    temporary.chmod(stat.S_IMODE(before.st_mode))


def _refusal(target: Path, error: OSError | ValueError) -> ExportError:
    """What a failed write means, in a sentence."""
    folder = target.parent
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT:
        return ExportError(f"The folder '{folder}' does not exist; make it first.")
    if number == errno.ENOTDIR:
        return ExportError(f"'{folder}' is not a folder; choose another place.")
    if number in (errno.EACCES, errno.EPERM):
        return ExportError(f"You have no permission to write in '{folder}'; choose another place.")
    if number == errno.EROFS:
        return ExportError(f"'{folder}' cannot be written to; choose another place.")
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ExportError(
            f"There is no room left for '{target}'; make some or choose another place."
        )
    reason = getattr(error, "strerror", None) or str(error)
    return ExportError(f"'{target}' cannot be written: {reason}.")
