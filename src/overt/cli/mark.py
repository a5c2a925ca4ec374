"""`overt mark`: the whole line on an existing asset, with what somebody declares of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption
from overt.cli.progress import video_bar
from overt.cli.run import (
    CountryOption,
    LanguageOption,
    OutOption,
    RealismOption,
    answered,
    asset_at,
    report,
)
from overt.errors import ConfigError
from overt.models import Covers, DeclaredBy, Extent, Purpose

_PEOPLE: dict[str, Any] = {"rich_help_panel": "Who is in it"}
_PLACE: dict[str, Any] = {"rich_help_panel": "Where it belongs"}
_FILES: dict[str, Any] = {"rich_help_panel": "What it was made from"}


def mark(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The asset; it is not changed.")],
    output: OutOption,
    extent: Annotated[
        Extent | None, typer.Option(help="How far the edit goes; default significant.")
    ] = None,
    realism: RealismOption = None,
    covers: Annotated[
        Covers | None, typer.Option(help="The part that is synthetic, if the rest is real.")
    ] = None,
    by: Annotated[DeclaredBy | None, typer.Option(help="Who declares it.")] = None,
    language: LanguageOption = None,
    country: CountryOption = None,
    purpose: Annotated[Purpose | None, typer.Option(help="What it is for.")] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(help="Disclosure profile to add for this asset; repeatable."),
    ] = None,
    figure: Annotated[
        str | None,
        typer.Option(help="Name of a public figure who is shown or heard.", **_PEOPLE),
    ] = None,
    cast: Annotated[
        list[str] | None,
        typer.Option(help="Opaque id of a person who is in it; repeatable.", **_PEOPLE),
    ] = None,
    voice: Annotated[
        list[str] | None,
        typer.Option(help="Opaque id of a person whose voice is replaced; repeatable.", **_PEOPLE),
    ] = None,
    consent: Annotated[
        list[str] | None,
        typer.Option("--consent", help="Id of a record to rely on; repeatable.", **_PEOPLE),
    ] = None,
    production: Annotated[str | None, typer.Option(help="Which production.", **_PLACE)] = None,
    scene: Annotated[str | None, typer.Option(help="Which scene of it.", **_PLACE)] = None,
    shot: Annotated[str | None, typer.Option(help="Which shot.", **_PLACE)] = None,
    context: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="Anything else a record may be bound to, such as episode=3, or the kind of "
            "content: context=comedy. Repeatable.",
            **_PLACE,
        ),
    ] = None,
    effect: Annotated[
        str | None, typer.Option(help="Id of the in-house effect that made it.", **_PLACE)
    ] = None,
    timeline: Annotated[
        Path | None,
        typer.Option(help="OpenTimelineIO project whose clip declares it.", **_PLACE),
    ] = None,
    plate: Annotated[
        Path | None,
        typer.Option(help="What was edited: the parent in the manifest.", **_FILES),
    ] = None,
    master: Annotated[
        Path | None,
        typer.Option(help="Manifest of the master that it was made from.", **_FILES),
    ] = None,
    element: Annotated[
        list[Path] | None, typer.Option(help="A file that was put in; repeatable.", **_FILES)
    ] = None,
    reference: Annotated[
        list[Path] | None,
        typer.Option(help="A file that only guided the work; repeatable.", **_FILES),
    ] = None,
    likeness: Annotated[
        list[Path] | None,
        typer.Option(help="Voice or face that a replica was made of; repeatable.", **_FILES),
    ] = None,
    ticket: Annotated[str | None, typer.Option(help="Of the review that approved it.")] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Disclose, sign and record an existing asset, as opened and edited.

    What is not said here comes from the clip of a timeline, from an overt.yaml beside the asset, or
    from its own header, which counts least.
    """
    from overt.effects.declaration import declaration_of
    from overt.effects.marking import mark as marked
    from overt.effects.metadata import declared_for, declared_in
    from overt.guard import Guard

    media = asset_at(source)
    said = {
        "extent": extent,
        "realism": realism,
        "by": by,
        "language": language,
        "figures": (figure,) if figure else None,
        "country": country,
        "purpose": purpose,
        "consents": _several(consent),
        "plate": plate,
        "master": master,
        "elements": _several(element),
        "references": _several(reference),
        "likenesses": _several(likeness),
        "cast": _several(cast),
        "voices": _several(voice),
        "covers": covers,
        "profiles": _several(profile),
        "production": production,
        "scene": scene,
        "shot": shot,
        "effect": effect,
    }
    given = _bound({name: value for name, value in said.items() if value is not None}, context)
    over = {**(declared_in(timeline, source) if timeline else {}), **given}
    declared = declaration_of(declared_for(source, over), "the declaration")
    with Guard.open(config) as guard, answered(json_), video_bar(quiet=json_):
        report(marked(guard, media, declared, destination=output, ticket=ticket), json_)


def _bound(fields: dict[str, Any], pairs: list[str] | None) -> dict[str, Any]:
    """The fields with what `--context` adds: a field's own value, or another key of a binding."""
    from overt.effects.declaration import CONTEXT

    bound: dict[str, str] = {}
    for pair in pairs or ():
        key, _, value = (part.strip() for part in pair.partition("="))
        if not key or not value or (fields | bound).get(key, value) != value:
            raise ConfigError(
                "usage.context",
                f"--context {pair!r} cannot be used",
                "it is no KEY=VALUE, or says something else than another option",
                "write --context episode=3",
            )
        bound[key] = value
    fields |= {key: bound.pop(key) for key in CONTEXT if key in bound}
    return {**fields, "binding": bound} if bound else fields


def _several(values: list[Any] | None) -> tuple[Any, ...] | None:
    return tuple(values) if values else None
