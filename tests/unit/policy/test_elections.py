"""The calendar: boundaries to the minute, zones, rounds, what is unknown, overlays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from overt.errors import ConfigError
from overt.models import Phase, Role
from overt.policy.calendar_data import SilenceRule, load_tables
from overt.policy.elections import Calendar
from overt.tables import data_path, read_jsonl

from .conftest import case_of, figure, request_for

CALENDAR = Calendar.packaged()
MINUTE = timedelta(minutes=1)

# Country, election, round, first minute, minute after the last (or none where no source gives the
# hour), zone of both, and what the row cites.
BOUNDARIES = [
    (
        "AR",
        "ar-presidential-2023-10-22",
        0,
        "2023-10-20T08:00",
        None,
        "America/Argentina/Buenos_Aires",
        "71",
    ),
    (
        "AR",
        "ar-presidential-2023-10-22",
        1,
        "2023-11-17T08:00",
        None,
        "America/Argentina/Buenos_Aires",
        "71",
    ),
    (
        "AU",
        "au-parliamentary-2025-05-03",
        0,
        "2025-05-01T00:00",
        None,
        "Australia/Sydney",
        "cl. 3A",
    ),
    (
        "BD",
        "bd-parliamentary-2026-02-12",
        0,
        "2026-02-10T07:30",
        "2026-02-12T16:30",
        "Asia/Dhaka",
        "78",
    ),
    (
        "BO",
        "bo-presidential_and_legislative-2025-08-17",
        1,
        "2025-10-16T00:00",
        None,
        "America/La_Paz",
        "116",
    ),
    (
        "CL",
        "cl-presidential_and_legislative-2025-11-16",
        0,
        "2025-11-14T00:00",
        "2025-11-16T18:00",
        ("America/Santiago", "Pacific/Easter"),
        "18.700",
    ),
    (
        "CL",
        "cl-presidential_and_legislative-2025-11-16",
        1,
        "2025-12-12T00:00",
        "2025-12-14T18:00",
        ("America/Santiago", "Pacific/Easter"),
        "18.700",
    ),
    ("ES", "es-parliamentary-2027-08-22", 0, "2027-08-21T00:00", None, "Europe/Madrid", "LOREG"),
    (
        "ID",
        "id-general-2024-02-14",
        0,
        "2024-02-11T00:00",
        "2024-02-14T13:00",
        ("Asia/Jayapura", "Asia/Jakarta"),
        "7/2017",
    ),
    (
        "IN",
        "in-parliamentary-2024-04-19",
        0,
        "2024-04-17T18:00",
        "2024-04-19T18:00",
        "Asia/Kolkata",
        "126",
    ),
    (
        "IN",
        "in-parliamentary-2024-04-19",
        6,
        "2024-05-30T18:00",
        "2024-06-01T18:00",
        "Asia/Kolkata",
        "126",
    ),
    ("IT", "it-referendum-2026-03-22", 0, "2026-03-21T00:00", None, "Europe/Rome", "212/1956"),
    (
        "MX",
        "mx-general-2024-06-02",
        0,
        "2024-05-30T00:00",
        "2024-06-02T18:00",
        ("America/Cancun", "America/Tijuana"),
        "251",
    ),
    (
        "NG",
        "ng-presidential_and_legislative-2027-01-16",
        0,
        "2027-01-15T00:00",
        None,
        "Africa/Lagos",
        "94",
    ),
    ("PH", "ph-legislative-2025-05-12", 0, "2025-05-11T00:00", None, "Asia/Manila", "881"),
    (
        "PK",
        "pk-parliamentary-2024-02-08",
        0,
        "2024-02-07T00:00",
        "2024-02-09T00:00",
        "Asia/Karachi",
        "182",
    ),
    (
        "PL",
        "pl-presidential-2025-05-18",
        0,
        "2025-05-17T00:00",
        "2025-05-18T21:00",
        "Europe/Warsaw",
        "105",
    ),
    (
        "PL",
        "pl-presidential-2025-05-18",
        1,
        "2025-05-31T00:00",
        "2025-06-01T21:00",
        "Europe/Warsaw",
        "105",
    ),
    (
        "PT",
        "pt-presidential-2026-01-18",
        0,
        "2026-01-17T00:00",
        "2026-01-18T19:00",
        ("Europe/Lisbon", "Atlantic/Azores"),
        "141",
    ),
    (
        "PT",
        "pt-presidential-2026-01-18",
        1,
        "2026-02-07T00:00",
        "2026-02-08T19:00",
        ("Europe/Lisbon", "Atlantic/Azores"),
        "141",
    ),
    (
        "SG",
        "sg-parliamentary-2025-05-03",
        0,
        "2025-05-02T00:00",
        "2025-05-03T20:00",
        "Asia/Singapore",
        "cooling-off",
    ),
    (
        "SK",
        "sk-parliamentary-2023-09-30",
        0,
        "2023-09-28T00:00",
        "2023-09-30T22:00",
        "Europe/Bratislava",
        "181/2014",
    ),
    (
        "SK",
        "sk-presidential-2024-03-23",
        0,
        "2024-03-21T00:00",
        "2024-03-23T22:00",
        "Europe/Bratislava",
        "181/2014",
    ),
    (
        "SK",
        "sk-presidential-2024-03-23",
        1,
        "2024-04-04T00:00",
        "2024-04-06T22:00",
        "Europe/Bratislava",
        "181/2014",
    ),
    (
        "TH",
        "th-parliamentary-2026-02-08",
        0,
        "2026-02-07T18:00",
        "2026-02-09T00:00",
        "Asia/Bangkok",
        "Organic Act",
    ),
    (
        "TW",
        "tw-presidential_and_legislative-2024-01-13",
        0,
        "2024-01-12T22:00",
        "2024-01-13T16:00",
        "Asia/Taipei",
        "36",
    ),
]


@pytest.mark.parametrize("row", BOUNDARIES, ids=lambda row: f"{row[1]}-{row[2]}")
def test_silence_to_the_minute(row: tuple[Any, ...]) -> None:
    country, election, place, first, over, zones, cites = row
    first_zone, last_zone = zones if isinstance(zones, tuple) else (zones, zones)
    start = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo(first_zone))
    before = CALENDAR.status(country, start - MINUTE)
    inside = CALENDAR.status(country, start)
    assert before.silence is not None
    assert inside.silence is not None
    assert not before.silence.in_force
    assert inside.silence.in_force
    assert inside.silence.start == start
    assert cites in (inside.silence.citation or "")
    assert inside.silence.source
    assert inside.silence.confidence == "high"
    _, window = CALENDAR.windows(country, election)[place]
    assert window is not None
    if over is None:
        assert inside.silence.end is None
        assert not window.end.exact
        return
    end = datetime.fromisoformat(over).replace(tzinfo=ZoneInfo(last_zone))
    assert inside.silence.end == end
    last, after = CALENDAR.status(country, end - MINUTE), CALENDAR.status(country, end)
    assert last.silence is not None
    assert after.silence is not None
    assert last.silence.in_force
    assert not after.silence.in_force


def test_twelve_countries_at_least() -> None:
    assert len({row[0] for row in BOUNDARIES}) >= 12


def test_no_hour_is_invented() -> None:
    """Where no source gives the close, no edge is printed and the whole day is covered."""
    late = datetime(2025, 5, 12, 23, 59)
    status = CALENDAR.status("PH", late)
    assert status.phase is Phase.POLLING
    assert status.silence is not None
    assert status.silence.in_force
    assert status.silence.end is None
    assert status.silence.confidence == "medium", "in doubt on the day itself, so it only warns"


PHASES = [
    ("SK", "2023-09-27T23:59", Phase.CAMPAIGN),
    ("SK", "2023-09-28T12:00", Phase.SILENCE),
    ("SK", "2023-09-30T07:00", Phase.POLLING),
    ("SK", "2023-09-30T22:00", Phase.COUNTING),
    ("SK", "2023-10-01T12:00", Phase.COUNTING),
    ("SK", "2023-10-02T00:00", Phase.UNKNOWN),
    ("SK", "2025-03-01T12:00", Phase.NONE),
    ("SK", "2027-08-01T12:00", Phase.UNKNOWN),
    ("PK", "2024-02-08T12:00", Phase.POLLING),
    ("PK", "2024-02-08T17:00", Phase.COUNTING),
    ("PK", "2024-02-10T12:00", Phase.COUNTING),
    ("PK", "2024-02-12T12:00", Phase.NONE),
    ("IN", "2024-04-10T12:00", Phase.CAMPAIGN),
    ("IN", "2024-04-18T12:00", Phase.SILENCE),
    ("IN", "2024-04-19T18:30", Phase.CAMPAIGN),
    ("IN", "2024-06-02T12:00", Phase.COUNTING),
    ("FR", "2024-06-18T12:00", Phase.CAMPAIGN),
    ("FR", "2024-06-29T00:00", Phase.SILENCE),
    ("FR", "2024-07-06T12:00", Phase.SILENCE),
    ("US", "2024-01-21T12:00", Phase.CAMPAIGN),
    ("US", "2024-01-23T21:00", Phase.COUNTING),
    ("XK", "2025-01-01T00:00", None),
    ("ZZ", "2025-01-01T00:00", Phase.UNKNOWN),
]


@pytest.mark.parametrize(("country", "at", "phase"), PHASES)
def test_phases(country: str, at: str, phase: Phase | None) -> None:
    status = CALENDAR.status(country, datetime.fromisoformat(at))
    if phase is not None:
        assert status.phase is phase


def test_the_united_states_have_no_silence_and_it_is_a_row_that_says_so() -> None:
    status = CALENDAR.status("US", datetime(2024, 11, 5, 12))
    assert status.silence is not None
    assert not status.silence.in_force
    assert CALENDAR.tables.silence["US"].none


def test_a_country_without_a_silence_row_has_no_silence_to_speak_of() -> None:
    assert CALENDAR.status("SO", datetime(2026, 1, 1)).silence is None


def test_a_month_is_never_its_first_day() -> None:
    status = CALENDAR.status("SK", datetime(2027, 8, 1))
    assert status.election is not None
    assert status.election.date.isoformat() == "2027-09-30"
    assert status.phase is Phase.UNKNOWN
    assert status.silence is not None
    assert not status.silence.in_force


def test_an_indirect_election_has_no_silence() -> None:
    day_before = CALENDAR.status("PK", datetime(2024, 3, 8, 12))
    assert day_before.phase is Phase.NONE


def test_naive_times_are_local_and_aware_times_are_kept() -> None:
    naive = CALENDAR.status("SK", datetime(2023, 9, 28, 0, 0))
    aware = CALENDAR.status("SK", datetime(2023, 9, 27, 22, 0, tzinfo=UTC))
    assert naive.silence == aware.silence
    assert naive.at == aware.at
    assert CALENDAR.zone("SK").key == "Europe/Bratislava"


def test_the_earliest_of_several_zones() -> None:
    east = datetime(2024, 1, 1, tzinfo=CALENDAR.zone("US"))
    assert all(east <= datetime(2024, 1, 1, tzinfo=zone) for zone in CALENDAR.zones("US"))


def test_daylight_saving_inside_a_window(tmp_path: Path) -> None:
    """A window counted in hours keeps its length over a clock change; one in days its midnight."""
    overlay = overlay_file(
        tmp_path,
        elections=[election("xs-vote", "SK", "2026-10-25")],
        silence=[silence("SK", "hours_before_open:48")],
    )
    calendar = Calendar.packaged(overlay)
    _, window = calendar.windows("SK", "xs-vote")[0]
    assert window is not None
    zone = ZoneInfo("Europe/Bratislava")
    assert window.start.at.astimezone(zone).isoformat() == "2026-10-23T08:00:00+02:00"
    days = Calendar.packaged(
        overlay_file(
            tmp_path,
            elections=[election("xs-vote", "SK", "2026-10-26")],
            silence=[silence("SK", "calendar_days:2")],
        )
    )
    _, window = days.windows("SK", "xs-vote")[0]
    assert window is not None
    assert window.start.at.astimezone(zone).isoformat() == "2026-10-24T00:00:00+02:00"


# --- overlays ------------------------------------------------------------------------------------


def election(id_: str, country: str, day: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "country": country,
        "type": "parliamentary",
        "rounds": [{"from": day, "to": day}],
        "source": "a decree",
        **more,
    }


def silence(country: str, start: str, **more: Any) -> dict[str, Any]:
    return {
        "country": country,
        "start_rule": start,
        "end_rule": "close",
        "scope": ["campaigning"],
        "citation": "Act",
        "basis": "statute",
        "confidence": "high",
        "source": "gazette",
        **more,
    }


def overlay_file(folder: Path, **tables: Any) -> Path:
    path = folder / "overlay.yaml"
    head = {"reviewed_by": "A. Reviewer", "reviewed_on": "2026-11-20", "reason": "moved"}
    path.write_text(json.dumps({**head, **tables}), "utf-8")
    return path


def test_an_overlay_adds_corrects_and_is_recorded(tmp_path: Path) -> None:
    overlay = overlay_file(
        tmp_path,
        elections=[election("xk-2026", "XK", "2026-12-06")],
        silence=[silence("XK", "calendar_days:1")],
        hours=[{"country": "XK", "open": "07:00", "close": "19:00", "source": "gazette"}],
    )
    calendar = Calendar.packaged(overlay)
    status = calendar.status("XK", datetime(2026, 12, 5, 12, tzinfo=UTC))
    assert status.phase is Phase.SILENCE
    assert calendar.digest != CALENDAR.digest


REVIEWED = {"reviewed_by": "a", "reviewed_on": "b", "reason": "c"}
NO_SOURCE = {"country": "SK"}
BAD_HOUR = {"country": "SK", "open": "25:00", "source": "s"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("not reviewed", json.dumps({"elections": []}), "elections.overlay"),
        ("unknown key", json.dumps(REVIEWED | {"x": 1}), "elections.overlay"),
        ("no list", json.dumps(REVIEWED | {"hours": 1}), "elections.overlay"),
        ("no source", json.dumps(REVIEWED | {"hours": [NO_SOURCE]}), "elections.row"),
        ("bad hour", json.dumps(REVIEWED | {"hours": [BAD_HOUR]}), "elections.row"),
        ("yaml tag", "!!python/object/apply:os.system [x]", "policy.yaml_tag"),
    ],
)
def test_bad_overlays(tmp_path: Path, name: str, content: str, code: str) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigError) as caught:
        Calendar.packaged(path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "change",
    [
        {"start_rule": "two days"},
        {"end_rule": "later"},
        {"confidence": "sure"},
        {"basis": "hearsay"},
    ],
)
def test_bad_silence_rows(tmp_path: Path, change: dict[str, str]) -> None:
    path = overlay_file(tmp_path, silence=[silence("SK", "calendar_days:2") | change])
    with pytest.raises(ConfigError):
        Calendar.packaged(path)


def test_bad_country() -> None:
    with pytest.raises(ConfigError):
        CALENDAR.status("Slovakia", datetime(2024, 1, 1))


# --- the data ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["elections", "silence", "hours", "phases", "zones", "bodies", "parties"]
)
def test_every_row_has_a_source(name: str) -> None:
    rows = list(read_jsonl(data_path("elections", f"{name}.jsonl")))
    assert rows
    for row in rows:
        assert row["source"].strip()


def test_only_cited_rules_may_bind() -> None:
    rules = load_tables().silence.values()
    binding = [rule for rule in rules if rule.trusted == "high" and not rule.none]
    assert len(binding) >= 20
    for rule in binding:
        assert rule.citation
        assert rule.basis in ("statute", "election_body")


def test_a_high_row_from_the_press_is_lowered() -> None:
    rule = SilenceRule("XX", False, None, None, True, (), "Act", "press", "high", "a paper")
    assert rule.trusted == "medium"


def test_every_zone_exists() -> None:
    for names in CALENDAR.tables.zones.values():
        for name in names:
            assert ZoneInfo(name).key == name


def test_every_phase_and_hour_belongs_to_something() -> None:
    ids = {e.id for rows in CALENDAR.tables.elections.values() for e in rows}
    for row in read_jsonl(data_path("elections", "phases.jsonl")):
        assert row["election"] in ids
    for row in read_jsonl(data_path("elections", "hours.jsonl")):
        assert row.get("election", next(iter(ids))) in ids


# --- which country -------------------------------------------------------------------------------


def test_country_from_the_request_then_the_figures_then_a_hint() -> None:
    at = datetime(2023, 9, 28, 12, tzinfo=UTC)
    stated = CALENDAR.for_request(request_for(country="US"), [figure()], ["sk-SK"], at)
    found = CALENDAR.for_request(request_for(), [figure()], ["en-US"], at)
    hinted = CALENDAR.for_request(request_for(), [], ["sk-SK"], at)
    assert stated is not None
    assert found is not None
    assert hinted is not None
    assert (stated.country, found.country, hinted.country) == ("US", "SK", "SK")
    assert CALENDAR.for_request(request_for(), [], ["sk"], at) is None


def test_the_strictest_of_several_countries() -> None:
    both = figure(country=("FR", "SK"))
    status = CALENDAR.for_request(request_for(), [both], [], datetime(2023, 9, 28, 12, tzinfo=UTC))
    assert status is not None
    assert status.country == "SK"


def test_a_figure_that_is_only_mentioned_says_nothing_of_the_country() -> None:
    at = datetime(2023, 9, 28, 12, tzinfo=UTC)
    people = [figure(Role.MENTIONED), figure(id="q:other", country=("FR",))]
    status = CALENDAR.for_request(request_for(), people, [], at)
    assert status is not None
    assert status.country == "FR"


MANY = [
    # of two votes ahead of which no phase is known the nearer, not the first of the alphabet
    ({"AA": "2030-09-30", "ZZ": "2030-08-20"}, {}, "ZZ"),
    ({"AA": "2030-08-20", "ZZ": "2030-09-30"}, {}, "AA"),
    # a vote that is known before a country of which nothing is
    ({"ZZ": "2031-06-30"}, {}, "ZZ"),
    # votes that may still be counted before a vote that is nearer
    ({"AA": "2030-08-05", "ZZ": "2030-07-20"}, {}, "ZZ"),
    # a campaign before a vote that is nearer
    ({"AA": "2030-08-20", "ZZ": "2030-09-30"}, {"ZZ": "campaign"}, "ZZ"),
    # a silence before a campaign, and a cited one before one that is not
    ({"AA": "2030-09-30", "ZZ": "2030-08-02"}, {"AA": "campaign", "ZZ": "low"}, "ZZ"),
    ({"AA": "2030-08-02", "ZZ": "2030-08-02"}, {"AA": "low", "ZZ": "high"}, "ZZ"),
    # on the polling day a silence that binds before one that only warns
    ({"AA": "2030-08-02", "ZZ": "2030-08-01"}, {"AA": "low", "ZZ": "high"}, "ZZ"),
]


@pytest.mark.parametrize(("votes", "more", "country"), MANY)
def test_which_countrys_election_counts(
    tmp_path: Path, votes: dict[str, str], more: dict[str, str], country: str
) -> None:
    rows = [election(f"{code.lower()}-x-{day}", code, day) for code, day in votes.items()]
    phases = [
        {"election": f"{code.lower()}-x-{day}", "campaign_from": "2030-07-01", "source": "gazette"}
        for code, day in votes.items()
        if more.get(code) == "campaign"
    ]
    rules = [
        silence(code, "calendar_days:1", confidence=said)
        for code, said in more.items()
        if said != "campaign"
    ]
    hours = [
        {"country": code, "open": "07:00", "close": "19:00", "source": "gazette"} for code in votes
    ]
    overlay = overlay_file(tmp_path, elections=rows, silence=rules, hours=hours, phases=phases)
    calendar = Calendar.packaged(overlay)
    people = [figure(id=f"q:{code}", country=(code,)) for code in ("AA", "ZZ")]
    at = datetime(2030, 8, 1, 12, tzinfo=UTC)
    for order in (people, people[::-1], [figure(country=("AA", "ZZ"))]):
        status = calendar.for_request(request_for(), order, [], at)
        assert status is not None
        assert status.country == country
        assert case_of(order, election=status).facts["country"] == country


def test_no_country_is_left_out_of_very_many() -> None:
    at = datetime(2023, 9, 28, 12, tzinfo=UTC)
    others = [figure(id=f"q:{code}", country=(code,)) for code in sorted(CALENDAR.tables.elections)]
    status = CALENDAR.for_request(request_for(), [*others, figure(country=("SK",))], [], at)
    assert status is not None
    assert status.silence is not None
    assert status.silence.in_force
