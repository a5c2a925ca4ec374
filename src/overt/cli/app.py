"""The tree of commands. Each module holds the commands of one area and imports it lazily."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overt.cli import (
    batch,
    consent,
    demo,
    doctor,
    effects,
    elections,
    figures,
    keys,
    ledger,
    mark,
    policy,
    redteam,
    release,
    review,
    run,
    schema,
    screen,
    verify,
)

app = typer.Typer(
    name="overt",
    help="Makes generation tools honest: screens, consent, disclosures, provenance, a ledger.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(demo.demo)
app.command()(screen.screen)
app.command()(run.run)
app.command()(mark.mark)
app.command()(batch.batch)
app.command()(release.release)
app.command()(verify.verify)
app.command()(verify.lookup)
app.command()(doctor.doctor)
app.command()(redteam.redteam)
app.command()(schema.schema)
app.add_typer(keys.app, name="keys")
app.add_typer(consent.app, name="consent")
app.add_typer(ledger.app, name="ledger")
app.add_typer(figures.app, name="figures")
app.add_typer(policy.app, name="policy")
app.add_typer(elections.app, name="elections")
app.add_typer(effects.app, name="effects")
app.add_typer(review.app, name="review")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to set up.")] = Path(),
) -> None:
    """Write a commented overt.toml, the database and an untrusted test identity."""
    from overt.setup import initialise

    folder.mkdir(parents=True, exist_ok=True)
    for path in initialise(folder):
        typer.echo(path)
    typer.echo("The identity is for tests: nobody trusts it. See `overt keys csr` for a real one.")
    typer.echo("Keep copies of ledger.key and sealing.key in a safe place: nothing replaces them.")


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Makes generation tools honest."""
