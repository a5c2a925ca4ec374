"""Reads long lists a piece at a time, so that memory depends on one record, not on the file.

`records` takes the members of one object or array out of a JSON document, `lines` the lines of a
text, `Gathered` brings rows together that belong to one person and come in any order, on disk.
A list comes from elsewhere and may be cut short, broken or hostile: what one record may take is
bounded, and every fault is a `BrokenError` that says where, never what.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Container, Iterator
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

LONGEST_LINE: Final = 8 << 20
"""Bytes of a line. The longest lines of published lists are well under 1 MiB."""
_DEEPEST: Final = 64
_MOST_VALUES: Final = 1_000_000
_STARTS: Final = frozenset({"start_map", "start_array"})
_ENDS: Final = frozenset({"end_map", "end_array"})


class BrokenError(ValueError):
    """A list that cannot be read on. Its text may be shown: it quotes nothing of the list."""


def records(stream: BinaryIO, *path: str) -> Iterator[tuple[str, Any]]:
    """Members of the object or array at `path`, each with its key (empty in an array).

    `records(stream, "results", "bindings")` yields the rows of a SPARQL answer. Several documents
    one after the other, as pages of an answer are kept, are read as one list.

    Raises:
        BrokenError: The document is cut short, is not JSON, or holds a record that nobody writes.
    """
    yield from _told(stream, lambda events: _members(events, path))


def sections(stream: BinaryIO, names: Container[str]) -> Iterator[tuple[str, Any]]:
    """Members of the arrays with these names in one object, each with the name of its array.

    The arrays may stand in any order.

    Raises:
        BrokenError: As for `records`.
    """
    yield from _told(stream, lambda events: _members_of(events, names))


def _told(
    stream: BinaryIO, members: Callable[[Iterator[tuple[str, Any]]], Iterator[tuple[str, Any]]]
) -> Iterator[tuple[str, Any]]:
    """What `members` makes of the events of a document; a fault says after how many records."""
    import ijson

    number = 0
    try:
        # Events, not `ijson.items`: that recurses as deep as the file says, and the C parser
        # crashes on an integer of thousands of digits unless numbers are kept to 64 bits.
        events = ijson.basic_parse(stream, use_float=True, multiple_values=True)
        for number, member in enumerate(members(events), 1):  # noqa: B007
            yield member
    except BrokenError as cause:
        raise BrokenError(f"{cause}, after {number} records") from None
    except (ijson.JSONError, UnicodeDecodeError, OverflowError):
        raise BrokenError(f"it is cut short or no JSON, after {number} records") from None


def _members_of(
    events: Iterator[tuple[str, Any]], names: Container[str]
) -> Iterator[tuple[str, Any]]:
    depth, key, inside = 0, "", ""
    for event, value in events:
        if event == "map_key":
            key = value
        elif event in _ENDS:
            depth -= 1
            inside = inside if depth >= 2 else ""
        elif depth == 2 and inside:
            yield inside, _whole(event, value, events)
        elif event in _STARTS:
            depth += 1
            inside = key if depth == 2 and event == "start_array" and key in names else inside


def _members(events: Iterator[tuple[str, Any]], path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    depth = matched = 0
    key = ""
    for event, value in events:
        if event == "map_key":
            key = value
        elif event in _ENDS:
            depth -= 1
            matched = min(matched, max(depth - 1, 0))
        elif depth == len(path) + 1 and matched == len(path):
            yield key, _whole(event, value, events)
        elif event in _STARTS:
            right = depth and matched == depth - 1 and matched < len(path) and key == path[matched]
            matched, depth, key = matched + bool(right), depth + 1, ""


def _whole(event: str, value: Any, events: Iterator[tuple[str, Any]]) -> Any:
    """The value that begins with this event; takes the events it needs."""
    from ijson import ObjectBuilder

    builder = ObjectBuilder()
    open_, taken = 0, 0
    while True:
        builder.event(event, value)
        open_ += (event in _STARTS) - (event in _ENDS)
        taken += 1
        if not open_:
            return builder.value
        if open_ > _DEEPEST or taken > _MOST_VALUES:
            raise BrokenError("a record is nested too deep or too large")
        event, value = next(events)


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers, blank ones left out; None for one longer than `LONGEST_LINE`."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        part, too_long = line, False
        while len(part) == LONGEST_LINE and not part.endswith(b"\n"):
            part, too_long = stream.readline(LONGEST_LINE), True
        if too_long or line.strip():
            yield number, None if too_long else line


class Gathered:
    """Rows by the name of a group, in a private file that vanishes when it is closed."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("")
        self._rows.execute("CREATE TABLE rows (name TEXT, number INTEGER, row TEXT)")
        self._rows.execute("CREATE INDEX by_name ON rows (name, number)")

    def add(self, name: str, number: int, row: Any) -> None:
        """Keep a row, which must be plain data."""
        text = json.dumps(row, ensure_ascii=True)
        self._rows.execute("INSERT INTO rows VALUES (?, ?, ?)", (name, number, text))

    def groups(self) -> Iterator[tuple[int, str, list[Any]]]:
        """Number of the first row, name and rows of each group, by name; rows in their order."""
        name, first = "", 0
        held: list[Any] = []
        order = self._rows.execute("SELECT name, number, row FROM rows ORDER BY name, number")
        for found, number, text in order:
            if held and found != name:
                yield first, name, held
                held = []
            if not held:
                name, first = found, number
            held.append(json.loads(text))
        if held:
            yield first, name, held

    def of(self, name: str) -> list[Any]:
        """Rows of one group, in their order."""
        found = self._rows.execute("SELECT row FROM rows WHERE name = ? ORDER BY number", (name,))
        return [json.loads(text) for (text,) in found]

    def numbers(self, name: str) -> list[int]:
        """Numbers of the rows of one group, in their order."""
        found = self._rows.execute("SELECT number FROM rows WHERE name = ? ORDER BY 1", (name,))
        return [number for (number,) in found]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rows.close()
