"""Names of offices for those who hold them, made of `data/figures/roles.yaml` and the rows.

A row says what office somebody holds (`President of Kenya`, with no end, and active); the table
says how each language names the office and the country. A new holder needs one changed row.
`terms` tells who held an office when, for texts that say a year.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from overt.screening.text import words

Row = dict[str, Any]
Role = tuple[str, str | None]
"""A name of an office, and its language."""
_KINDS = {
    "president": "president", "prime minister": "government", "premier": "government",
    "head of government": "government", "chancellor": "chancellor", "king": "king",
    "queen": "queen", "emperor": "emperor", "emir": "emir", "amir": "emir", "sultan": "sultan",
    "supreme leader": "supreme", "pope": "pope", "crown prince": "crown",
    "grand duke": "grand_duke", "chief executive": "chief", "governing mayor": "mayor",
    "lord mayor": "mayor", "mayor": "mayor", "governor": "governor",
}  # fmt: skip
_TITLE = re.compile(
    r"(?:interim |acting |caretaker |transition(?:al)? |cnsp |gnu )*"
    rf"({'|'.join(_KINDS)})\b(.*?)(?:,| of) (.+)$",
    re.I,
)
_OTHER_BODY = re.compile(r"council|assembly|senate|general|house|party|community", re.I)
_US_PLACE = re.compile(r"(Governor|Mayor), (.+)$")
_LOCAL = ("mayor", "governor")
_HEADS = ("head_of_state", "head_of_government", "royal")
_STATES = {
    "CA": "California", "TX": "Texas", "FL": "Florida", "NY": "New York", "PA": "Pennsylvania",
    "IL": "Illinois", "OH": "Ohio", "GA": "Georgia", "NC": "North Carolina", "MI": "Michigan",
    "VA": "Virginia", "NJ": "New Jersey", "AZ": "Arizona", "MN": "Minnesota", "MD": "Maryland",
    "AR": "Arkansas", "KY": "Kentucky", "UT": "Utah", "New York, NY": "New York City",
    "Los Angeles, CA": "Los Angeles", "Chicago, IL": "Chicago",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """One time in one office; `office` is like `FR.president` or `London.mayor`."""

    office: str
    person: str
    since: str
    until: str
    acting: bool
    """Whether the row says that the person is in office now."""


class Roles:
    """The table of offices.

    Args:
        path: `roles.yaml`.
        today: Date of the registry, `YYYY-MM-DD`: an office with a later end is held.
    """

    def __init__(self, path: Path, today: str) -> None:
        _, self._languages, parties = yaml.safe_load_all(path.read_bytes())
        self._today = today
        self._places = {
            language: {code: forms for code, *forms in _table(said["places"], 3)}
            for language, said in self._languages.items()
        }
        self._parties = list(_table(parties["parties"], 4))
        self._codes = {
            name.lower(): code
            for code, (names, _) in self._places["en"].items()
            for name in map(_bare, _parts(names))
            if code.isupper() and len(code) == 2
        }

    def add_names(self, rows: dict[str, Row]) -> None:
        """Give every holder the names of the office, as names of kind `role`."""
        taken = {
            tuple(words(n["text"])): row["id"]
            for row in rows.values()
            for n in row["names"]
            if n["kind"] == "role"
        }
        for term in self.held(rows.values()):
            _give(rows[term.person], self._names(term.office), taken)
        for row in rows.values():
            if not row.get("dead_since"):
                _give(row, self._party_names(row), taken)

    def held(self, rows: Iterable[Row]) -> list[Term]:
        """Who is in which office now, one person an office: whoever came last."""
        best: dict[str, Term] = {}
        for term in self.terms(rows):
            if not term.acting or (term.until and term.until <= self._today):
                continue
            other = best.get(term.office)
            if other is None or (other.since, other.person) < (term.since, term.person):
                best[term.office] = term
        return sorted(best.values(), key=lambda t: t.office)

    def terms(self, rows: Iterable[Row]) -> Iterator[Term]:
        """All times in offices that the rows tell of."""
        for row in rows:
            acting = bool(row["active"]) and not row.get("dead_since")
            for office in row["offices"]:
                named = self._office(office["title"], row)
                if named:
                    since, until = office.get("from") or "", office.get("to") or ""
                    yield Term(named, row["id"], since, until, acting)

    def _office(self, title: str, row: Row) -> str | None:
        if local := _US_PLACE.match(title):
            place = _STATES.get(local[2])
            return f"{place}.{local[1].lower()}" if place else None
        found = _TITLE.match(title)
        if not found or _OTHER_BODY.search(found[2]):
            return None
        kind, place = _KINDS[found[1].lower()], re.sub("^the ", "", found[3], flags=re.I)
        if kind in _LOCAL:
            return f"{place}.{kind}" if place in self._places["en"] else None
        if kind == "pope":
            return "VA.pope"
        code = self._codes.get(place.lower())
        if code is None and row["kind"] in _HEADS and not _OTHER_BODY.search(place):
            code = self._codes.get(re.sub("^the ", "", place.rpartition(" of ")[2].lower()))
        return f"{code}.{kind}" if code in row["country"] else None

    def _names(self, office: str) -> Iterator[Role]:
        code, _, kind = office.rpartition(".")
        for language, said in self._languages.items():
            titles = _parts(said["titles"].get(kind, ""))
            beside = _parts(said["titles"].get(kind + "+", "")) or titles
            of, adjectives = self._places[language].get(code, ("", ""))
            for pattern in said["patterns"]:
                about = _parts(adjectives if "{adj}" in pattern else of)
                if pattern.startswith("{of}"):
                    about = [_bare(word) for word in about]
                else:
                    about += [_bare(word) for word in about]
                for title in beside if "{adj}" in pattern else titles:
                    for word in about:
                        yield pattern.format(t=title, of=word, adj=word), language
            for alone in _parts(said.get("alone", {}).get(office, "")):
                yield alone, language

    def _party_names(self, row: Row) -> Iterator[Role]:
        for title, country, english, native in self._parties:
            leads = any(
                o["title"] == title and not (o.get("to") and o["to"] <= self._today)
                for o in row["offices"]
            )
            if country not in row["country"] or not leads:
                continue
            for party in _parts(english):
                yield from ((t, "en") for t in (f"leader of the {party}", f"leader of {party}"))
                yield f"{party} leader", "en"
            yield from ((text, None) for text in _parts(native))


def write_terms(path: Path, terms: Iterable[Term], held: Iterable[Term]) -> None:
    """Write who held an office when: `office | id | from | to`, tab-separated, holders last.

    Sources seldom say an end; where they do not, it is the beginning of who came next.
    """
    current = {t.office: t.person for t in held}
    by_office: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for term in terms:
        if term.since and term.office in current:
            by_office[term.office].add((term.since, term.until, term.person))
    lines = []
    for office, dated in sorted(by_office.items()):
        listed = sorted(dated)
        for at, (since, until, person) in enumerate(listed):
            others = [s for s, _, p in listed[at + 1 :] if p != person and s > since]
            end = until or (others[0] if others else "")
            if end or person == current[office]:
                lines.append(f"{office}\t{person}\t{since}\t{end}\n")
    path.write_text("".join(lines), "utf-8")


def _give(row: Row, names: Iterable[Role], taken: dict[tuple[str, ...], str]) -> None:
    """Add names that nobody else has: what the hand rows say goes first."""
    given = set()
    for text, language in names:
        key = tuple(words(text))
        if key and (key, language) not in given and taken.setdefault(key, row["id"]) == row["id"]:
            given.add((key, language))
            in_language = {"lang": language} if language else {}
            row["names"].append({"text": text, "kind": "role"} | in_language)


def _table(text: str, columns: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        fields = [f.strip() for f in line.split("|")]
        if len(fields) > columns:
            raise SystemExit(f"roles.yaml: {line}: {len(fields)} fields, not {columns}")
        yield fields + [""] * (columns - len(fields))


def _bare(name: str) -> str:
    return name.removeprefix("the ")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
