"""`overt figures`: the registry of public figures: search it, count it, import another."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption
from overt.errors import ConfigError

if TYPE_CHECKING:
    from overt.screening.search import FigureSearch

app = typer.Typer(help="The registry of public figures.", no_args_is_help=True)


@app.command()
def search(
    name: Annotated[str, typer.Argument(help="A name, in any script or spelling.")],
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 20,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Find possible figures by name, best first."""
    found = _registry(config).search(name, limit)
    if json_:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one['score']:.2f}  {one['id']}  {one['name']}  ({one['kind']})")
    if not found:
        typer.echo("no figure of that name; that does not mean that nobody has it")


@app.command()
def stats(json_: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Count the registry and say how old it is."""
    found = _registry(config).stats()
    if json_:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
        return
    for key, value in found.items():
        shown = (
            ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        )
        typer.echo(f"{key}: {shown}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The list, or - for standard input.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The index to write.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="sparql, wbgetentities, opensanctions, targets-simple, popolo or jsonl.",
        ),
    ],
    source: Annotated[str, typer.Option(help="Name of the source, kept with each row.")],
    as_of: Annotated[str | None, typer.Option(help="Date of the list; today if left out.")] = None,
    fuzzy: Annotated[bool, typer.Option(help="Index misspellings as well.")] = True,
    prominence: Annotated[
        int,
        typer.Option(
            min=0,
            max=3,
            help="How well known people are of whom the list does not say it: 0 little (a bare "
            "name never acts alone), 1 at home, 2 abroad, 3 everywhere.",
        ),
    ] = 1,
    with_packaged: Annotated[
        bool,
        typer.Option(
            "--with-packaged",
            help="Put the packaged people into the same index; without it, the index holds those "
            "of the list alone. Takes about a minute.",
        ),
    ] = False,
) -> None:
    """Read a list of people as a stream and write a prebuilt index from it."""
    from overt.screening.importers import run_import

    day = as_of or date.today().isoformat()
    _check_output(file, output)
    with _opened(file) as stream:
        counts = run_import(
            format_, stream, output, source=source, as_of=day, fuzzy=fuzzy, prominence=prominence,
            with_packaged=with_packaged,
        )  # fmt: skip
    typer.echo(f"{output}: {counts.kept} people, {counts.bad} bad rows")
    for problem in counts.problems:
        typer.echo(f"  {problem}", err=True)
    typer.echo(
        f"With the {counts.packaged} packaged people it holds {counts.total}."
        if counts.packaged
        else "It stands in place of the packaged people, who are not in it; "
        "--with-packaged puts them in as well."
    )
    typer.echo(f'Use it: [screening] index = "{output}"')


def _check_output(file: Path, output: Path) -> None:
    """The list itself must not be overwritten, whatever way its path is written."""
    if str(file) != "-" and output.exists() and file.exists() and output.samefile(file):
        raise ConfigError(
            "screening.import_place",
            "the index is not written",
            "it would overwrite the list that it is made from",
            "name another place with -o",
        )


def _opened(file: Path) -> BinaryIO:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as cause:
        raise ConfigError(
            "screening.import_unreadable",
            "the list cannot be opened",
            type(cause).__name__,
            "check its path",
        ) from None


def _registry(config: Path) -> FigureSearch:
    from overt.config import GuardConfig, load_config
    from overt.screening.search import FigureSearch

    absent = config == DEFAULT_CONFIG and not config.exists()
    loaded = GuardConfig() if absent else load_config(config)
    index, overlay = loaded.screening.index, loaded.screening.overlay
    return FigureSearch(
        loaded.path(index) if index else None, loaded.path(overlay) if overlay else None
    )
