"""What a watermark of ours says, and which asset of a ledger a read one fits.

The payload is taken from the digest of the decision's id, so the ledger needs no column for it, and
who reads a mark without the ledger learns nothing. It is short and may be misread: a match is
answered with its distance and with how likely no other asset lies as near by chance.
"""

from __future__ import annotations

import hashlib
from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PURPOSE = b"overt watermark v1\x00"
MOST_WRONG = 4
"""Bits of 32 that may be misread; the ledger's size may allow fewer, see `confidence`."""
MOST_WRONG_AT_MARKING = 2
"""A mark that its own file shows worse than this is left out: it would not survive anything."""
_LEAST_CONFIDENCE = 0.5
_BATCH = 50_000


def payload_for(decision_id: str, size: int) -> bytes:
    """What is hidden in the assets of one run."""
    return hashlib.sha256(_PURPOSE + decision_id.encode()).digest()[:size]


def distance(one: bytes, other: bytes) -> int:
    """Bits that differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def confidence(wrong: int, bits: int, among: int) -> float:
    """How sure a match is: the chance that none of `among` unrelated runs lies as near.

    Exact where payloads are independent of what the reader makes of an unmarked picture, as digests
    are. At most 0.99: a mark can be copied onto another picture.
    """
    each: float = sum(comb(bits, k) for k in range(wrong + 1)) / 2**bits
    return float(round(0.99 * (1 - each) ** among, 3))


def nearest(tx: Connection, read: bytes) -> tuple[list[str], int, float]:
    """Ids of the pictures whose payload is nearest to a read one; distance and confidence.

    The list is empty where none is near enough for a ledger of this size.
    """
    from sqlalchemy import select

    from overt.storage.schema import assets

    rows = tx.execute(
        select(assets.c.id, assets.c.decision_id)
        .where(assets.c.media_type.startswith("image/"))
        .order_by(assets.c.made_at)
        .execution_options(yield_per=_BATCH)
    )
    best, found, runs = MOST_WRONG + 1, [], set()
    for id_, decision in rows:
        runs.add(decision)
        wrong = distance(read, payload_for(decision, len(read)))
        if wrong < best:
            best, found = wrong, [id_]
        elif wrong == best and found:
            found.append(id_)
    sure = confidence(best, 8 * len(read), len(runs))
    return (found, best, sure) if found and sure >= _LEAST_CONFIDENCE else ([], best, 0.0)
