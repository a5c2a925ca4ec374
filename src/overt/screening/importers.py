"""Importers of public lists of people: one a format, streamed, counting what they cannot read.

Each takes a binary stream and yields a `Figure` or a `Problem` for each row, and `None` for a row
that adds nobody: a company, or one more row of a person. No importer holds more than one record in
memory, whatever the size of the file. Licence and source travel with every row. Only public facts
are kept: names, countries, offices; addresses, birth dates and relatives in a source are ignored.

Formats: Wikidata SPARQL results JSON and `wbgetentities` JSON (CC0), OpenSanctions FtM JSON lines
and `targets.simple.csv` (CC BY-NC 4.0: companies need a licence), Popolo JSON, rows of our own.

How well known somebody is decides what a bare name may do (`Figure.prominence`). It comes from the
list where the list says it: from the number of wikis with a page of theirs (`sitelinks`), from the
topic of heads of government, from the row itself in our own format. Elsewhere it is what the
caller says, and 0 instead of 1 for a name that very many people bear.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from overt.errors import ConfigError
from overt.screening.countries import COUNTRIES
from overt.screening.import_rows import (
    KNOWN_AT_HOME,
    REPEATED,
    Listed,
    Problem,
    UnusableError,
    each,
    figure_of,
)
from overt.screening.index import Index
from overt.screening.index_write import IndexWriter
from overt.screening.office_kinds import kind_of
from overt.screening.popolo import popolo
from overt.screening.registry import Figure
from overt.screening.row_check import checked, is_ahead
from overt.screening.streams import BrokenError, lines
from overt.screening.wikidata import sparql, wbgetentities
from overt.tables import data_path

BAD_SHARE = 0.2
"""An import with more bad rows than this share of all rows fails, and the old index stays."""
_PROBLEMS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import did.

    Attributes:
        read: Rows of the list, those that add nobody included.
        kept: People of the list in the index.
        bad: Rows that could not be used.
        problems: The first of the bad rows.
        packaged: People of the packaged registry that were put into the index as well, those
            that are in the list too included; 0 where it was not asked for.
        total: People in the index.
    """

    read: int
    kept: int
    bad: int
    problems: tuple[Problem, ...]
    packaged: int = 0
    total: int = 0


Importer = Callable[[BinaryIO, str, str, int], Iterator[Figure | Problem | None]]
"""Takes the stream, the name and date of the source, and the prominence where none is given."""


def opensanctions(
    stream: BinaryIO, source: str, as_of: str, prominence: int = KNOWN_AT_HOME
) -> Iterator[Figure | Problem | None]:
    """OpenSanctions entities, JSON lines: persons with a political topic."""

    def read(row: Any) -> Figure | None:
        props = row["properties"]
        topics = props.get("topics", ())
        if row["schema"] != "Person" or not any(_political(t) for t in topics):
            return None
        names = [(n, None) for n in [row["caption"], *props.get("name", ())]]
        names += [(n, None) for n in props.get("alias", ())]
        places = {c.upper() for c in props.get("country", ())} & COUNTRIES
        offices = [(str(p), None, None) for p in props.get("position", ())]
        heads = "gov.head" in topics
        kind = kind_of(offices, as_of)
        return figure_of(
            str(row["id"]), names, places, offices, source, as_of, "CC-BY-NC-4.0", prominence,
            max(2, prominence) if heads else None,
            "head_of_government" if heads and not kind.startswith("head_of") else kind,
        )  # fmt: skip

    yield from each(lines(stream), read, json_lines=True)


def _political(topic: str) -> bool:
    """Office holders, also by level and former ones (`role.pep.natl`); no relatives."""
    return topic in ("role.pep", "role.pol", "gov.head") or topic.startswith("role.pep.")


def targets_simple(
    stream: BinaryIO, source: str, as_of: str, prominence: int = KNOWN_AT_HOME
) -> Iterator[Figure | Problem | None]:
    """OpenSanctions `targets.simple.csv`, read by its header; cells of many hold `;`."""

    def read(row: dict[str, str]) -> Figure | None:
        if row.get("schema") != "Person":
            return None
        name, identifier = row.get("name"), row.get("id")
        if not name or not identifier:
            raise UnusableError("no id or no name")
        names = [(name, None), *((n, None) for n in _cell(row.get("aliases")))]
        places = {c.upper() for c in _cell(row.get("countries"))} & COUNTRIES
        return figure_of(identifier, names, places, [], source, as_of, "CC-BY-NC-4.0", prominence)

    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    yield from each(enumerate(_table(text), 2), read)


def _table(text: Iterable[str]) -> Iterator[dict[str, str]]:
    number = 0
    try:
        for number, row in enumerate(csv.DictReader(text, strict=True), 1):  # noqa: B007
            yield row
    except csv.Error:
        raise BrokenError(
            f"a quotation has no end, or a cell is too long, after {number} rows"
        ) from None


def own(
    stream: BinaryIO, source: str, as_of: str, prominence: int = KNOWN_AT_HOME
) -> Iterator[Figure | Problem | None]:
    """Rows of our own, JSON lines. A row without prominence says 0, as our own files mean it."""

    def read(row: Any) -> Figure:
        if row.get("id") is None or row.get("name") is None:
            raise UnusableError("it has no id or no name")
        return Figure.of({"source": source, "as_of": as_of} | checked(row))

    yield from each(lines(stream), read, json_lines=True)


IMPORTERS: dict[str, Importer] = {
    "sparql": sparql,
    "wbgetentities": wbgetentities,
    "opensanctions": opensanctions,
    "targets-simple": targets_simple,
    "popolo": popolo,
    "jsonl": own,
}
_EXPECTED = {
    "sparql": "SPARQL results JSON with `item` and `label` or `itemLabel`",
    "wbgetentities": "JSON with `entities`, as `wbgetentities` answers",
    "opensanctions": "JSON lines with `schema`, `caption` and `properties`, of people in politics",
    "targets-simple": "a CSV with a header of `id`, `schema` and `name`, and persons in it",
    "popolo": "JSON with `persons`",
    "jsonl": "JSON lines with `id` and `name`",
}
"""What a list of each format holds, for a reader whose file holds none of it."""


def run_import(
    kind: str,
    stream: BinaryIO,
    out: Path,
    *,
    source: str,
    as_of: str,
    fuzzy: bool = True,
    prominence: int = KNOWN_AT_HOME,
    with_packaged: bool = False,
) -> Counts:
    """Read a list and write it as an index; an index already there is replaced only on success.

    The list is read as a stream; the index is put together in memory, about 5 KB a person.

    Args:
        kind: One of `IMPORTERS`.
        stream: The list.
        out: The index to write. Another file there is not overwritten.
        source: Name of the list, kept with each row.
        as_of: Date of the list, `YYYY-MM-DD`, or its year or month alone.
        fuzzy: Whether misspellings are indexed as well.
        prominence: 0 to 3, for people of whom the list does not say how well known they are.
        with_packaged: Whether the packaged people are put into the index as well. Somebody who is
            in both keeps the packaged row and gets the names of the list.

    Raises:
        ConfigError: The format, the name or the date is wrong, the list cannot be read or the
            index not written, nothing was kept, or too much was bad.
    """
    importer = IMPORTERS.get(kind)
    if importer is None:
        raise ConfigError(
            "screening.import_format",
            "the format is not known",
            kind,
            f"one of {sorted(IMPORTERS)}",
        )
    _check_told(source, as_of)
    people = _Collected(fuzzy, data_path("figures", "registry.idx") if with_packaged else None)
    try:
        for found in importer(stream, source, as_of, prominence):
            people.take(found)
    except (BrokenError, OSError) as cause:
        raise ConfigError(
            "screening.import_unreadable",
            "the list cannot be read",
            str(cause) if isinstance(cause, BrokenError) else type(cause).__name__,
            "check that the file is complete and of the format you named",
        ) from None
    _check_kept(people, kind)
    packaged = people.take_packaged()
    try:
        people.writer.write(out)
    except OSError as cause:
        raise ConfigError(
            "screening.import_write",
            "the index cannot be written",
            type(cause).__name__,
            "check the folder and its free space",
        ) from None
    kept = people.kept, people.bad, tuple(people.problems)
    return Counts(people.read, *kept, packaged, len(people.seen))


def _check_kept(people: _Collected, kind: str) -> None:
    """Give an import up that brought nothing, or too much that is bad."""
    read, kept, bad = people.read, people.kept, people.bad
    if not kept and not bad:
        raise ConfigError(
            "screening.import_bad",
            "the import was given up and the old index stays",
            f"{read} rows read, 0 rows kept, 0 bad: no row of the format {kind} is in it",
            f"expected is {_EXPECTED[kind]}",
        )
    if not kept or bad > BAD_SHARE * (kept + bad):
        first = f", the first: {people.problems[0]}" if people.problems else ""
        raise ConfigError(
            "screening.import_bad",
            "the import was given up and the old index stays",
            f"{kept} rows kept, {bad} bad{first}",
            "correct these rows, or name the format that the list has",
        )


def _check_told(source: str, as_of: str) -> None:
    if not source.strip():
        raise ConfigError(
            "screening.import_source", "the list has no name", todo="say --source parliament-sk"
        )
    try:
        ahead = is_ahead(as_of)
    except ValueError:
        raise ConfigError(
            "screening.import_date", "the date of the list is not a date", as_of, "say 2026-11-21"
        ) from None
    if ahead:
        raise ConfigError(
            "screening.import_date",
            "the date of the list is in the future",
            as_of,
            "say the day on which the list was made",
        )


class _Collected:
    """The people of an import, and what went wrong with others.

    Args:
        fuzzy: Whether misspellings are indexed as well.
        packaged: An index whose people are to be joined with those of the list.
    """

    def __init__(self, fuzzy: bool, packaged: Path | None) -> None:
        self.writer = IndexWriter(fuzzy=fuzzy)
        self.read = self.kept = self.bad = 0
        self.problems: list[Problem] = []
        self.seen: set[str] = set()
        self._packaged = Index(packaged) if packaged else None

    def take(self, found: Figure | Problem | None) -> None:
        """Count what an importer found, and keep a figure that was not there before."""
        self.read += 1
        if found is None:
            return
        if isinstance(found, Figure) and found.id in self.seen:
            found = Problem(found.row if isinstance(found, Listed) else self.read, REPEATED)
        if isinstance(found, Problem):
            self.bad += 1
            self.problems.extend([found] if len(self.problems) < _PROBLEMS_TOLD else [])
            return
        self.writer.add(self._whole(found))
        self.seen.add(found.id)
        self.kept += 1

    def _whole(self, found: Figure) -> Figure:
        """The packaged row with the names of the list, where somebody is in both."""
        place = self._packaged.find(found.id) if self._packaged else None
        if self._packaged is None or place is None:
            return found
        row = found.to_row()
        names = [{"text": row["name"]}, *row.get("names", ())]
        known = Figure.of(self._packaged.row(place))
        joined = known.joined({"names": names})
        if len(joined.names) == len(known.names):
            return known
        sources = {one: None for one in (known.source, found.source) if one}
        licences = {one: None for one in (known.licence, found.licence) if one}
        return replace(
            joined, source=", ".join(sources), licence=", ".join(licences) or None
        )  # names of a list keep its licence

    def take_packaged(self) -> int:
        """Keep the packaged people who are not in the list; how many packaged ones there are."""
        if self._packaged is None:
            return 0
        for number in range(self._packaged.size):
            figure = Figure.of(self._packaged.row(number))
            if figure.id not in self.seen:
                self.writer.add(figure)
                self.seen.add(figure.id)
        return self._packaged.size


def _cell(text: str | None) -> list[str]:
    if not text:
        return []
    return [c.strip() for row in csv.reader([text], delimiter=";") for c in row if c.strip()]
