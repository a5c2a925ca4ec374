"""`overt batch`: thousands of assets through the line, resumable, each exactly once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overt.batch.tasks import MEMORY_MB
from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit
from overt.errors import ConfigError
from overt.models import DeclaredBy, Extent, Purpose, Realism

if TYPE_CHECKING:
    from overt.batch.report import Summary
    from overt.batch.run import MakeEngine, Progress


class EngineName(StrEnum):
    """Where workers run."""

    LOCAL = "local"
    RAY = "ray"


def batch(
    source: Annotated[
        Path, typer.Argument(metavar="DIR|MANIFEST", help="A folder, a timeline, or JSON lines.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the outputs and report.jsonl.")],
    engine: Annotated[EngineName, typer.Option(help="Where workers run.")] = EngineName.LOCAL,
    workers: Annotated[
        int | None,
        typer.Option(help="Default: one a core; one more is quicker and takes 300 MB more.", min=1),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try held items again.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 2 when an item failed.")] = False,
    extent: Annotated[Extent | None, typer.Option(help="How far the edits go.")] = None,
    realism: Annotated[Realism | None, typer.Option(help="Could it pass for real?")] = None,
    by: Annotated[DeclaredBy | None, typer.Option(help="Who declares it.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag of the content.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 code.")] = None,
    purpose: Annotated[Purpose | None, typer.Option(help="What it is for.")] = None,
    consent: Annotated[list[str] | None, typer.Option(help="Record to rely on; repeat.")] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds for one asset.", min=1)] = 3600.0,
    memory_limit: Annotated[
        int, typer.Option(help="Megabytes that a worker may take for its assets.", min=256)
    ] = MEMORY_MB,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Mark every asset of a folder or a manifest; killed, it goes on where it stopped."""
    from overt.batch.run import Batch
    from overt.config import load_config

    said: dict[str, Any] = {
        "extent": extent,
        "realism": realism,
        "by": by,
        "language": language,
        "country": country,
        "purpose": purpose,
        "consents": tuple(consent) if consent else None,
    }
    defaults = {name: value for name, value in said.items() if value is not None}
    with _progress(quiet=json_) as progress:
        summary = Batch(
            _source(source, out, defaults),
            out,
            load_config(config),
            _engine(engine, workers, time_limit),
            dry=dry_run,
            retry=retry,
            memory_mb=memory_limit,
            progress=progress,
        ).run()
    _print(summary, json_, dry_run)
    if strict and summary.outcomes.get("failed"):
        raise typer.Exit(2)


def _source(path: Path, out: Path, defaults: dict[str, Any]) -> Any:
    from overt.batch.sources import ManifestFile, Tree, check_folders
    from overt.batch.timeline import Timeline
    from overt.effects.metadata import declared_for

    if path.is_dir():
        check_folders(path, out)
        return Tree(path, defaults, declared_for)
    if not path.exists():
        raise ConfigError("batch.input", f"no folder and no manifest at {path}")
    return Timeline(path, defaults) if path.suffix == ".otio" else ManifestFile(path, defaults)


def _engine(name: EngineName, workers: int | None, time_limit_s: float) -> MakeEngine:
    from overt.batch.local import LocalEngine, cores

    count = workers or cores()
    if name is EngineName.LOCAL:
        return lambda settings: LocalEngine(settings, count, time_limit_s)
    from overt.batch.ray import RayEngine

    return lambda settings: RayEngine(settings, count, time_limit_s)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress]:
    """A bar on standard error, where somebody looks at it."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda stage, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        bars: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = bar.add_task(stage, total=total)
            bar.update(bars[stage], completed=done, total=total)

        yield show


def _print(summary: Summary, json_: bool, dry: bool) -> None:
    if json_:
        emit(
            {
                "report": str(summary.report),
                "inputs": summary.total,
                "outcomes": dict(summary.outcomes),
                "made": summary.made,
                "dry_run": dry,
                "cost": dict(summary.cost),
            }
        )
        return
    counts = ", ".join(f"{count} {name}" for name, count in sorted(summary.outcomes.items()))
    sys.stdout.write(f"{summary.total} inputs: {counts or 'none'}\n")
    if dry:
        cost = summary.cost
        sys.stdout.write(
            f"  dry run: {cost['bytes'] / 1e6:.1f} MB to read, {cost['signatures']} signatures, "
            f"{cost['ledger_entries']} ledger entries\n"
        )
    sys.stdout.write(f"  {summary.report}\n")
