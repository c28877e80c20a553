"""The command line: parsing and printing. The work is done by `interactive` and `models`.

Exit codes: 0 done, 1 failed (one line on standard error), 2 wrong usage. What needs a network or
NumPy is imported by the command that uses it, so that `--help` answers at once.
"""

from __future__ import annotations

from typing import Any

import click

from pickmatte.commands.auto import auto
from pickmatte.commands.console import accept_any_letters
from pickmatte.commands.cut import cut
from pickmatte.commands.demo import demo
from pickmatte.commands.find import find
from pickmatte.commands.matte import matte
from pickmatte.commands.ui import ui
from pickmatte.commands.weights import models_group


class Pickmatte(click.Group):
    """Shows the errors that a user can cause as one line."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Parse the command line and run what it names."""
        accept_any_letters()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from pickmatte.models.errors import JobError, PickmatteError

            if isinstance(error, PickmatteError):
                said = " ".join(str(error).split())
                usage = isinstance(error, JobError)
                raise (click.UsageError(said) if usage else click.ClickException(said)) from error
            raise


@click.group(cls=Pickmatte, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pickmatte")
def main() -> None:
    """Point at a subject in a photo and get a clean cut-out of exactly that subject."""


for command in (auto, cut, demo, find, matte, models_group, ui):
    main.add_command(command)

if __name__ == "__main__":
    main()
