"""Where a job's result goes: which files, whether they can be written, and writing them all."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np

from pickmatte.interactive.files import encode
from pickmatte.interactive.files.export import check_target, encode_grey, format_of, replacing
from pickmatte.interactive.files.layered import psd
from pickmatte.interactive.pictures.metadata.record import Strip
from pickmatte.models.errors import ExportError, JobError, MaskError, PictureError
from pickmatte.models.matting.trimaps import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pickmatte.interactive.session import Session
    from pickmatte.models.protocols import Mask, Trimap

Only: TypeAlias = Literal["mask", "trimap", "alpha"]
LAYERED = (".psd", ".ora", ".zip")  # files with a layer for each subject
_SIDES = {".webp": encode.WEBP_SIDE, ".psd": psd.SIDE}  # the most pixels a side, where it ends


@dataclass(frozen=True)
class Output:
    """Where the result goes, and what of it.

    path    the cut-out's file, its format told by the suffix; None for a PNG in memory
    bits    8 or 16 a channel
    invert  the rest of the picture instead, without the subjects
    only    that layer of all subjects together instead of the cut-out: an 8 bit grey PNG
    layers  also write mask, trimap, alpha and recipe beside it, and each of several subjects alone
    strip   leave out where the photo was taken ("location"), or all that it tells ("all")

    Raises `JobError` where these contradict each other and `ExportError` for a file name whose
    format cannot hold them.
    """

    path: Path | None
    bits: int = 8
    invert: bool = False
    only: Only | None = None
    layers: bool = False
    strip: Strip | None = None

    def __post_init__(self) -> None:
        if self.bits not in (8, 16):
            raise JobError(f"A cut-out has 8 or 16 bits, not {self.bits}.")
        if self.only not in (None, *get_args(Only)):
            raise JobError(f"There is no layer {self.only!r}; there are: mask, trimap, alpha.")
        if self.strip not in (None, *get_args(Strip)):
            raise JobError(f"Metadata is stripped of 'location' or 'all', not of {self.strip!r}.")
        if self.only and self.layers:
            raise JobError(f"Layers beside the {self.only} alone are too much; leave one away.")
        if self.only and self.bits == 16:
            raise JobError(f"A {self.only} is written with 8 bits; leave the 16 away.")
        if self.layers and self.path is None:
            raise JobError("Layers are files beside the cut-out; name a file for it.")
        if self.path is not None:
            self._check_suffix(self.path)

    def _check_suffix(self, path: Path) -> None:
        suffix = path.suffix.lower()
        if self.only:
            if suffix != ".png":
                raise ExportError(f"'{path.name}': a {self.only} is written as .png; name it so.")
        elif suffix in LAYERED:
            if self.invert:
                raise JobError("The rest of a photo is one picture; name it .png, .webp or .tiff.")
        elif format_of(path) == "WEBP" and self.bits == 16:
            raise ExportError("WebP has 8 bits a channel; write 16 bits as .png or .tiff.")

    @property
    def layered(self) -> bool:
        """Whether it is a file with a layer for each subject."""
        return self.path is not None and not self.only and self.path.suffix.lower() in LAYERED


def default_path(photo: Path, what: str = "cutout") -> Path:
    """Where a result goes that nobody named: beside the photo, cat.jpg to cat.cutout.png.

    Raises `PictureError` for a path that can only be a folder's.
    """
    if not photo.name:
        raise PictureError(f"'{photo}' is a folder; give a picture file.")
    return photo.with_name(f"{photo.stem}.{what}.png")


def check(output: Output, subjects: int, inputs: Iterable[Path]) -> None:
    """Refuse inputs that are not there, and files that cannot be written or are an input.

    `subjects` is how many there will be. Raises `PictureError`, `ExportError` and `JobError`.
    """
    inputs = list(inputs)
    for source in inputs:
        if not _may_be_there(source):
            raise PictureError(f"There is no file {str(source)!r}; check the path.")
    if output.path is None:
        return
    for path in [output.path, *_beside(output, subjects).values()]:
        check_target(path)
        if any(_same(path, source) for source in inputs):
            raise JobError(f"{path} is an input; it would be overwritten.")


def check_size(output: Output, size: tuple[int, int]) -> None:
    """Refuse a picture of (height, width) that the file's format has no room for."""
    suffix = "" if output.path is None else output.path.suffix.lower()
    side = _SIDES.get(suffix)
    if side is not None and max(size) > side:
        others = ".ora or .zip" if output.layered else ".png or .tiff"
        raise ExportError(
            f"{suffix[1:].upper()} ends at {side} pixels a side, and the picture is "
            f"{size[1]}×{size[0]}; write it as {others}."
        )


def write(
    session: Session, output: Output, inputs: Iterable[Path]
) -> tuple[dict[str, Path], bytes | None]:
    """Write the result; gives the files by what they hold, or the bytes of a PNG without a file.

    Everything is computed before the first file appears. Raises `ExportError`, and `MaskError`
    where no subject is kept.
    """
    if output.path is None:
        return {}, _picture(session, output)
    count = len(session.subjects)
    check(output, count, inputs)  # only now is their number known for certain
    files = {"layers" if output.layered else output.only or "cutout": output.path}
    beside = _beside(output, count)
    with ExitStack() as staged:  # all are renamed when it is left, or none
        for name, path in beside.items():
            staged.enter_context(replacing(path)).write(_beside_bytes(session, output, name))
        if output.layered:
            session.save_layers(output.path, bits=output.bits, strip=output.strip)
        else:
            staged.enter_context(replacing(output.path)).write(_picture(session, output))
    return files | beside, None


def _beside(output: Output, subjects: int) -> dict[str, Path]:
    """The files of `layers` by what they hold; several subjects are told apart by number."""
    if output.path is None or not output.layers:
        return {}
    prefixes = [""] if subjects == 1 else [f"{number}." for number in range(1, subjects + 1)]
    names = [prefix + layer for prefix in prefixes for layer in get_args(Only)]
    names += [prefix.rstrip(".") for prefix in prefixes if prefix]
    files = {name: output.path.with_suffix(f".{name}.png") for name in names}
    return files | {"recipe": output.path.with_suffix(".recipe.json")}


def _beside_bytes(session: Session, output: Output, name: str) -> bytes:
    """What the file of that name in `_beside` holds."""
    if name == "recipe":
        return json.dumps(session.recipe()).encode()
    if name.isdigit():
        alone = [session.subjects[int(name) - 1]]
        return session.encode("PNG", alone, bits=output.bits, strip=output.strip)
    number, _, layer = name.rpartition(".")
    return encode_grey(getattr(session.subjects[int(number or 1) - 1], layer))


def _picture(session: Session, output: Output) -> bytes:
    if output.only:
        return encode_grey(_together(session, output.only, output.invert))
    format = "PNG" if output.path is None else format_of(output.path)
    return session.encode(format, bits=output.bits, invert=output.invert, strip=output.strip)


def _together(session: Session, only: Only, invert: bool) -> NDArray[Any]:
    """A layer of all kept subjects as one: what any of them owns."""
    if only == "alpha":
        alpha = session.alpha()
        return 1 - alpha if invert else alpha
    kept = [subject for subject in session.subjects if subject.kept and subject.candidates]
    if not kept:
        raise MaskError("No subject is kept; keep one, or name those to cut out.")
    if only == "mask":
        mask: Mask = np.logical_or.reduce([subject.mask for subject in kept])
        return ~mask if invert else mask
    trimap: Trimap = np.maximum.reduce([subject.trimap for subject in kept])
    return np.where(trimap == UNKNOWN, trimap, 255 - trimap) if invert else trimap


def _may_be_there(path: Path) -> bool:
    """False where nothing is; what else is wrong with a file is told when it is read."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return True


def _same(path: Path, source: Path) -> bool:
    """Whether two paths lead to one file; not where either leads nowhere."""
    try:
        return path.samefile(source)
    except (OSError, ValueError):
        return False
