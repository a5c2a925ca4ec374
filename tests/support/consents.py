"""A small world of consent for tests: identities, signers, a store, and records that are right."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from overt.consent import ConsentGrant, Signer, SqlConsentStore, Trust, draft
from overt.consent.keys import new_key
from overt.consent.records import GrantSubject, Party
from overt.ledger import SqlLedger
from overt.models import ConsentNeed
from overt.provenance.identity import Identity, make_test_identity
from overt.storage import Database
from overt.storage.sealing import Sealing, create_key

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIGURE = "Q155164"


@dataclass
class House:
    """A builder's installation."""

    folder: Path
    db: Database
    store: SqlConsentStore
    ledger: SqlLedger
    sealing: Sealing
    registrar: Signer
    grantor: Signer

    def add(self, data: bytes) -> str:
        return self.db.write(lambda tx: self.store.add(tx, data))

    def ask(self, *needs: ConsentNeed, at: datetime = NOW) -> list[str]:
        return [s.code for s in self.db.read(lambda tx: self.store.states(tx, needs, at))]

    def state(self, need: ConsentNeed, at: datetime = NOW):
        return self.db.read(lambda tx: self.store.states(tx, [need], at))[0]

    def authorise(self, *needs: ConsentNeed, decision: str = "d1", at: datetime = NOW):
        def work(tx):
            return self.store.authorise(
                tx,
                self.store.states(tx, needs, at),
                decision_id=decision,
                request_digest="0" * 64,
                expires_at=at + timedelta(hours=1),
                at=at,
            )

        return self.db.write(work)

    def release(self, decision: str = "d1", at: datetime = NOW) -> list[str]:
        return [s.code for s in self.db.write(lambda tx: self.store.release(tx, decision, at))]


@cache
def _template() -> Path:
    """Keys and an empty database, made once and copied: making them is half a test's time."""
    folder = Path(tempfile.mkdtemp(prefix="overt-house-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_test_identity(folder / "identity")
    create_key(folder / "sealing.key")
    Database.open(f"sqlite:///{folder}/overt.db").close()
    return folder


def open_house(folder: Path, url: str | None = None, **store: Any) -> House:
    """A fresh installation in `folder` whose registrar is a test identity."""
    made = _template()
    shutil.copytree(made / "identity", folder / "identity")
    shutil.copy(made / "sealing.key", folder / "sealing.key")
    if url is None:
        shutil.copy(made / "overt.db", folder / "overt.db")
    identity = Identity(*(folder / f"identity/{n}.pem" for n in ("root", "chain", "key")))
    sealing = Sealing(f"file:{folder}/sealing.key")
    ledger = SqlLedger("example.org/log")
    trust = Trust.load((), [f"file:{identity.root}"])
    return House(
        folder,
        Database.open(url or f"sqlite:///{folder}/overt.db"),
        SqlConsentStore(trust, sealing, ledger=ledger, **store),
        ledger,
        sealing,
        Signer(identity.key.read_bytes(), identity.chain.read_bytes()),
        Signer(new_key()),
    )


def a_grant(signer: Signer, **fields: Any) -> ConsentGrant:
    """An actor's record for a film, unless `fields` of `draft()` say otherwise."""
    given: dict[str, Any] = {
        "subject": GrantSubject(id="actor-7", keys=(signer.party_key,)),
        "modalities": ("voice", "face"),
        "purposes": ("film",),
        "intended_use": "A scene in which the character sings, as in the script of 1 February.",
        "not_before": NOW - timedelta(days=10),
        "not_after": NOW + timedelta(days=10),
    }
    return draft(**{**given, **fields})


def a_mandate(signer: Signer, **fields: Any) -> ConsentGrant:
    """A party's record for a jailed leader's voice, under a campaign mandate."""
    given: dict[str, Any] = {
        "subject": GrantSubject(id=FIGURE, figure_ids=(FIGURE,), status="unreachable"),
        "grantor": Party(id="party:pti", kind="org", keys=(signer.party_key,)),
        "basis": "campaign_mandate",
        "evidence": (("signed_document", b"the mandate"),),
        "modalities": ("voice",),
        "purposes": ("campaign",),
        "languages": ("ur",),
        "intended_use": "The victory address he wrote, read in his voice.",
        "disclosure": {"language": "ur", "modes": ("spoken", "visible")},
        "not_before": NOW - timedelta(days=10),
    }
    return draft(**{**given, **fields})


def a_need(**fields: Any) -> ConsentNeed:
    """What the actor's record covers."""
    given = {"subject_id": "actor-7", "act": "generate", "modalities": ("voice",)}
    return ConsentNeed.model_validate({**given, "purpose": "film", **fields})


def his_voice(**fields: Any) -> ConsentNeed:
    """What the mandate covers."""
    given = {"subject_id": FIGURE, "figure_id": FIGURE, "act": "generate"}
    return ConsentNeed.model_validate(
        {**given, "modalities": ("voice",), "purpose": "campaign", "languages": ("ur",), **fields}
    )
