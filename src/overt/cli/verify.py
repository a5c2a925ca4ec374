"""`overt verify` and `overt lookup`: questions to a finished file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit

if TYPE_CHECKING:
    from overt.inspect import Verification
    from overt.ports import Watermarker
    from overt.provenance.known import Lookup

FAILED = 6


def verify(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A file, or a folder.")],
    sidecar: Annotated[Path | None, typer.Option(help="Its manifest store.")] = None,
    trust: Annotated[Path | None, typer.Option(help="Roots in PEM.", metavar="ROOT.pem")] = None,
    require_disclosure: Annotated[
        bool, typer.Option("--require-disclosure", help="Fail unless a disclosure is vouched for.")
    ] = False,
    platform: Annotated[
        str | None, typer.Option(help="Also: would this platform see what it is? `any` for all.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write a page for people.", metavar="OUT.html")
    ] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Check integrity, trust, disclosures, consents and the ledger record; exit 6 on failure."""
    from overt import inspect
    from overt.errors import ConfigError
    from overt.provenance.signers import resolve

    anchors = resolve(trust) if trust is not None else None
    database = _database(config)
    if path.is_dir():
        results = inspect.verify_folder(
            path, trust=anchors, require_disclosure=require_disclosure, ledger_db=database
        )
        if not results:  # a gate that looked at nothing must not be taken for one that passed
            raise ConfigError("verify.empty", "nothing was verified", "the folder holds no file")
    else:
        results = [
            inspect.verify(
                path,
                sidecar=sidecar,
                trust=anchors,
                require_disclosure=require_disclosure,
                ledger_db=database,
            )
        ]
    if platform is not None:
        results = [_for_platform(path, result, platform) for result in results]
    if report is not None:
        from overt.provenance.report import page

        report.write_text(page(results), encoding="utf-8")
    for result in results:
        if json_:
            emit(result.to_json())
        else:
            _print(result)
    if not all(result.passed for result in results):
        raise typer.Exit(FAILED)


def lookup(
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    recover: Annotated[
        bool, typer.Option("--recover", help="Put the kept manifest of the match beside the file.")
    ] = False,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Did this come from us? No match proves nothing."""
    from overt import inspect

    database = _database(config) or _no_database(config)
    result = inspect.lookup(path, database, watermarker=_watermarker(config))
    if recover:
        _recover(path, result, _archive(config))
    if json_:
        emit(result.to_json())
    else:
        _print_match(result)


def _recover(path: Path, found: Lookup, folder: Path) -> None:
    from overt import inspect
    from overt.models import write_whole
    from overt.provenance.archive import ManifestArchive

    store = inspect.recover(found, ManifestArchive(folder))
    beside = path.with_name(path.name + ".c2pa")
    if store is None:
        typer.echo("no manifest was kept for it", err=True)
        return
    if beside.exists():
        typer.echo(f"{beside} is there already and was left as it is", err=True)
        return
    write_whole(beside, store)
    typer.echo(f"its manifest is in {beside}", err=True)
    if inspect.verify(path, sidecar=beside).integrity != "valid":
        typer.echo(
            "it tells what was signed; the file's bytes were changed since, so it does not verify",
            err=True,
        )


def _watermarker(config: Path) -> Watermarker | None:
    """Reads marks where the configuration also writes them."""
    from overt.config import load_config
    from overt.parts import watermarker

    return watermarker(load_config(config))


def _archive(config: Path) -> Path:
    from overt.config import load_config
    from overt.errors import ConfigError

    loaded = load_config(config)
    if loaded.lookup.archive is None:
        raise ConfigError("lookup.no_archive", "no manifests are kept", todo="set lookup.archive")
    return loaded.path(loaded.lookup.archive)


def _for_platform(path: Path, result: Verification, platform: str) -> Verification:
    """The result with what stands in the way of a platform; `path` is the file or its folder."""
    from overt.provenance.deliverable import deliverable

    file = path / result.file if path.is_dir() and result.file else path
    return result.with_problems(*deliverable(file, result, platform))


def _database(config: Path) -> str | None:
    """The database of the configuration, when there is one; verifying works without."""
    from overt.config import load_config

    return load_config(config).database_url() if config.exists() else None


def _no_database(config: Path) -> str:
    from overt.errors import ConfigError

    raise ConfigError(
        "config.missing",
        "there is no ledger to look in",
        f"{config.name} is not there",
        "run `overt init`, or give --config",
    )


def _print(result: Verification) -> None:
    mark = "ok" if result.passed else "FAILED"
    typer.echo(f"{mark:6} {result.file}  integrity {result.integrity}  trust {result.trust}")
    if result.signer is not None and result.signer.name:
        typer.echo(f'       signed by "{result.signer.name}", a name that the certificate gives')
    if result.digital_source_type:
        typer.echo(f"       source type {result.digital_source_type}")
    for action in result.actions:
        typer.echo(f"       {action.action}  {action.agent or ''}  {action.description or ''}")
    for disclosure in result.disclosures:
        typer.echo(f"       disclosed, {disclosure.mode}, {disclosure.language}: {disclosure.text}")
    for consent in result.consents:
        typer.echo(f"       consent {consent.id}: {', '.join(consent.acts)}")
    for ingredient in result.ingredients:
        typer.echo(f"       {ingredient.relationship}: {ingredient.integrity}")
    if result.record is not None:
        typer.echo(
            f"       record {result.record.index} of {result.record.origin}, "
            f"proof {result.record.proof}"
        )
    for problem in result.problems:
        typer.echo(f"       {problem.severity}: {problem.message} [{problem.code}]")


def _print_match(result: Lookup) -> None:
    if result.asset is None:
        typer.echo("no record of it here. That proves nothing about where it comes from.")
        return
    line = f"{result.match} match, confidence {result.confidence:.2f}"
    if result.distance is not None:
        line += f", distance {result.distance}"
    typer.echo(f"{line}: made here on {result.asset.made_at:%Y-%m-%d %H:%M} UTC")
    if result.asset.record is not None:
        typer.echo(f"record {result.asset.record.index} of {result.asset.record.origin}")
