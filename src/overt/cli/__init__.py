"""The `overt` command: thin commands that parse, call and print.

Errors go to standard error as one line (what, why, what to do, code) with the exit code of
`overt.errors`; a traceback only with `--debug`. Exit code 1 is usage or configuration.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

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
            message = str(getattr(error, "message", error))
            return _fail(f"{message}; see `overt --help` [usage]", 1)
        if debug:
            raise
        # The message of a foreign error may quote a prompt: its type is all that is shown.
        name = type(error).__name__
        return _fail(f"internal error ({name}); run again with --debug [internal]", _INTERNAL)


def _fail(line: str, code: int) -> int:
    sys.stderr.write(f"overt: {' '.join(line.split())}\n")
    return code
