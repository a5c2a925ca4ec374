"""Replay: whole, in parts and in processes it counts the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from overt.errors import ConfigError
from overt.models import Outcome, Role
from overt.policy import Bundle, Case
from overt.policy.register import case_of as stored_case
from overt.policy.register import recorded_cases
from overt.policy.replay import Report, replay, replay_file
from overt.storage import Database
from overt.storage.schema import decisions

from .conftest import case_of, cue, figure, intent

LIVE = Bundle.packaged()


def without(*names: str) -> Bundle:
    rules = [
        replace(rule, relaxes=tuple(r for r in rule.relaxes if r not in names))
        for rule in LIVE.rules.values()
        if rule.id not in names
    ]
    return Bundle.of(rules, "candidate")


CASES = [
    case_of([]),
    case_of([figure()]),
    case_of([figure(Role.VOICED)], "audio"),
    case_of([intent("voter_suppression")], "audio"),
    case_of([cue("procedure_change")], "text"),
]


def totals(report: Report) -> tuple[int, ...]:
    return report.total, report.same, report.loosened, report.tightened, report.unreadable


def test_loosened_comes_first() -> None:
    report = replay(((str(n), case) for n, case in enumerate(CASES)), LIVE, without("EL-001"))
    assert totals(report) == (5, 4, 1, 0, 0)
    row = report.to_json()
    assert row["outcomes"] == {"refuse to allow": 1}
    assert list(row["rules"]) == ["loosened EL-001"]
    assert row["samples"][0] == {
        "place": "3",
        "before": "refuse",
        "after": "allow",
        "gone": ["EL-001"],
        "new": [],
    }
    back = replay([("0", CASES[3])], without("EL-001"), LIVE)
    assert totals(back) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_a_file_in_parts_counts_each_line_once(tmp_path: Path, processes: int) -> None:
    path = tmp_path / "inputs.jsonl"
    many = [CASES[n % len(CASES)] for n in range(503)]
    lines = [json.dumps(case.to_json()) for case in many]
    lines.insert(250, "")
    lines.insert(100, '{"version": 99}')
    path.write_text("\n".join(lines), "utf-8")
    report = replay_file(path, LIVE, without("EL-001"), processes=processes)
    assert report.unreadable == 1
    assert report.total == 503
    assert report.loosened == sum(case is CASES[3] for case in many)
    assert report.same + report.loosened == 503


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        replay_file(tmp_path / "x", LIVE, LIVE)
    assert caught.value.code == "policy.replay_file"


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch()
    assert replay_file(path, LIVE, LIVE).total == 0


def test_from_the_database(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path}/overt.db") as database:
        for place, case in enumerate(CASES):
            row = {
                "id": f"d{place}",
                "at": datetime(2026, 11, 1 + place, tzinfo=UTC),
                "outcome": "allow",
                "policy": LIVE.digest,
                "registry": "r",
                "request": "q",
                "media_type": "image/png",
                "rules": [],
                "case": case.to_json(),
            }
            database.write(lambda tx, row=row: tx.execute(insert(decisions).values(**row)))
        report = database.read(lambda tx: replay(recorded_cases(tx), LIVE, without("EL-001")))
        assert totals(report) == (5, 4, 1, 0, 0)
        late = datetime(2026, 11, 4, tzinfo=UTC)
        report = database.read(lambda tx: replay(recorded_cases(tx, late), LIVE, LIVE))
        assert report.total == 2
        case, outcome, policy = database.read(lambda tx: stored_case(tx, "d3"))
        assert (outcome, policy) == ("allow", LIVE.digest)
        assert case.rows == CASES[3].rows
        with pytest.raises(ConfigError):
            database.read(lambda tx: stored_case(tx, "nope"))


def test_other_versions_are_refused() -> None:
    stored = CASES[0].to_json()
    for change in ({"version": 2}, {"rows": [{"cuez": []}]}, {"rows": 3}, {"day": "soon"}):
        with pytest.raises(ConfigError):
            Case.from_json(stored | change)


def test_outcomes_are_those_of_decide() -> None:
    from overt.policy.decide import decide, outcome_of

    for case in CASES:
        assert outcome_of(case, LIVE)[0] is decide(case, LIVE).outcome
    assert outcome_of(CASES[3], LIVE)[0] is Outcome.REFUSE
