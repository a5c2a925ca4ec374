"""`overt ledger`: sign, prove, verify and export the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit

app = typer.Typer(
    name="ledger", help="The tamper-evident log: sign, prove, verify, export.", no_args_is_help=True
)

KeyOption = Annotated[
    list[str] | None,
    typer.Option("--key", help="Verifier key (name+id+base64); ours when left out.", metavar="KEY"),
]


@app.command()
def checkpoint(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Sign the log as it stands and print the note. Publish it, or give it away."""
    from overt.cli.stores import opened

    with opened(config) as stores:
        typer.echo(stores.database.write(stores.ledger.checkpoint), nl=False)
        typer.echo(f"verify with: {stores.ledger.signer().verifier}", err=True)


@app.command()
def prove(
    entry: Annotated[str, typer.Argument(metavar="INDEX|ID", help="An entry's number or id.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--output", help="Proof file; the entry goes beside it.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write a .tlog-proof that one entry is in the log, and the entry itself as .json."""
    from overt.cli.stores import opened
    from overt.errors import StageError
    from overt.models import write_whole

    with opened(config) as stores:
        index = int(entry) if entry.isdecimal() else None
        if index is None:
            found = stores.database.read(lambda tx: stores.ledger.find(tx, entry))
            if not found:
                raise StageError("record", "ledger.no_entry", "no entry has this id")
            index = found[-1].index
        proof = stores.database.write(lambda tx: stores.ledger.prove(tx, index))
        body = stores.database.read(lambda tx: stores.ledger.entry(tx, index))
    target = out or Path(f"{index}.tlog-proof")
    write_whole(target, proof.encode())
    write_whole(target.with_suffix(".json"), body)
    typer.echo(target)
    typer.echo(target.with_suffix(".json"))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the log as static files (tlog-tiles) that anybody can serve and check."""
    from overt.cli.stores import opened
    from overt.ledger.export import export as write

    with opened(config) as stores:
        stores.database.write(stores.ledger.checkpoint)
        folder.mkdir(parents=True, exist_ok=True)
        count = stores.database.read(lambda tx: write(tx, folder))
        (folder / "key").write_text(stores.ledger.signer().verifier + "\n", encoding="utf-8")
    typer.echo(f"{count} entries in {folder}")


@app.command()
def verify(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PROOF|DIR]", help="A proof or an export; the database if none."),
    ] = None,
    entry: Annotated[
        Path | None, typer.Option(help="The entry of a proof; beside it as .json if left out.")
    ] = None,
    key: KeyOption = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Compute everything anew and compare. Exit 6 where anything is wrong."""
    if path is not None:
        _verify_files(path, entry, key, json_, config)
        return
    from overt.cli.stores import opened
    from overt.errors import VerificationError
    from overt.ledger.audit import verify_database

    with opened(config) as stores:
        keys = key or [stores.ledger.signer().verifier]
        report = stores.database.read(lambda tx: verify_database(tx, keys))
    problems = [{"code": one.code, "index": one.index} for one in report.problems]
    if json_:
        emit(
            {
                "valid": report.valid,
                "size": report.size,
                "root": report.root,
                "checkpoints": report.checkpoints,
                "problems": problems,
            }
        )
    else:
        for one in problems:
            typer.echo(f"{one['code']:28} entry {one['index']}")
        signed = f"{report.checkpoints} checkpoints agree"
        typer.echo(f"{report.size} entries, root {report.root[:16]}…, {signed}")
    if not report.valid:
        raise VerificationError(
            problems[0]["code"] or "ledger.invalid",  # type: ignore[arg-type]
            "the ledger does not verify",
            f"{len(problems)} problems were found",
            "keep this database as it is and restore a backup elsewhere",
        )


def _verify_files(
    path: Path, entry: Path | None, key: list[str] | None, json_: bool, config: Path
) -> None:
    """A proof or an export; with keys given, no configuration is needed."""
    from overt.ledger.export import verify_export
    from overt.ledger.verify import verify_proof

    keys = key or [_own_key(config)]
    if path.is_dir():
        found = verify_export(path, keys)
        answer: dict[str, object] = {"valid": True, "size": found.size, "root": found.root.hex()}
    else:
        body = (entry or path.with_suffix(".json")).read_bytes()
        index, found = verify_proof(path.read_text(encoding="utf-8"), body, keys)
        answer = {"valid": True, "index": index, "size": found.size, "origin": found.origin}
    if json_:
        emit(answer)
    else:
        typer.echo(", ".join(f"{name} {value}" for name, value in answer.items()))


def _own_key(config: Path) -> str:
    from overt.config import load_config
    from overt.ledger import SqlLedger

    loaded = load_config(config)
    ledger = SqlLedger(loaded.ledger.origin, loaded.reference(loaded.ledger.key))
    return ledger.signer().verifier
