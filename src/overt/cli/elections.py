"""`overt elections`: where a country stands, and what that rests on."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overt.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, emit, moment
from overt.models import utc_now

if TYPE_CHECKING:
    from overt.models import ElectionStatus
    from overt.policy.elections import Calendar

app = typer.Typer(help="Elections, phases and silence periods.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Elections, phases and silence periods."""


@app.command()
def status(
    country: Annotated[str, typer.Option(help="ISO 3166-1 code.", metavar="CC")],
    at: Annotated[str | None, typer.Option(help="ISO 8601 time; naive is local time.")] = None,
    json_: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Election, phase, days to go, silence in force and until when, and the source."""
    calendar = calendar_of(config)
    found = calendar.status(country, moment(at) or utc_now())
    if json_:
        emit(as_json(found, calendar))
    else:
        for line in lines_of(found, calendar):
            typer.echo(line)


def calendar_of(config: Path) -> Calendar:
    """The calendar of a configuration, with its overlay; the packaged one without any."""
    from overt.config import load_config
    from overt.policy.elections import Calendar

    if not config.exists() and config == DEFAULT_CONFIG:
        return Calendar.packaged()
    loaded = load_config(config)
    overlay = loaded.policy.elections
    return Calendar.packaged(loaded.path(overlay) if overlay is not None else None)


def as_json(found: ElectionStatus, calendar: Calendar) -> dict[str, Any]:
    """The contract's keys, and the rule and the window in UTC beside them."""
    row = found.model_dump(mode="json", by_alias=True)
    silence = found.silence
    if silence is not None:
        row["silence"] = {
            "in_force": silence.in_force,
            "from": silence.start.isoformat() if silence.start else None,
            "to": silence.end.isoformat() if silence.end else None,
            "from_utc": silence.start.astimezone(UTC).isoformat() if silence.start else None,
            "to_utc": silence.end.astimezone(UTC).isoformat() if silence.end else None,
            "scope": list(silence.scope),
            "rule": rule_of(found, calendar),
            "citation": silence.citation,
            "source": silence.source,
            "confidence": silence.confidence,
        }
    row["at"] = found.at.isoformat()
    row["timezone"] = calendar.zone(found.country).key
    return row


def rule_of(found: ElectionStatus, calendar: Calendar) -> str | None:
    """The rule that gives the window, as the data has it."""
    rule = calendar.tables.silence.get(found.country)
    if rule is None:
        return None
    return "none" if rule.none else f"{rule.start_rule or '?'} to {rule.end_rule or '?'}"


def lines_of(found: ElectionStatus, calendar: Calendar) -> list[str]:
    """The status for people."""
    lines = [f"{found.country} at {found.at.isoformat(timespec='minutes')}: {found.phase.value}"]
    if found.election is not None:
        when = f"{found.election.date}, {found.election.days_to} days to go"
        lines.append(f"  election   {found.election.type} ({found.election.id}), {when}")
    silence = found.silence
    if silence is None:
        lines.append("  silence    unknown: no row for this country")
    else:
        word = "in force" if silence.in_force else "not in force"
        lines.append(f"  silence    {word}, rule {rule_of(found, calendar)}")
        for name, edge in (("from", silence.start), ("to", silence.end)):
            if edge is not None:
                local, utc = edge.isoformat(timespec="minutes"), edge.astimezone(UTC)
                lines.append(f"  {name:<10} {local} ({utc.isoformat(timespec='minutes')})")
        lines.append(f"  scope      {', '.join(silence.scope) or 'none'}")
        lines.append(f"  citation   {silence.citation or 'none'}")
        lines.append(f"  source     {silence.source} (confidence {silence.confidence})")
    lines.append(f"  data       {calendar.as_of}, {found.data_age_days} days old")
    return lines
