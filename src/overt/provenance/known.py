"""The assets that a ledger knows, and ways to find one of them again.

A match always comes with its kind, a confidence and a distance, never as a bare yes; no match
proves nothing, for a file may be ours and changed beyond recognition, or be from before the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import AwareDatetime, Field
from sqlalchemy import Connection, Row, select

from overt.models import Value
from overt.provenance.watermark import MOST_WRONG, distance, payload_for
from overt.storage.schema import assets, ledger_heads

EXACT = 1.0
MANIFEST_WHOLE = 0.99
"""Our signature verifies over these bytes, so only the container can differ."""
MANIFEST_CHANGED = 0.6
"""Our signature is in it, and the bytes around it are others: edited, or moved there."""

NO_MATCH_NOTE = (
    "no record of it: that proves nothing. It may be changed beyond recognition, or made elsewhere."
)


class AssetRecord(Value):
    """Where an asset stands in the ledger."""

    index: int | None
    origin: str | None


class KnownAsset(Value):
    """What is on record about an asset of ours."""

    made_at: AwareDatetime
    media_type: str
    record: AssetRecord
    sha256: str
    decision: str | None = None
    label: str | None = None


class Lookup(Value):
    """Answer to "did this come from us?"."""

    match: Literal["exact", "manifest", "fingerprint", "watermark", "none"]
    confidence: float = Field(ge=0, le=1)
    """How sure the match is; with `none`, 0, which is no statement about the file."""
    distance: int | None = None
    """Bits that differ between the fingerprints, or between the marks."""
    asset: KnownAsset | None = None
    others: tuple[KnownAsset, ...] = ()
    """Further assets as near as this one."""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON values, with every key of the contract."""
        return self.model_dump(mode="json")


def no_match(note: str = NO_MATCH_NOTE) -> Lookup:
    """The answer when nothing was found."""
    return Lookup(match="none", confidence=0.0, note=note)


def with_mark(alike: Lookup, payload: bytes) -> Lookup:
    """Of assets that look alike, the one whose watermark was read goes first, if there is one."""
    if alike.asset is None:
        return alike
    every = (alike.asset, *alike.others)
    fits = [one for one in every if one.decision and _wrong(one.decision, payload) <= MOST_WRONG]
    if not fits:
        return alike
    rest = [one for one in every if one not in fits]
    note = f"{alike.note}; it also carries the mark of that run"
    return alike.model_copy(update={"asset": fits[0], "others": (*fits[1:], *rest), "note": note})


def _wrong(decision: str, payload: bytes) -> int:
    return distance(payload, payload_for(decision, len(payload)))


def by_digest(tx: Connection, sha256: str) -> tuple[KnownAsset, ...]:
    """Assets with exactly these bytes, oldest first."""
    return _found(tx, assets.c.sha256 == sha256)


def by_label(tx: Connection, label: str) -> tuple[KnownAsset, ...]:
    """Assets that were signed with this manifest, oldest first."""
    return _found(tx, assets.c.label == label)


def by_ids(tx: Connection, ids: Sequence[str]) -> tuple[KnownAsset, ...]:
    """Assets with these ids, in the order of the ids."""
    rows = {row.id: row for row in tx.execute(select(assets).where(assets.c.id.in_(ids)))}
    origin = _origin(tx)
    return tuple(_known(rows[each], origin) for each in ids if each in rows)


def _found(tx: Connection, condition: Any) -> tuple[KnownAsset, ...]:
    rows = tx.execute(select(assets).where(condition).order_by(assets.c.made_at).limit(100))
    origin = _origin(tx)
    return tuple(_known(row, origin) for row in rows)


def _origin(tx: Connection) -> str | None:
    return tx.execute(select(ledger_heads.c.origin)).scalars().first()


def _known(row: Row[Any], origin: str | None) -> KnownAsset:
    return KnownAsset(
        made_at=row.made_at,
        media_type=row.media_type,
        record=AssetRecord(index=row.idx, origin=origin),
        sha256=row.sha256,
        decision=row.decision_id,
        label=row.label,
    )
