"""Builds the policy input of one request: rows of the closed schema, and nothing else.

A `Case` is what a decision rests on, whole: the same case and the same bundle give the same
ruling, today or in a replay. `to_json()` holds enum values, counts and the public facts of an
election; subject ids stay in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from overt.errors import ConfigError
from overt.models import (
    Act,
    ConsentState,
    Cue,
    ElectionStatus,
    Finding,
    Intent,
    Phase,
    Purpose,
    Request,
    utc_now,
)
from overt.policy.elections import binds
from overt.policy.facts import Facts, gather
from overt.policy.records import consent_of, least, notice_mandate
from overt.policy.schema import POLITICAL_KINDS, VERSION, Row, make_row, row_to_json
from overt.policy.subjects import Person, VoiceKind, people

ELECTION_INTENTS = frozenset(
    {
        Intent.VOTER_SUPPRESSION,
        Intent.FALSE_VOTING_INFO,
        Intent.IMPERSONATION_CALL,
        Intent.FABRICATED_RESULTS,
        Intent.CANDIDATE_EXIT_LIE,
        Intent.OFFICIAL_IMPERSONATION,
    }
)
"""Harms that are about an election by their nature."""
_ELECTION_CUES = frozenset({Cue.ELECTION, Cue.CAMPAIGN, Cue.PROCEDURE_CHANGE})
_LONG_DEAD_YEARS = 70
_OPEN_PHASES = (Phase.CAMPAIGN, Phase.SILENCE, Phase.POLLING, Phase.COUNTING)


@dataclass(frozen=True, slots=True)
class ActorHistory:
    """What is known of whoever asks, already measured against the configured limits.

    Args:
        refusals: `few`, `repeated` or `excessive` refused attempts inside the window.
        calls: The same for personal calls in bulk.
        suspended: The actor was suspended.
    """

    refusals: str = "few"
    calls: str = "few"
    suspended: bool = False

    @classmethod
    def counted(
        cls,
        *,
        refused: int,
        calls: int,
        review_after: int,
        suspend_after: int,
        bulk_after: int,
        suspended: bool = False,
    ) -> ActorHistory:
        """A history from counts; ten times the bulk limit counts as excessive."""
        return cls(
            _level(refused, review_after, suspend_after),
            "excessive" if calls >= 10 * bulk_after else "bulk" if calls >= bulk_after else "few",
            suspended,
        )


@dataclass(frozen=True, slots=True)
class Case:
    """The policy input of one request.

    Args:
        rows: The request row first, then one row for each subject.
        subjects: Opaque subject ids, in the order of the subject rows; empty after a replay.
        day: The day the decision was made, which effective dates of rules are held against.
            Never the builder's `at`: a date in the past must not switch rules off.
        language: Language that reasons are given in.
        facts: Public facts of the election for messages: dates, citation, source.
    """

    rows: tuple[Row, ...]
    day: date
    language: str = "en"
    subjects: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    version: int = VERSION

    def to_json(self) -> dict[str, Any]:
        """What a ledger or a replay stores: no text, no name, no subject id."""
        return {
            "version": self.version,
            "day": self.day.isoformat(),
            "language": self.language,
            "rows": [row_to_json(row) for row in self.rows],
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Case:
        """A recorded case.

        Raises:
            ConfigError: It is of another version, or not a case.
        """
        if data.get("version") != VERSION:
            raise ConfigError(
                "policy.input_version",
                f"a recorded input has version {data.get('version')!r}, this is {VERSION}",
            )
        try:
            rows = tuple(make_row(row) for row in data["rows"])
            day = date.fromisoformat(data["day"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ConfigError("policy.input", "a recorded input is not readable") from None
        subjects = tuple(f"s{place}" for place in range(len(rows) - 1))
        return cls(rows, day, str(data.get("language", "en")), subjects, data.get("facts", {}))


def build_case(
    request: Request,
    findings: Sequence[Finding],
    consents: Sequence[ConsentState],
    election: ElectionStatus | None,
    actor: ActorHistory,
    *,
    voice: VoiceKind,
    language: str,
    stage: str = "request",
) -> Case:
    """The policy input for a request as it stands now.

    Args:
        request: What is asked, with the builder's word on it.
        findings: What the screens saw.
        actor: History of whoever asks.
        voice: Whose voice the tool speaks with.
        consents: The store's answers to `consent_needs()`.
        election: Status of the country that the request is about, when one is known.
        language: BCP 47 tag for reasons and disclosures.
        stage: `request`, or `output` when the text that a tool returned is looked at.
    """
    facts = gather(request, findings)
    persons = people(request, findings, voice=voice, consents=consents)
    at = request.at or (election.at if election is not None else utc_now())
    answers = _by_subject(consents)
    subjects = [
        _subject(person, request, facts, answers.get(person.id, ()), election, at.year)
        for person in persons
    ]
    coverage = _coverage(persons, subjects)
    common = _common(
        request, facts, persons, consents, election, actor, voice, stage, coverage=coverage
    )
    rows = [make_row({**common, "row": "request"})]
    rows.extend(make_row({**common, **subject, "row": "subject"}) for subject in subjects)
    return Case(
        rows=tuple(rows),
        day=utc_now().date(),
        language=language,
        subjects=tuple(person.id for person in persons),
        facts={} if election is None else _public_facts(election),
    )


def _common(
    request: Request,
    facts: Facts,
    persons: Sequence[Person],
    consents: Sequence[ConsentState],
    election: ElectionStatus | None,
    actor: ActorHistory,
    voice: VoiceKind,
    stage: str,
    *,
    coverage: str,
) -> dict[str, object]:
    return {
        "stage": stage,
        "request.act": request.act.value,
        "request.modality": request.modality.value,
        "request.purpose": request.purpose.value,
        "request.extent": request.extent.value,
        "request.change_percent": _percent(request.measured_change),
        "request.realism": facts.realism.value,
        "request.staged": facts.staged,
        "request.realistic": facts.realistic,
        "request.voice": voice.value,
        "request.replica": bool(request.references),
        "satire": facts.satire,
        "intents.certain": facts.certain,
        "intents.possible": facts.possible,
        "signals": facts.signals,
        "cues": facts.cues,
        "evasion": facts.evasion,
        "figures": facts.figures,
        "subjects.named": any(not person.weak for person in persons),
        "subjects.consent": coverage,
        "notice.mandate": notice_mandate(request, consents),
        **_election(request, facts, persons, election),
        "actor.refusals": actor.refusals,
        "actor.calls": actor.calls,
        "actor.suspended": actor.suspended,
    }


def _election(
    request: Request, facts: Facts, persons: Sequence[Person], election: ElectionStatus | None
) -> dict[str, object]:
    if election is None:
        return {"election.concerned": _about_elections(facts)}
    known = _country_known(request, persons, election)
    local = any(_is_local(person, facts, election) and not person.weak for person in persons)
    return {
        "election.phase": election.phase.value,
        "election.days_to": election.election.days_to if election.election else None,
        "election.silence": _silence(election, known),
        "election.country": known,
        "election.concerned": local or _about_elections(facts),
        "election.data_age_days": election.data_age_days,
    }


def _country_known(request: Request, persons: Sequence[Person], election: ElectionStatus) -> str:
    """Where the country comes from; a hint from the language can only warn."""
    if request.country == election.country:
        return "request"
    if any(election.country in person.countries for person in persons):
        return "figure"
    return "hint"


def _silence(election: ElectionStatus, known: str) -> str:
    silence = election.silence
    if silence is None or not silence.in_force:
        return "none"
    return "binding" if binds(silence) and known != "hint" else "warn"


def _about_elections(facts: Facts) -> bool:
    harms = facts.certain | facts.possible
    return not (harms.isdisjoint(ELECTION_INTENTS) and facts.cues.isdisjoint(_ELECTION_CUES))


def _is_local(person: Person, facts: Facts, election: ElectionStatus | None) -> bool:
    """A figure of that country who takes part in its election, or is drawn into it."""
    if election is None or person.kind != "public" or election.country not in person.countries:
        return False
    return (
        person.office in POLITICAL_KINDS
        or _about_elections(facts)
        or bool(facts.certain | facts.possible)
    )


def _by_subject(consents: Sequence[ConsentState]) -> dict[str, list[ConsentState]]:
    """The answers of each subject, sorted out once: a text may name ten thousand people."""
    answers: dict[str, list[ConsentState]] = {}
    for state in consents:
        answers.setdefault(state.need.subject_id, []).append(state)
    return answers


def _subject(
    person: Person,
    request: Request,
    facts: Facts,
    own: Sequence[ConsentState],
    election: ElectionStatus | None,
    year: int,
) -> dict[str, object]:
    acts = [state for state in own if state.need.act is request.act]
    replicas = [state for state in own if state.need.act is Act.REPLICA_CREATE]
    strict = _needs_mandate(request, facts, election)
    return {
        "subject.kind": person.kind,
        "subject.office": "private" if person.kind == "private" else person.office,
        "subject.role": person.role.value,
        "subject.weak": person.weak,
        "subject.declared": person.declared,
        "subject.local": _is_local(person, facts, election),
        "subject.life": _life(person.dead_since, year),
        "subject.consent": consent_of(person, acts, strict=strict),
        "subject.replica_consent": consent_of(person, replicas, strict=strict),
        "subject.assurance": least(acts),
        "subject.mandate": any(state.valid and state.mandate for state in acts),
    }


def _percent(share: float | None) -> int | None:
    """Rounded down: a rule's bound must be reached, not nearly reached."""
    return None if share is None else int(share * 100)


def _needs_mandate(request: Request, facts: Facts, election: ElectionStatus | None) -> bool:
    """Whether a record of somebody who cannot be reached needs a campaign mandate behind it."""
    return (
        request.purpose in (Purpose.CAMPAIGN, Purpose.POLITICAL)
        or _about_elections(facts)
        or (election is not None and election.phase in _OPEN_PHASES)
    )


def _coverage(persons: Sequence[Person], subjects: Sequence[Mapping[str, object]]) -> str:
    """Whether `all`, `some` or `none` of those who are shown agreed."""
    shown = [
        subject["subject.consent"] == "valid"
        for person, subject in zip(persons, subjects, strict=True)
        if person.shown and not person.weak
    ]
    if not any(shown):
        return "none"
    return "all" if all(shown) else "some"


def _life(dead_since: int | None, year: int) -> str:
    if dead_since is None:
        return "living"
    return "long_dead" if year - dead_since > _LONG_DEAD_YEARS else "dead"


def _public_facts(election: ElectionStatus) -> dict[str, str]:
    facts = {"country": election.country, "phase": election.phase.value}
    if election.election is not None:
        facts["election_day"] = election.election.date.isoformat()
    silence = election.silence
    if silence is not None:
        facts["silence_from"] = (
            silence.start.isoformat(timespec="minutes") if silence.start else "?"
        )
        facts["silence_to"] = silence.end.isoformat(timespec="minutes") if silence.end else "?"
        facts["citation"] = silence.citation or "?"
        facts["source"] = silence.source or "?"
    return facts


def _level(count: int, repeated: int, excessive: int) -> str:
    return "excessive" if count >= excessive else "repeated" if count >= repeated else "few"
