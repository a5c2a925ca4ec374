"""A builder's own people: an overlay file over the registry.

A row with an id that the registry has joins that person: names are added, other fields that it
gives stand in place of the registry's, and the rest is kept. A row with another id is somebody new.
`{"remove": "id"}` takes somebody out; a row for the same id then stands by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from overt.errors import ConfigError
from overt.screening.index import Index
from overt.screening.index_write import IndexWriter
from overt.screening.registry import Figure
from overt.screening.row_check import FieldError, checked

_NEW = {"prominence": 2, "source": "overlay"}
"""What a new person is when the row does not say: somebody that a builder adds should be found."""
_REMOVAL = frozenset({"remove", "why", "note"})


@dataclass(frozen=True, slots=True)
class Overlay:
    """What an overlay makes of the registry that it was read for.

    Args:
        people: Each person of the file once, those of the registry with all they have there.
        known: Prominence of those of them whom the registry has, as it stands for the screen.
        removed: Ids of the registry that are taken out.
    """

    people: tuple[Figure, ...] = ()
    known: Mapping[str, int] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    def index(self) -> Index:
        """All its people as an index.

        Raises:
            ConfigError: They are too many.
        """
        writer = IndexWriter()
        for figure in self.people:
            writer.add(figure)
        try:
            return Index(writer.to_bytes())
        except (ValueError, OverflowError) as cause:
            raise ConfigError(
                "screening.overlay", "the figure overlay cannot be used", type(cause).__name__
            ) from None


def read_overlay(path: Path, registry: Index) -> Overlay:
    """Read an overlay, JSON lines, for this registry.

    Raises:
        ConfigError: The file cannot be opened, or a line is wrong: it says which, and why.
    """
    rows: list[tuple[int, dict[str, Any]]] = []
    removed: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if isinstance(row, dict) and "remove" in row:
                removed[_removal(row)] = number
            else:
                rows.append((number, checked(row, whole=False)))
        except json.JSONDecodeError:
            raise _wrong(number, "it is not JSON") from None
        except UnicodeDecodeError:
            raise _wrong(number, "it is not UTF-8") from None
        except RecursionError:
            raise _wrong(number, "it is nested too deep") from None
        except FieldError as cause:
            raise _wrong(number, str(cause)) from None
    for identifier, number in removed.items():
        if registry.find(identifier) is None:
            raise _wrong(number, "nobody in the registry has the id that is to be removed")
    people, known = _people(rows, registry, frozenset(removed))
    return Overlay(tuple(people.values()), known, frozenset(removed))


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as cause:
        missing = isinstance(cause, FileNotFoundError)
        raise ConfigError(
            "screening.overlay",
            "the figure overlay cannot be read",
            "there is no such file" if missing else type(cause).__name__,
            "check [screening] overlay, which counts from the folder of the configuration",
        ) from None


def _removal(row: dict[str, Any]) -> str:
    identifier = row["remove"]
    if not isinstance(identifier, str) or not identifier:
        raise FieldError("field remove", "the id of one person, a text")
    if row.keys() - _REMOVAL:
        raise FieldError("beside remove", "nothing but why or note")
    return identifier


def _people(
    rows: list[tuple[int, dict[str, Any]]], registry: Index, removed: frozenset[str]
) -> tuple[dict[str, Figure], dict[str, int]]:
    """People by id, each joined with the registry's row and with rows of theirs before."""
    people: dict[str, Figure] = {}
    known: dict[str, int] = {}
    for number, row in rows:
        identifier = row["id"]
        place = None if identifier in removed else registry.find(identifier)
        if identifier in people:
            people[identifier] = people[identifier].joined(row)
        elif place is not None:
            people[identifier] = Figure.of(registry.row(place)).joined(row)
            known[identifier] = registry.prominence(place)
        elif "name" not in row:
            raise _wrong(number, "field name: somebody whom the registry does not have needs one")
        else:
            people[identifier] = Figure.of(_NEW | row)
        if place is not None and "prominence" in row:
            known[identifier] = row["prominence"]
        try:
            people[identifier].to_json().encode()
        except UnicodeError:
            raise _wrong(number, "it holds characters that no text has") from None
    return people, known


def _wrong(number: int, why: str) -> ConfigError:
    return ConfigError(
        "screening.overlay",
        "the figure overlay cannot be read",
        f"line {number}: {why}",
        'correct the line; each is a person with an id, or {"remove": "id"}',
    )
