"""Looking people up in the registry by name: for people who maintain it, not for screening."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from overt.screening.gazetteer import Gazetteer
from overt.screening.index import Index
from overt.screening.registry import read_overlay
from overt.screening.text import analyse, fold, words
from overt.tables import data_path

_LIMIT = 20


class FigureSearch:
    """Search and statistics over an index and an overlay.

    Raises:
        ConfigError: The index or the overlay cannot be read.
    """

    def __init__(self, index: Path | None = None, overlay: Path | None = None) -> None:
        self.index = Index(index or data_path("figures", "registry.idx"))
        self._overlay = read_overlay(overlay) if overlay else None
        removed = self._overlay.removed if self._overlay else frozenset()
        self._gazetteer = Gazetteer(self.index, removed)
        self._removed = removed

    def search(self, name: str, limit: int = _LIMIT) -> list[dict[str, Any]]:
        """People whose name is or resembles `name`, best first.

        Each has `id`, `name`, `kind`, `country`, `names` and `score` (0 to 1).
        """
        scores: dict[int, float] = {}
        for hit in self._gazetteer.find(analyse(name)):
            score = 0.8 if hit.how else 1.0
            for person in (hit.person, *hit.others):
                scores[person] = max(scores.get(person, 0.0), score)
        rows = [self._result(self.index.row(p), s) for p, s in scores.items()]
        if len(rows) < limit:
            rows += self._alike(name, {r["id"] for r in rows})
        if self._overlay:
            rows += self._added(name)
        rows.sort(key=lambda r: (-r["score"], r["name"]))
        return rows[:limit]

    def stats(self) -> dict[str, Any]:
        """Counts by kind, country and source, the age and the digest of the registry."""
        kinds: Counter[str] = Counter()
        countries: Counter[str] = Counter()
        sources: Counter[str] = Counter()
        for person in range(self.index.size):
            row = self.index.row(person)
            kinds[row.get("kind", "other")] += 1
            countries.update(row.get("country", ()))
            sources[row.get("source", "")] += 1
        return {
            "people": self.index.size,
            "names": self.index.names,
            "as_of": self.index.as_of.isoformat(),
            "digest": self.index.digest,
            "kinds": dict(kinds.most_common()),
            "countries": dict(countries.most_common()),
            "sources": dict(sources.most_common()),
            "added": len(self._overlay.added) if self._overlay else 0,
            "removed": len(self._removed),
        }

    def _alike(self, name: str, known: set[str]) -> list[dict[str, Any]]:
        from rapidfuzz import fuzz

        wanted, found = fold(name), []
        for person in range(self.index.size):
            row = self.index.row(person)
            if row["id"] in known or row["id"] in self._removed:
                continue
            score = fuzz.token_set_ratio(wanted, fold(row["name"])) / 100
            if score >= 0.75:
                found.append(self._result(row, round(score * 0.75, 3)))
        return found

    def _added(self, name: str) -> list[dict[str, Any]]:
        wanted = set(words(name))
        assert self._overlay is not None
        return [
            self._result(figure.to_row(), 1.0)
            for figure in self._overlay.added
            if wanted
            & {w for n in (figure.name, *(m.text for m in figure.names)) for w in words(n)}
        ]

    @staticmethod
    def _result(row: dict[str, Any], score: float) -> dict[str, Any]:
        return {
            "id": row["id"],
            "name": row["name"],
            "kind": row.get("kind", "other"),
            "country": row.get("country", []),
            "names": [n["text"] for n in row.get("names", ())],
            "score": score,
        }
