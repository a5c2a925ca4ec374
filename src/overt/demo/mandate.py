"""A consent record for the demo: a jailed leader's party, under an evidenced campaign mandate.

The party signs, and a registrar whose root the demo's configuration trusts countersigns. Both keys
are made on the spot: nothing here says that anybody agreed to anything.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from overt.config import GuardConfig
from overt.consent import Signer, SqlConsentStore, Trust, draft, sign
from overt.consent.records import GrantSubject, Party, PartyKind, Status
from overt.ledger import SqlLedger
from overt.models import utc_now
from overt.provenance.identity import make_test_identity
from overt.storage import Database
from overt.storage.sealing import Sealing


def campaign_mandate(out: Path, config: GuardConfig, *, figure_id: str) -> tuple[str, str]:
    """Store the record; returns its id, and the reference of the registrar's root."""
    folder = out / ".overt"
    registrar = make_test_identity(folder / "registrar", name="overt DEMO registrar, not trusted")
    party = make_test_identity(folder / "party", name="overt DEMO party, not trusted")
    signers = [Signer(one.key.read_bytes(), one.chain.read_bytes()) for one in (party, registrar)]
    grant = draft(
        subject=GrantSubject(id=figure_id, figure_ids=(figure_id,), status=Status.UNREACHABLE),
        grantor=Party(id="party:demo", kind=PartyKind.ORG, keys=(signers[0].party_key,)),
        basis="campaign_mandate",
        evidence=(("signed_document", b"demo: a mandate signed before the arrest"),),
        modalities=("voice", "face", "name"),
        purposes=("campaign",),
        languages=("ur", "en"),
        territories=("PK",),
        intended_use="Campaign speeches from texts that he approved through counsel.",
        disclosure={"language": "ur", "modes": ("spoken", "visible")},
        not_after=utc_now() + timedelta(days=90),
        record={"jurisdiction": "PK", "language": "ur", "representation": "counsel"},
    )
    trusted = f"file:{registrar.root.resolve()}"
    store = SqlConsentStore(
        Trust.load(registrars=[trusted]),
        Sealing(config.reference(config.consent.sealing_key)),
        ledger=SqlLedger(config.ledger.origin, config.reference(config.ledger.key)),
    )
    with Database.open(config.database_url()) as database:
        database.write(lambda tx: store.add(tx, sign(grant, *signers)))
    return grant.id, trusted
