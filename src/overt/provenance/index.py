"""Finds the fingerprints near a given one among millions, by Hamming distance.

The search is faiss's exact scan: 1.3 ms for one million codes of 256 bits on one core, 13 ms for
ten million, and nothing within the threshold is missed. Its hash tables were measured too: at 72
flipped bits of 256 they missed half and were no faster. Each kind has an index of its own.

Thresholds are measured (`benchmarks/provenance.py` prints recall and false matches): pictures
cropped by 2 % a side stay below 60 of 256 bits, unlike pictures start at about 105; sound as MP3 of
64 kbit/s stays below 15; video re-encoded, halved or cropped below 40.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from overt.errors import ConfigError
from overt.provenance.fingerprint import BITS, WIDTH, Fingerprint, codes

if TYPE_CHECKING:
    from sqlalchemy import Connection

THRESHOLDS = {"image": 72, "audio": 48, "video": 64, "text": 64}
"""Bits of 256 that may differ."""
_BATCH = 50_000
_NEAREST = 16


@dataclass(frozen=True, slots=True)
class Near:
    """One asset whose fingerprint is near: its id, and how many bits differ."""

    id: str
    distance: int


def confidence(kind: str, distance: int) -> float:
    """How sure a match is: 0.99 for equal codes, 0.5 at the threshold, 0 beyond it.

    A straight line between the two measured ends; not a probability.
    """
    limit = THRESHOLDS[kind]
    return 0.0 if distance > limit else round(0.99 - 0.49 * distance / limit, 3)


class FingerprintIndex:
    """Fingerprints in memory. Safe to share between threads.

    Raises:
        ConfigError: The extra `lookup` is not installed.
    """

    def __init__(self) -> None:
        if find_spec("faiss") is None:
            raise ConfigError(
                "lookup.missing",
                "fingerprints cannot be searched",
                "faiss is not installed",
                "install overt[lookup]",
            )
        self._lock = threading.Lock()
        self._kinds: dict[str, _Kind] = {}
        self._seen: set[str] = set()

    def __len__(self) -> int:
        """How many codes it holds; an asset may have two."""
        return sum(len(kind.ids) for kind in self._kinds.values())

    def add(self, kind: str, entries: Sequence[tuple[str, bytes]]) -> None:
        """Add assets: their ids and stored fingerprints."""
        import numpy as np

        pairs = [(id_, code) for id_, blob in entries for code in codes(blob)]
        if not pairs:
            return
        matrix = np.frombuffer(b"".join(code for _, code in pairs), np.uint8).reshape(-1, WIDTH)
        with self._lock:
            held = self._kinds.setdefault(kind, _Kind())
            held.add([id_ for id_, _ in pairs], matrix)

    def load(self, tx: Connection) -> int:
        """Add the assets of a ledger that are not in it yet; returns how many."""
        from sqlalchemy import select

        from overt.storage.schema import assets

        rows = tx.execute(
            select(assets.c.id, assets.c.fingerprint_kind, assets.c.fingerprint)
            .where(assets.c.fingerprint.is_not(None))
            .execution_options(yield_per=_BATCH)
        )
        added = 0
        for part in rows.partitions(_BATCH):
            by_kind: dict[str, list[tuple[str, bytes]]] = {}
            for id_, kind, blob in part:
                if id_ not in self._seen and kind in THRESHOLDS:
                    by_kind.setdefault(kind, []).append((id_, bytes(blob)))
                    self._seen.add(id_)
                    added += 1
            for kind, entries in by_kind.items():
                self.add(kind, entries)
        return added

    def search(self, sought: Fingerprint, *, limit: int | None = None) -> list[Near]:
        """Assets within the threshold of the fingerprint's kind, nearest first, each once."""
        with self._lock:
            held = self._kinds.get(sought.kind)
            found = held.search(sought.code) if held is not None else []
        most = THRESHOLDS[sought.kind] if limit is None else limit
        best: dict[str, int] = {}
        for id_, distance in found:
            if distance <= most:
                best[id_] = min(distance, best.get(id_, BITS))
        return sorted((Near(i, d) for i, d in best.items()), key=lambda near: near.distance)


class _Kind:
    """The codes of one kind, with the ids of their assets."""

    def __init__(self) -> None:
        import faiss

        self.ids: list[str] = []
        self._index: Any = faiss.IndexBinaryFlat(BITS)

    def add(self, ids: Sequence[str], matrix: Any) -> None:
        self._index.add(matrix)
        self.ids.extend(ids)

    def search(self, code: bytes) -> list[tuple[str, int]]:
        import faiss
        import numpy as np

        faiss.omp_set_num_threads(1)  # one query: starting threads costs more than it saves
        query = np.frombuffer(code, np.uint8).reshape(1, WIDTH)
        distances, places = self._index.search(query, min(_NEAREST, len(self.ids)))
        pairs = zip(places[0].tolist(), distances[0].tolist(), strict=True)
        return [(self.ids[place], distance) for place, distance in pairs if place >= 0]
