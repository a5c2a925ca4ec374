"""Hostile records: each is refused, each with a code of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from consents import FIGURE, NOW, House, a_grant, a_mandate, a_need, his_voice
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from overt.consent import Signer, Trust, countersign, sign
from overt.consent.envelope import registry
from overt.consent.keys import new_key
from overt.consent.records import Authority, GrantSubject, Party, PartyKey
from overt.errors import OvertError, VerificationError
from overt.models import utc_now


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(data: bytes) -> dict[str, Any]:
    return json.loads(data)


def reheaded(data: bytes, **changes: Any) -> bytes:
    """The first signature's header changed, its value left as it was."""
    outer = parts(data)
    first = outer["signatures"][0]
    header = json.loads(base64.urlsafe_b64decode(first["protected"] + "=="))
    header.update(changes)
    first["protected"] = b64(json.dumps(header).encode())
    return json.dumps(outer).encode()


def signed_anew(house: House, **header: Any) -> bytes:
    """A record whose grantor really signed a header like that."""
    pem = new_key()
    signer, key = Signer(pem), ECKey.import_key(pem)
    content = b64(json.dumps(a_grant(signer).to_json()).encode())
    whole = {"alg": "ES256", "typ": "consent-grant+jws", "kid": signer.kid, "iat": 1}
    whole.update(header)
    rules = registry("ES256")
    rules.strict_check_header = False
    rules.check_header = lambda header: None  # type: ignore[method-assign]
    made = jws.serialize_json(
        {"protected": whole}, base64.urlsafe_b64decode(content + "=="), key, registry=rules
    )
    member = {"protected": made["protected"], "signature": made["signature"]}
    return json.dumps({"payload": content, "signatures": [member]}).encode()


def wrong_signer(house: House) -> bytes:
    return sign(a_grant(house.grantor), Signer(new_key()))


def swapped_key(house: House) -> bytes:
    """The registrar's trusted chain beside the id of another key, which signed."""
    outer = parts(sign(a_grant(house.grantor), house.registrar))
    header = json.loads(base64.urlsafe_b64decode(outer["signatures"][0]["protected"] + "=="))
    return reheaded(half(house), x5c=header["x5c"])


def key_replaced_in_the_record(house: House) -> bytes:
    """The attacker's key takes the grantor's place, and the attacker signs as the grantor."""
    outer = parts(sign(a_grant(house.grantor), house.grantor, house.registrar))
    content = json.loads(base64.urlsafe_b64decode(outer["payload"] + "=="))
    attacker = Signer(new_key())
    content["subject"]["keys"][0]["jwk"] = content["grantor"]["keys"][0]["jwk"] = attacker.jwk
    changed = json.dumps(content, separators=(",", ":")).encode()
    outer["payload"] = b64(changed)
    outer["signatures"][0] = attacker.sign(changed, NOW)
    return json.dumps(outer).encode()


def reserialised(house: House) -> bytes:
    """The same JSON value, written with other spaces."""
    outer = parts(sign(a_grant(house.grantor), house.grantor))
    content = json.loads(base64.urlsafe_b64decode(outer["payload"] + "=="))
    outer["payload"] = b64(json.dumps(content, indent=1).encode())
    return json.dumps(outer).encode()


def public_key_as_secret(house: House) -> bytes:
    """HS256 with the grantor's public key as the secret, the classical confusion."""
    outer = parts(sign(a_grant(house.grantor), house.grantor))
    secret = OctKey.import_key(json.dumps(house.grantor.jwk).encode())
    made = jws.serialize_json(
        {"protected": {"alg": "HS256"}},
        base64.urlsafe_b64decode(outer["payload"] + "=="),
        secret,
        algorithms=["HS256"],
    )
    outer["signatures"][0] = {"protected": made["protected"], "signature": made["signature"]}
    return json.dumps(outer).encode()


def half(house: House) -> bytes:
    return sign(a_grant(house.grantor), house.grantor)


def flipped(house: House) -> bytes:
    outer = parts(half(house))
    value = outer["signatures"][0]["signature"]
    outer["signatures"][0]["signature"] = ("A" if value[0] != "A" else "B") + value[1:]
    return json.dumps(outer).encode()


def key_after_its_time(house: House) -> bytes:
    past = PartyKey(jwk=house.grantor.jwk, valid_to=NOW - timedelta(days=1))
    grant = a_grant(house.grantor, subject=GrantSubject(id="actor-7", keys=(past,)))
    return sign(grant, house.grantor, at=NOW)


def private_key_inside(house: House) -> bytes:
    pem = new_key()
    jwk = {k: str(v) for k, v in ECKey.import_key(pem).as_dict(private=True).items()}
    subject = GrantSubject(id="actor-7", keys=(PartyKey(jwk=jwk),))
    return sign(a_grant(house.grantor, subject=subject), Signer(pem))


def doubled_key(house: House) -> bytes:
    return half(house).replace(b'"payload":', b'"payload": "e30",\n "payload":', 1)


def unprotected(house: House) -> bytes:
    outer = parts(half(house))
    outer["signatures"][0]["header"] = {"kid": "x"}
    return json.dumps(outer).encode()


def two_scopes_one_act(house: House) -> bytes:
    value = a_grant(house.grantor).to_json()
    value["scopes"] *= 2
    content = json.dumps(value).encode()
    return json.dumps(
        {"payload": b64(content), "signatures": [house.grantor.sign(content, NOW)]}
    ).encode()


REFUSED_ON_ARRIVAL: list[tuple[str, str, Callable[[House], bytes]]] = [
    ("wrong signer", "consent.wrong_signer", wrong_signer),
    ("swapped key", "consent.swapped_key", swapped_key),
    ("key replaced in the record", "consent.signature", key_replaced_in_the_record),
    ("signature changed", "consent.signature", flipped),
    ("payload serialised again", "consent.reserialised", reserialised),
    ("alg none", "consent.algorithm", lambda h: reheaded(half(h), alg="none")),
    ("alg HS256 with the public key", "consent.algorithm", public_key_as_secret),
    ("alg of another curve", "consent.algorithm", lambda h: reheaded(half(h), alg="ES384")),
    ("alg of another kind of key", "consent.algorithm", lambda h: reheaded(half(h), alg="Ed25519")),
    ("alg not a word", "consent.algorithm", lambda h: reheaded(half(h), alg=["ES256"])),
    (
        "critical header, truly signed",
        "consent.critical_header",
        lambda h: signed_anew(h, crit=["exp"], exp=1),
    ),
    ("unknown header, truly signed", "consent.header", lambda h: signed_anew(h, jku="https://x/")),
    ("own key in the header", "consent.header", lambda h: reheaded(half(h), jwk={"kty": "EC"})),
    ("another type of token", "consent.header", lambda h: signed_anew(h, typ="JWT")),
    ("time of signing is no number", "consent.header", lambda h: signed_anew(h, iat="now")),
    ("time of signing is beyond all time", "consent.header", lambda h: signed_anew(h, iat=2**60)),
    ("chain is no chain", "consent.header", lambda h: reheaded(half(h), x5c=["AAAA"])),
    ("unprotected header", "consent.header", unprotected),
    ("key used after its time", "consent.key_window", key_after_its_time),
    ("private key inside", "consent.malformed", private_key_inside),
    ("key doubled", "consent.malformed", doubled_key),
    ("two scopes for one act", "consent.malformed", two_scopes_one_act),
    ("nobody signed", "consent.malformed", lambda h: b'{"payload":"e30","signatures":[]}'),
    ("not JSON", "consent.malformed", lambda h: b"consent, honestly"),
    ("not UTF-8", "consent.malformed", lambda h: b'{"payload":"\xff"}'),
    ("NaN", "consent.malformed", lambda h: b'{"payload":NaN,"signatures":[]}'),
    ("giant", "consent.too_large", lambda h: b'{"payload":"' + b"A" * 300_000 + b'"}'),
    ("deeply nested", "consent.too_deep", lambda h: b"[" * 50_000 + b"]" * 50_000),
    (
        "deeply nested payload",
        "consent.too_deep",
        lambda h: json.dumps(
            {
                "payload": b64(b"[" * 5000),
                "signatures": [h.grantor.sign(b"[" * 5000, NOW)],
            }
        ).encode(),
    ),
    (
        "signed in the future",
        "consent.clock",
        lambda h: sign(a_grant(h.grantor), h.grantor, at=utc_now() + timedelta(days=1)),
    ),
]


@pytest.mark.parametrize(
    ("name", "code", "make"), REFUSED_ON_ARRIVAL, ids=[row[0] for row in REFUSED_ON_ARRIVAL]
)
def test_refused_on_arrival(
    house: House, name: str, code: str, make: Callable[[House], bytes]
) -> None:
    with pytest.raises(VerificationError) as caught:
        house.add(make(house))
    assert caught.value.code == code
    assert house.ask(a_need()) == ["consent.absent"]


def without_registrar(house: House) -> None:
    house.add(sign(a_mandate(house.grantor), house.grantor))


def countersigned_by_an_untrusted_chain(house: House) -> None:
    from overt.provenance.identity import make_test_identity

    other = make_test_identity(house.folder / "other")
    stranger = Signer(other.key.read_bytes(), other.chain.read_bytes())
    grant = a_mandate(house.grantor)
    with pytest.raises(VerificationError, match="wrong_signer"):
        house.add(sign(grant, house.grantor, stranger))
    house.add(sign(grant, house.grantor))


def registrar_alone(house: House) -> None:
    house.add(sign(a_mandate(house.grantor), house.registrar))


def self_made_with_the_registrars_key_as_party(house: House) -> None:
    """One key in two roles is one signer."""
    house.add(sign(a_mandate(house.registrar), house.registrar))


def authority(house: House, **changes: Any) -> Authority:
    given = a_mandate(house.grantor).authority
    assert given is not None
    return Authority.model_validate({**given.model_dump(), **changes})


def with_authority(**changes: Any) -> Callable[[House], None]:
    def make(house: House) -> None:
        grant = a_mandate(house.grantor, record={"authority": authority(house, **changes)})
        house.add(sign(grant, house.grantor, house.registrar))

    return make


def without_authority(house: House) -> None:
    grant = a_mandate(house.grantor, record={"authority": None})
    house.add(sign(grant, house.grantor, house.registrar))


def with_scope(**fields: Any) -> Callable[[House], None]:
    def make(house: House) -> None:
        house.add(sign(a_mandate(house.grantor, **fields), house.grantor, house.registrar))

    return make


WORTH_NOTHING: list[tuple[str, str, Callable[[House], None]]] = [
    ("only the grantor signed", "consent.untrusted", without_registrar),
    ("an unknown authority signed", "consent.untrusted", countersigned_by_an_untrusted_chain),
    ("only the registrar signed", "consent.untrusted", registrar_alone),
    ("one key in two roles", "consent.untrusted", self_made_with_the_registrars_key_as_party),
    ("no authority", "consent.no_authority", without_authority),
    ("authority for another delegate", "consent.no_authority", with_authority(delegate="x")),
    ("delegation of a delegation", "consent.redelegated", with_authority(derived_from="other")),
    (
        "authority from another than the subject",
        "consent.redelegated",
        with_authority(principal="x"),
    ),
    ("act outside the authority", "consent.outside_authority", with_authority(acts=("train",))),
    (
        "language outside the authority",
        "consent.outside_authority",
        with_authority(languages=("en",)),
    ),
    (
        "country outside the authority",
        "consent.outside_authority",
        with_authority(territories=("PK",)),
    ),
    (
        "purpose outside the authority",
        "consent.outside_authority",
        with_authority(purposes=("news",)),
    ),
    ("authority is over", "consent.authority_expired", with_authority(not_after=NOW)),
    (
        "authority has not begun",
        "consent.authority_expired",
        with_authority(not_before=NOW + timedelta(days=1)),
    ),
    ("expired", "consent.expired", with_scope(not_after=NOW)),
    ("not yet valid", "consent.not_yet_valid", with_scope(not_before=NOW + timedelta(seconds=1))),
]


@pytest.mark.parametrize(
    ("name", "code", "make"), WORTH_NOTHING, ids=[row[0] for row in WORTH_NOTHING]
)
def test_worth_nothing(house: House, name: str, code: str, make: Callable[[House], None]) -> None:
    make(house)
    assert house.ask(his_voice()) == [code]
    assert house.authorise(his_voice()) == ()


def test_a_key_for_one_figure_cannot_vouch_for_another(house: House) -> None:
    """Both ids in one record: the key speaks for the second, the request is about the first."""
    party = Signer(new_key())
    jwk = {**party.jwk, "speaks_for": [FIGURE]}
    (house.folder / "party.jwk").write_text(json.dumps(jwk))
    house.store.trust = Trust.load([f"file:{house.folder}/party.jwk"])
    subject = GrantSubject(id="Q6279", figure_ids=(FIGURE,))
    house.add(sign(a_mandate(house.grantor, subject=subject), house.grantor, party))
    assert house.ask(his_voice(subject_id="Q6279", figure_id="Q6279")) == ["consent.untrusted"]
    assert house.ask(his_voice(subject_id="Q6279")) == ["consent.valid"]
    assert house.ask(his_voice(figure_id="Q1")) == ["consent.absent"]


def test_a_replayed_record_is_refused_after_its_revocation(house: House) -> None:
    data = sign(a_mandate(house.grantor), house.grantor, house.registrar)
    id = house.add(data)
    house.db.write(lambda tx: house.store.revoke(tx, id), priority=True)
    for again in (data, countersign(data, Signer(new_key()))):
        with pytest.raises(OvertError) as caught:
            house.add(again)
        assert caught.value.code in ("consent.replayed", "consent.wrong_signer")
    assert house.ask(his_voice()) == ["consent.revoked"]


def test_the_same_record_twice_is_a_replay(house: House) -> None:
    data = sign(a_mandate(house.grantor), house.grantor, house.registrar)
    house.add(data)
    with pytest.raises(VerificationError) as caught:
        house.add(data)
    assert caught.value.code == "consent.replayed"
    assert house.ask(his_voice()) == ["consent.valid"]


def test_another_record_under_a_taken_id_is_refused(house: House) -> None:
    id = house.add(sign(a_mandate(house.grantor), house.grantor, house.registrar))
    wider = a_mandate(house.grantor, purposes=("campaign", "financial"), record={"id": id})
    with pytest.raises(VerificationError) as caught:
        house.add(sign(wider, house.grantor, house.registrar))
    assert caught.value.code == "consent.replayed"
    assert house.ask(his_voice(purpose="financial")) == ["consent.out_of_scope"]


def test_signatures_cannot_be_taken_away(house: House) -> None:
    grant = a_mandate(house.grantor)
    house.add(sign(grant, house.grantor, house.registrar))
    with pytest.raises(VerificationError) as caught:
        house.add(sign(grant, house.grantor))
    assert caught.value.code == "consent.replayed"


def test_a_clock_moved_back_does_not_bring_an_expired_record_back(house: House) -> None:
    end = NOW + timedelta(days=1)
    grant = a_mandate(house.grantor, not_after=end)
    house.add(sign(grant, house.grantor, house.registrar))
    late = end - timedelta(minutes=1)
    assert len(house.authorise(his_voice(), at=late)) == 1
    assert house.release(at=late) == []
    assert house.ask(his_voice(), at=end + timedelta(days=1)) == ["consent.expired"]
    assert house.ask(his_voice(), at=NOW - timedelta(hours=1)) == ["consent.clock"]
    assert house.ask(his_voice(), at=late - timedelta(minutes=1)) == ["consent.valid"]


def test_a_record_changed_in_the_database_is_worth_nothing(house: House) -> None:
    """Somebody who can write the database can drop rows, but cannot make consent."""
    from sqlalchemy import update

    from overt.storage.schema import grants

    house.add(sign(a_grant(house.grantor), house.grantor, house.registrar))
    assert house.ask(a_need()) == ["consent.valid"]
    house.db.write(
        lambda tx: tx.execute(update(grants).values(subject_id="actor-8", digest="0" * 64))
    )
    assert house.ask(a_need(subject_id="actor-8")) != ["consent.valid"]


def test_every_code_has_its_sentence() -> None:
    from overt.consent.refusals import SENTENCES

    used = {code for _, code, _ in REFUSED_ON_ARRIVAL} | {code for _, code, _ in WORTH_NOTHING}
    assert used <= SENTENCES.keys()


def test_a_party_of_a_record_never_speaks_for_another(house: House) -> None:
    party = Party(id="actor-8", keys=(house.grantor.party_key,))
    grant = a_grant(house.grantor, grantor=party)
    house.add(sign(grant, house.grantor, house.registrar))
    assert house.ask(a_need()) == ["consent.no_authority"]
