"""`overt screen`: what would be decided on a text, without media and without a database."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit, moment, plain_text
from overt.errors import ConfigError, OvertError
from overt.models import Decision, FindingKind, Modality, Purpose

if TYPE_CHECKING:
    from overt.judge import Judge

MEDIA_TYPE = {
    Modality.IMAGE: "image/png",
    Modality.AUDIO: "audio/wav",
    Modality.VIDEO: "video/mp4",
    Modality.TEXT: "text/plain",
}
"""The media type that stands for a modality where only that is known."""


def screen(
    text: Annotated[str | None, typer.Argument(help="The prompt.")] = None,
    jsonl: Annotated[
        str | None, typer.Option(help="Read prompts from a JSON-lines file, or - for stdin.")
    ] = None,
    modality: Annotated[Modality, typer.Option(help="What the prompt asks for.")] = Modality.IMAGE,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag of the content.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 code.")] = None,
    at: Annotated[str | None, typer.Option(help="ISO 8601 time; naive is local time.")] = None,
    purpose: Annotated[Purpose, typer.Option(help="What it is for.")] = Purpose.GENERAL,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Screen one prompt or a file of prompts; prints one line each and exits 0."""
    if (text is None) == (jsonl is None):
        raise ConfigError("usage.screen", "nothing to screen", todo="give a text or --jsonl FILE")
    judge = judge_of(config)
    defaults = {
        "modality": modality.value,
        "language": language,
        "country": country,
        "at": at,
        "purpose": purpose.value,
    }
    if text is not None:
        row = _screened(judge, {**defaults, "id": None, "text": text})
        emit(row) if json_ else _print(row)
        return
    for given in _rows(str(jsonl)):
        emit(_screened(judge, {**defaults, **given}))


def judge_of(config: Path) -> Judge:
    """The judge of a configuration; without one, the packaged data and a stock voice."""
    from overt.config import GuardConfig, load_config
    from overt.parts import build_judge

    if config.exists() or config != DEFAULT_CONFIG:
        return build_judge(load_config(config))
    return build_judge(GuardConfig(voices={"default": "stock"}))


def _rows(name: str) -> Iterator[dict[str, Any]]:
    """Rows of a JSON-lines file; a line that is no object becomes a row that says so."""
    with _opened(name) as lines:
        for line in lines:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield row if isinstance(row, dict) else {"id": None, "text": None}


def _opened(name: str) -> AbstractContextManager[IO[bytes]]:
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise ConfigError("usage.file", f"cannot read {name}", error.strerror or "") from None


def _screened(judge: Judge, row: dict[str, Any]) -> dict[str, Any]:
    begun = time.perf_counter_ns()
    try:
        decision = judge.advise(_request(row))
    except OvertError as error:
        return _unreadable(row, error.code, str(error))
    elapsed = (time.perf_counter_ns() - begun) // 1000
    return {"id": row.get("id"), **described(decision), "elapsed_us": elapsed}


def _request(row: dict[str, Any]) -> Any:
    from overt.asking import request_of

    text = row.get("text")
    if not isinstance(text, str):
        raise ConfigError("input.text", "no text in this row", todo='write {"id": …, "text": …}')
    try:
        modality = Modality(row["modality"])
    except ValueError:
        raise ConfigError("input.modality", "unknown modality in this row") from None
    country = row["country"]
    return request_of(
        {
            "prompt": plain_text(text),
            "media_type": MEDIA_TYPE[modality],
            "language": row["language"],
            "country": country.upper() if isinstance(country, str) else country,
            "at": moment(row["at"]),
            "purpose": row["purpose"],
        }
    )


def _unreadable(row: dict[str, Any], code: str, message: str) -> dict[str, Any]:
    """What could not be screened is not cleared."""
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
        "reasons": [{"code": code, "message": message}],
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
    """For people: the outcome, then what led to it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"outcome: {row['outcome']}", title_justify="left", show_header=False)
    for one in row["figures"]:
        table.add_row("figure", f"{one['name']} ({one['kind']}, {one['match']}, {one['strength']})")
    for one in row["intents"]:
        table.add_row("intent", f"{one['category']} ({one['score']})")
    for one in row["signals"]:
        table.add_row("signal", one)
    for one in row["reasons"]:
        table.add_row("reason", f"{one['code']}: {one['message']}")
    Console().print(table)
