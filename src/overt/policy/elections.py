"""Where a country stands in an election at one moment.

A status says only what a row says. A country without a row is `unknown`, never `none`; an hour
without a source covers the day and is not printed; an election whose day is not known makes the
months before it `unknown`. Rounds have windows of their own. Elections by a parliament or a
college have no silence and no phases here.

>>> Calendar.packaged().status("SK", datetime(2023, 9, 28, 12, 0)).phase.value
'silence'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from overt.errors import ConfigError
from overt.models import (
    ElectionRef,
    ElectionStatus,
    Finding,
    Phase,
    Request,
    Role,
    Silence,
    Strength,
    utc_now,
)
from overt.policy.calendar_data import Election, Round, SilenceRule, Tables, load_tables
from overt.policy.windows import Window, polling_window, silence_window

LOOK_AHEAD = timedelta(days=180)
"""Inside this span before a vote whose campaign start no source gives, the phase is unknown."""
LOOK_BACK = timedelta(days=30)
"""Inside this span after a vote whose end of counting no source gives, the phase is unknown."""
_SEVERITY = (
    Phase.NONE,
    Phase.UNKNOWN,
    Phase.CAMPAIGN,
    Phase.COUNTING,
    Phase.POLLING,
    Phase.SILENCE,
)
_TRUST = ("low", "medium", "high")
_BINDING_SCOPES = frozenset({"campaigning", "media"})


@dataclass(frozen=True, slots=True)
class _Event:
    """One round of one election, with its windows."""

    election: Election
    polling: Round
    votes: Window
    silence: Window | None
    rule: SilenceRule | None


@dataclass(frozen=True)
class Calendar:
    """Elections and silence rules of all countries that the data has.

    Attributes:
        digest: SHA-256 over the tables and the overlay, in hexadecimal.
    """

    tables: Tables
    _made: dict[str, tuple[_Event, ...]] = field(default_factory=dict, compare=False, repr=False)
    _zone: dict[str, ZoneInfo] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def packaged(cls, overlay: Path | None = None) -> Calendar:
        """The packaged calendar, with a reviewed overlay on top.

        Raises:
            ConfigError: The overlay is not usable.
        """
        return _packaged() if overlay is None else cls(load_tables(overlay))

    @property
    def digest(self) -> str:
        """What decisions record of the calendar they used."""
        return self.tables.digest

    @property
    def as_of(self) -> date:
        """The day the packaged rows were collected."""
        return self.tables.as_of

    def zones(self, country: str) -> tuple[ZoneInfo, ...]:
        """Time zones where the country votes; UTC where no zone is known."""
        names = self.tables.zones.get(country, ("UTC",))
        return tuple(ZoneInfo(name) for name in names)

    def zone(self, country: str) -> ZoneInfo:
        """The zone that naive times of the country are read in: of several, the earliest."""
        found = self._zone.get(country)
        if found is None:
            noon = datetime(self.as_of.year, 1, 15, 12)
            found = self._zone[country] = min(
                self.zones(country), key=lambda zone: noon.replace(tzinfo=zone).astimezone(UTC)
            )
        return found

    def status(self, country: str, at: datetime) -> ElectionStatus:
        """Where the country stands.

        Args:
            country: ISO 3166-1 alpha-2.
            at: A naive moment is local time of the country, see `zone()`.

        Raises:
            ConfigError: `elections.country`: it is not a country code.
        """
        if len(country) != 2 or not country.isascii() or not country.isalpha():
            raise ConfigError("elections.country", "a country is an ISO 3166-1 alpha-2 code")
        country = country.upper()
        local = self.zone(country)
        moment = at.replace(tzinfo=local) if at.tzinfo is None else at
        now = moment.astimezone(UTC)
        today = moment.astimezone(local).date()
        chosen = max(
            (event for event in self._events(country) if _near(event, now)),
            key=lambda event: _weight(event, now, today),
            default=None,
        )
        return ElectionStatus(
            country=country,
            at=moment,
            phase=self._phase(country, chosen, now, today),
            election=_reference(chosen or self._vague(country, today), today),
            silence=self._silence(country, chosen, now, local),
            data_age_days=max(0, (utc_now().date() - self.as_of).days),
        )

    def windows(self, country: str, election_id: str) -> tuple[tuple[Window, Window | None], ...]:
        """Polling and silence windows of every round of an election, in UTC."""
        return tuple(
            (event.votes, event.silence)
            for event in self._events(country)
            if event.election.id == election_id
        )

    def for_request(
        self, request: Request, findings: Sequence[Finding], languages: Sequence[str], at: datetime
    ) -> ElectionStatus | None:
        """The status that a request is held against.

        The country is the request's, else one of the figures', else a hint from the territory of a
        language tag (`sk-SK`), which the policy only warns on. Of several countries the one counts
        where most is in force now: a cited silence, then polling, counting, a campaign. Where
        nothing is, it is the one whose election is nearest in time.
        """
        statuses = [self.status(code, at) for code in countries_of(request, findings, languages)]
        return max(statuses, key=_strictness, default=None)

    def _events(self, country: str) -> tuple[_Event, ...]:
        """Rounds of the country with their windows; worked out once."""
        made = self._made.get(country)
        if made is None:
            made = self._made[country] = tuple(self._work_out(country))
        return made

    def _work_out(self, country: str) -> Iterator[_Event]:
        rule = self.tables.silence.get(country)
        for election in self.tables.elections.get(country, ()):
            if not election.direct or election.precision != "day":
                continue
            zones = (ZoneInfo(election.zone),) if election.zone else self.zones(country)
            hours = self.tables.hours.get(election.id) or self.tables.hours.get(country)
            for polling in election.rounds:
                silence = silence_window(rule, polling, hours, zones) if rule else None
                votes = polling_window(polling, hours, zones)
                yield _Event(election, polling, votes, silence, rule)

    def _vague(self, country: str, today: date) -> Election | None:
        """The next election whose day is not known, when it is near or may be going on."""
        for election in self.tables.elections.get(country, ()):
            if not election.direct or election.precision == "day":
                continue
            if election.rounds[0].start - LOOK_AHEAD <= today <= election.rounds[-1].end:
                return election
        return None

    def _phase(self, country: str, event: _Event | None, now: datetime, today: date) -> Phase:
        if event is not None:
            phase = _phase_of(event, now, today)
            if phase is not Phase.NONE:
                return phase
        rows = self.tables.elections.get(country, ())
        if not rows or self._vague(country, today) is not None:
            return Phase.UNKNOWN
        first, last = rows[0].rounds[0].start, rows[-1].rounds[-1].end
        return Phase.NONE if first - LOOK_AHEAD <= today <= last else Phase.UNKNOWN

    def _silence(
        self, country: str, event: _Event | None, now: datetime, zone: ZoneInfo
    ) -> Silence | None:
        rule = self.tables.silence.get(country)
        if rule is None:
            return None
        window = event.silence if event is not None else None
        confidence = rule.trusted
        if window is None:
            return Silence(
                in_force=False,
                scope=rule.scope,
                citation=rule.citation,
                source=rule.source,
                confidence=confidence,
            )
        if not window.start.exact or (not window.end.exact and now >= event_end(event)):
            confidence = min(confidence, "medium", key=_TRUST.index)
        return Silence(
            in_force=window.holds(now),
            start=window.start.at.astimezone(zone) if window.start.exact else None,
            end=window.end.at.astimezone(zone) if window.end.exact else None,
            scope=rule.scope,
            citation=rule.citation,
            source=rule.source,
            confidence=confidence,
        )


@lru_cache(maxsize=1)
def _packaged() -> Calendar:
    return Calendar(load_tables())


def countries_of(
    request: Request, findings: Iterable[Finding], languages: Sequence[str]
) -> tuple[str, ...]:
    """Countries that a request is about: stated, else the figures', else hinted.

    A figure that is only mentioned, or perhaps not meant at all, says nothing of the country.
    """
    if request.country is not None:
        return (request.country,)
    strong = {
        country
        for finding in findings
        if finding.figure is not None
        and finding.strength is Strength.STRONG
        and finding.figure.role is not Role.MENTIONED
        for country in finding.figure.country
    }
    return tuple(sorted(strong)) or hinted_countries(languages)


def hinted_countries(languages: Sequence[str]) -> tuple[str, ...]:
    """The territory of the first language tag that has one: `sk-SK` hints at Slovakia."""
    for tag in languages:
        for part in tag.split("-")[1:]:
            if len(part) == 2 and part.isalpha() and part.isascii():
                return (part.upper(),)
    return ()


def event_end(event: _Event | None) -> datetime:
    """The moment from which an unsourced end of silence is in doubt: the last polling day."""
    if event is None:
        return datetime.max.replace(tzinfo=UTC)
    return event.votes.start.at


def _near(event: _Event, now: datetime) -> bool:
    counted = event.election.counting_to
    end = event.votes.end.at + LOOK_BACK
    if counted is not None:
        end = max(end, datetime(counted.year, counted.month, counted.day, tzinfo=UTC))
    return event.votes.start.at - timedelta(days=400) <= now <= end


def _weight(event: _Event, now: datetime, today: date) -> tuple[int, int]:
    """The gravest event first; among equals the one whose vote is nearest."""
    silent = event.silence is not None and event.silence.holds(now)
    phase = Phase.SILENCE if silent else _phase_of(event, now, today)
    return _SEVERITY.index(phase), -abs((event.polling.start - today).days)


def _phase_of(event: _Event, now: datetime, today: date) -> Phase:
    votes, election = event.votes, event.election
    if votes.holds(now):
        return Phase.POLLING
    if now >= votes.end.at:
        return _after(event, now, today)
    if event.silence is not None and event.silence.holds(now) and _quiet(event):
        return Phase.SILENCE
    if election.campaign_from is not None:
        return Phase.CAMPAIGN if election.campaign_from <= today else Phase.NONE
    return Phase.UNKNOWN if votes.start.at - now <= LOOK_AHEAD else Phase.NONE


def _quiet(event: _Event) -> bool:
    """Whether the rule silences campaigns; a ban on polls or spots alone is no silence period."""
    return event.rule is not None and bool(_BINDING_SCOPES.intersection(event.rule.scope))


def _after(event: _Event, now: datetime, today: date) -> Phase:
    counted, last = event.election.counting_to, event.polling is event.election.rounds[-1]
    if event.election.phased and not last:
        return Phase.UNKNOWN  # nothing is counted before the last phase
    if counted is not None and last:
        return Phase.COUNTING if today <= counted else Phase.NONE
    if event.votes.end.exact and today <= event.polling.end:
        return Phase.COUNTING  # it has begun, and no source says when it ended
    return Phase.UNKNOWN if now - event.votes.end.at <= LOOK_BACK else Phase.NONE


def _reference(event: _Event | Election | None, today: date) -> ElectionRef | None:
    if event is None:
        return None
    if isinstance(event, Election):
        # The day is not known: the last possible one, so that a month is never its first day.
        day, election = event.rounds[-1].end, event
    else:
        day, election = event.polling.start, event.election
    if isinstance(event, _Event) and today > event.polling.start:
        day = min(today, event.polling.end)
    return ElectionRef(id=election.id, type=election.type, date=day, days_to=(day - today).days)


def binds(silence: Silence | None) -> bool:
    """Whether a silence is in force that may hold something back: cited, and about campaigning."""
    if silence is None or not silence.in_force:
        return False
    cited = silence.confidence == "high" and bool(silence.citation)
    return cited and not _BINDING_SCOPES.isdisjoint(silence.scope)


def _strictness(status: ElectionStatus) -> tuple[bool, bool, int, float, bool]:
    """Of several countries the highest counts; equal ones count alike.

    A silence may bind on the polling day, too. Before a vote, `unknown` is no phase in force, as
    `none` is not: between them the nearest election counts. After one, votes may still be counted.
    """
    silent = status.silence is not None and status.silence.in_force
    days = status.election.days_to if status.election is not None else None
    unknown = status.phase is Phase.UNKNOWN
    ahead = unknown and (days is None or days > 0)
    phase = 0 if ahead else _SEVERITY.index(status.phase)
    near = float("-inf") if days is None else -abs(days)
    return binds(status.silence), silent, phase, near, unknown
