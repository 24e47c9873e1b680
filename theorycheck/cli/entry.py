"""The command line: parse, call the library, print."""

from __future__ import annotations

import os
import sys
from traceback import print_exception
from typing import Any

import click

from theorycheck.about import VERSION
from theorycheck.cli import checks, images, problems, stores
from theorycheck.cli.verify import verify
from theorycheck.printing import complain, lasting_streams
from theorycheck.refusals import is_refusal

BAD_USAGE = 2
INTERNAL_ERROR = 3
INTERRUPTED = 130
TRACEBACK = "THEORYCHECK_TRACEBACK"  # in the environment: show where an error was raised


class OneSentence(click.Group):
    """A group that answers whatever goes wrong with one sentence and an exit status above 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was chosen; what it raises ends it with one line."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            if os.environ.get(TRACEBACK):
                print_exception(error)
            message, status = _answer(error)
            return _complain(message, status)

    @lasting_streams()
    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command, and end with its exit status."""
        kwargs["standalone_mode"] = False
        try:
            status = super().main(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            status = 0
        except click.ClickException as error:
            status = _complain(error.format_message(), BAD_USAGE)
        except click.Abort:  # an interrupt before any command was chosen
            status = _complain(*_answer(KeyboardInterrupt()))
        sys.exit(status if isinstance(status, int) else 0)


def _answer(error: BaseException) -> tuple[str, int]:
    """Return what to say of an error, and the exit status that stands for it."""
    match error:
        case KeyboardInterrupt():
            return "interrupted", INTERRUPTED
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}", BAD_USAGE
        case OSError():
            return str(error), BAD_USAGE
        case MemoryError():
            return f"this does not fit into memory: {error or 'out of it'}", BAD_USAGE
        case _ if is_refusal(error):
            return str(error), BAD_USAGE
    what = f"{type(error).__name__}: {error}"
    return f"internal error: {what} ({TRACEBACK}=1 shows where)", INTERNAL_ERROR


def _complain(message: str, status: int) -> int:
    complain(message)
    return status


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="theorycheck")
def main() -> None:
    """Check theorems about randomly pruned networks against exact simulations of them."""


for command in (
    verify, checks.judge, checks.falsify, checks.calibrate, checks.phase, checks.report,
    problems.simulate, problems.bound, problems.list_statements, problems.cite,
    stores.sweep, stores.status, stores.rerun, stores.export, stores.figures,
    images.digits,
):  # fmt: skip
    main.add_command(command)
