"""What `Session` writes: never over its photo, over other files as they were, and as bytes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
from making import exif_block, noise, saved
from numpy.typing import NDArray
from photographed import disc

from pickmatte import Session
from pickmatte.interactive.files.export import check_target, save_cutout, save_grey
from pickmatte.interactive.pictures.picture import open_picture
from pickmatte.models.errors import ExportError


@pytest.fixture
def photo(tmp_path: Path, chelsea: NDArray[np.uint8]) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(saved(np.asarray(chelsea), "PNG", dpi=(300, 300), exif=exif_block(1)))
    return path


def opened(photo: Path) -> Session:
    session = Session.open(photo)
    session.subject("cat").use_mask(disc())
    return session


# --- the photo that was opened ---------------------------------------------------------------


def test_the_photo_is_not_overwritten(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = photo.read_bytes()
    link = photo.with_name("link.png")
    link.symlink_to(photo)
    monkeypatch.chdir(photo.parent)
    with photo.open("rb") as file:
        sessions = [opened(photo), opened(Path("photo.png")), opened(link), opened(file)]
    monkeypatch.chdir("/")
    for session in sessions:
        for target in (photo, link):
            with pytest.raises(ExportError, match="is the photo that was opened"):
                session.save(target)
    assert photo.read_bytes() == before
    assert sessions[0].save(photo.with_name("cat.png")).is_file()


def test_layers_are_not_written_over_the_photo(tmp_path: Path, chelsea: NDArray[np.uint8]) -> None:
    photo = tmp_path / "photo.tiff"
    photo.write_bytes(saved(np.asarray(chelsea), "TIFF"))
    with pytest.raises(ExportError, match="is the photo that was opened"):
        opened(photo).save_layers(photo)
    assert open_picture(photo).metadata == open_picture(photo.read_bytes()).metadata


def test_what_cannot_be_written_is_refused_before_any_work(photo: Path) -> None:
    session = Session.open(photo)  # without a subject: the work itself would raise `MaskError`
    for name, says in (
        ("out.jpg", "no transparency"),
        ("no/out.png", "does not exist"),
        ("photo.png", "is the photo"),
        ("n" * 300 + ".png", "cannot be written"),
    ):
        with pytest.raises(ExportError, match=says):
            session.save(photo.with_name(name) if "/" not in name else photo.parent / name)
    with pytest.raises(ExportError, match="'location' or 'all'"):
        session.save(photo.with_name("out.png"), strip="gps")  # type: ignore[arg-type]


# --- a file that was there -------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_permissions_are_kept(tmp_path: Path, mode: int) -> None:
    for write in (
        lambda path: save_cutout(path, noise(2, 2, 4)),
        lambda path: save_grey(path, np.ones((2, 2), bool)),
    ):
        path = tmp_path / "out.png"
        path.write_text("old")
        path.chmod(mode)
        written = write(path)
        assert written.read_bytes() != b"old"
        assert stat.S_IMODE(written.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    path.write_text("old")
    os.chown(path, 1234, 1235)
    save_cutout(path, noise(2, 2, 4))
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
def test_a_read_only_file_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out.png"
    path.write_text("old")
    path.chmod(mode)
    for write in (check_target, lambda path: save_cutout(path, noise(2, 2, 4))):
        with pytest.raises(ExportError, match=r"is read-only; make it writable or choose another"):
            write(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# --- bytes, metadata ------ -------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_encode_gives_the_bytes_that_save_writes(photo: Path, format: str) -> None:
    session = opened(photo)
    for strip in (None, "location", "all"):
        path = session.save(photo.with_name(f"out.{format.lower()}"), strip=strip)
        assert session.encode(format, strip=strip) == path.read_bytes()
    assert session.encode(invert=True) != session.encode()


def test_metadata_goes_along_unless_it_is_stripped(photo: Path) -> None:
    session = opened(photo)
    kept = open_picture(session.save(photo.with_name("kept.png"))).metadata
    assert kept.resolution == (300, 300)
    assert b"Pickmatte" in (kept.exif or b"")
    gone = open_picture(session.save(photo.with_name("gone.png"), strip="all")).metadata
    assert gone.resolution is None
    assert gone.exif is None
    layers = session.save_layers(photo.with_name("gone.tiff"), strip="all")
    assert b"Pickmatte" not in layers.read_bytes()
    assert b"Pickmatte" in session.save_layers(photo.with_name("kept.tiff")).read_bytes()
