"""`pickmatte ui`: the page."""

from __future__ import annotations

import socket

import click

from . import options


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535))
@options.device
@options.limit
def ui(host: str, port: int, limit: int, device: str) -> None:
    """Serve the page for a browser until Ctrl+C."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise click.UsageError(f"{host!r} is no host's name or address.") from error
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        raise click.ClickException(f"{host} port {port} cannot be served: {reason}.") from error
    from pickmatte.app import launch

    shown = f"[{host}]" if ":" in host else host
    click.echo(f"The page opens at http://{shown}:{port} in a moment; Ctrl+C stops it.")
    launch(host=host, port=port, limit=limit, device=device)
