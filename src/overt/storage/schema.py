"""Every table of overt, in one place.

Rules: times are aware (`Moment`), digests and signed bytes are stored exactly as they are, JSON
columns hold only what is never searched, and no column holds a name, a prompt or a document in
clear. What could identify somebody lives in `sealed`, under a key of its subject, so that it can
be destroyed without touching the ledger.

A change here needs a migration in `migrations/versions` and the new `REVISION`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

REVISION = "0002"
"""Newest migration: a database that says anything this package does not know is newer."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on every database; naive times are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC, as the driver wants it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str = "id", **options: Any) -> Column[str]:
    return Column(name, String(64), **options)


def _digest(name: str, **options: Any) -> Column[str]:
    return Column(name, String(80), **options)


def _word(name: str, **options: Any) -> Column[str]:
    return Column(name, String(64), **options)


def _at(name: str = "at", **options: Any) -> Column[datetime]:
    return Column(name, Moment, **options)


def _index(name: str = "idx", **options: Any) -> Column[int]:
    return Column(name, BigInteger, **options)


# --- ledger ------------------------------------------------------------------------------------

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("origin", String(200), primary_key=True),
    _index("size", nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
"""One row a log: its size and the roots of its complete subtrees, left to right, 32 bytes each.

The row is what an append locks, so that indices have no gap and no twin on any database.
"""

entries = Table(
    "entries",
    metadata,
    _index(primary_key=True, autoincrement=False),
    _id(nullable=False),
    _word("type", nullable=False),
    _at(nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index(None, "id"),
)
"""The leaves: canonical bytes and their RFC 9162 leaf hash."""

nodes = Table(
    "nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    _index(primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
)
"""Roots of complete subtrees of 2**level leaves, level 1 and up; incomplete ones are derived."""

checkpoints = Table(
    "checkpoints",
    metadata,
    _index("size", primary_key=True, autoincrement=False),
    _at(nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),
)
"""Signed notes, stored before anybody sees them."""

# --- decisions and runs --------------------------------------------------------------------------

decisions = Table(
    "decisions",
    metadata,
    _id(primary_key=True),
    _index(nullable=True),
    _at(nullable=False),
    _word("outcome", nullable=False),
    _digest("policy", nullable=False),
    _digest("registry", nullable=False),
    _digest("request", nullable=False),
    _word("media_type", nullable=False),
    _word("language"),
    _word("country"),
    _word("phase"),
    _digest("actor"),
    Column("rules", JSON, nullable=False),
    Column("case", JSON),
    Column("salt", LargeBinary),
    Index(None, "at"),
    Index(None, "actor", "at"),
)
"""One row a decision. `case` is what the policy saw, without personal data; `salt` opens the
commitment to the request and is destroyed on erasure."""

clearances = Table(
    "clearances",
    metadata,
    _id(primary_key=True),
    _id("decision_id", nullable=False),
    _digest("digest", nullable=False),
    _word("state", nullable=False),
    _at("issued_at"),
    _at("expires_at", nullable=False),
    _at("closed_at"),
    Index(None, "decision_id"),
    Index(None, "state", "expires_at"),
)
"""State is `open`, `claimed`, `released`, `failed`, `quarantined` or `lapsed`."""

actors = Table(
    "actors",
    metadata,
    _digest("actor", primary_key=True),
    _at("first_at", nullable=False),
    _at("last_at", nullable=False),
    Column("strikes", Integer, nullable=False, default=0, server_default="0"),
    _at("suspended_until"),
    _word("suspended_code"),
)
"""Whoever asks, as a keyed digest."""

attempts = Table(
    "attempts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _digest("actor", nullable=False),
    _at(nullable=False),
    _word("outcome", nullable=False),
    _id("decision_id"),
    Index(None, "actor", "at"),
)

assets = Table(
    "assets",
    metadata,
    _id(primary_key=True),
    _digest("sha256", nullable=False),
    _word("media_type", nullable=False),
    _at("made_at", nullable=False),
    _index(nullable=True),
    _id("decision_id"),
    Column("label", String(200)),
    Column("fingerprint", LargeBinary),
    _word("fingerprint_kind"),
    Column("details", JSON),
    Index(None, "sha256"),
    Index(None, "label"),
    Index(None, "decision_id"),
)
"""Released assets, for lookup: exact digest, manifest label, fingerprint."""

# --- people ----------------------------------------------------------------------------

subjects = Table(
    "subjects",
    metadata,
    _id(primary_key=True),
    _word("figure_id"),
    _word("status", nullable=False, default="living", server_default="living"),
    _at("added_at", nullable=False),
    _at("forgotten_at"),
    Index(None, "figure_id"),
)

subject_keys = Table(
    "subject_keys",
    metadata,
    _id("subject_id", primary_key=True),
    _word("provider", nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    _at("created_at", nullable=False),
)
"""One random key a subject, wrapped; gone after erasure."""

sealed = Table(
    "sealed",
    metadata,
    _id("subject_id", primary_key=True),
    Column("field", String(160), primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
    _at("at", nullable=False),
)
"""AES-GCM ciphertexts. `field` names the table, row and column that the value belongs to."""

# --- consent ----------------------------------------------------------------------------

grants = Table(
    "grants",
    metadata,
    _id(primary_key=True),
    _id("subject_id", nullable=False),
    _word("figure_id"),
    _word("state", nullable=False),
    Column("seq", Integer, nullable=False),
    _digest("digest", nullable=False),
    _word("basis", nullable=False),
    _word("assurance", nullable=False),
    _at("not_before", nullable=False),
    _at("not_after"),
    _at("added_at", nullable=False),
    _at("last_at"),
    _id("supersedes"),
    Column("summary", JSON, nullable=False),
    Column("salt", LargeBinary),
    Index(None, "subject_id"),
    Index(None, "figure_id"),
    Index(None, "digest"),
)
"""The minimal record of a grant; its signed bytes are sealed. State is `given`, `suspended`,
`disputed`, `revoked`, `superseded` or `forgotten`; `last_at` is the latest moment it was used."""

consent_events = Table(
    "consent_events",
    metadata,
    _id(primary_key=True),
    _id("grant_id", nullable=False),
    Column("seq", Integer, nullable=False),
    _word("type", nullable=False),
    _at(nullable=False),
    _word("actor", nullable=False),
    _word("reason"),
    _index(nullable=True),
    Column("evidence", LargeBinary),
    UniqueConstraint("grant_id", "seq"),
)
"""What happened to a grant, in order; `evidence` is a signed statement where there is one."""

authorisations = Table(
    "authorisations",
    metadata,
    _id(primary_key=True),
    _id("grant_id", nullable=False),
    Column("grant_seq", Integer, nullable=False),
    _word("act", nullable=False),
    _id("decision_id", nullable=False),
    _digest("request", nullable=False),
    _word("state", nullable=False),
    _at("issued_at", nullable=False),
    _at("expires_at", nullable=False),
    _at("closed_at"),
    Column("need", JSON, nullable=False),
    Index(None, "decision_id"),
    Index(None, "grant_id", "state"),
    Index(None, "state", "expires_at"),
)
"""Leases: which grant a run relies on. State is as in `clearances`, without `claimed`."""

# --- policy and review ----------------------------------------------------------------------------

tickets = Table(
    "tickets",
    metadata,
    _id(primary_key=True),
    _id("decision_id", nullable=False),
    _digest("request", nullable=False),
    _word("queue", nullable=False),
    Column("priority", Integer, nullable=False, default=0, server_default="0"),
    _word("state", nullable=False),
    _at("opened_at", nullable=False),
    _at("due_at"),
    _word("owner"),
    _at("lease_until"),
    _id("lock_token"),
    Column("reviewers", Integer, nullable=False, default=1, server_default="1"),
    _at("decided_at"),
    _word("outcome"),
    Column("details", JSON),
    Index(None, "state", "queue", "priority"),
    Index(None, "decision_id"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    _id(primary_key=True),
    _id("ticket_id", nullable=False),
    Column("seq", Integer, nullable=False),
    _word("type", nullable=False),
    _at(nullable=False),
    _digest("reviewer"),
    _word("code"),
    _index(nullable=True),
    Column("details", JSON),
    UniqueConstraint("ticket_id", "seq"),
)

bundles = Table(
    "bundles",
    metadata,
    _digest("digest", primary_key=True),
    _word("kind", nullable=False),
    _word("version"),
    _word("status", nullable=False),
    _at("loaded_at", nullable=False),
    Column("body", LargeBinary),
)
"""Policy bundles and registries that decisions refer to."""

overrides = Table(
    "overrides",
    metadata,
    _index("seq", primary_key=True, autoincrement=False),
    _id(nullable=False, unique=True),
    _digest("digest", nullable=False),
    _word("state", nullable=False),
    _at("starts_at", nullable=False),
    _at("expires_at", nullable=False),
    Column("body", LargeBinary, nullable=False),
    _index(nullable=True),
    Index(None, "expires_at"),
)
"""Emergency overrides: `seq` only rises, so that an old one cannot be brought back."""

shadow_changes = Table(
    "shadow_changes",
    metadata,
    _id("decision_id", primary_key=True),
    _digest("candidate", primary_key=True),
    _at(nullable=False),
    _word("before", nullable=False),
    _word("after", nullable=False),
    Column("gone", JSON, nullable=False),
    Column("new", JSON, nullable=False),
    Index(None, "candidate", "at"),
)
"""Where a candidate bundle would have decided otherwise; it had no part in the decision."""
