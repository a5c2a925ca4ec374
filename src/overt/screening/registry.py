"""People in the registry: one row a person, from packaged data, imports and a builder's overlay.

A row holds facts that are public: names, countries, offices with dates, the source and its date.
No birth dates, addresses or relatives. `Figure.of` is strict about what it needs and ignores what
it does not know, so that rows of later versions can be read; `row_check` checks rows that builders
write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overt.errors import ConfigError
from overt.tables import read_jsonl

KINDS = frozenset(
    [
        "legislator",
        "celebrity",
        "other",
        "head_of_state",
        "head_of_government",
        "party_leader",
        "business",
        "election_official",
        "royal",
        "candidate",
        "journalist",
        "minister",
    ]
)
NAME_KINDS = (
    "primary", "alias", "transliteration", "nickname", "word", "role", "catchphrase"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling.

    `kind` is primary, alias, transliteration, nickname, word, role or catchphrase. A `word` is many
    people's name or a common word, and means this person only among their own.
    """

    text: str
    kind: str = "alias"
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One person of the registry.

    Args:
        prominence: 0 little known, 1 known at home, 2 known abroad, 3 known everywhere.
        dead_since: Year of death.
        licence: Licence of the source, where it is not public domain.
    """

    id: str
    name: str
    names: tuple[Name, ...] = ()
    country: tuple[str, ...] = ()
    kind: str = "other"
    offices: tuple[tuple[str, str | None, str | None], ...] = ()
    active: bool | None = None
    prominence: int = 0
    dead_since: int | None = None
    source: str = ""
    as_of: str = "1970-01-01"
    licence: str | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Figure:
        """Read one row.

        Raises:
            ValueError: The row has no id or name, or a part of it is of a wrong kind.
        """
        name, identifier = row.get("name"), row.get("id")
        if not isinstance(name, str) or not name.strip() or not isinstance(identifier, str):
            raise ValueError("a row needs an id and a name")
        kind = row.get("kind", "other")
        return cls(
            id=identifier,
            name=name,
            names=tuple(_name(entry) for entry in row.get("names", ())),
            country=tuple(str(c) for c in row.get("country", ())),
            kind=kind if kind in KINDS else "other",
            offices=tuple((o["title"], o.get("from"), o.get("to")) for o in row.get("offices", ())),
            active=row.get("active"),
            prominence=max(0, min(3, int(row.get("prominence", 0)))),
            dead_since=row.get("dead_since"),
            source=str(row.get("source", "")),
            as_of=str(row.get("as_of") or "1970-01-01"),
            licence=row.get("licence"),
        )

    def joined(self, row: dict[str, Any]) -> Figure:
        """This person with the names of a checked row added, and the other fields it gives.

        A name that is given anew becomes the first one; the one before stays among the names.
        """
        held = self.to_row()
        name = row.get("name", self.name)
        names = list(held.get("names", ()))
        known = {(name, "alias"), *((n["text"], n["kind"]) for n in names)}
        former = [{"text": self.name}] if name != self.name else []
        for new in (*former, *row.get("names", ())):
            key = new["text"], new.get("kind", "alias")
            if key not in known:
                known.add(key)
                names.append(new)
        return Figure.of(held | row | {"id": self.id, "names": names})

    def to_row(self) -> dict[str, Any]:
        """The row as plain data, empty parts left out."""
        row: dict[str, Any] = {"id": self.id, "name": self.name}
        names = [
            {"text": n.text, "kind": n.kind} | ({"lang": n.lang} if n.lang else {})
            for n in self.names
        ]
        offices = [
            {"title": t} | ({"from": f} if f else {}) | ({"to": u} if u else {})
            for t, f, u in self.offices
        ]
        optional = {
            "names": names, "country": list(self.country), "kind": self.kind, "offices": offices,
            "active": self.active, "prominence": self.prominence,
            "dead_since": self.dead_since, "source": self.source, "as_of": self.as_of,
            "licence": self.licence,
        }  # fmt: skip
        return row | {k: v for k, v in optional.items() if v not in (None, [], "", 0)}

    def to_json(self) -> str:
        """The row as one line of JSON."""
        return json.dumps(self.to_row(), ensure_ascii=False, separators=(",", ":"))


def _name(entry: Any) -> Name:
    if isinstance(entry, str):
        return Name(entry)
    return Name(str(entry["text"]), str(entry.get("kind", "alias")), entry.get("lang"))


def read_figures(paths: Iterable[Path]) -> Iterator[Figure]:
    """Rows of packaged files, in order.

    Raises:
        ConfigError: A row is damaged.
    """
    for path in paths:
        for number, row in enumerate(read_jsonl(path), 1):
            try:
                yield Figure.of(row)
            except (ValueError, KeyError, TypeError) as cause:
                raise ConfigError(
                    "screening.registry_row",
                    f"{path.name}, row {number}, cannot be read",
                    str(cause) if isinstance(cause, ValueError) else type(cause).__name__,
                    "correct the row",
                ) from None
