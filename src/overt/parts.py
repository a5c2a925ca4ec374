"""Builds what a guard is made of from its configuration, and fails here, loudly.

Heavy parts (the registry, the database driver, c2pa) are imported when a guard is built, never by
`import overt`.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt import log
from overt.config import GuardConfig, validated
from overt.errors import ConfigError
from overt.judge import Judge
from overt.models import utc_now

if TYPE_CHECKING:
    from overt.consent import SqlConsentStore, Trust
    from overt.disclosure import Renderer
    from overt.ledger import SqlLedger
    from overt.policy import Bundle
    from overt.ports import Clock, Signer, Speaker, Watermarker
    from overt.provenance.embed import Embedder
    from overt.review import Queue
    from overt.storage import Database
    from overt.storage.sealing import Sealing
    from overt.upkeep import PolicyWatch

_logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Parts:
    """What a guard works with. `build()` makes it; a builder may replace any field.

    Args:
        judge: Screens, calendar and policy.
        actor_key: Key of the digests that stand for actors.
        shadow: A candidate bundle that sees every case and changes nothing.
        watermarker: Hides a mark in pictures, after the label and before the signature.
        on_close: Called last when the guard is closed.
    """

    judge: Judge
    database: Database
    ledger: SqlLedger
    consents: SqlConsentStore
    sealing: Sealing
    renderer: Renderer
    embedder: Embedder
    watch: PolicyWatch
    actor_key: bytes = field(repr=False)
    shadow: Bundle | None = None
    watermarker: Watermarker | None = None
    on_close: Callable[[], None] | None = None

    @property
    def config(self) -> GuardConfig:
        """The configuration that everything was built from."""
        return self.judge.config

    def now(self) -> datetime:
        """The guard's clock."""
        return self.judge.clock()

    def queue(self) -> Queue:
        """The review queue of this guard's database."""
        from overt.review import Queue

        return Queue(
            self.database,
            self.sealing,
            self.ledger,
            actor_key=self.actor_key,
            clock=self.judge.clock,
        )

    def close(self) -> None:
        """Give back what is held."""
        self.database.close()
        if self.on_close is not None:
            self.on_close()


def build_judge(config: GuardConfig, *, clock: Clock = utc_now) -> Judge:
    """The part of a guard that needs no database, no key and no media library.

    Raises:
        ConfigError: A table, an overlay or the bundle is broken, or the registry is too old.
    """
    from overt.people import People
    from overt.policy import Bundle
    from overt.policy.elections import Calendar
    from overt.policy.live import LivePolicy
    from overt.policy.signing import read_key
    from overt.screening import PromptScreen

    screen = PromptScreen.bundled(
        overlay=_optional(config, config.screening.overlay),
        index=_optional(config, config.screening.index),
        intent_model=config.screening.intent_model,
    )
    _check_age(config, screen.registry_as_of, clock())
    packaged = config.policy.bundle == "packaged"
    policy = (
        LivePolicy(bundle=Bundle.packaged(), clock=clock)
        if packaged
        else LivePolicy(
            config.path(config.policy.bundle),
            clock=clock,
            signers=[read_key(config.path(key)) for key in config.policy.signing_keys],
        )
    )
    return Judge(
        config=config,
        screens=(screen,),
        registry_digest=screen.registry_digest,
        policy=policy,
        calendar=Calendar.packaged(overlay=_optional(config, config.policy.elections)),
        people=People(config.voices, screen),
        clock=clock,
    )


def build(config: GuardConfig, *, clock: Clock = utc_now, speaker: Speaker | None = None) -> Parts:
    """Build all parts.

    Args:
        config: What to build them from.
        clock: Tells the time.
        speaker: The builder's own voice; it speaks the notices of its languages.

    Raises:
        ConfigError: Anything is missing, broken, expired or does not fit together.
    """
    from overt.consent import SqlConsentStore
    from overt.ledger import SqlLedger
    from overt.policy import Bundle
    from overt.policy.register import record_calendar
    from overt.storage import Database
    from overt.storage.sealing import Sealing

    embedder = _embedder(config)  # first: a wrong key is the likeliest mistake
    marker = watermarker(config)
    judge = build_judge(config, clock=clock)
    sealing = Sealing(config.reference(config.consent.sealing_key))
    ledger = SqlLedger(config.ledger.origin, config.reference(config.ledger.key), clock=clock)
    ledger.signer()  # a missing key is told here, not at the first checkpoint
    consents = SqlConsentStore(_trust(config), sealing, ledger=ledger, clock=clock)
    database = Database.open(config.database_url())
    watch = _watch(judge, database, ledger)
    watch.start()
    database.write(lambda tx: record_calendar(tx, ledger, judge.calendar, clock()))
    return Parts(
        judge=judge,
        database=database,
        watch=watch,
        ledger=ledger,
        consents=consents,
        sealing=sealing,
        renderer=_renderer(config, speaker),
        embedder=embedder,
        actor_key=sealing.derive("actor"),
        shadow=Bundle.load(config.path(config.policy.shadow)) if config.policy.shadow else None,
        watermarker=marker,
    )


def _renderer(config: GuardConfig, speaker: Speaker | None) -> Renderer:
    """The renderer with a builder's fonts, wordings and voice."""
    from overt.disclosure import Catalogue, Renderer

    wording = _optional(config, config.disclosure.wording)
    return Renderer(
        fonts={script: config.path(one) for script, one in config.disclosure.fonts.items()},
        speaker=speaker,
        catalogue=Catalogue.packaged().laid_over(wording) if wording else None,
    )


def watermarker(config: GuardConfig) -> Watermarker | None:
    """The one that the configuration asks for.

    Raises:
        ConfigError: Its extra is not installed.
    """
    if not config.lookup.watermark:
        return None
    from overt.provenance.rivagan import RivaGan

    return RivaGan()


def signer(config: GuardConfig) -> Signer:
    """Whoever the configuration lets sign: a key in a file or variable, or on a token.

    Raises:
        ConfigError: Key, token or chain is missing, expired, mismatched or unfit.
    """
    from overt.provenance.signers import PemSigner, Pkcs11Signer, resolve

    identity = config.identity
    chain, hsm = config.reference(identity.chain), identity.hsm
    if hsm is None:
        return PemSigner.load(chain, config.reference(identity.key))
    return Pkcs11Signer(
        library=config.path(hsm.module),
        token=hsm.token,
        key=hsm.key,
        pin=config.reference(hsm.pin),
        chain_pem=resolve(chain),
    )


def _embedder(config: GuardConfig) -> Embedder:
    from overt.provenance.embed import Embedder
    from overt.provenance.signers import resolve
    from overt.provenance.xmp import ChinaLabel

    identity = config.identity
    return Embedder(
        signer(config),
        resolve(config.reference(identity.root)),
        time_authority=identity.time_authority,
        on_tsa_failure=identity.on_time_authority_failure,
        upstream=identity.upstream,
        china=ChinaLabel(producer=identity.china_producer) if identity.china_producer else None,
    )


def _trust(config: GuardConfig) -> Trust:
    from overt.consent import Trust

    trust = config.consent.trust
    return Trust.load(
        [config.reference(one) for one in trust.keys],
        [config.reference(one) for one in trust.registrars],
    )


def _watch(judge: Judge, database: Database, ledger: SqlLedger) -> PolicyWatch:
    from overt.provenance.signers import resolve
    from overt.upkeep import PolicyWatch

    config = judge.config
    return PolicyWatch(
        judge.policy,
        database,
        ledger,
        trusted=[resolve(str(config.path(key))) for key in config.policy.override_keys],
        clock=judge.clock,
        interval_s=config.policy.reload_seconds,
    )


def build_ephemeral(settings: Mapping[str, Any], *, clock: Clock = utc_now) -> Parts:
    """Parts in a temporary folder, with a test identity that nobody trusts."""
    from overt.setup import initialise

    holder = tempfile.TemporaryDirectory(prefix="overt-ephemeral-")
    folder = Path(holder.name)
    try:
        initialise(folder)
        parts = build(validated({"folder": folder, **settings}, "settings"), clock=clock)
    except BaseException:
        holder.cleanup()
        raise
    parts.on_close = holder.cleanup
    return parts


def _optional(config: GuardConfig, path: Path | None) -> Path | None:
    return None if path is None else config.path(path)


def _check_age(config: GuardConfig, as_of: date, now: datetime) -> None:
    """A registry that is too old must not pass for current."""
    age = (now.date() - as_of).days
    if age <= config.screening.max_age_days:
        return
    if config.screening.when_stale == "fail":
        raise ConfigError(
            "registry.stale",
            f"the figure registry is {age} days old",
            f"screening.max_age_days is {config.screening.max_age_days}",
            "import a newer one with `overt figures import`",
        )
    log.event(_logger, "registry.stale", logging.WARNING, count=age)
