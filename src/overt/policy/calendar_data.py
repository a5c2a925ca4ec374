"""Rows of `data/elections/`: elections, silence rules, polling hours, phases, zones, overlays.

Every row is checked when it is read, in the packaged data and in an overlay alike. An overlay is
a YAML file that somebody has reviewed; its rows win over the packaged ones with the same key and
add the rest::

    reviewed_by: A. Reviewer
    reviewed_on: 2026-11-20
    reason: date moved by decree
    elections:
      - {id: xx-presidential-2027-03-07, country: XX, ...}
    silence: [...]
    hours: [...]
    phases: [...]
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from overt.errors import ConfigError
from overt.tables import data_path, read_jsonl

_COUNTRY = re.compile(r"^[A-Z]{2}$")
_HOUR = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")
START_RULE = re.compile(
    r"^(?:calendar_days:(?P<days>\d{1,2})|hours_before_(?P<edge>open|close):(?P<hours>\d{1,3})"
    r"|at:(?P<at>\d\d:\d\d)-(?P<before>\d{1,2}))$"
)
_END_RULE = re.compile(r"^(close|at:\d\d:\d\d)$")
_TABLES = ("elections", "silence", "hours", "phases")


@dataclass(frozen=True, slots=True)
class Round:
    """First and last polling day of one round, or of one phase of a phased election."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Election:
    """One election. `precision` other than `day` means that the rounds are a span of doubt."""

    id: str
    country: str
    type: str
    rounds: tuple[Round, ...]
    precision: str
    confidence: str
    direct: bool
    source: str
    zone: str | None = None
    campaign_from: date | None = None
    counting_to: date | None = None
    phased: bool = False
    """The rounds are phases of one vote in different areas, counted together at the end."""


@dataclass(frozen=True, slots=True)
class SilenceRule:
    """When a country's silence starts and ends, and what that rests on.

    Args:
        none: The row says that there is no silence period.
        start_rule: `calendar_days:N`, `hours_before_open:N`, `hours_before_close:N`,
            `at:HH:MM-D`, or none when no single start is known.
        end_rule: `close`, `at:HH:MM` on the last polling day (24:00 allowed), or none.
        basis: `statute`, `election_body` or `press`.
    """

    country: str
    none: bool
    start_rule: str | None
    end_rule: str | None
    covers_polling_day: bool
    scope: tuple[str, ...]
    citation: str | None
    basis: str
    confidence: str
    source: str

    @property
    def trusted(self) -> str:
        """The confidence that policy may rely on: high only on a statute or an election body."""
        if self.confidence == "high" and self.basis not in ("statute", "election_body"):
            return "medium"
        return self.confidence


@dataclass(frozen=True, slots=True)
class Hours:
    """Polling hours, in local time; either may be unknown."""

    opening: str | None
    closing: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that a calendar looks at."""

    elections: Mapping[str, tuple[Election, ...]]
    silence: Mapping[str, SilenceRule]
    hours: Mapping[str, Hours]
    zones: Mapping[str, tuple[str, ...]]
    as_of: date
    digest: str


def load_tables(overlay: Path | None = None) -> Tables:
    """The packaged tables, with an overlay on top.

    Raises:
        ConfigError: `elections.row` or `elections.overlay`: a row or the overlay is not usable.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {}
    digest = hashlib.sha256()
    for name in (*_TABLES, "zones"):
        path = data_path("elections", f"{name}.jsonl")
        digest.update(path.read_bytes())
        rows[name] = list(read_jsonl(path))
    if overlay is not None:
        raw = _read_overlay(overlay, rows)
        digest.update(raw)
    meta = json.loads(data_path("elections", "meta.json").read_text("utf-8"))
    elections = [_election(row, rows["phases"]) for row in _last(rows["elections"], "id")]
    return Tables(
        elections=_by_country(elections),
        silence={r["country"]: _silence(r) for r in _last(rows["silence"], "country")},
        hours={str(r.get("election") or r["country"]): _hours(r) for r in rows["hours"]},
        zones={r["country"]: tuple(r["zones"]) for r in rows["zones"]},
        as_of=date.fromisoformat(meta["as_of"]),
        digest=digest.hexdigest(),
    )


def _read_overlay(path: Path, rows: dict[str, list[Mapping[str, Any]]]) -> bytes:
    from overt.policy.reading import read_rule_file

    data, raw = read_rule_file(path, path.name)
    allowed = {"reviewed_by", "reviewed_on", "reason", *_TABLES}
    if not isinstance(data, Mapping) or not data.keys() <= allowed:
        raise _bad_overlay(f"it takes {', '.join(sorted(allowed))}")
    if not all(data.get(key) for key in ("reviewed_by", "reviewed_on", "reason")):
        raise _bad_overlay("reviewed_by, reviewed_on and reason are needed: it has to be reviewed")
    for name in _TABLES:
        extra = data.get(name, [])
        if not isinstance(extra, list) or not all(isinstance(row, Mapping) for row in extra):
            raise _bad_overlay(f"{name} is a list of rows")
        rows[name] = [*rows[name], *({key: _plain(v) for key, v in row.items()} for row in extra)]
    return raw


def _plain(value: object) -> object:
    """YAML reads dates as dates; rows hold them as ISO text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return value


def _bad_overlay(why: str) -> ConfigError:
    return ConfigError("elections.overlay", "the elections overlay is not usable", why)


def _last(rows: Iterable[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    kept: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        kept[str(row.get(key))] = row
    return list(kept.values())


def _by_country(elections: Iterable[Election]) -> dict[str, tuple[Election, ...]]:
    found: dict[str, list[Election]] = {}
    for election in sorted(elections, key=lambda e: (e.rounds[0].start, e.id)):
        found.setdefault(election.country, []).append(election)
    return {country: tuple(rows) for country, rows in found.items()}


def _election(row: Mapping[str, Any], phases: Iterable[Mapping[str, Any]]) -> Election:
    try:
        rounds = tuple(
            Round(date.fromisoformat(r["from"]), date.fromisoformat(r["to"])) for r in row["rounds"]
        )
        dates: dict[str, Any] = {}
        for phase in phases:
            if phase["election"] == row["id"]:
                _source(phase)
                dates |= {k: phase[k] for k in ("campaign_from", "counting_to") if phase.get(k)}
        election = Election(
            id=row["id"],
            country=row["country"],
            type=row["type"],
            rounds=rounds,
            precision=row.get("precision", "day"),
            confidence=row.get("confidence", "expected"),
            direct=row.get("direct", True),
            source=_source(row),
            zone=row.get("zone"),
            campaign_from=_day(dates.get("campaign_from")),
            counting_to=_day(dates.get("counting_to")),
            phased=bool(row.get("phased", False)),
        )
        if election.zone:
            ZoneInfo(election.zone)
        usable = bool(rounds) and all(r.start <= r.end for r in rounds)
        if not usable or not _COUNTRY.match(election.country):
            raise ValueError
    except (KeyError, TypeError, ValueError, OSError):
        raise _bad_row("election", row.get("id")) from None
    return election


def _silence(row: Mapping[str, Any]) -> SilenceRule:
    try:
        rule = SilenceRule(
            country=row["country"],
            none=bool(row.get("none", False)),
            start_rule=row.get("start_rule"),
            end_rule=row.get("end_rule"),
            covers_polling_day=bool(row.get("covers_polling_day", True)),
            scope=tuple(row.get("scope", ())),
            citation=row.get("citation"),
            basis=row.get("basis", "press"),
            confidence=row["confidence"],
            source=_source(row),
        )
        start, end = rule.start_rule, rule.end_rule
        if (start and not START_RULE.match(start)) or (end and not _END_RULE.match(end)):
            raise ValueError
        if rule.confidence not in ("high", "medium", "low") or not _COUNTRY.match(rule.country):
            raise ValueError
        if rule.basis not in ("statute", "election_body", "press"):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise _bad_row("silence rule", row.get("country")) from None
    return rule


def _hours(row: Mapping[str, Any]) -> Hours:
    try:
        hours = Hours(row.get("open"), row.get("close"), _source(row))
        for hour in (hours.opening, hours.closing):
            if hour is not None and not _HOUR.match(hour):
                raise ValueError
    except (KeyError, TypeError, ValueError):
        raise _bad_row("polling hours", row.get("country")) from None
    return hours


def _source(row: Mapping[str, Any]) -> str:
    source = row["source"]
    if not isinstance(source, str) or not source.strip():
        raise ValueError("source")
    return source


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _bad_row(what: str, key: object) -> ConfigError:
    return ConfigError(
        "elections.row",
        f"a row is not usable: {what} {str(key)[:60]}",
        "a field is missing or wrong",
    )
