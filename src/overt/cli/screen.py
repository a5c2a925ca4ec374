"""`overt screen`: what would be decided on a text, without media and without a database."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overt.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    country_code,
    emit,
    language_tag,
    moment,
)
from overt.cli.rows import MEDIA_TYPE, read, request_in
from overt.errors import ConfigError, OvertError
from overt.models import Decision, FindingKind, Modality, Purpose

if TYPE_CHECKING:
    from overt.judge import Judge

__all__ = ["MEDIA_TYPE", "described", "judge_of", "screen"]


def screen(
    text: Annotated[str | None, typer.Argument(help="The prompt.")] = None,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read prompts from a file of JSON lines with id, text and, if they differ from "
            "the options, modality, language, country, at, purpose; - for stdin. Prints JSON.",
        ),
    ] = None,
    modality: Annotated[Modality, typer.Option(help="What the prompt asks for.")] = Modality.IMAGE,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag of the content.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 code.")] = None,
    at: Annotated[str | None, typer.Option(help="ISO 8601 time; naive is local time.")] = None,
    purpose: Annotated[Purpose, typer.Option(help="What it is for.")] = Purpose.GENERAL,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Screen a prompt, or a file of prompts; exits 0 whatever is found.

    A prompt gets its outcome, then a line for each thing that led to it.
    Only a wrong option, file or configuration is an error.
    """
    if (text is None) == (jsonl is None):
        what = "nothing to screen" if text is None else "both a text and --jsonl are given"
        raise ConfigError("usage.screen", what, todo="give a text or --jsonl FILE")
    # Options are checked first: a wrong one is a usage error, never a verdict.
    language, country = language_tag(language or None), country_code(country)
    moment(at)
    judge = judge_of(config)
    defaults = {
        "modality": modality.value,
        "language": language,
        "country": country,
        "at": at,
        "purpose": purpose.value,
    }
    if text is not None:
        row = _screened(judge, {**defaults, "text": text})
        emit(row) if json_ else _print(row)
        return
    for given in read(str(jsonl)):
        emit(_screened(judge, {**defaults, **given.fields}, given.error))


def judge_of(config: Path) -> Judge:
    """The judge of a configuration; without one, the packaged data and a stock voice."""
    from overt.config import GuardConfig, load_config
    from overt.parts import build_judge

    if config.exists() or config != DEFAULT_CONFIG:
        return build_judge(load_config(config))
    return build_judge(GuardConfig(voices={"default": "stock"}))


def _screened(judge: Judge, row: dict[str, Any], error: OvertError | None = None) -> dict[str, Any]:
    begun = time.perf_counter_ns()
    if error is not None:
        return _unscreened(row, error)
    try:
        decision = judge.advise(request_in(row))
    except OvertError as failure:
        return _unscreened(row, failure)
    elapsed = (time.perf_counter_ns() - begun) // 1000
    as_of = getattr(judge.screens[0], "registry_as_of", None)
    return {
        "id": row.get("id"),
        **described(decision),
        "registry_as_of": as_of and as_of.isoformat(),
        "error": None,
        "elapsed_us": elapsed,
    }


def _unscreened(row: dict[str, Any], error: OvertError) -> dict[str, Any]:
    """What could not be screened is not cleared; `error` tells it from a refused prompt."""
    reason = {"code": error.code, "message": str(error)}
    return {
        "id": row.get("id"),
        "outcome": "refuse",
        "language": "und",
        "figures": [],
        "intents": [],
        "signals": [],
        "election": None,
        "rules": [],
        "obligations": [],
        "reasons": [reason],
        "error": reason,
        "elapsed_us": 0,
    }


def described(decision: Decision) -> dict[str, Any]:
    """A decision as the JSON of the contract, without the prompt."""
    found = decision.findings
    election = decision.election
    return {
        "outcome": decision.outcome.value,
        "language": decision.language,
        "figures": [
            {
                "id": one.code,
                "name": one.figure.name,
                "kind": one.figure.kind,
                "country": list(one.figure.country),
                "span": list(one.span) if one.span else None,
                "match": one.figure.match.value,
                "score": round(one.score, 3),
                "strength": one.strength.value,
                "role": one.figure.role.value,
            }
            for one in found
            if one.figure is not None
        ],
        "intents": [
            {
                "category": one.code,
                "score": round(one.score, 3),
                "span": list(one.span) if one.span else None,
            }
            for one in found
            if one.kind is FindingKind.INTENT
        ],
        "signals": sorted({one.code for one in found if one.kind is FindingKind.SIGNAL}),
        "cues": sorted({one.code for one in found if one.kind is FindingKind.CUE}),
        "evasion": [
            {"technique": one.code, "strength": one.strength.value}
            for one in found
            if one.kind is FindingKind.EVASION
        ],
        "election": election
        and {
            "country": election.country,
            "phase": election.phase.value,
            "days_to": election.election.days_to if election.election else None,
        },
        "rules": list(decision.rules),
        "obligations": [
            one.model_dump(mode="json", exclude_none=True) for one in decision.obligations
        ],
        "reasons": [one.model_dump(mode="json", exclude_none=True) for one in decision.reasons],
    }


def _print(row: dict[str, Any]) -> None:
    """For people: the outcome, then what led to it, a line each."""
    typer.echo(f"outcome: {row['outcome']}{' (not screened)' if row['error'] else ''}")
    lines = [
        *(
            ("figure", f"{one['name']} ({one['kind']}, {one['match']}, {one['strength']})")
            for one in row["figures"]
        ),
        *(("intent", f"{one['category']} ({one['score']})") for one in row["intents"]),
        *(("signal", one) for one in row["signals"]),
        *(("reason", f"{one['code']}: {one['message']}") for one in row["reasons"]),
    ]
    for what, told in lines:
        typer.echo(f"  {what}  {told}")
