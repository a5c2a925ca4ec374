"""What a record covers, and what it never covers: the eight rules of the design, and the scope."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from consents import FIGURE, NOW, House, a_grant, a_mandate, a_need, his_voice, open_house

from overt.consent import Signer, Trust, sign
from overt.consent.events import EventType
from overt.consent.keys import new_key
from overt.consent.records import GrantSubject
from overt.errors import ConfigError, StageError, VerificationError
from overt.models import Assurance

VALID = "consent.valid"
OUT = "consent.out_of_scope"

SCOPES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    # name, fields of the record, fields of the need, code
    ("as given", {}, {}, VALID),
    ("two modalities of two", {}, {"modalities": ("voice", "face")}, VALID),
    ("a modality that is not given", {}, {"modalities": ("voice", "body")}, OUT),
    ("modalities not stated: all are meant", {}, {"modalities": ()}, OUT),
    ("another purpose", {}, {"purpose": "advertising"}, OUT),
    ("an act that is not given", {}, {"act": "train"}, OUT),
    ("language listed", {"languages": ("ur", "en")}, {"languages": ("ur",)}, VALID),
    ("variety of a listed language", {"languages": ("ur",)}, {"languages": ("ur-PK",)}, VALID),
    ("not a variety, only a like start", {"languages": ("ur",)}, {"languages": ("urx",)}, OUT),
    ("the language, only a variety listed", {"languages": ("pt-BR",)}, {"languages": ("pt",)}, OUT),
    ("one language of two", {"languages": ("ur",)}, {"languages": ("ur", "en")}, OUT),
    ("language not known", {"languages": ("ur",)}, {}, OUT),
    ("any language", {}, {"languages": ("sw",)}, VALID),
    ("country listed", {"territories": ("FR",)}, {"country": "FR"}, VALID),
    ("another country", {"territories": ("FR",)}, {"country": "DE"}, OUT),
    ("country not known", {"territories": ("FR",)}, {}, OUT),
    ("extent within", {"extent_max": "minor"}, {"extent": "minor"}, VALID),
    ("extent beyond", {"extent_max": "minor"}, {"extent": "significant"}, OUT),
    ("the scene", {"binding": {"scene": "4"}}, {"context": {"scene": "4", "shot": "1"}}, VALID),
    ("another scene", {"binding": {"scene": "4"}}, {"context": {"scene": "5"}}, OUT),
    ("scene not stated", {"binding": {"scene": "4"}}, {}, OUT),
    (
        "context allowed",
        {"contexts_allowed": ("comedy",)},
        {"context": {"context": "comedy"}},
        VALID,
    ),
    (
        "context not allowed",
        {"contexts_allowed": ("comedy",)},
        {"context": {"context": "war"}},
        OUT,
    ),
    ("context unknown, some allowed", {"contexts_allowed": ("comedy",)}, {}, OUT),
    ("context unknown, some forbidden", {"contexts_forbidden": ("sexual",)}, {}, OUT),
    (
        "context outside the forbidden",
        {"contexts_forbidden": ("sexual",)},
        {"context": {"context": "comedy"}},
        VALID,
    ),
    (
        "one context forbidden of two",
        {"contexts_forbidden": ("sexual",)},
        {"context": {"context": "comedy sexual"}},
        OUT,
    ),
    ("nothing listed covers nothing", {"languages": ()}, {"languages": ("en",)}, OUT),
    (
        "in a blackout",
        {"blackout": ({"start": NOW, "end": NOW + timedelta(days=2)},)},
        {},
        "consent.blackout",
    ),
    (
        "in a blackout elsewhere",
        {"blackout": ({"start": NOW, "end": NOW + timedelta(days=2), "territories": ("SK",)},)},
        {"country": "FR"},
        VALID,
    ),
    (
        "in a blackout, perhaps elsewhere",
        {"blackout": ({"start": NOW, "end": NOW + timedelta(days=2), "territories": ("SK",)},)},
        {},
        "consent.blackout",
    ),
    (
        "when a blackout has just ended",
        {"blackout": ({"start": NOW - timedelta(days=2), "end": NOW},)},
        {},
        VALID,
    ),
    ("given to others", {"record": {"grantees": ("studio-b",)}}, {}, "consent.not_for_us"),
    ("given to us", {"record": {"grantees": ("studio-a", "studio-b")}}, {}, VALID),
    ("another record is wanted", {}, {"only": ("another",)}, "consent.absent"),
]


@pytest.mark.parametrize(("name", "record", "need", "code"), SCOPES, ids=[row[0] for row in SCOPES])
def test_scope(tmp_path, name: str, record: dict, need: dict, code: str) -> None:
    house = open_house(tmp_path, grantee="studio-a")
    house.add(sign(a_grant(house.grantor, **record), house.grantor, house.registrar))
    assert house.ask(a_need(**need)) == [code]
    house.db.close()


def given(house: House, **fields: Any) -> str:
    return house.add(sign(a_grant(house.grantor, **fields), house.grantor, house.registrar))


# --- rule 1 ----------------------------------------------------------------------------------


def test_distribute_never_follows_from_generate(house: House) -> None:
    given(house, channels=("cinema",))
    assert house.ask(a_need(), a_need(act="distribute", channel="cinema")) == [VALID, OUT]


@pytest.mark.parametrize(
    ("channels", "channel", "code"),
    [
        (("cinema",), "cinema", VALID),
        (("cinema",), "social", OUT),
        (("cinema",), None, OUT),
        ((), "cinema", OUT),
        (("*",), "social", VALID),
    ],
)
def test_distribute_needs_its_channel(house: House, channels, channel, code: str) -> None:
    given(house, acts=("generate", "distribute"), channels=channels)
    assert house.ask(a_need(act="distribute", channel=channel)) == [code]


# --- rule 4: the states carry what the policy needs --------------------------------------------


def test_a_mandate_says_what_stands_behind_it(house: House) -> None:
    house.add(sign(a_mandate(house.grantor), house.grantor, house.registrar))
    state = house.state(his_voice())
    assert (state.code, state.assurance) == (VALID, Assurance.COUNTERSIGNED)
    assert (state.mandate, state.unreachable, state.basis) == (True, True, "campaign_mandate")
    assert (state.required_language, state.required_modes) == ("ur", ("spoken", "visible"))
    assert state.digest is not None
    assert len(state.digest) == 64


def test_a_mandate_without_evidence_is_none(house: House) -> None:
    house.add(sign(a_mandate(house.grantor, evidence=()), house.grantor, house.registrar))
    assert not house.state(his_voice()).mandate


def test_assumed_consent_is_called_assumed(house: House) -> None:
    """For a person who is no figure: valid, and so weak that the policy holds it."""
    house.add(sign(a_grant(house.grantor), house.registrar))
    state = house.state(a_need())
    assert (state.code, state.assurance) == (VALID, Assurance.ASSUMED)


LEVELS = [
    ("nothing behind it", (), False, Assurance.ASSUMED),
    ("a signed document", ("signed_document",), False, Assurance.SELF_ASSERTED),
    ("a call that was noted", ("verbal_log",), False, Assurance.ASSUMED),
    ("the grantor signed too", (), True, Assurance.COUNTERSIGNED),
    ("a notary", ("notarial_act",), False, Assurance.NOTARISED),
    ("a court", ("court_or_probate_document",), True, Assurance.NOTARISED),
    (
        "a recording that nobody checked",
        ("live_statement_recording",),
        True,
        Assurance.COUNTERSIGNED,
    ),
]


@pytest.mark.parametrize(("name", "kinds", "both", "level"), LEVELS, ids=[r[0] for r in LEVELS])
def test_assurance_is_computed(house: House, name: str, kinds, both: bool, level) -> None:
    grant = a_grant(house.grantor, evidence=tuple((kind, b"content") for kind in kinds))
    signers = (house.grantor, house.registrar) if both else (house.registrar,)
    house.add(sign(grant, *signers))
    assert house.state(a_need()).assurance is level


def test_a_checked_live_statement_counts(house: House) -> None:
    grant = a_grant(house.grantor, evidence=(("live_statement_recording", b"clip"),))
    live = grant.evidence[0].model_copy(
        update={"nonce": "4711", "verifier": "v", "verified": ("liveness", "voice")}
    )
    grant = grant.model_copy(update={"evidence": (live,)})
    house.add(sign(grant, house.registrar))
    assert house.state(a_need()).assurance is Assurance.LIVE_VERIFIED


# --- rules 5 and 6: revocation -------------------------------------------------------------------


def test_a_revocation_stops_new_runs_and_quarantines_running_ones(house: House) -> None:
    id = given(house)
    assert len(house.authorise(a_need())) == 1
    assert house.release() == []
    house.db.write(lambda tx: house.store.revoke(tx, id, by="subject"), priority=True)
    assert house.ask(a_need()) == ["consent.revoked"]
    assert house.release() == ["consent.revoked"]


def test_a_revocation_between_deciding_and_authorising_is_noticed(house: House) -> None:
    id = given(house)
    state = house.state(a_need())
    house.db.write(lambda tx: house.store.revoke(tx, id))
    with pytest.raises(StageError) as caught:
        house.db.write(
            lambda tx: house.store.authorise(
                tx, [state], decision_id="d", request_digest="0" * 64, expires_at=NOW
            )
        )
    assert caught.value.code == "consent.changed"


def test_the_subject_revokes_alone_and_nobody_takes_it_back(house: House) -> None:
    id = house.add(sign(a_mandate(house.grantor), house.grantor, house.registrar))
    first = house.db.write(lambda tx: house.store.revoke(tx, id, by="subject"))
    assert house.db.write(lambda tx: house.store.revoke(tx, id, by="grantor")) == first
    for event in (EventType.RESUMED, EventType.COUNTERSIGNED):
        with pytest.raises(StageError) as caught:
            house.db.write(lambda tx, e=event: house.store.happen(tx, id, e, by="grantor"))
        assert caught.value.code == "consent.final"
    assert house.ask(his_voice()) == ["consent.revoked"]


@pytest.mark.parametrize(
    ("by", "resumed_by", "code"),
    [
        ("subject", "grantor", "consent.not_yours"),
        ("subject", "subject", None),
        ("grantor", "subject", None),
        ("grantor", "grantor", None),
        ("registrar", "grantor", "consent.not_yours"),
    ],
)
def test_who_may_resume(house: House, by, resumed_by, code: str | None) -> None:
    id = given(house)
    house.authorise(a_need())
    house.db.write(lambda tx: house.store.happen(tx, id, EventType.SUSPENDED, by=by))
    assert house.ask(a_need()) == ["consent.suspended"]

    def resume() -> None:
        house.db.write(lambda tx: house.store.happen(tx, id, EventType.RESUMED, by=resumed_by))

    if code is None:
        resume()
        assert house.ask(a_need()) == [VALID]
        assert house.release() == ["consent.changed"]  # the lease ended with the suspension
    else:
        with pytest.raises(StageError) as caught:
            resume()
        assert caught.value.code == code
        assert house.ask(a_need()) == ["consent.suspended"]


def test_death_ends_a_record_unless_it_says_otherwise(house: House) -> None:
    ends, goes_on = given(house), given(house, record={"posthumous": "continues"})
    for id in (ends, goes_on):
        house.db.write(
            lambda tx, id=id: house.store.happen(tx, id, EventType.SUBJECT_DIED, by="registrar")
        )
    assert house.ask(a_need(only=(ends,))) == ["consent.subject_died"]
    assert house.ask(a_need(only=(goes_on,))) == [VALID]


def test_a_later_record_takes_the_place_of_an_earlier_one(house: House) -> None:
    old = given(house)
    new = given(house, purposes=("game",), record={"supersedes": old})
    assert house.ask(a_need(only=(old,))) == ["consent.superseded"]
    assert house.ask(a_need(), a_need(purpose="game", only=(new,))) == [
        "consent.superseded",
        VALID,
    ]


def test_what_nobody_trusts_takes_nobodys_place(house: House) -> None:
    old = given(house)
    later = a_grant(house.grantor, record={"supersedes": old})
    with pytest.raises(VerificationError) as caught:
        house.add(sign(later, house.grantor))
    assert caught.value.code == "consent.untrusted"
    assert house.ask(a_need()) == [VALID]


# --- rule 7: time counts at both ends ------------------------------------------------------------


def test_what_expires_during_a_run_is_not_released(house: House) -> None:
    given(house, not_after=NOW + timedelta(minutes=30))
    assert len(house.authorise(a_need())) == 1
    assert house.release(at=NOW + timedelta(minutes=30)) == ["consent.expired"]


def test_a_lease_ends_with_its_clearance(house: House) -> None:
    given(house)
    house.authorise(a_need())
    assert house.release(at=NOW + timedelta(hours=1)) == ["consent.lapsed"]


def test_a_lease_that_was_checked_in_time_may_take_long_to_finish(house: House) -> None:
    given(house)
    house.authorise(a_need())
    assert house.release(at=NOW + timedelta(minutes=59)) == []
    assert house.release(at=NOW + timedelta(hours=2)) == []


# --- references, uses, figures ---------------------------------------------------------------


def test_a_reference_voice_must_be_in_the_evidence(house: House) -> None:
    voice = b"a reference recording"
    given(
        house,
        acts=("generate", "replica_create"),
        evidence=(("reference_recording", voice),),
    )
    known, other = (hashlib.sha256(data).hexdigest() for data in (voice, b"another voice"))
    replica = {"act": "replica_create"}
    assert house.ask(
        a_need(references=(known,), **replica),
        a_need(references=(known, other), **replica),
    ) == [VALID, "consent.reference_unbound"]


def test_a_reference_needs_the_act_too(house: House) -> None:
    voice = b"a reference recording"
    given(house, evidence=(("reference_recording", voice),))
    digest = hashlib.sha256(voice).hexdigest()
    assert house.ask(a_need(references=(digest,), act="replica_create")) == [OUT]


def test_a_matcher_may_recognise_the_person(tmp_path) -> None:
    class Knows:
        def matches(self, reference: str, evidence) -> bool:
            return reference == "a" * 64

    house = open_house(tmp_path, matcher=Knows())
    given(house, acts=("replica_create",))
    replica = {"act": "replica_create"}
    assert house.ask(
        a_need(references=("a" * 64,), **replica), a_need(references=("b" * 64,), **replica)
    ) == [VALID, "consent.reference_unbound"]
    house.db.close()


def test_uses_are_counted_and_runs_that_made_nothing_are_free(house: House) -> None:
    from overt.storage import clearances

    given(house, max_uses=2)
    for decision in ("d1", "d2"):
        assert len(house.authorise(a_need(), decision=decision)) == 1
        house.db.write(
            lambda tx, d=decision: clearances.issue(tx, f"c-{d}", d, "x", NOW + timedelta(hours=1))
        )
    assert house.ask(a_need()) == ["consent.used_up"]
    assert house.release("d1") == []
    house.db.write(lambda tx: clearances.close(tx, "c-d2", "failed", NOW))
    assert house.ask(a_need()) == [VALID]
    assert len(house.authorise(a_need(), decision="d3")) == 1
    house.db.write(lambda tx: clearances.issue(tx, "c-d3", "d3", "x", NOW))
    assert house.ask(a_need()) == ["consent.used_up"]
    assert house.db.write(lambda tx: clearances.lapse(tx, NOW)) == [("c-d3", "d3")]
    assert house.ask(a_need()) == [VALID]


@pytest.mark.parametrize("modality", ["voice", "singing_voice", "face", "body"])
def test_a_figures_likeness_needs_a_countersigned_record(house: House, modality: str) -> None:
    grant = a_mandate(house.grantor, modalities=(modality, "name"))
    house.add(sign(grant, house.registrar))
    assert house.ask(his_voice(modalities=(modality,)), his_voice(modalities=("name",))) == [
        "consent.untrusted",
        VALID,
    ]


def test_anyone_can_write_a_grant_for_a_president(house: House) -> None:
    subject = GrantSubject(id="Q6279", figure_ids=("Q6279",), keys=(house.grantor.party_key,))
    grant = a_grant(house.grantor, subject=subject)
    house.add(sign(grant, house.grantor))
    need = a_need(subject_id="Q6279", figure_id="Q6279")
    assert house.ask(need) == ["consent.untrusted"]
    assert house.authorise(need) == ()


def test_the_better_record_answers(house: House) -> None:
    weak = house.add(sign(a_grant(house.grantor), house.registrar))
    strong = given(house)
    assert house.state(a_need()).grant_id == strong
    house.db.write(lambda tx: house.store.revoke(tx, strong))
    assert house.state(a_need()).grant_id == weak


def test_a_key_may_speak_for_its_own_subject_only(house: House, tmp_path) -> None:
    party = Signer(new_key())
    (tmp_path / "party.jwk").write_text(json.dumps({**party.jwk, "speaks_for": [FIGURE]}))
    house.store.trust = Trust.load([f"file:{tmp_path}/party.jwk"])
    house.add(sign(a_mandate(house.grantor), house.grantor, party))
    house.add(sign(a_grant(house.grantor), house.grantor, party))
    assert house.ask(his_voice(), a_need()) == [VALID, "consent.untrusted"]


def test_a_trusted_key_counts_within_its_time_only(house: House, tmp_path) -> None:
    party = Signer(new_key())
    jwk = {**party.jwk, "speaks_for": ["*"], "exp": int(NOW.timestamp())}
    (tmp_path / "party.jwk").write_text(json.dumps(jwk))
    house.store.trust = Trust.load([f"file:{tmp_path}/party.jwk"])
    before = NOW - timedelta(seconds=1)
    house.add(sign(a_mandate(house.grantor), house.grantor, party, at=before))
    assert house.ask(his_voice()) == [VALID]
    with pytest.raises(Exception, match="key_window"):
        house.add(sign(a_grant(house.grantor), house.grantor, party, at=NOW))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a key for nobody in particular", None, "consent.trust"),
        ("a list of nobody", [], "consent.trust"),
        ("not a list", "Q1", "consent.trust"),
    ],
)
def test_a_trusted_key_says_for_whom_it_speaks(tmp_path, name, content, code: str) -> None:
    jwk: dict[str, Any] = dict(Signer(new_key()).jwk)
    if content is not None:
        jwk["speaks_for"] = content
    (tmp_path / "key").write_text(json.dumps(jwk))
    with pytest.raises(ConfigError) as caught:
        Trust.load([f"file:{tmp_path}/key"])
    assert caught.value.code == code


def test_events_are_numbered_and_in_the_ledger(house: House) -> None:
    id = given(house)
    house.db.write(lambda tx: house.store.revoke(tx, id, reason="changed_my_mind"))
    events = house.db.read(lambda tx: house.store.events(tx, id))
    assert [(e["seq"], e["type"]) for e in events] == [(1, "given"), (2, "revoked")]
    leaves = [
        json.loads(house.db.read(lambda tx, e=e: house.ledger.entry(tx, e["idx"]))) for e in events
    ]
    assert [leaf["type"] for leaf in leaves] == ["consent.given", "consent.revoked"]
    assert leaves[1]["reason"] == "changed_my_mind"
    assert all(leaf["grant"] == id for leaf in leaves)


def test_subject_of_tells_whose_voice_it_is(house: House) -> None:
    id = house.add(sign(a_mandate(house.grantor), house.grantor, house.registrar))
    subject = house.db.read(lambda tx: house.store.subject_of(tx, id))
    assert subject is not None
    assert (subject.id, subject.figure_id, subject.modalities) == (FIGURE, FIGURE, ("voice",))
    assert house.db.read(lambda tx: house.store.subject_of(tx, "none")) is None


def test_no_name_is_kept_in_clear(house: House) -> None:
    name = "Canary Hildegard Unmistakable"
    subject = GrantSubject(id="actor-7", name=name, keys=(house.grantor.party_key,))
    grant = a_grant(house.grantor, subject=subject)
    id = house.add(sign(grant, house.grantor, house.registrar))
    assert house.ask(a_need()) == [VALID]
    assert "Hildegard" not in repr(grant) + repr(house.store._assessed)
    files = list(house.folder.glob("overt.db*"))
    assert files
    assert not any(b"Hildegard" in file.read_bytes() for file in files)
    assert name.encode() in __import__("base64").urlsafe_b64decode(
        json.loads(house.db.read(lambda tx: house.store.signed(tx, id)))["payload"] + "=="
    )


# --- somebody at the database ---------------------------------------------------------------------


def tampered(house: House, statement: Any) -> None:
    house.db.write(lambda tx: tx.execute(statement))
    house.store._assessed.clear()  # as another process sees it


def test_a_record_whose_bytes_are_gone_counts_for_nothing(house: House) -> None:
    from sqlalchemy import delete

    from overt.storage.schema import sealed

    given(house)
    tampered(house, delete(sealed))
    assert house.ask(a_need()) == ["consent.unknown"]


def test_a_record_whose_digest_does_not_fit_counts_for_nothing(house: House) -> None:
    from sqlalchemy import update

    from overt.storage.schema import grants

    given(house)
    tampered(house, update(grants).values(digest="0" * 64))
    assert house.ask(a_need()) == ["consent.signature"]


def test_a_sealed_record_that_was_changed_stops_everything_loudly(house: House) -> None:
    from sqlalchemy import update

    from overt.storage.schema import sealed

    given(house)
    tampered(house, update(sealed).values(data=b"\0" * 200))
    with pytest.raises(StageError) as caught:
        house.ask(a_need())
    assert caught.value.code == "sealing.key"


def test_a_record_that_vanished_during_a_run_is_not_relied_on(house: House) -> None:
    from sqlalchemy import delete

    from overt.storage.schema import grants

    given(house)
    house.authorise(a_need())
    tampered(house, delete(grants))
    assert house.release() == ["consent.absent"]


@pytest.mark.parametrize("how", ["state", "event", "seq"])
def test_a_revocation_undone_in_the_database_is_noticed_by_the_audit(
    house: House, how: str
) -> None:
    from sqlalchemy import delete, update

    from overt.ledger.audit import verify_database
    from overt.storage.schema import consent_events, grants

    id = given(house)
    house.db.write(lambda tx: house.store.revoke(tx, id))
    assert house.db.read(verify_database).valid
    tampered(house, update(grants).values(state="given", seq=1 if how == "seq" else 2))
    if how == "event":
        tampered(house, delete(consent_events).where(consent_events.c.seq == 2))
    if how == "seq":  # the record and its events both go back to before the revocation
        tampered(house, delete(consent_events).where(consent_events.c.seq == 2))
    codes = [problem.code for problem in house.db.read(verify_database).problems]
    assert codes == ["ledger.consent_state"]


def test_no_questions_no_answers_and_no_leases(house: House) -> None:
    assert house.ask() == []
    assert house.authorise() == ()
    assert house.release("never decided") == []


def test_the_memory_of_records_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from overt.consent import store

    monkeypatch.setattr(store, "_KEPT", 1)
    for _ in range(3):
        given(house)
    assert house.ask(a_need()) == [VALID]
    assert len(house.store._assessed) == 1


def test_a_dispute_stops_a_record_until_it_is_resolved(house: House) -> None:
    id = given(house)
    for event, code in ((EventType.DISPUTED, "consent.disputed"), (EventType.RESOLVED, VALID)):
        house.db.write(
            lambda tx, e=event: house.store.happen(tx, id, e, by="subject", reason="a_code")
        )
        assert house.ask(a_need()) == [code]
    with pytest.raises(StageError) as caught:
        house.db.write(lambda tx: house.store.happen(tx, id, EventType.RESOLVED, by="subject"))
    assert caught.value.code == "consent.final"


def test_a_record_takes_the_place_of_its_own_subjects_only(house: House) -> None:
    old = given(house)
    other = GrantSubject(id="actor-8", keys=(house.grantor.party_key,))
    later = a_grant(house.grantor, subject=other, record={"supersedes": old})
    with pytest.raises(VerificationError) as caught:
        house.add(sign(later, house.grantor, house.registrar))
    assert caught.value.code == "consent.replayed"
    assert house.ask(a_need()) == [VALID]
