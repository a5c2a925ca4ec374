"""One row for one person: joins what several sources say of the same man or woman.

Two rows are of one person where they share a whole name and a country and come from different
sources, for a source lists a person once. State legislators are the exception: two Mike Johnsons of
Louisiana are two people, so rows of `openstates` are joined only where they name a member of the
Congress. What no rule can tell is in `data/figures/same.tsv`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from overt.screening.text import words

Row = dict[str, Any]
_QUOTED = re.compile(r'\s*["“(][^"”)]*["”)]')
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_NO_SPELLING = frozenset({"nickname", "role", "catchphrase"})
_LEAST = 6
"""Letters of a whole name; shorter ones are anybody's."""


def keys(text: str, loose: bool = False) -> set[str]:
    """What is equal in two spellings of one whole name: `J. D. Vance`, `JD Vance`.

    Args:
        text: A name.
        loose: Whether initials, `Jr.` and a quoted nickname may be missing: between two lists of
            members of one house, not between a father and a son.
    """
    found = {tuple(words(text))}
    if loose:
        parts = [w for w in words(_QUOTED.sub(" ", text)) if w not in _SUFFIXES]
        found |= {tuple(parts), tuple(w for w in parts if len(w) > 1 or not w.isascii())}
    return {
        "".join(parts)
        for parts in found
        if len(parts) > 1 and (len("".join(parts)) >= _LEAST or len(parts) > 2)
    }


def keys_of(row: Row, loose: bool = False) -> set[str]:
    """Keys of all whole names of a person."""
    spellings = [row["name"], *(n["text"] for n in row["names"] if n["kind"] not in _NO_SPELLING)]
    return {key for text in spellings for key in keys(text, loose)}


def compatriots(one: Row, other: Row) -> bool:
    """Whether both rows name a country and share one."""
    return bool(set(one["country"]) & set(other["country"]))


def in_congress(row: Row) -> bool:
    """Whether a row of `openstates` is of a member of the Congress, not of a state."""
    return any(o["title"].endswith(", US") for o in row["offices"])


def join(row: Row, other: Row) -> None:
    """Add to `row` what `other` says of the same person."""
    held = {row["name"], *(n["text"] for n in row["names"])}
    extra = [{"text": other["name"], "kind": "alias"}, *other["names"]]
    row["names"] += [n for n in extra if n["text"] not in held]
    row["country"] = sorted({*row["country"], *other["country"]})
    titles = {o["title"] for o in row["offices"]}
    row["offices"] = [
        *row["offices"],
        *(o for o in other["offices"] if o["title"] not in titles and not in_congress_title(o)),
    ]
    row["active"] = row["active"] or other["active"]
    if died := row.get("dead_since") or other.get("dead_since"):
        row["dead_since"] = died
    row["as_of"] = max(row["as_of"] or "", other["as_of"] or "") or None
    if row["kind"] in ("other", "legislator") and other["kind"] != "other":
        row["kind"] = other["kind"]
    if other["prominence"] > row["prominence"]:
        for key in ("prominence", "_group", "source"):
            row[key] = other[key]


def in_congress_title(office: Row) -> bool:
    """Whether the office is what `openstates` makes of a seat in the Congress."""
    return bool(office["title"].endswith(", US"))


def join_sources(rows: dict[str, Row], different: set[frozenset[str]]) -> None:
    """Join rows of different sources; the row with a Wikidata id keeps its id."""
    held: dict[str, list[str]] = defaultdict(list)
    for row in sorted(rows.values(), key=lambda r: (r["source"] == "openstates", _rank(r))):
        twin = next(_twins(row, rows, held, different), None)
        if twin is None:
            for key in keys_of(row, loose=True):
                held[key].append(row["id"])
        else:
            if _as_people_say(rows[twin], row):
                rename(rows[twin], row["name"])
            join(rows[twin], rows.pop(row["id"]))
    for row in rows.values():
        for office in row["offices"]:
            if in_congress_title(office):
                office["title"] = "Member of Congress"


def rename(row: Row, name: str) -> None:
    """Make another spelling the name, and the name an alias."""
    row["names"] = [n for n in row["names"] if n["text"] != name]
    row["names"].append({"text": row["name"], "kind": "alias"})
    row["name"] = name


def _as_people_say(row: Row, other: Row) -> bool:
    """Whether `openstates` has the name without initials and without leaving a part of it out."""
    plain = [len([w for w in words(r["name"]) if len(w) > 1]) for r in (row, other)]
    written = len(_SUFFIXES & set(words(row["name"])))
    return other["source"] == "openstates" and plain[1] >= plain[0] - written


def _rank(row: Row) -> tuple[bool, bool, str]:
    return not re.fullmatch(r"Q\d+", row["id"]), row["source"] == "ep_world", row["id"]


def _twins(
    row: Row, rows: dict[str, Row], held: dict[str, list[str]], different: set[frozenset[str]]
) -> Iterator[str]:
    for key in sorted(keys_of(row, loose=True)):
        for identifier in held[key]:
            other = rows[identifier]
            if row["source"] == other["source"] or frozenset({row["id"], identifier}) in different:
                continue
            state = [r for r in (row, other) if r["source"] == "openstates"]
            if state and not (
                "us_congress" in (row["source"], other["source"]) and in_congress(row)
            ):
                continue
            if compatriots(row, other):
                yield identifier


def join_named(
    rows: dict[str, Row], same: list[tuple[str, str, str]]
) -> list[tuple[str, str, str]]:
    """Join the pairs of which both rows are there; the others are returned."""
    waiting = []
    for kept, given_up, name in same:
        if kept not in rows or given_up not in rows:
            waiting.append((kept, given_up, name))
            continue
        join(rows[kept], rows.pop(given_up))
        if name and name != rows[kept]["name"]:
            rename(rows[kept], name)
    return waiting


def read_same(path: Path) -> tuple[list[tuple[str, str, str]], set[frozenset[str]]]:
    """Rows `same | id kept | id given up | name to show` and `different | id | id`."""
    same, different = [], set()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, one, other, name, *_ = (*(f.strip() for f in line.split("|")), "", "", "")
        if word == "same":
            same.append((one, other, name))
        elif word == "different":
            different.add(frozenset({one, other}))
        else:
            raise SystemExit(f"{path.name}:{number}: neither same nor different")
    return same, different
