"""Receipts, requests signed offline, and erasure."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from consents import FIGURE, NOW, House, a_grant, a_mandate, a_need, his_voice
from sqlalchemy import insert, select

from overt.consent import Signer, Trust, countersign, sign
from overt.consent.envelope import open_signed, verify_signature
from overt.consent.erasure import TYPE as CERTIFICATE
from overt.consent.erasure import forget
from overt.consent.keys import load_key, new_key
from overt.consent.parsing import b64, unb64
from overt.consent.receipts import TYPE, receipt, record_27560, verify_receipt
from overt.consent.records import GrantSubject, Notice
from overt.consent.requests import new_request, verified, with_key
from overt.consent.signing import sign_value
from overt.errors import ConfigError, VerificationError
from overt.ledger.audit import verify_database
from overt.models import utc_now
from overt.storage.schema import decisions, grants, sealed, subject_keys

NAME = "Canary Hildegard Unmistakable"


def named(house: House, **fields: Any) -> bytes:
    subject = GrantSubject(
        id="actor-7", name=NAME, contact="hildegard@example.org", keys=(house.grantor.party_key,)
    )
    return sign(a_grant(house.grantor, subject=subject, **fields), house.grantor, house.registrar)


def a_receipt(house: House, id: str) -> bytes:
    data, events = house.db.read(
        lambda tx: (house.store.signed(tx, id), house.store.events(tx, id))
    )
    return receipt(data, events, house.registrar, at=utc_now())


# --- receipts ----------------------------------------------------------------------------------


def test_a_record_has_the_mandatory_fields_of_27560() -> None:
    signer = Signer(new_key())
    notice = Notice(uri="https://example.org/notice", sha256="0" * 64, language="en")
    grant = a_grant(
        signer,
        record={"notice": notice, "grantees": ("studio-a",), "jurisdiction": "US-CA"},
    )
    record = record_27560(grant)
    assert record["dct:conformsTo"].endswith("dpv-27560#record")
    assert record["dct:identifier"] == grant.id
    assert record["dpv:hasDataSubject"]["@id"] == "actor-7"
    assert record["dpv:hasNotice"]["@id"] == "https://example.org/notice"
    assert record["dpv:hasJurisdiction"] == "US-CA"
    assert record["dpv:hasDataController"] == ["studio-a"]
    assert record["overt:withdrawal"]
    process = record["dpv:hasProcess"][0]
    assert process["dpv:hasPurpose"] == ["overt:purpose-film"]
    assert process["dpv:hasRecipient"] == ["studio-a"]
    assert {one["overt:modality"] for one in process["dpv:hasPersonalData"]} == {"voice", "face"}
    assert process["dpv:hasStorageCondition"]["dpv:hasDuration"]
    assert record["dpv:hasConsentStatus"][0]["@type"] == "dpv:ConsentGiven"
    json.dumps(record)


def test_a_receipt_verifies_with_public_keys_alone(house: House) -> None:
    data = a_receipt(house, house.add(named(house)))
    root = Trust.load((), [f"file:{house.folder}/identity/root.pem"])
    found = verify_receipt(data, root)
    assert found.content["dpv:hasRecordOfActivity"]["dpv:hasDataSubject"]["dpv:hasName"] == NAME
    assert found.record.trusted(frozenset({"actor-7"}))
    assert NAME not in repr(found.record)


def test_a_receipt_tells_what_became_of_the_record(house: House) -> None:
    id = house.add(named(house))
    house.db.write(lambda tx: house.store.revoke(tx, id, by="subject"))
    content = verify_receipt(a_receipt(house, id), house.store.trust).content
    statuses = [
        (one["@type"], one["overt:event"])
        for one in content["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    ]
    assert statuses == [("dpv:ConsentGiven", "given"), ("dpv:ConsentWithdrawn", "revoked")]


def changed(house: House, data: bytes, change) -> bytes:
    """The receipt with other content, signed by the registrar all the same."""
    content = json.loads(open_signed(data, TYPE).content)
    change(content)
    return sign_value(content, house.registrar, kind=TYPE)


def tell_another_use(content: dict[str, Any]) -> None:
    content["dpv:hasRecordOfActivity"]["dpv:hasProcess"][0]["dct:description"] = "anything at all"


def drop_a_scope(content: dict[str, Any]) -> None:
    content["dpv:hasRecordOfActivity"]["dpv:hasProcess"] = []


def cut_the_record(content: dict[str, Any]) -> None:
    content["overt:signedRecord"] = b64(unb64(content["overt:signedRecord"])[:-40])


def forge_the_record(content: dict[str, Any]) -> None:
    outer = json.loads(unb64(content["overt:signedRecord"]))
    inner = json.loads(unb64(outer["payload"]))
    inner["scopes"][0]["intended_use"] = "anything"
    outer["payload"] = b64(json.dumps(inner, separators=(",", ":")).encode())
    content["overt:signedRecord"] = b64(json.dumps(outer).encode())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (tell_another_use, "consent.malformed"),
        (drop_a_scope, "consent.malformed"),
        (cut_the_record, "consent.malformed"),
        (forge_the_record, "consent.signature"),
        (lambda content: content.pop("overt:signedRecord"), "consent.malformed"),
        (lambda content: content.update({"@type": "x"}), "consent.malformed"),
    ],
)
def test_a_receipt_that_does_not_fit_its_record_is_refused(house: House, change, code) -> None:
    data = changed(house, a_receipt(house, house.add(named(house))), change)
    with pytest.raises(VerificationError) as caught:
        verify_receipt(data, house.store.trust)
    assert caught.value.code == code


def test_a_receipt_by_a_stranger_is_refused(house: House) -> None:
    id = house.add(named(house))
    data = house.db.read(lambda tx: house.store.signed(tx, id))
    forged = receipt(data, [], Signer(new_key()), at=NOW)
    with pytest.raises(VerificationError) as caught:
        verify_receipt(forged, house.store.trust)
    assert caught.value.code == "consent.wrong_signer"


def test_a_receipt_is_no_record_and_a_record_no_receipt(house: House) -> None:
    record = named(house)
    data = a_receipt(house, house.add(record))
    with pytest.raises(VerificationError):
        house.add(data)
    with pytest.raises(VerificationError):
        verify_receipt(record, house.store.trust)
    assert verified(data, house.store.trust)["kind"] == "receipt"
    assert verified(record, house.store.trust)["kind"] == "record"


# --- requests ------------------------------------------------------------------------------------


def test_a_request_is_signed_offline_and_comes_back(house: House, tmp_path) -> None:
    (tmp_path / "mandate.pdf").write_bytes(b"the mandate")
    request = new_request(
        subject={"id": FIGURE, "figure_ids": (FIGURE,), "status": "unreachable"},
        grantor={"id": "party:pti", "kind": "org"},
        evidence=[f"signed_document:{tmp_path}/mandate.pdf"],
        basis="campaign_mandate",
        acts=("generate",),
        modalities=("voice",),
        purposes=("campaign",),
        languages=("ur",),
        intended_use="a speech",
        not_before=NOW - timedelta(days=1),
    )
    assert b"the mandate" not in request
    party = Signer(new_key())
    returned = sign(with_key(request, party), party)
    house.add(countersign(returned, house.registrar))
    assert house.ask(his_voice()) == ["consent.valid"]
    assert house.state(his_voice()).mandate


def test_a_request_that_was_tampered_with_is_no_record(house: House) -> None:
    for data in (b"{}", b"[]", b"[" * 100, b'{"schema":"overt-consent","version":2}'):
        with pytest.raises(VerificationError):
            with_key(data, house.grantor)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("an unknown act", {"acts": ("dance",)}),
        ("an unknown purpose", {"purposes": ("Hildegard",)}),
        ("an unknown basis", {"basis": "because"}),
        ("evidence that is not there", {"evidence": ["signed_document:/nowhere"]}),
        ("an unknown kind of evidence", {"evidence": [f"rumour:{__file__}"]}),
        ("an id with spaces", {"subject": {"id": "Hildegard Unmistakable"}}),
        ("a window that ends first", {"blackout": ({"start": NOW, "end": NOW},)}),
    ],
)
def test_a_request_that_makes_no_sense_is_not_made(name: str, fields: dict) -> None:
    given: dict[str, Any] = {
        "subject": {"id": "actor-7"},
        "grantor": None,
        "evidence": (),
        "acts": ("generate",),
        "modalities": ("voice",),
        "purposes": ("film",),
        "intended_use": "x",
    }
    with pytest.raises(ConfigError) as caught:
        new_request(**{**given, **fields})
    assert caught.value.code == "consent.request"
    assert "Hildegard" not in str(caught.value)


# --- erasure -------------------------------------------------------------------------------------


def test_what_is_forgotten_is_gone_and_the_ledger_verifies(house: House) -> None:
    id = house.add(named(house))
    other = house.add(sign(a_mandate(house.grantor), house.grantor, house.registrar))
    house.authorise(a_need())
    house.db.write(
        lambda tx: tx.execute(
            insert(decisions).values(
                id="d1",
                at=NOW,
                outcome="label",
                policy="p",
                registry="r",
                request="q",
                media_type="audio/wav",
                rules=[],
                salt=b"salt",
            )
        )
    )
    before = house.db.read(verify_database)
    assert [p.code for p in before.problems] == ["ledger.decision_without_entry"]
    certificate = house.db.write(
        lambda tx: forget(tx, house.store, house.ledger, "actor-7", utc_now()), priority=True
    )
    house.db.shred()
    assert certificate["records"] == [id]
    assert certificate["destroyed"] == {
        "sealed_values": 1,
        "subject_key": True,
        "request_salts": 1,
    }
    assert house.ask(a_need()) == ["consent.forgotten"]
    assert house.release() == ["consent.forgotten"]
    assert house.ask(his_voice()) == ["consent.valid"]

    def left(tx) -> tuple[list[Any], ...]:
        return (
            tx.execute(select(sealed.c.subject_id)).scalars().all(),
            tx.execute(select(subject_keys.c.subject_id)).scalars().all(),
            tx.execute(select(grants.c.salt).where(grants.c.id == id)).scalars().all(),
            tx.execute(select(decisions.c.salt)).scalars().all(),
        )

    assert house.db.read(left) == ([FIGURE], [FIGURE], [None], [None])
    assert house.db.read(lambda tx: house.store.signed(tx, other))
    entry = json.loads(
        house.db.read(lambda tx: house.ledger.entry(tx, certificate["ledger"]["index"]))
    )
    assert (entry["type"], entry["id"]) == ("subject.forgotten", certificate["id"])
    after = house.db.read(verify_database)
    assert after.size > before.size
    assert [p.code for p in after.problems] == ["ledger.decision_without_entry"]


def test_the_certificate_is_signed(house: House) -> None:
    certificate = house.db.write(
        lambda tx: forget(tx, house.store, house.ledger, "nobody", NOW), priority=True
    )
    assert certificate["records"] == []
    data = sign_value(certificate, house.registrar, kind=CERTIFICATE)
    envelope = open_signed(data, CERTIFICATE)
    verify_signature(
        envelope,
        envelope.signatures[0],
        load_key((house.folder / "identity/chain.pem").read_bytes()),
    )
    assert json.loads(envelope.content)["subject"] == "nobody"


def test_forgetting_twice_is_fine(house: House) -> None:
    house.add(named(house))
    for _ in range(2):
        house.db.write(lambda tx: forget(tx, house.store, house.ledger, "actor-7", NOW))
    assert house.db.read(verify_database).valid


def test_a_forgotten_record_does_not_come_back(house: House) -> None:
    data = named(house)
    house.add(data)
    house.db.write(lambda tx: forget(tx, house.store, house.ledger, "actor-7", NOW))
    with pytest.raises(VerificationError) as caught:
        house.add(data)
    assert caught.value.code == "consent.replayed"


def test_after_erasure_no_file_holds_the_ciphertext(house: House) -> None:
    """On SQLite what is deleted is overwritten, in the database and in its log."""
    house.add(named(house))
    row = house.db.read(
        lambda tx: tx.execute(
            select(sealed.c.data, subject_keys.c.wrapped).where(
                sealed.c.subject_id == subject_keys.c.subject_id
            )
        ).one()
    )
    house.db.shred()
    files = sorted(house.folder.glob("overt.db*"))
    wrapped = bytes(row.wrapped)
    assert any(wrapped in file.read_bytes() for file in files)
    house.db.write(lambda tx: forget(tx, house.store, house.ledger, "actor-7", NOW))
    house.db.shred()
    for file in files:
        content = file.read_bytes()
        assert wrapped not in content
        assert bytes(row.data)[:64] not in content
