# ruff: noqa: E501 -- the tables read better with one case a line
"""Bundles: what is refused, with file, line and code; what checks find; how they are replaced."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from overt.errors import ConfigError
from overt.models import Outcome
from overt.policy import Bundle, Case, decide
from overt.policy.checks import check
from overt.policy.explain import explain
from overt.policy.handbook import html, markdown
from overt.policy.live import LivePolicy, PolicyEvent, Shadow, with_shadow_rules
from overt.policy.reading import MAX_FILE_BYTES
from overt.policy.schema import FIELDS, make_row, row_to_json
from overt.tables import data_path

from .conftest import case_of, figure, ruling_of

TODAY = date(2026, 11, 21)
GOOD = """\
id: {id}
title: A rule
status: active
severity: low
owner: tests
each: request
when:
  cues: [election]
effect:
  outcome: review
  code: tests.{code}
messages:
  en: "A sentence."
rationale: Because.
guidance: Look.
examples:
  match:
    - {{cues: [election]}}
  no_match:
    - {{cues: [voice]}}
"""


def rule_text(id_: str = "T-001", code: str = "one", **changes: str) -> str:
    text = GOOD.format(id=id_, code=code)
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return text


def folder_with(tmp_path: Path, *texts: str) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir(exist_ok=True)
    for place, text in enumerate(texts):
        (folder / f"r{place}.yaml").write_text(text, "utf-8")
    return folder


def test_a_rule_file_loads(tmp_path: Path) -> None:
    bundle = Bundle.load(folder_with(tmp_path, rule_text()))
    assert list(bundle.rules) == ["T-001"]
    assert len(bundle.digest) == 64


BAD = [
    ("unknown path", "policy.path", 8, ("cues: [election]\neffect", "cuess: [election]\neffect")),
    ("wrong enum", "policy.value", 8, ("cues: [election]\neffect", "cues: [elektion]\neffect")),
    ("wrong type", "policy.value", 8, ("cues: [election]\neffect", "request.staged: 1\neffect")),
    ("wrong operator", "policy.operator", 8, ("cues: [election]\neffect", "cues: {lt: 3}\neffect")),
    ("empty condition", "policy.condition", None, ("  cues: [election]\neffect", "  {}\neffect")),
    ("unknown key", "policy.key", 3, ("status: active", "stat: active")),
    ("wrong status", "policy.value", 3, ("status: active", "status: aktive")),
    ("wrong outcome", "policy.effect", 10, ("outcome: review", "outcome: block")),
    ("code without a dot", "policy.effect", None, ("code: tests.one", "code: one")),
    ("owes below consent", "policy.effect", None, ("outcome: review", "outcome: label\n  owes: [act]")),
    ("waives without review", "policy.effect", None, ("outcome: review", "outcome: refuse\n  waives_consent: true")),
    ("no English", "policy.messages", None, ('en: "A', 'xx: "A')),
    ("no examples", "policy.examples", None, ("  no_match:\n    - {cues: [voice]}\n", "")),
    ("example that fails", "policy.example", None, ("- {cues: [voice]}", "- {cues: [election]}")),
    ("example with a wrong path", "policy.input_path", None, ("- {cues: [voice]}", "- {cuez: [voice]}")),
    ("example with a wrong value", "policy.input_value", None, ("- {cues: [voice]}", "- {cues: [noise]}")),
    ("example of another row", "policy.example_row", None, ("- {cues: [voice]}", "- {row: subject}")),
    ("date as text", "policy.value", None, ("owner: tests", "owner: tests\nreview_by: soon")),
    ("relaxes nobody", "policy.relaxes_unknown", None, ("guidance: Look.", "guidance: Look.\nrelaxes: {rules: [X-1], to: label}")),
    ("relaxes to review", "policy.relaxes", None, ("guidance: Look.", "guidance: Look.\nrelaxes: {rules: [X-1], to: review}")),
    ("raises downward", "policy.effect", None, ("outcome: review", "outcome: allow\n  raises: {review: label}")),
    ("anchor", "policy.yaml_alias", 7, ("when:", "when: &a")),
    ("tag", "policy.yaml_tag", 2, ("title: A rule", "title: !!python/name:os.system x")),
    ("duplicate key", "policy.yaml_duplicate", 3, ("title: A rule", "title: A rule\ntitle: Another")),
    ("not YAML", "policy.yaml", None, ("title: A rule", "title: [A rule")),
    ("deep nesting", "policy.yaml_depth", None, ("title: A rule", "title: " + "[" * 40 + "]" * 40)),
    ("cel that does not compile", "policy.cel", None, ("each: request", "each: request\nwhen_cel: 'request.modality =='")),
    ("cel with a wrong path", "policy.cel", None, ("each: request", "each: request\nwhen_cel: 'request.modalty == \"x\"'")),
    ("cel that is no test", "policy.cel", None, ("each: request", "each: request\nwhen_cel: 'request.modality'")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "code", "line", "change"), BAD, ids=[row[0] for row in BAD])
def test_bad_rules_are_refused_with_file_and_code(
    tmp_path: Path, name: str, code: str, line: int | None, change: tuple[str, str]
) -> None:
    folder = folder_with(tmp_path, rule_text(change=change))
    with pytest.raises(ConfigError) as caught:
        Bundle.load(folder)
    assert caught.value.code == code, str(caught.value)
    if code not in ("policy.relaxes_unknown",):
        assert "r0.yaml, line" in str(caught.value)
    if line is not None:
        assert f"line {line}:" in str(caught.value)


def test_a_yaml_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    with pytest.raises(ConfigError) as caught:
        Bundle.load(folder_with(tmp_path, bomb))
    assert caught.value.code == "policy.yaml_alias"


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    text = rule_text() + "# " + "x" * MAX_FILE_BYTES
    with pytest.raises(ConfigError) as caught:
        Bundle.load(folder_with(tmp_path, text))
    assert caught.value.code == "policy.file_size"


def test_not_utf8(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    (folder / "x.yaml").write_bytes(b"id: \xff")
    with pytest.raises(ConfigError) as caught:
        Bundle.load(folder)
    assert caught.value.code == "policy.encoding"


@pytest.mark.parametrize("missing", [True, False])
def test_no_rules(tmp_path: Path, missing: bool) -> None:
    with pytest.raises(ConfigError):
        Bundle.load(tmp_path / "nowhere" if missing else tmp_path)


def test_two_rules_with_one_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Bundle.load(folder_with(tmp_path, rule_text(), rule_text()))
    assert caught.value.code == "policy.duplicate_rule"


def relaxing(id_: str, code: str, other: str) -> str:
    extra = f"guidance: Look.\nrelaxable: true\nrelaxes: {{rules: [{other}], to: label}}"
    return rule_text(id_, code, change=("guidance: Look.", extra))


def test_a_cycle_of_relaxations(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Bundle.load(
            folder_with(tmp_path, relaxing("T-1", "one", "T-2"), relaxing("T-2", "two", "T-1"))
        )
    assert caught.value.code == "policy.relaxation_cycle"


def test_only_relaxable_rules_are_relaxed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Bundle.load(folder_with(tmp_path, rule_text("T-1"), relaxing("T-2", "two", "T-1")))
    assert caught.value.code == "policy.not_relaxable"


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    first = Bundle.load(folder_with(tmp_path, rule_text())).digest
    again = Bundle.load(folder_with(tmp_path, rule_text())).digest
    other = Bundle.load(folder_with(tmp_path, rule_text() + "# note\n")).digest
    assert first == again != other


# --- checks ----------------------------------------------------------------------------------------


def codes(folder: Path, today: date = TODAY) -> list[str]:
    return [problem.code for problem in check(Bundle.load(folder), today)]


def test_the_packaged_bundle_is_clean() -> None:
    assert check(Bundle.packaged(), TODAY) == ()


def test_the_packaged_bundle_speaks_every_language_that_is_screened() -> None:
    languages = {path.stem for path in data_path("intents").glob("*.yaml")}
    assert len(languages) >= 22
    for rule in Bundle.packaged().rules.values():
        if rule.effect.code is not None:
            assert languages <= rule.messages.keys(), rule.id


def test_messages_keep_their_fields_in_every_language() -> None:
    from string import Formatter

    for rule in Bundle.packaged().rules.values():
        fields = [
            {name for _, name, _, _ in Formatter().parse(text) if name}
            for text in rule.messages.values()
        ]
        assert all(one == fields[0] for one in fields), rule.id


@pytest.mark.parametrize(
    ("name", "code", "texts"),
    [
        (
            "a subject fact on request rows",
            "policy.unreachable",
            [
                rule_text(
                    a=("cues: [election]\neffect", "subject.kind: public\neffect"),
                    b=("{cues: [election]}", "{subject.kind: public}"),
                )
            ],
        ),
        (
            "ends before it begins",
            "policy.unreachable",
            [
                rule_text(
                    a=(
                        "owner: tests",
                        "owner: tests\neffective_from: 2026-02-01\neffective_until: 2026-01-01",
                    )
                )
            ],
        ),
        (
            "two outcomes for one condition",
            "policy.conflict",
            [rule_text(), rule_text("T-2", "two", a=("outcome: review", "outcome: refuse"))],
        ),
        ("the same twice", "policy.duplicate", [rule_text(), rule_text("T-2", "two")]),
        (
            "one code, two outcomes",
            "policy.code_conflict",
            [rule_text(), rule_text("T-2", "one", a=("outcome: review", "outcome: refuse"))],
        ),
        (
            "always relaxed",
            "policy.always_relaxed",
            [
                rule_text(a=("guidance: Look.", "guidance: Look.\nrelaxable: true")),
                rule_text(
                    "T-2",
                    "two",
                    a=("guidance: Look.", "guidance: Look.\nrelaxes: {rules: [T-001], to: label}"),
                ),
            ],
        ),
        ("a message nobody can fill", "policy.message_field", [rule_text(a=("A sentence.", "{x}"))]),
        ("review due", "policy.review_due", [rule_text(a=("owner: tests", "owner: t\nreview_by: 2026-01-01"))]),
        ("nothing active", "policy.nothing_active", [rule_text(a=("status: active", "status: draft"))]),
    ],
)  # fmt: skip
def test_checks(tmp_path: Path, name: str, code: str, texts: list[str]) -> None:
    assert code in codes(folder_with(tmp_path, *texts))


# --- errors while deciding ---------------------------------------------------------------------


def test_a_rule_that_errors_fires_as_review(tmp_path: Path) -> None:
    text = rule_text(a=("each: request", "each: request\nwhen_cel: '1 / size(cues) == 1'"))
    with pytest.raises(ConfigError):
        Bundle.load(folder_with(tmp_path, text))  # errs already on a plain row
    text = rule_text(
        a=(
            "each: request",
            "each: request\nwhen_cel: 'size(cues) != 3 || 1 / (size(cues) - 3) == 1'",
        )
    )
    bundle = Bundle.load(folder_with(tmp_path, text))
    row = make_row({"cues": ["election", "voice", "campaign"]})
    ruling = decide(Case((row,), TODAY), bundle)
    assert ruling.outcome is Outcome.REVIEW
    assert [reason.code for reason in ruling.reasons] == ["policy.rule_error"]


def test_cel_sees_the_row(tmp_path: Path) -> None:
    text = rule_text(a=("each: request", "each: request\nwhen_cel: '\"election\" in cues'"))
    bundle = Bundle.load(folder_with(tmp_path, text))
    assert decide(Case((make_row({"cues": ["election"]}),), TODAY), bundle).rules == ("T-001",)


def test_drafts_shadows_and_dates_do_not_count(tmp_path: Path) -> None:
    shadow = rule_text(a=("status: active", "status: shadow"))
    later = rule_text("T-2", "two", a=("owner: tests", "owner: t\neffective_from: 2027-01-01"))
    bundle = Bundle.load(folder_with(tmp_path, shadow, later))
    case = Case((make_row({"cues": ["election"]}),), TODAY)
    assert decide(case, bundle).outcome is Outcome.ALLOW
    assert decide(case, with_shadow_rules(bundle)).outcome is Outcome.REVIEW
    after = Case(case.rows, date(2027, 1, 1))
    assert decide(after, bundle).rules == ("T-2",)


def test_a_past_date_of_the_builder_switches_no_rule_off() -> None:
    past = datetime(1990, 1, 1, tzinfo=UTC)
    assert ruling_of([figure()], at=past).outcome is Outcome.LABEL


# --- documents -----------------------------------------------------------------------------------


def test_the_handbook_has_every_rule_and_field() -> None:
    bundle = Bundle.packaged()
    for text in (markdown(bundle, "sk"), html(bundle, "sk")):
        for rule in bundle.rules.values():
            assert rule.id in text
        for field in FIELDS:
            assert field.path in text
    assert "<script" not in html(bundle)


def test_the_handbook_escapes(tmp_path: Path) -> None:
    text = rule_text(a=("title: A rule", "title: '<script>x</script>|'"))
    bundle = Bundle.load(folder_with(tmp_path, text))
    assert "<script>" not in html(bundle)


def test_explain_says_what_was_looked_at() -> None:
    case = case_of([figure()])
    told = explain(case, Bundle.packaged())
    assert told.outcome is Outcome.LABEL
    step = told.steps[0]
    assert step.rule == "PF-001"
    assert ("subject.kind", "public") in step.because


def test_rows_survive_json() -> None:
    row = case_of([figure()]).rows[1]
    assert make_row(row_to_json(row)) == row


# --- reload --------------------------------------------------------------------------------------


def copy_of_packaged(tmp_path: Path) -> Path:
    folder = tmp_path / "policy"
    shutil.copytree(data_path("policy"), folder)
    return folder


def test_reload_keeps_the_last_good_bundle(tmp_path: Path) -> None:
    folder = copy_of_packaged(tmp_path)
    events: list[PolicyEvent] = []
    live = LivePolicy(folder, on_event=events.append)
    first = live.current()
    assert live.poll() is None
    (folder / "broken.yaml").write_text("id: [", "utf-8")
    rejected = live.poll()
    assert rejected is not None
    assert (rejected.kind, rejected.code) == ("rejected", "policy.yaml")
    assert live.current() is first
    assert live.poll() is None, "the same fault is told once"
    (folder / "broken.yaml").write_text(rule_text(), "utf-8")
    loaded = live.poll()
    assert loaded is not None
    assert loaded.kind == "loaded"
    assert "T-001" in live.current().rules
    assert "T-001" not in first.rules, "a request in flight keeps what it began with"
    assert [event.kind for event in events] == ["rejected", "loaded"]


def test_reload_refuses_what_checks_find(tmp_path: Path) -> None:
    folder = copy_of_packaged(tmp_path)
    live = LivePolicy(folder)
    (folder / "x.yaml").write_text(rule_text(a=("A sentence.", "{secret}")), "utf-8")
    event = live.poll()
    assert event is not None
    assert event.code == "policy.message_field"


def test_reload_under_load_mixes_nothing(tmp_path: Path) -> None:
    """Every decision made while bundles change is one that a single bundle made whole."""
    one = rule_text("T-1", "one")
    two = rule_text("T-1", "two", a=("outcome: review", "outcome: refuse"))
    folder = folder_with(tmp_path, one)
    live = LivePolicy(folder)
    case = Case((make_row({"cues": ["election"]}),), TODAY)
    seen: set[tuple[str, str, str]] = set()
    stop = threading.Event()
    faults: list[BaseException] = []

    def ask() -> None:
        try:
            while not stop.is_set():
                bundle = live.current()
                ruling = decide(case, bundle)
                seen.add((bundle.digest, ruling.outcome.value, ruling.reasons[0].code))
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(16):
        (folder / "r0.yaml").write_text(two if turn % 2 == 0 else one, "utf-8")
        live.poll()
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert {(outcome, code) for _, outcome, code in seen} <= {
        ("review", "tests.one"),
        ("refuse", "tests.two"),
    }
    by_digest: dict[str, set[str]] = {}
    for digest, outcome, _ in seen:
        by_digest.setdefault(digest, set()).add(outcome)
    assert all(len(outcomes) == 1 for outcomes in by_digest.values())


# --- shadow --------------------------------------------------------------------------------------


def test_a_shadow_notes_differences_and_changes_nothing(tmp_path: Path) -> None:
    folder = copy_of_packaged(tmp_path)
    (folder / "x.yaml").write_text(
        rule_text(
            a=("cues: [election]\neffect", "figures: strong\neffect"),
            b=("{cues: [election]}", "{figures: strong}"),
        ),
        "utf-8",
    )
    noted: list[Any] = []
    shadow = Shadow(Bundle.load(folder), noted.append)
    shadow.look(case_of([]), Bundle.packaged(), "d1")
    assert noted == []
    change = shadow.look(case_of([figure()]), Bundle.packaged(), "d2")
    assert noted == [change]
    assert change is not None
    assert (change.before, change.after, change.new) == (
        Outcome.LABEL,
        Outcome.REVIEW,
        ("T-001",),
    )
    assert not change.loosened


def test_a_faulty_shadow_is_no_fault_of_ours() -> None:
    def fail(change: Any) -> None:
        raise AssertionError("not called")

    broken: Any = object()
    shadow = Shadow(Bundle.packaged(), fail)
    shadow.candidate = type("Broken", (), {"digest": "x", "plans": broken})()
    assert shadow.look(case_of([figure()]), Bundle.packaged(), "d") is None
