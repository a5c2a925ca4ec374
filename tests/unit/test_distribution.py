"""Making and distributing are separate acts: consent to one never covers the other."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from overt.config import GuardConfig
from overt.consent import Signer, draft, sign
from overt.consent.keys import new_key
from overt.consent.records import GrantSubject, Party, PartyKind
from overt.errors import ConsentRequired, StageError
from overt.guard import Guard
from overt.models import Act, Media, Request
from overt.provenance.identity import Identity, make_test_identity
from overt.testing import plain_picture

FIGURE = "Q155164"


@pytest.fixture
def registrar(tmp_path: Path) -> Identity:
    return make_test_identity(tmp_path / "registrar")


def _granted(guard: Guard, registrar: Identity, acts: tuple[str, ...], **scope: Any) -> str:
    trusted = Signer(registrar.key.read_bytes(), registrar.chain.read_bytes())
    party = Signer(new_key())
    grant = draft(
        subject=GrantSubject(id=FIGURE, figure_ids=(FIGURE,)),
        grantor=Party(id="party:one", kind=PartyKind.ORG, keys=(party.party_key,)),
        basis="campaign_mandate",
        evidence=(("signed_document", b"a mandate"),),
        acts=acts,
        modalities=("voice", "face", "name"),
        purposes=("campaign",),
        intended_use="Speeches that he approved.",
        **scope,
    )
    store = guard._parts.consents
    guard._parts.database.write(lambda tx: store.add(tx, sign(grant, party, trusted)))
    return grant.id


def _guard(config: GuardConfig, registrar: Identity, **changes: Any) -> Guard:
    trust = config.consent.trust.model_copy(update={"registrars": (f"file:{registrar.root}",)})
    consent = config.consent.model_copy(update={"trust": trust})
    return Guard.open(config.model_copy(update={"consent": consent, **changes}))


def _speech(generators: ModuleType) -> Media:
    return Media(media_type="audio/wav", data=generators.speech("speech-ur.ogg"))


def _request() -> Request:
    return Request(
        prompt="میرے ہم وطنو، گھروں سے نکلیں اور اپنا ووٹ ضرور ڈالیں۔",
        media_type="audio/wav",
        voice="leader",
        purpose="campaign",
        language="ur",
    )


def test_consent_to_make_is_not_consent_to_distribute(
    config: GuardConfig, registrar: Identity, generators: ModuleType
) -> None:
    with _guard(config, registrar) as guard:
        grant = _granted(guard, registrar, ("generate",))
    with _guard(config, registrar, voices={"leader": f"grant:{grant}"}) as guard:
        result = guard.run(_request(), lambda _: _speech(generators))
        with pytest.raises(ConsentRequired) as needed:
            result.release_for("broadcast")
        assert needed.value.subjects == (FIGURE,)
        assert needed.value.acts == (Act.DISTRIBUTE,)
        _granted(guard, registrar, ("distribute",), channels=("broadcast",))
        record = result.release_for("broadcast")
        with pytest.raises(ConsentRequired):
            result.release_for("social:example")
        body = guard._parts.database.read(
            lambda tx: json.loads(guard._parts.ledger.entry(tx, record.index))
        )
        assert (body["type"], body["channel"]) == ("distributed", "broadcast")
        assert body["asset"] == result.media.digest()


def test_what_depicts_nobody_may_go_anywhere_and_is_recorded(guard: Guard) -> None:
    request = Request(prompt="a lighthouse at dusk", media_type="image/png")
    result = guard.run(request, plain_picture)
    assert result.release_for("social:example").index > result.record.index


def test_a_changed_or_foreign_file_is_not_ours_to_release(guard: Guard) -> None:
    media = plain_picture(Request(prompt="x", media_type="image/png"))
    with pytest.raises(StageError) as unknown:
        guard.release_for(media, channel="broadcast")
    assert unknown.value.code == "release.unknown"


def test_a_copied_result_has_lost_its_guard(guard: Guard) -> None:
    result = guard.run(Request(prompt="a hill", media_type="image/png"), plain_picture)
    copied = type(result).model_validate(result.model_dump())
    with pytest.raises(StageError) as lost:
        copied.release_for("broadcast")
    assert lost.value.code == "release.no_guard"
