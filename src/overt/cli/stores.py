"""Opens database, ledger and consent store for commands that need no generator and no signer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from overt.errors import ConfigError

if TYPE_CHECKING:
    from overt.config import GuardConfig
    from overt.consent import Signer, SqlConsentStore, Trust
    from overt.ledger import SqlLedger
    from overt.storage import Database


@dataclass(frozen=True, slots=True)
class Stores:
    """What `overt consent` and `overt ledger` work on."""

    config: GuardConfig
    database: Database
    ledger: SqlLedger
    consents: SqlConsentStore

    def identity(self) -> Signer:
        """The configured identity, as somebody who countersigns and gives receipts.

        Raises:
            ConfigError: Its key is on a token, which signs assets and nothing else.
        """
        from overt.consent import Signer
        from overt.storage.refs import read_ref

        identity = self.config.identity
        if identity.hsm is not None:
            raise ConfigError(
                "keys.token_only",
                "the record was not signed",
                "the key of the identity is on a token, which signs assets only",
                "use a configuration of the registrar's own, with `key` in place of `hsm`",
            )
        return Signer(
            read_ref(self.config.reference(identity.key)),
            read_ref(self.config.reference(identity.chain)),
        )


def trust_of(config: GuardConfig) -> Trust:
    """Whose word counts, by the configuration.

    Raises:
        ConfigError: A key cannot be read, or does not say for whom it speaks.
    """
    from overt.consent import Trust

    trust = config.consent.trust
    return Trust.load(
        [config.reference(one) for one in trust.keys],
        [config.reference(one) for one in trust.registrars],
    )


@contextmanager
def opened(path: Path) -> Iterator[Stores]:
    """Open everything that `overt.toml` names, and close it after.

    Raises:
        ConfigError: Something is missing or cannot be used.
    """
    from overt.config import load_config
    from overt.consent import SqlConsentStore
    from overt.ledger import SqlLedger
    from overt.storage import Database
    from overt.storage.sealing import Sealing

    config = load_config(path)
    ledger = SqlLedger(config.ledger.origin, config.reference(config.ledger.key))
    consents = SqlConsentStore(
        trust_of(config), Sealing(config.reference(config.consent.sealing_key)), ledger=ledger
    )
    with Database.open(config.database_url()) as database:
        yield Stores(config, database, ledger, consents)
