"""`overt effects`: the register and its lint, masters, and who is depicted in a production."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit
from overt.cli.run import answered
from overt.errors import ConfigError

if TYPE_CHECKING:
    from overt.consent.records import Window
    from overt.effects.sequence import Sequence
    from overt.models import Result

app = typer.Typer(help="Effects, masters and productions.", no_args_is_help=True)

RegisterOption = Annotated[
    Path | None, typer.Option("--register", help="The house's own effects, over the packaged.")
]


@app.command("list")
def list_(
    register: RegisterOption = None,
    language: Annotated[str, typer.Option(help="BCP 47 tag, for the label's wording.")] = "en",
    json_: JsonOption = False,
) -> None:
    """All effects: what each changes, what a shot made with it is at least, and its label."""
    from overt.effects.registry import Effects

    for effect in Effects.load(register):
        kind = "audio/wav" if effect.kind == "voice" else "image/png"
        words = effect.wording(kind, language)
        if json_:
            emit({**effect.model_dump(mode="json"), "wording": list(words)})
        else:
            looks = f", {effect.realism.value}" if effect.realism else ""
            typer.echo(
                f"{effect.id:<18} {effect.name} ({effect.kind}): {effect.extent.value}{looks}; "
                f"{' / '.join(words) or 'no label'}"
            )


@app.command()
def lint(register: RegisterOption = None, json_: JsonOption = False) -> None:
    """Name effects that generate or significantly edit and do not say so; exit 1 if there are."""
    from overt.effects.registry import Effects

    problems = Effects.load(register).lint()
    for one in problems:
        if json_:
            emit({"effect": one.effect, "code": one.code, "message": one.message})
        else:
            typer.echo(f"{one.effect}: {one.message} [{one.code}]")
    if problems:
        raise typer.Exit(1)


@app.command()
def show(path: Path, json_: JsonOption = False) -> None:
    """What production metadata declares of a file, or of each clip of an .otio project."""
    from overt.effects.metadata import clips, declared_for

    found = clips(path) if path.suffix == ".otio" else {path.absolute(): declared_for(path)}
    for file, fields in found.items():
        if json_:
            emit({"file": str(file), "declared": fields})
        else:
            said = ", ".join(f"{key}={value}" for key, value in sorted(fields.items()))
            typer.echo(f"{file}: {said or 'nothing'}")


@app.command("master")
def master_(
    paths: Annotated[list[Path], typer.Argument(help="Movies, or folders with frames.")],
    ticket: Annotated[str | None, typer.Option(help="Of the review that approved it.")] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Sign movies and image sequences as masters; `overt.yaml` says what they are.

    No pixel is touched and no label burnt in: the manifest goes beside them.
    """
    from overt.effects.declaration import declaration_of
    from overt.effects.master import sign
    from overt.effects.metadata import declared_for
    from overt.guard import Guard

    with Guard.open(config) as guard, answered(json_):
        for one, name in _masters(paths):
            first = one if isinstance(one, Path) else one.frames[0][1]
            declared = declaration_of(declared_for(first), "the declaration")
            done = sign(guard, one, declared, ticket=ticket)
            row = {
                "master": name,
                "frames": _count(done),
                "manifest": str(done.media.path),
                "record": {"index": done.record.index, "id": done.record.id},
            }
            emit(row) if json_ else typer.echo(f"{row['manifest']}: {row['frames']} frames")


app.command("sequence", hidden=True)(master_)  # its first name


def _masters(paths: list[Path]) -> Iterator[tuple[Sequence | Path, str]]:
    from overt.effects.sequence import sequences

    for path in paths:
        if not path.is_dir():
            yield path, path.name
            continue
        found = sequences(path)
        if not found:
            raise ConfigError("effects.frames", f"{path} has no image sequence", todo="see it")
        for one in found:
            yield one, one.name


def _count(done: Result) -> int:
    from overt.effects.master import read

    assert done.media.path is not None
    return len(read(done.media.path).body["frames"])


@app.command("check")
def check_(
    manifest: Path,
    folder: Annotated[
        Path | None, typer.Option(help="Where the frames are, if not beside the manifest.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Hold a master against its manifest; exit 6 when a frame differs."""
    from overt.effects.master import check

    problems = check(manifest, folder)
    if json_:
        emit({"manifest": str(manifest), "problems": problems})
    else:
        typer.echo("\n".join(problems) or "all frames are as listed")
    if problems:
        raise typer.Exit(6)


@app.command()
def people(
    production: Annotated[str | None, typer.Argument(help="Only this production.")] = None,
    affected: Annotated[
        bool, typer.Option("--affected", help="Only shots whose record ended or ends soon.")
    ] = False,
    days: Annotated[int, typer.Option(help="How soon is soon.", min=0)] = 0,
    record: Annotated[str | None, typer.Option(help="Only uses of this record.")] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Who is depicted under which record until when, by production, scene and shot."""
    from overt.effects.production import place_of, uses
    from overt.guard import Guard

    with Guard.open(config) as guard:
        for use in uses(guard, production, expiring=timedelta(days=days)):
            if (affected and not use.affected) or record not in (None, use.grant):
                continue
            if json_:
                emit(use.model_dump(mode="json"))
                continue
            end = use.until.date().isoformat() if use.until else "no end"
            typer.echo(
                f"{place_of(use)}  {use.subject} {use.act}: {use.grant} {use.state}, until {end}"
                + "".join(map(_blackout, use.blackouts))
            )


def _blackout(window: Window) -> str:
    """`; blackout 2026-03-01 to 2026-03-08 in GB, IE: strike`."""
    start, end = (one.date().isoformat() for one in (window.start, window.end))
    where = "" if "*" in window.territories else f" in {', '.join(window.territories)}"
    why = "" if window.reason == "blackout" else f": {window.reason}"
    return f"; blackout {start} to {end}{where}{why}"
