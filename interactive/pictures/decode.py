"""A picture file to upright pixels: finding the file and its format, and what failures mean.

Whatever a decoder raises on a bad file leaves here as one `PictureError`.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, TypeAlias

from PIL import Image

from pickmatte.models.errors import PictureError

from .heic import read_heic
from .pillow_images import read_image
from .pillow_reader import Reader
from .quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pixels import Decoded

File: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
Source: TypeAlias = File | Image.Image

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_KINDS = "JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC"


def decode(source: Source, *, limit: int, managed: bool = True) -> Decoded:
    """Decode a path, bytes, a binary file or a PIL image; raise `PictureError` where it cannot.

    `limit` is in pixels and is checked before any is decoded. With `managed` off, grey and CMYK
    values are taken as they are stored, profile or not: right for masks, wrong for photos.
    """
    label = describe(source)
    if isinstance(source, Image.Image):
        with quiet():
            return read_image(source, label, limit, managed)
    with _opened(source, label) as file, quiet():
        head = file.read(64)
        if not head:
            raise PictureError(f"{label} is empty (0 bytes); get a fresh copy of it.")
        kind = _kind(head)
        if kind is None:
            raise PictureError(f"{label} is not a picture Pickmatte can read; give {_KINDS}.")
        file.seek(0)
        try:
            if kind == "HEIC":
                return read_heic(file, label, limit)
            return Reader(file, kind, head, label, limit, managed).read()
        except PictureError:
            raise
        except MemoryError as error:
            raise PictureError(f"There is not enough memory to open {label}.") from error
        except Exception as error:  # decoders raise every kind on bad files: that is what they are
            raise PictureError(
                f"{label} cannot be read as {kind}: it is damaged, cut short or stored in a rare "
                "way; get a fresh copy, or export it again as an 8 or 16 bit RGB picture."
            ) from error


def describe(source: Source) -> str:
    """How messages name a source."""
    name = path_of(source)
    return f"'{Path(name).name or name}'" if name else "The picture"


def path_of(source: Source) -> str | os.PathLike[str] | None:
    """Where a source lies, if it says so."""
    of_its_own = "filename" if isinstance(source, Image.Image) else "name"
    path = source if isinstance(source, str | os.PathLike) else getattr(source, of_its_own, None)
    return path if isinstance(path, str | os.PathLike) else None


@contextmanager
def _opened(source: File, label: str) -> Iterator[IO[bytes]]:
    """Yield a seekable binary file that starts with the picture."""
    if isinstance(source, bytes | bytearray | memoryview):
        yield io.BytesIO(source)
        return
    if not isinstance(source, str | os.PathLike):
        try:
            data = source.read()
        except (OSError, ValueError, AttributeError) as error:
            raise PictureError(f"{label} cannot be read: {error}.") from error
        if not isinstance(data, bytes):
            raise PictureError(f"{label} is opened as text; open it in binary mode ('rb').")
        yield io.BytesIO(data)
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - closed by the `with` below
    except FileNotFoundError as error:
        raise PictureError(f"There is no file {os.fspath(source)!r}; check the path.") from error
    except IsADirectoryError as error:
        raise PictureError(f"{label} is a folder; give a picture file.") from error
    except PermissionError as error:
        raise PictureError(f"You have no permission to read {label}.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PictureError(f"The path {os.fspath(source)!r} cannot be opened: {reason}.") from error
    with file:
        yield file if file.seekable() else io.BytesIO(file.read())


def _kind(head: bytes) -> str | None:
    """The format by its first bytes; the file's name is not asked."""
    if head[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if head[:2] == b"BM":
        return "BMP"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[4:8] == b"ftyp":
        end = min(int.from_bytes(head[:4], "big"), len(head))
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, end, 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & _HEIC_BRANDS:
            return "HEIC"
    return None
