"""Emergency overrides: who may sign what, for how long, and that none comes back."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import select, update

from overt.cli import main
from overt.errors import ConfigError, VerificationError
from overt.ledger import SqlLedger
from overt.models import Outcome
from overt.policy import Bundle, decide
from overt.policy.elections import Calendar
from overt.policy.live import LivePolicy, PolicyEvent
from overt.policy.overrides import Override, apply, loosens, open_override, sign_override
from overt.policy.reading import parse_yaml
from overt.policy.register import (
    accept,
    in_force,
    last_seq,
    note_shadow,
    record_bundle,
    record_calendar,
)
from overt.policy.signing import sign_bundle, verify_bundle
from overt.storage import Database
from overt.storage.schema import overrides as table
from overt.storage.schema import shadow_changes

from .conftest import case_of, cue, figure
from .test_bundles import folder_with, rule_text

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BUNDLE = Bundle.packaged()


def pair(kind: str = "ec") -> tuple[bytes, bytes]:
    key: Any
    if kind == "ec":
        key = ec.generate_private_key(ec.SECP256R1())
    elif kind == "rsa":
        key = rsa.generate_private_key(65537, 2048)
    else:
        key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public


ALICE, BOB, EVE = pair(), pair("ed25519"), pair()
TRUSTED = [ALICE[1], BOB[1]]
NEW_RULE = parse_yaml(rule_text("OV-1"), "x")


def body(**changes: Any) -> dict[str, Any]:
    return {
        "id": "o1",
        "seq": 1,
        "title": "Hold everything about elections",
        "reason": "A forged recording is going round.",
        "ticket": "INC-7",
        "starts_at": NOW.isoformat(),
        "expires_at": (NOW + timedelta(hours=24)).isoformat(),
        "add": [NEW_RULE],
    } | changes


def opened(data: bytes, *, last: int = 0, now: datetime = NOW) -> Override:
    return open_override(data, TRUSTED, BUNDLE, last_seq=last, now=now)


def refused(data: bytes, **how: Any) -> str:
    with pytest.raises(VerificationError) as caught:
        opened(data, **how)
    return caught.value.code


def test_tightening_needs_one_signer() -> None:
    override = opened(sign_override(body(), ALICE[0]))
    assert not loosens(override, BUNDLE)
    changed = apply(BUNDLE, [override], NOW)
    case = case_of([cue("election")])
    assert decide(case, BUNDLE).outcome is Outcome.ALLOW
    assert decide(case, changed).outcome is Outcome.REVIEW
    assert changed.digest != BUNDLE.digest


@pytest.mark.parametrize(
    "change",
    [
        {"add": [], "disable": ["PF-001"]},
        {"add": [], "set": {"EL-020": "label"}},
        {"add": [NEW_RULE | {"relaxes": {"rules": ["EL-020"], "to": "label"}}]},
    ],
    ids=["disable", "lower", "relax"],
)
def test_loosening_needs_two(change: dict[str, Any]) -> None:
    assert refused(sign_override(body(**change), ALICE[0])) == "override.signers"
    assert refused(sign_override(body(**change), ALICE[0], EVE[0])) == "override.signers"
    assert refused(sign_override(body(**change), ALICE[0], ALICE[0])) == "override.signers"
    override = opened(sign_override(body(**change), ALICE[0], BOB[0]))
    assert loosens(override, BUNDLE)


def test_the_second_signature_comes_later_over_the_same_bytes() -> None:
    first = sign_override(body(add=[], disable=["PF-001"]), ALICE[0])
    assert refused(first) == "override.signers"
    both = sign_override({}, BOB[0], add_to=first)
    assert len(opened(both).signers) == 2
    assert json.loads(both)["payload"] == json.loads(first)["payload"]


def test_a_higher_outcome_is_tightening() -> None:
    override = opened(sign_override(body(add=[], set={"PF-001": "review"}), BOB[0]))
    case = case_of([figure()])
    assert decide(case, apply(BUNDLE, [override], NOW)).outcome is Outcome.REVIEW


def test_it_ends_by_itself() -> None:
    override = opened(sign_override(body(), ALICE[0]))
    end = override.expires_at
    assert apply(BUNDLE, [override], end - timedelta(seconds=1)) is not BUNDLE
    assert apply(BUNDLE, [override], end) is BUNDLE
    assert apply(BUNDLE, [override], NOW - timedelta(seconds=1)) is BUNDLE


EVE_DAY = "2026-11-20T00:00"
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("too long", {"expires_at": (NOW + timedelta(hours=73)).isoformat()}, "override.too_long"),
    ("ended", {"starts_at": "2026-11-20", "expires_at": NOW.isoformat()}, "override.malformed"),
    ("over", {"starts_at": f"{EVE_DAY}Z", "expires_at": NOW.isoformat()}, "override.expired"),
    ("backwards", {"expires_at": (NOW - timedelta(hours=1)).isoformat()}, "override.malformed"),
    ("naive time", {"starts_at": "2026-11-21T00:00:00"}, "override.malformed"),
    ("no reason", {"reason": ""}, "override.malformed"),
    ("unknown key", {"extra": 1}, "override.malformed"),
    ("sequence as text", {"seq": "1"}, "override.malformed"),
    ("unknown rule", {"set": {"XX-1": "refuse"}}, "override.unknown_rule"),
    ("wrong outcome", {"set": {"PF-001": "block"}}, "override.malformed"),
    ("bad rule", {"add": [NEW_RULE | {"status": "x"}]}, "override.rule"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "code"), BAD, ids=[row[0] for row in BAD])
def test_bad_overrides(name: str, change: dict[str, Any], code: str) -> None:
    assert refused(sign_override(body(**change), ALICE[0], BOB[0])) == code


def test_sequence_numbers_only_rise() -> None:
    data = sign_override(body(seq=5), ALICE[0])
    assert opened(data, last=4).seq == 5
    assert refused(data, last=5) == "override.replayed"


def test_strangers_and_tampering() -> None:
    assert refused(sign_override(body(), EVE[0])) == "override.signature"
    outer = json.loads(sign_override(body(), ALICE[0]))
    other = base64.urlsafe_b64encode(json.dumps(body(seq=9)).encode()).decode().rstrip("=")
    assert refused(json.dumps(outer | {"payload": other}).encode()) == "override.signature"
    for junk in (b"{", b"[]", b"{}", json.dumps(outer | {"signatures": []}).encode()):
        assert refused(junk) == "override.malformed"


def test_an_algorithm_is_not_taken_from_the_file() -> None:
    outer = json.loads(sign_override(body(), ALICE[0]))
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"policy-override+jws"}').decode()
    outer["signatures"][0] = {"protected": header.rstrip("="), "signature": ""}
    assert refused(json.dumps(outer).encode()) == "override.signature"


def test_another_kind_of_key() -> None:
    with pytest.raises(ConfigError) as caught:
        sign_override(body(), pair("rsa")[0])
    assert caught.value.code == "policy.key"


def test_a_disabled_rule_is_not_relaxed_any_more() -> None:
    override = opened(sign_override(body(add=[], disable=["EL-003"]), ALICE[0], BOB[0]))
    changed = apply(BUNDLE, [override], NOW)
    assert "EL-003" not in changed.rules
    assert "EL-003" not in changed.rules["RX-001"].relaxes


# --- in service ----------------------------------------------------------------------------------


def test_live_policy_follows_the_clock() -> None:
    now = [NOW]
    events: list[PolicyEvent] = []
    live = LivePolicy(bundle=BUNDLE, on_event=events.append, clock=lambda: now[0])
    override = opened(sign_override(body(), ALICE[0]))
    live.override([override])
    during = live.current()
    assert "OV-1" in during.rules
    now[0] = override.expires_at
    assert live.current() is BUNDLE
    assert [event.kind for event in events] == ["override", "override_ended"]
    assert "OV-1" in during.rules, "a request in flight keeps what it began with"


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    with Database.open(f"sqlite:///{tmp_path}/overt.db") as database:
        yield database, SqlLedger("test.example/log")


def test_overrides_are_kept_and_verified_again(desk: Any) -> None:
    database, ledger = desk
    first = sign_override(body(), ALICE[0])
    accepted = database.write(lambda tx: accept(tx, ledger, first, TRUSTED, BUNDLE, NOW))
    assert database.read(last_seq) == 1
    found = database.read(lambda tx: in_force(tx, TRUSTED, BUNDLE, NOW))
    assert [one.digest for one in found] == [accepted.digest]
    with pytest.raises(VerificationError) as caught:
        database.write(lambda tx: accept(tx, ledger, first, TRUSTED, BUNDLE, NOW))
    assert caught.value.code == "override.replayed"
    later = NOW + timedelta(hours=25)
    assert database.read(lambda tx: in_force(tx, TRUSTED, BUNDLE, later)) == ()
    forged = sign_override(body(seq=1), EVE[0])
    database.write(lambda tx: tx.execute(update(table).values(body=forged)))
    with pytest.raises(VerificationError):
        database.read(lambda tx: in_force(tx, TRUSTED, BUNDLE, NOW))


def test_two_overrides_about_one_rule_do_not_shut_the_policy(desk: Any) -> None:
    """Each is verified against the bundle itself, not against what the other one left of it."""
    database, ledger = desk
    off = sign_override(body(add=[], disable=["PF-001"]), ALICE[0], BOB[0])
    up = sign_override(body(id="o2", seq=2, add=[], set={"PF-001": "refuse"}), ALICE[0])
    for data in (off, up):
        database.write(lambda tx, data=data: accept(tx, ledger, data, TRUSTED, BUNDLE, NOW))
    live = LivePolicy(bundle=BUNDLE, clock=lambda: NOW)
    for _ in range(2):
        live.override(database.read(lambda tx: in_force(tx, TRUSTED, live.base, NOW)))
    assert "PF-001" not in live.current().rules


def test_shadow_differences_go_to_a_table_of_their_own(desk: Any) -> None:
    database, _ = desk
    override = opened(sign_override(body(), ALICE[0]))
    candidate = apply(BUNDLE, [override], NOW)
    same, other = case_of([]), case_of([cue("election")])
    assert database.write(lambda tx: note_shadow(tx, same, BUNDLE, candidate, "d1", NOW)) is None
    assert database.write(lambda tx: note_shadow(tx, other, BUNDLE, candidate, "d2", NOW))
    rows = database.read(lambda tx: tx.execute(select(shadow_changes)).all())
    assert [(row.decision_id, row.before, row.after, row.new) for row in rows] == [
        ("d2", "allow", "review", ["OV-1"])
    ]


def test_bundles_are_recorded_once(desk: Any) -> None:
    database, ledger = desk
    for _ in range(2):
        database.write(lambda tx: record_bundle(tx, ledger, BUNDLE, "loaded", NOW))
    database.write(lambda tx: record_bundle(tx, ledger, BUNDLE, "rejected", NOW, "policy.yaml"))
    types = database.read(
        lambda tx: [row.type for row in tx.exec_driver_sql("select type from entries order by idx")]
    )
    assert types == ["policy.loaded", "policy.rejected"]


def test_a_calendar_is_recorded_once(desk: Any) -> None:
    database, ledger = desk
    calendar = Calendar.packaged()
    record = lambda tx: record_calendar(tx, ledger, calendar, NOW)  # noqa: E731
    assert database.write(record) is True
    assert database.write(record) is False


def test_signing_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pem").write_bytes(ALICE[0])
    (tmp_path / "b.pem").write_bytes(BOB[0])
    (tmp_path / "o.json").write_text(json.dumps(body(add=[], disable=["PF-001"])), "utf-8")
    sign = ["policy", "override", "sign"]
    assert main([*sign, "o.json", "--key", "a.pem", "-o", "one.json"]) == 0
    assert main([*sign, "one.json", "--key", "b.pem", "-o", "two.json"]) == 0
    assert len(opened((tmp_path / "two.json").read_bytes()).signers) == 2


# --- signed bundles ------------------------------------------------------------------------------


def test_a_bundle_is_taken_into_service_only_as_it_was_signed(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, rule_text())
    with pytest.raises(ConfigError) as unsigned:
        LivePolicy(folder, signers=TRUSTED)
    assert unsigned.value.code == "policy.unsigned"
    sign_bundle(folder, Bundle.load(folder), [EVE[0]], NOW)
    with pytest.raises(ConfigError) as stranger:
        LivePolicy(folder, signers=TRUSTED)
    assert stranger.value.code == "policy.signature"
    sign_bundle(folder, Bundle.load(folder), [ALICE[0]], NOW)
    live = LivePolicy(folder, signers=TRUSTED)
    first = live.current()
    (folder / "r1.yaml").write_text(rule_text("T-2", "two"), "utf-8")
    event = live.poll()
    assert event is not None
    assert (event.kind, event.code) == ("rejected", "policy.signed_other")
    assert live.current() is first
    with pytest.raises(VerificationError):
        sign_bundle(folder, Bundle.load(folder), [BOB[0]], NOW, add=True)
    sign_bundle(folder, Bundle.load(folder), [ALICE[0]], NOW)
    sign_bundle(folder, Bundle.load(folder), [BOB[0]], NOW, add=True)
    assert len(verify_bundle(folder, Bundle.load(folder), TRUSTED)) == 2
    loaded = live.poll()
    assert loaded is not None
    assert loaded.kind == "loaded"
    (folder / "bundle.sig.json").write_text("{}", "utf-8")
    broken = live.poll()
    assert broken is not None
    assert broken.code == "policy.signature"


def test_a_bundle_is_signed_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pem").write_bytes(ALICE[0])
    folder = folder_with(tmp_path, rule_text())
    assert main(["policy", "sign", str(folder), "--key", "a.pem"]) == 0
    assert LivePolicy(folder, signers=TRUSTED).current().rules.keys() == {"T-001"}
