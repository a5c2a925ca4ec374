"""`overt mark`: the whole line on an existing asset, with what somebody declares of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from overt.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    country_code,
    language_tag,
)
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

_SourceArgument = Annotated[
    Path, typer.Argument(metavar="IN", help="The asset; it is not changed.")
]
_ExtentOption = Annotated[
    Extent | None, typer.Option(help="How far the edit goes; default significant.")
]
_CoversOption = Annotated[
    Covers | None, typer.Option(help="The part that is synthetic, if the rest is real.")
]
_ByOption = Annotated[DeclaredBy | None, typer.Option(help="Who declares it.")]
_PurposeOption = Annotated[Purpose | None, typer.Option(help="What it is for.")]
_ProfileOption = Annotated[
    list[str] | None,
    typer.Option(help="Disclosure profile to add for this asset; repeatable."),
]
_FigureOption = Annotated[
    str | None,
    typer.Option(help="Name of a public figure who is shown or heard.", **_PEOPLE),
]
_CastOption = Annotated[
    list[str] | None,
    typer.Option(help="Opaque id of a person who is in it; repeatable.", **_PEOPLE),
]
_VoiceOption = Annotated[
    list[str] | None,
    typer.Option(help="Opaque id of a person whose voice is replaced; repeatable.", **_PEOPLE),
]
_ConsentOption = Annotated[
    list[str] | None,
    typer.Option("--consent", help="Id of a record to rely on; repeatable.", **_PEOPLE),
]
_ProductionOption = Annotated[str | None, typer.Option(help="Which production.", **_PLACE)]
_SceneOption = Annotated[str | None, typer.Option(help="Which scene of it.", **_PLACE)]
_ShotOption = Annotated[str | None, typer.Option(help="Which shot.", **_PLACE)]
_ContextOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE",
        help="Anything else a record may be bound to, such as episode=3, or the kind of "
        "content: context=comedy. Repeatable.",
        **_PLACE,
    ),
]
_EffectOption = Annotated[
    str | None, typer.Option(help="Id of the in-house effect that made it.", **_PLACE)
]
_TimelineOption = Annotated[
    Path | None,
    typer.Option(help="OpenTimelineIO project whose clip declares it.", **_PLACE),
]
_PlateOption = Annotated[
    Path | None,
    typer.Option(help="What was edited: the parent in the manifest.", **_FILES),
]
_MasterOption = Annotated[
    Path | None,
    typer.Option(help="Manifest of the master that it was made from.", **_FILES),
]
_ElementOption = Annotated[
    list[Path] | None, typer.Option(help="A file that was put in; repeatable.", **_FILES)
]
_ReferenceOption = Annotated[
    list[Path] | None,
    typer.Option(help="A file that only guided the work; repeatable.", **_FILES),
]
_LikenessOption = Annotated[
    list[Path] | None,
    typer.Option(help="Voice or face that a replica was made of; repeatable.", **_FILES),
]
_TicketOption = Annotated[str | None, typer.Option(help="Of the review that approved it.")]


def mark(
    source: _SourceArgument,
    output: OutOption,
    extent: _ExtentOption = None,
    realism: RealismOption = None,
    covers: _CoversOption = None,
    by: _ByOption = None,
    language: LanguageOption = None,
    country: CountryOption = None,
    purpose: _PurposeOption = None,
    profile: _ProfileOption = None,
    figure: _FigureOption = None,
    cast: _CastOption = None,
    voice: _VoiceOption = None,
    consent: _ConsentOption = None,
    production: _ProductionOption = None,
    scene: _SceneOption = None,
    shot: _ShotOption = None,
    context: _ContextOption = None,
    effect: _EffectOption = None,
    timeline: _TimelineOption = None,
    plate: _PlateOption = None,
    master: _MasterOption = None,
    element: _ElementOption = None,
    reference: _ReferenceOption = None,
    likeness: _LikenessOption = None,
    ticket: _TicketOption = None,
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
        "extent": extent, "realism": realism, "covers": covers, "by": by,
        "language": language_tag(language or None), "country": country_code(country),
        "purpose": purpose, "profiles": _several(profile),
        "figures": (figure,) if figure else None, "cast": _several(cast),
        "voices": _several(voice), "consents": _several(consent),
        "production": production, "scene": scene, "shot": shot, "effect": effect,
        "plate": plate, "master": master, "elements": _several(element),
        "references": _several(reference), "likenesses": _several(likeness),
    }  # fmt: skip
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
