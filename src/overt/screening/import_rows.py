"""From a row of a list to a figure or a problem: what the importers of all formats share."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from overt.screening.namesakes import everyones
from overt.screening.office_kinds import kind_of
from overt.screening.pinyin import pinyin
from overt.screening.registry import Figure, Name
from overt.screening.row_check import FieldError, checked

KNOWN_AT_HOME = 1
"""Prominence of people of whom a list does not say it."""
ROW_FAULTS = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError, RecursionError,
    csv.Error,
)  # fmt: skip
"""What reading a row raises that is not of the shape one expects."""
REPEATED = "has an id that came before"

_FIELD = re.compile("[a-z][a-zA-Z_]{1,20}")
_OTHER_SCRIPT = re.compile("[A-Za-z\u3040-\u30ff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read: where and why, never its content."""

    row: int
    why: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.why}"


@dataclass(frozen=True, slots=True)
class Listed(Figure):
    """A figure and the number of the row that it was read from."""

    row: int = 0


class UnusableError(ValueError):
    """A row that is well formed and names nobody. Its text may be shown."""


_TOLD: tuple[tuple[type[BaseException], str], ...] = (
    (KeyError, "a field is missing"),
    (IndexError, "a field is empty"),
    (TypeError, "a field has the wrong shape"),
    (AttributeError, "a field has the wrong shape"),
    (json.JSONDecodeError, "it is not JSON"),
    (UnicodeError, "it holds characters that no text has"),
    (ArithmeticError, "a number is out of range"),
    (RecursionError, "it is nested too deep"),
    (csv.Error, "a cell cannot be read"),
)


def why(fault: BaseException) -> str:
    """Why a row is bad, in our own words, since a message of Python's may quote the row."""
    if isinstance(fault, UnusableError | FieldError):
        return str(fault)
    if isinstance(fault, KeyError) and fault.args and _FIELD.fullmatch(str(fault.args[0])):
        return f"the field {fault.args[0]} is missing"
    told = (text for kind, text in _TOLD if isinstance(fault, kind))
    return next(told, "a field has a value that cannot be read")


def each(
    rows: Iterable[tuple[int, Any]],
    read: Callable[[Any], Figure | None],
    *,
    json_lines: bool = False,
) -> Iterator[Figure | Problem | None]:
    """What `read` makes of each numbered row; a row that it cannot read is a problem, no more.

    Args:
        rows: Numbers and rows, None for one too long to be read.
        read: Makes a figure of a row, or None of one that is nobody's.
        json_lines: Whether rows are JSON text.
    """
    for number, row in rows:
        try:
            if row is None:
                raise UnusableError("too long")
            figure = read(json.loads(row) if json_lines else row)
            if figure is not None:
                _check(figure)
        except ROW_FAULTS as fault:
            yield Problem(number, why(fault))
            continue
        yield None if figure is None else _listed(figure, number)


def _check(figure: Figure) -> None:
    row = figure.to_row()
    row.pop("offices", None)  # titles and dates of a list are taken as they are
    checked(row)
    figure.to_json().encode()  # half a surrogate pair can be read and never written


def _listed(figure: Figure, number: int) -> Listed:
    return Listed(**{part.name: getattr(figure, part.name) for part in fields(figure)}, row=number)


def figure_of(
    identifier: str,
    names: Sequence[tuple[str, str | None]],
    country: set[str],
    offices: Sequence[tuple[str, str | None, str | None]],
    source: str,
    as_of: str,
    licence: str | None,
    prominence: int,
    told: int | None = None,
    kind: str | None = None,
) -> Figure:
    """One figure; spellings are composed (NFC), empty and one-letter ones dropped.

    Args:
        identifier: The id in the source.
        names: Spellings with their languages; the first is the name.
        country: Two-letter codes.
        offices: Titles with the days they began and ended.
        source: Name of the list.
        as_of: Its date.
        licence: Its licence, where it is not public domain.
        prominence: 0 to 3, see `Figure`, where the list does not tell it. A name that very many
            people bear is then no sign of somebody known at home.
        told: The prominence, where the list tells it.
        kind: What the person is, where the list says it otherwise than by offices.

    Raises:
        UnusableError: There is no usable name.
    """
    clean: dict[str, str | None] = {}
    for text, lang in names:
        composed = unicodedata.normalize("NFC", text).strip()
        if len(composed) >= 2:
            clean.setdefault(composed, lang)
    if not clean:
        raise UnusableError("no usable name")
    first, *others = clean
    if told is None:
        told = 0 if prominence <= KNOWN_AT_HOME and everyones(first) else prominence
    spelled = [Name(text, "alias", clean[text]) for text in others]
    if latin := _latin(list(clean), country, told):
        spelled.append(Name(latin, "transliteration", "zh-Latn-pinyin"))
    return Figure(
        id=identifier,
        name=first,
        names=tuple(spelled),
        country=tuple(sorted(country)),
        kind=kind or kind_of(offices, as_of),
        offices=tuple(offices),
        prominence=told,
        source=source,
        as_of=as_of,
        licence=licence,
    )


def _latin(names: Sequence[str], country: set[str], prominence: int) -> str | None:
    """A Chinese name in Latin letters, where the list gives Han characters only.

    A given name of one character sounds like very many others', so it needs somebody known abroad.
    """
    if country & {"JP", "KR", "KP"} or any(_OTHER_SCRIPT.search(name) for name in names):
        return None
    return next(
        (found for name in names if len(name) > 2 or prominence >= 2 if (found := pinyin(name))),
        None,
    )
