"""The `overt` command: thin commands that parse, call and print.

Errors go to standard error as one line (what, why, what to do, code) with the exit code of
`overt.errors`; a traceback only with `--debug`. Exit code 1 is usage or configuration.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from overt.errors import OvertError

# Typer carries its own click or uses the installed one, by version: ask it for the base class.
_ClickError = next(one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException")
_INTERNAL = 2
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    from overt.cli.app import app

    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    arguments = [one for one in arguments if one != "--debug"]
    command = typer.main.get_command(app)
    try:
        with _stale_registry_told():
            return int(command.main(arguments, prog_name="overt", standalone_mode=False) or 0)
    except OvertError as error:
        if debug:
            raise
        return _fail(str(error), error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("interrupted; nothing was released [interrupted]", _INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        if isinstance(error, _ClickError):
            return _usage(error)
        if debug:
            raise
        # The message of a foreign error may quote a prompt: its type is all that is shown.
        name = type(error).__name__
        return _fail(f"internal error ({name}); run again with --debug [internal]", _INTERNAL)


def _usage(error: Exception) -> int:
    """A wrong command line: what is missing or wrong, and whose help says more."""
    if type(error).__name__ == "NoArgsIsHelpError":  # the help has just been printed
        return 1
    # Only `format_message` names a missing option; `message` is empty then.
    told = getattr(error, "format_message", None)
    message = str(told() if told is not None else error).rstrip().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "overt"
    return _fail(f"{message}; see `{path} --help` [usage]", 1)


class _StaleRegistry(logging.Handler):
    """Says once, on standard error, that the figure registry is too old."""

    told = False

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else ()
        if self.told or arguments[:1] != ("registry.stale",):
            return
        self.told = True
        days = str(arguments[1]).removeprefix("count=")
        _fail(
            f"warning: the figure registry is {days} days old, more than screening.max_age_days; "
            "import a newer one with `overt figures import` [registry.stale]",
            0,
        )


@contextmanager
def _stale_registry_told() -> Iterator[None]:
    """Let the one warning through that whoever looks at an answer has to know."""
    logger, handler = logging.getLogger("overt.parts"), _StaleRegistry(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _fail(line: str, code: int) -> int:
    sys.stderr.write(f"overt: {' '.join(line.split())}\n")
    return code
