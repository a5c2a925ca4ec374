"""Looking people up in the registry by name: for people who maintain it, not for screening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from overt.screening.gazetteer import Gazetteer
from overt.screening.index import Index
from overt.screening.overlay import Overlay, read_overlay
from overt.screening.text import analyse, fold, words
from overt.tables import data_path

_LIMIT = 20
_ONE_WORD = 0.5
"""Score of people of an overlay who share a word with the name."""


class FigureSearch:
    """Search and statistics over an index and an overlay.

    Raises:
        ConfigError: The index or the overlay cannot be read.
    """

    def __init__(self, index: Path | None = None, overlay: Path | None = None) -> None:
        self.index = Index(index or data_path("figures", "registry.idx"))
        self._overlay = read_overlay(overlay, self.index) if overlay else Overlay()
        self._removed = self._overlay.removed
        own = {figure.id for figure in self._overlay.people}
        self._gazetteers = [Gazetteer(self.index, self._removed | own)]
        if own:
            self._gazetteers.append(Gazetteer(self._overlay.index()))
        self._own = own

    def search(self, name: str, limit: int = _LIMIT) -> list[dict[str, Any]]:
        """People whose name is or resembles `name`, best first, each once.

        Each has `id`, `name`, `kind`, `country`, `names` and `score` (0 to 1).
        """
        rows: dict[str, dict[str, Any]] = {}
        for gazetteer in self._gazetteers:
            for hit in gazetteer.find(analyse(name)):
                score = 0.8 if hit.how else 1.0
                for person in (hit.person, *hit.others):
                    found = self._result(gazetteer.index.row(person), score)
                    if found["id"] not in rows or score > rows[found["id"]]["score"]:
                        rows[found["id"]] = found
        for found in self._added(name):
            rows.setdefault(found["id"], found)
        ranked = list(rows.values())
        if len(ranked) < limit:
            ranked += self._alike(name, set(rows))
        ranked.sort(key=lambda r: (-r["score"], r["name"]))
        return ranked[:limit]

    def stats(self) -> dict[str, Any]:
        """Counts by kind, country and source, the age and the digest of the registry.

        The overlay counts: people it adds and changes as it says, those removed not at all.
        """
        kinds: Counter[str] = Counter()
        countries: Counter[str] = Counter()
        sources: Counter[str] = Counter()
        people = names = 0
        for row in self._everybody():
            people += 1
            names += 1 + len(row.get("names", ()))
            kinds[row.get("kind", "other")] += 1
            countries.update(row.get("country", ()))
            sources[row.get("source", "")] += 1
        return {
            "people": people,
            "names": names,
            "as_of": self.index.as_of.isoformat(),
            "digest": self.index.digest,
            "kinds": dict(kinds.most_common()),
            "countries": dict(countries.most_common()),
            "sources": dict(sources.most_common()),
            "added": len(self._overlay.people) - len(self._overlay.known),
            "changed": len(self._overlay.known),
            "removed": len(self._removed),
        }

    def _everybody(self) -> Iterator[dict[str, Any]]:
        yield from (figure.to_row() for figure in self._overlay.people)
        for person in range(self.index.size):
            row = self.index.row(person)
            if row["id"] not in self._removed and row["id"] not in self._own:
                yield row

    def _alike(self, name: str, known: set[str]) -> list[dict[str, Any]]:
        from rapidfuzz import fuzz

        wanted, found = fold(name), []
        for person in range(self.index.size):
            row = self.index.row(person)
            if row["id"] in known or row["id"] in self._removed or row["id"] in self._own:
                continue
            score = fuzz.token_set_ratio(wanted, fold(row["name"])) / 100
            if score >= 0.75:
                found.append(self._result(row, round(score * 0.75, 3)))
        return found

    def _added(self, name: str) -> Iterator[dict[str, Any]]:
        """People of the overlay who share a word with the name, surest those who share all."""
        wanted = set(words(name))
        for figure in self._overlay.people:
            named = [set(words(text)) for text in (figure.name, *(n.text for n in figure.names))]
            if wanted and any(wanted <= one for one in named):
                yield self._result(figure.to_row(), 1.0)
            elif any(wanted & one for one in named):
                yield self._result(figure.to_row(), _ONE_WORD)

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
