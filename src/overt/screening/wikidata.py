"""Importers of what Wikidata gives: SPARQL results and `wbgetentities` (both CC0)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from typing import Any, BinaryIO

from overt.screening.countries import COUNTRIES, COUNTRY_OF_ITEM
from overt.screening.import_rows import (
    KNOWN_AT_HOME,
    REPEATED,
    ROW_FAULTS,
    Problem,
    UnusableError,
    each,
    figure_of,
    why,
)
from overt.screening.registry import Figure
from overt.screening.streams import Gathered, records

_FAME = ((100, 3), (20, 2), (3, 1), (0, 0))
"""Pages in so many wikis, and the prominence: our own steps, read off well-known people."""
_COUNT = re.compile(r"[0-9]{1,6}")
_QID = re.compile(r"Q\d+")
_TIME = re.compile(r"[+-]\d{4}-")
_HUMAN = "Q5"
_ENTITY = "http://www.wikidata.org/entity/"


def sparql(
    stream: BinaryIO, source: str, as_of: str, prominence: int = KNOWN_AT_HOME
) -> Iterator[Figure | Problem | None]:
    """Wikidata SPARQL results: item, label or itemLabel, posLabel, start, end, cc, sitelinks.

    Rows of one person may stand anywhere: they wait on disk until all are read.
    """
    with Gathered() as people:
        for number, (_, row) in enumerate(records(stream, "results", "bindings"), 1):
            try:
                item, facts = _sparql_row(row)
            except ROW_FAULTS as fault:
                yield Problem(number, why(fault))
            else:
                people.add(item, number, facts)

        def read(group: tuple[str, list[Any]]) -> Figure:
            item, rows = group
            names = [(row["name"], row["lang"]) for row in rows]
            country = {row["cc"] for row in rows if row["cc"]}
            offices = {tuple(row["office"]) for row in rows if row["office"][0]}
            told = [row["links"] for row in rows]
            links = max((int(n) for n in told if _COUNT.fullmatch(n)), default=None)
            return figure_of(
                item, names, country, sorted(offices, key=str), source, as_of, "CC0-1.0",
                prominence, _fame(links),
            )  # fmt: skip

        for number, item, rows in people.groups():
            yield from each([(number, (item, rows))], read)
            yield from repeat(None, len(rows) - 1)


def _sparql_row(row: Any) -> tuple[str, dict[str, Any]]:
    item = _value(row, "item").removeprefix(_ENTITY)
    label = row.get("label") or row.get("itemLabel")
    if not _QID.fullmatch(item) or not isinstance(label, dict) or "value" not in label:
        raise UnusableError("no item or no label")
    if _QID.fullmatch(str(label["value"])):
        raise UnusableError("its label is the number of the item")
    code = _value(row, "cc").upper()
    if code and code not in COUNTRIES:
        raise UnusableError("cc is no ISO 3166-1 alpha-2 code")
    office = _value(row, "posLabel") or _value(row, "officeLabel")
    return item, {
        "name": str(label["value"]), "lang": label.get("xml:lang"), "cc": code,
        "office": (office, _day(_value(row, "start")), _day(_value(row, "end"))),
        "links": _value(row, "sitelinks"),
    }  # fmt: skip


def wbgetentities(
    stream: BinaryIO, source: str, as_of: str, prominence: int = KNOWN_AT_HOME
) -> Iterator[Figure | Problem | None]:
    """Answers of `wbgetentities` of the Wikidata API, one or several pages in one file.

    Reads labels, aliases, P27, P39 with dates, P570, and sitelinks where they were asked for. An
    office is named as the file names its item, wherever that stands in it; items that are no people
    add nobody. Entities wait on disk until all are read.
    """
    with Gathered() as entities, Gathered() as labels:
        for number, (item, entity) in enumerate(records(stream, "entities"), 1):
            try:
                facts = _wb_facts(item, entity)
            except ROW_FAULTS as fault:
                yield Problem(number, why(fault))
                continue
            if facts["human"]:
                entities.add(item, number, facts)
            else:
                labels.add(item, number, facts["names"][0][0])
                yield None

        def read(group: tuple[str, dict[str, Any]]) -> Figure:
            item, facts = group
            offices = [
                (next(iter(labels.of(office)), office), began, ended)
                for office, began, ended in facts["offices"]
            ]
            figure = figure_of(
                item, [tuple(name) for name in facts["names"]], set(facts["country"]), offices,
                source, as_of, "CC0-1.0", prominence, _fame(facts["links"]),
            )  # fmt: skip
            return replace(figure, dead_since=facts["died"])

        for number, item, rows in entities.groups():
            yield from each([(number, (item, rows[0]))], read)
            yield from (Problem(again, REPEATED) for again in entities.numbers(item)[1:])


def _wb_facts(item: str, entity: Any) -> dict[str, Any]:
    labels = entity.get("labels")
    if not labels or not _QID.fullmatch(item):
        raise UnusableError("missing, or without a label")
    names = [(str(v["value"]), v.get("language")) for v in labels.values()]
    names.sort(key=lambda n: (n[1] not in ("en", "mul"), str(n[1])))
    for group in (entity.get("aliases") or {}).values():
        names.extend((str(v["value"]), v.get("language")) for v in group)
    claims = entity.get("claims") or {}
    sorts = [_wb_item(c) for c in claims.get("P31", ())]
    links = entity.get("sitelinks")
    died = (_wb_date(c.get("mainsnak", {})) for c in claims.get("P570", ()))
    offices = (_wb_office(c) for c in claims.get("P39", ()) if c.get("rank") != "deprecated")
    return {
        "human": _HUMAN in sorts or not any(sorts),
        "names": names,
        "country": sorted({code for c in claims.get("P27", ()) if (code := _wb_country(c))}),
        "offices": [office for office in offices if office],
        "died": next((int(re.sub(r"(?<=\d)-.*", "", d)) for d in died if d), None),
        "links": len(links) if isinstance(links, dict | list) else None,
    }


def _wb_country(claim: dict[str, Any]) -> str | None:
    """The country of a citizenship, unless it was given up or is of a state that is no more."""
    if claim.get("rank") == "deprecated" or "P582" in claim.get("qualifiers", {}):
        return None
    return COUNTRY_OF_ITEM.get(_wb_item(claim) or "")


def _wb_item(claim: dict[str, Any]) -> str | None:
    snak = claim.get("mainsnak", {})
    if snak.get("snaktype", "value") != "value" or "datavalue" not in snak:
        return None
    return str(snak["datavalue"]["value"].get("id", "")) or None


def _fame(sitelinks: int | None) -> int | None:
    if sitelinks is None:
        return None
    return next((fame for least, fame in _FAME if sitelinks >= least), 0)


def _value(row: dict[str, Any], name: str) -> str:
    term = row.get(name)
    return str(term.get("value", "")) if isinstance(term, dict) else ""


def _day(text: str) -> str | None:
    return text[:10] if re.match(r"\d{4}-\d\d-\d\d", text) else None


def _wb_office(claim: dict[str, Any]) -> tuple[str, str | None, str | None] | None:
    office = _wb_item(claim)
    if office is None:
        return None
    qualifiers = claim.get("qualifiers", {})
    dates = [_wb_date(qualifiers.get(p, [{}])[0]) for p in ("P580", "P582")]
    return office, dates[0], dates[1]


def _wb_date(snak: dict[str, Any]) -> str | None:
    """A date as exact as it is known, with a minus for years before our era."""
    if snak.get("snaktype", "value") != "value" or "datavalue" not in snak:
        return None
    value = snak["datavalue"]["value"]
    length = {9: 5, 10: 8, 11: 11}.get(value.get("precision", 0), 0)
    if not length or not _TIME.match(value["time"]):
        return None
    return str(value["time"])[:length].removeprefix("+")
