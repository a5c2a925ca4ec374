"""Importers of public lists of people: one a format, streamed, counting what they cannot read.

Each takes a binary stream and yields `Figure` or `Problem`. None reads a whole file into memory but
those whose format is one JSON document. Licence and source travel with every row. Only public facts
are kept: names, countries, offices; addresses, birth dates and relatives in a source are ignored.

Formats: Wikidata SPARQL results JSON and `wbgetentities` JSON (CC0), OpenSanctions FtM JSON lines
and `targets.simple.csv` (CC BY-NC 4.0: companies need a licence), Popolo JSON, rows of our own.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from overt.errors import ConfigError
from overt.screening.index_write import IndexWriter
from overt.screening.registry import Figure, Name

BAD_SHARE = 0.2
"""An import with more bad rows than this share of all rows fails, and the old index stays."""
_QID = re.compile(r"Q\d+")
_ENTITY = "http://www.wikidata.org/entity/"
_TOPICS = frozenset({"role.pep", "role.pol"})


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read: where and why, never its content."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import did."""

    read: int
    kept: int
    bad: int
    problems: tuple[Problem, ...]


Importer = Callable[[BinaryIO, str, str], Iterator[Figure | Problem]]


def sparql(stream: BinaryIO, source: str, as_of: str) -> Iterator[Figure | Problem]:
    """Wikidata SPARQL results: item, label or itemLabel, posLabel, start, end, cc."""
    people: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(_document(stream).get("results", {}).get("bindings", ()), 1):
        item = _value(row, "item").removeprefix(_ENTITY)
        label = row.get("label") or row.get("itemLabel")
        if not _QID.fullmatch(item) or not isinstance(label, dict) or "value" not in label:
            yield Problem(number, "no item or no label")
            continue
        person = people.setdefault(item, {"names": {}, "country": set(), "offices": set()})
        person["names"].setdefault(label["value"], label.get("xml:lang"))
        if cc := _value(row, "cc"):
            person["country"].add(cc.upper())
        if office := _value(row, "posLabel") or _value(row, "officeLabel"):
            person["offices"].add((office, _day(_value(row, "start")), _day(_value(row, "end"))))
    for item, person in people.items():
        yield _figure(
            item, list(person["names"].items()), person["country"],
            sorted(person["offices"], key=str), source, as_of, "CC0-1.0",
        )  # fmt: skip


def wbgetentities(stream: BinaryIO, source: str, as_of: str) -> Iterator[Figure | Problem]:
    """The `wbgetentities` answer of the Wikidata API: labels, aliases, P39 with dates, P570."""
    entities = _document(stream).get("entities", {})
    for number, (item, entity) in enumerate(entities.items(), 1):
        labels = entity.get("labels") if isinstance(entity, dict) else None
        if not labels or not _QID.fullmatch(item):
            yield Problem(number, "missing, or without a label")
            continue
        names = [(v["value"], v.get("language")) for v in labels.values()]
        names.sort(key=lambda n: (n[1] not in ("en", "mul"), str(n[1])))
        for group in entity.get("aliases", {}).values():
            names.extend((v["value"], v.get("language")) for v in group)
        claims = entity.get("claims", {})
        offices = [_wb_office(c) for c in claims.get("P39", ()) if c.get("rank") != "deprecated"]
        figure = _figure(item, names, set(), [o for o in offices if o], source, as_of, "CC0-1.0")
        yield _dated(figure, claims)


def opensanctions(stream: BinaryIO, source: str, as_of: str) -> Iterator[Figure | Problem]:
    """OpenSanctions entities, JSON lines: persons with a political topic."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            props = row["properties"]
            if row["schema"] != "Person" or not _TOPICS & set(props.get("topics", ())):
                continue
            names = [(n, None) for n in [row["caption"], *props.get("name", ())]]
            names += [(n, None) for n in props.get("alias", ())]
            places = {c.upper() for c in props.get("country", ()) if len(c) == 2}
            offices = [(p, None, None) for p in props.get("position", ())]
            yield _figure(str(row["id"]), names, places, offices, source, as_of, "CC-BY-NC-4.0")
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            yield Problem(number, type(cause).__name__)


def targets_simple(stream: BinaryIO, source: str, as_of: str) -> Iterator[Figure | Problem]:
    """OpenSanctions `targets.simple.csv`, read by its header; cells of many hold `;`."""
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    for number, row in enumerate(csv.DictReader(text), 2):
        if row.get("schema") != "Person":
            continue
        name, identifier = row.get("name"), row.get("id")
        if not name or not identifier:
            yield Problem(number, "no id or no name")
            continue
        names = [(name, None), *((n, None) for n in _cell(row.get("aliases")))]
        places = {c.upper() for c in _cell(row.get("countries")) if len(c) == 2}
        yield _figure(identifier, names, places, [], source, as_of, "CC-BY-NC-4.0")


def popolo(stream: BinaryIO, source: str, as_of: str) -> Iterator[Figure | Problem]:
    """Popolo JSON, as EveryPolitician wrote it."""
    for number, person in enumerate(_document(stream).get("persons", ()), 1):
        try:
            identifier = str(person["id"])
            for known in person.get("identifiers", ()):
                if known.get("scheme") == "wikidata":
                    identifier = str(known["identifier"])
            names = [(str(person["name"]), None)]
            names += [(str(n["name"]), n.get("lang")) for n in person.get("other_names", ())]
            yield _figure(identifier, names, set(), [], source, as_of, None)
        except (KeyError, TypeError, AttributeError) as cause:
            yield Problem(number, type(cause).__name__)


def own(stream: BinaryIO, source: str, as_of: str) -> Iterator[Figure | Problem]:
    """Rows of our own, JSON lines."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            yield Figure.of({"source": source, "as_of": as_of} | json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            yield Problem(number, type(cause).__name__)


IMPORTERS: dict[str, Importer] = {
    "sparql": sparql,
    "wbgetentities": wbgetentities,
    "opensanctions": opensanctions,
    "targets-simple": targets_simple,
    "popolo": popolo,
    "jsonl": own,
}


def run_import(
    kind: str, stream: BinaryIO, out: Path, *, source: str, as_of: str, fuzzy: bool = True
) -> Counts:
    """Read a list and write it as an index; an index already there is replaced only on success.

    Raises:
        ConfigError: The format is unknown or unreadable, nothing was kept, or too much was bad.
    """
    importer = IMPORTERS.get(kind)
    if importer is None:
        raise ConfigError(
            "screening.import_format",
            "the format is not known",
            kind,
            f"one of {sorted(IMPORTERS)}",
        )
    writer, kept, bad = IndexWriter(fuzzy=fuzzy), 0, 0
    problems: list[Problem] = []
    try:
        for found in importer(stream, source, as_of):
            if isinstance(found, Problem):
                bad += 1
                problems.extend([found] if len(problems) < 20 else [])
            else:
                writer.add(found)
                kept += 1
    except (ValueError, csv.Error, AttributeError, TypeError) as cause:
        raise ConfigError(
            "screening.import_unreadable",
            "the list cannot be read",
            type(cause).__name__,
            "check that the file is complete and of the format you named",
        ) from None
    if not kept or bad > BAD_SHARE * (kept + bad):
        raise ConfigError(
            "screening.import_bad",
            "the import was given up and the old index stays",
            f"{kept} rows kept, {bad} bad",
            "check the file",
        )
    writer.write(out)
    return Counts(kept + bad, kept, bad, tuple(problems))


def _document(stream: BinaryIO) -> dict[str, Any]:
    data = json.load(io.TextIOWrapper(stream, encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data


def _value(row: dict[str, Any], name: str) -> str:
    term = row.get(name)
    return str(term.get("value", "")) if isinstance(term, dict) else ""


def _day(text: str) -> str | None:
    return text[:10] if re.match(r"\d{4}-\d\d-\d\d", text) else None


def _cell(text: str | None) -> list[str]:
    if not text:
        return []
    return [c.strip() for row in csv.reader([text], delimiter=";") for c in row if c.strip()]


def _wb_office(claim: dict[str, Any]) -> tuple[str, str | None, str | None] | None:
    snak = claim.get("mainsnak", {})
    if snak.get("snaktype") != "value":
        return None
    qualifiers = claim.get("qualifiers", {})
    dates = [_wb_date(qualifiers.get(p, [{}])[0]) for p in ("P580", "P582")]
    return str(snak["datavalue"]["value"].get("id", "")), dates[0], dates[1]


def _wb_date(snak: dict[str, Any]) -> str | None:
    if snak.get("snaktype", "value") != "value" or "datavalue" not in snak:
        return None
    value = snak["datavalue"]["value"]
    length = {9: 5, 10: 8, 11: 11}.get(value.get("precision", 0), 0)
    return str(value["time"])[1:length] if length else None


def _dated(figure: Figure | Problem, claims: dict[str, Any]) -> Figure | Problem:
    from dataclasses import replace

    died = [_wb_date(c.get("mainsnak", {})) for c in claims.get("P570", ())]
    years = [int(d[:4]) for d in died if d]
    if isinstance(figure, Problem) or not years:
        return figure
    return replace(figure, dead_since=years[0])


def _figure(
    identifier: str,
    names: Sequence[tuple[str, str | None]],
    country: set[str],
    offices: Sequence[tuple[str, str | None, str | None]],
    source: str,
    as_of: str,
    licence: str | None,
) -> Figure | Problem:
    """One figure; spellings are composed (NFC), empty and one-letter ones dropped."""
    clean: dict[str, str | None] = {}
    for text, lang in names:
        spelled = unicodedata.normalize("NFC", text).strip()
        if len(spelled) >= 2:
            clean.setdefault(spelled, lang)
    if not clean:
        return Problem(0, "no usable name")
    first, *others = clean
    return Figure(
        id=identifier,
        name=first,
        names=tuple(Name(text, "alias", clean[text]) for text in others),
        country=tuple(sorted(country)),
        kind="legislator" if offices else "other",
        offices=tuple(offices),
        prominence=1,
        source=source,
        as_of=as_of,
        licence=licence,
    )
