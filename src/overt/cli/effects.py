"""`overt effects`: the register and its lint, sequences, and who is depicted in a production."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit

app = typer.Typer(help="Effects, sequences and productions.", no_args_is_help=True)

RegisterOption = Annotated[
    Path | None, typer.Option("--register", help="The house's own effects, over the packaged.")
]


@app.command("list")
def list_(register: RegisterOption = None, json_: JsonOption = False) -> None:
    """All effects: what each changes, and what a shot made with it is at least."""
    from overt.effects.registry import Effects

    for effect in Effects.load(register):
        if json_:
            emit(effect.model_dump(mode="json"))
        else:
            looks = f", {effect.realism.value}" if effect.realism else ""
            typer.echo(
                f"{effect.id:<18} {effect.name} ({effect.kind}): {effect.extent.value}{looks}"
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


@app.command()
def sequence(
    folder: Path, json_: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Sign the image sequences of a folder as masters; `overt.yaml` says what they are."""
    from overt.effects.declaration import declaration_of
    from overt.effects.metadata import declared_for
    from overt.effects.sequence import sequences, sign
    from overt.guard import Guard

    with Guard.open(config) as guard:
        for one in sequences(folder):
            fields = declared_for(one.frames[0][1])
            done = sign(guard, one, declaration_of(fields, "the declaration"))
            row = {
                "sequence": one.name,
                "frames": len(one.frames),
                "manifest": str(done.media.path),
                "record": {"index": done.record.index, "id": done.record.id},
            }
            emit(row) if json_ else typer.echo(f"{row['manifest']}: {row['frames']} frames")


@app.command("check")
def check_(manifest: Path, json_: JsonOption = False) -> None:
    """Hold the frames of a sequence against its manifest; exit 6 when they differ."""
    from overt.effects.sequence import check

    problems = check(manifest)
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
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Who is depicted under which record until when, by production, scene and shot."""
    from overt.effects.production import uses
    from overt.guard import Guard

    with Guard.open(config) as guard:
        for use in uses(guard, production, expiring=timedelta(days=days)):
            if affected and not use.affected:
                continue
            if json_:
                emit(use.model_dump(mode="json"))
                continue
            place = "/".join(one or "-" for one in (use.production, use.scene, use.shot))
            end = use.until.date().isoformat() if use.until else "no end"
            typer.echo(f"{place}  {use.subject} {use.act}: {use.grant} {use.state}, until {end}")
