"""The terminal and its streams: text in any letters to any encoding, and what `-` stands for."""

from __future__ import annotations

import codecs
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

if TYPE_CHECKING:
    from pickmatte.service.jobs import Result

STREAM = "-"  # standard input where a file is read, standard output where one is written


def accept_any_letters() -> None:
    """Let nothing that is printed fail for its letters, whatever the streams' encoding.

    What the encoding has no code for is written as a backslash escape, as Python does on standard
    error. Bytes of a file's name that are no text (surrogate escapes) are written as they are, so
    that the name leads to the file. ASCII is the encoding of a locale that says none: UTF-8 then.
    """
    codecs.register_error("pickmatte", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if ascii_only else None, errors="pickmatte")


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeEncodeError) and not error.encoding.startswith(
        ("utf-16", "utf-32")
    ):
        letters = error.object[error.start : error.end]
        if all("\udc80" <= letter <= "\udcff" for letter in letters):
            return bytes(ord(letter) - 0xDC00 for letter in letters), error.end
    return codecs.backslashreplace_errors(error)


def check_inputs(*sources: Path | str | None) -> None:
    """Refuse to read standard input twice, or from a keyboard."""
    count = sources.count(STREAM)
    if count > 1:
        raise click.UsageError("Standard input can be read once; give only one input as '-'.")
    if count and _is_terminal(sys.stdin):
        raise click.UsageError("Standard input is a terminal; pipe a file into it, or name one.")


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end, or nobody."""
    return stream is None or stream.isatty()


def opened(source: Path | str) -> Path | BinaryIO:
    """A file's path as it is, or standard input for '-'."""
    return source if isinstance(source, Path) else sys.stdin.buffer


def destination(output: Path | str | None, photo: Path | str, what: str) -> Path | None:
    """The file to write, None for standard output.

    Where none is named it lies beside the photo, cat.jpg to cat.cutout.png, and what comes from
    standard input goes to standard output.
    """
    from pickmatte.service.outputs import default_path

    if output is None and isinstance(photo, Path):
        return default_path(photo, what)
    if isinstance(output, Path):
        return output
    if _is_terminal(sys.stdout):
        raise click.UsageError(
            "Standard output is a terminal; name a file with -o, or send it on: > FILE."
        )
    return None


def write(data: bytes) -> None:
    """Write to standard output; raises `ExportError`."""
    from pickmatte.models.errors import ExportError

    stream = sys.stdout.buffer
    try:
        stream.write(data)
        stream.flush()
    except BrokenPipeError:  # whoever read it has enough; click ends quietly
        raise
    except OSError as error:
        raise ExportError(f"Standard output cannot be written: {error.strerror}.") from error


def show(result: Result, as_json: bool) -> None:
    """Print what a job came to; beside a picture on standard output the report is on the other."""
    import json

    if result.data is not None:
        write(result.data)
    if as_json:
        click.echo(json.dumps(result.report), err=result.data is not None)
    else:
        for path in result.files.values():
            click.echo(path)
    for note in result.report["notes"]:
        click.echo(note, err=True)
