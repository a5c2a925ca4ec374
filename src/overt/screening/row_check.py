"""Checks rows that others wrote: what each field may hold, told in the words of the field.

Rows of an overlay and of a builder's own list are typed by people, and a field misread in silence
is a person who is not found. Rows that are packaged or stored in an index are not checked here:
they may hold what a later version knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from overt.screening.countries import COUNTRIES
from overt.screening.registry import KINDS, NAME_KINDS

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
_COMMENTS = frozenset({"why", "note"})
_FURTHEST_ZONE = timedelta(hours=14)
_IN_COUNTRY = 'a list of ISO 3166-1 alpha-2 codes, such as ["SK"]'
_IN_NAMES = 'a list of texts or of {"text": "…", "kind": "…", "lang": "…"}'
_IN_OFFICES = 'a list of {"title": "…", "from": "2024-01-31", "to": "…"}, dates where known'


class FieldError(ValueError):
    """A field that holds something else than it may. Its text quotes no value of the row."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: expected is {expected}")


def checked(row: Any, *, whole: bool = True) -> dict[str, Any]:
    """A person's row with known fields only, codes of countries in capitals.

    Fields that are null count as absent; `note` and `why` are comments and are left out.

    Args:
        row: What was read.
        whole: Whether a name is needed; a row that changes a known person has none.

    Raises:
        FieldError: It is no row, an id or a name is missing, or a field cannot be what it says.
    """
    if not isinstance(row, dict):
        raise FieldError("the row", 'an object such as {"id": "…", "name": "…"}')
    given = {key: value for key, value in row.items() if value is not None}
    for key in given.keys() - _FIELDS.keys() - _COMMENTS:
        shown = f"field {key}" if _PLAIN_KEY.fullmatch(key) else "a field"
        raise FieldError(f"{shown} is not known", f"one of {', '.join(_FIELDS)}")
    for field in ("id", "name") if whole else ("id",):
        if field not in given:
            raise FieldError(f"field {field}", _FIELDS[field][1])
    return {
        field: _value(field, given[field], read, expected)
        for field, (read, expected) in _FIELDS.items()
        if field in given
    }


def _value(field: str, value: Any, read: Callable[[Any], Any], expected: str) -> Any:
    try:
        return read(value)
    except FieldError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise FieldError(f"field {field}", expected) from None


def _must(true: bool) -> None:
    if not true:
        raise ValueError


def _text(value: Any) -> str:
    _must(isinstance(value, str) and bool(value.strip()))
    return str(value)


def _free_text(value: Any) -> str:
    _must(isinstance(value, str))
    return str(value)


def _codes(value: Any) -> list[str]:
    _must(isinstance(value, list))
    codes = [_text(code).upper() for code in value]
    _must(COUNTRIES.issuperset(codes))
    return codes


def _names(value: Any) -> list[dict[str, str]]:
    _must(isinstance(value, list))
    return [_name(entry) for entry in value]


def _name(entry: Any) -> dict[str, str]:
    if isinstance(entry, str):
        return {"text": _text(entry)}
    _object(entry, {"text", "kind", "lang"})
    if entry.get("kind", "alias") not in NAME_KINDS:
        raise FieldError("the kind of a name", f"one of {', '.join(NAME_KINDS)}")
    _text(entry["text"])
    return {key: _text(part) for key, part in entry.items() if part is not None}


def _offices(value: Any) -> list[dict[str, str]]:
    _must(isinstance(value, list))
    for entry in value:
        _object(entry, {"title", "from", "to"})
        _text(entry["title"])
        _must(all(_DATE.fullmatch(entry[end]) for end in ("from", "to") if entry.get(end)))
    return [{key: part for key, part in entry.items() if part} for entry in value]


def _object(value: Any, keys: set[str]) -> None:
    _must(isinstance(value, Mapping) and value.keys() <= keys)


def _kind(value: Any) -> str:
    _must(value in KINDS)
    return str(value)


def _fame(value: Any) -> int:
    _must(type(value) is int and 0 <= value <= 3)
    return int(value)


def _flag(value: Any) -> bool:
    _must(isinstance(value, bool))
    return bool(value)


def _year(value: Any) -> int:
    _must(type(value) is int and -9999 <= value <= datetime.now(UTC).year)
    return int(value)


def _day(value: Any) -> str:
    if is_ahead(_text(value)):
        raise FieldError("field as_of", "a date that is not in the future")
    return str(value)


def is_ahead(text: str) -> bool:
    """Whether a date, its year or its year and month alone, has not come yet anywhere.

    Raises:
        ValueError: It is no date.
    """
    if not _DATE.fullmatch(text):
        raise ValueError("no date")
    first = date.fromisoformat((text + "-01-01")[:10])
    return first > (datetime.now(UTC) + _FURTHEST_ZONE).date()


_FIELDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "id": (_text, "a text that is this person's alone, such as an item of Wikidata"),
    "name": (_text, "a text"),
    "names": (_names, _IN_NAMES),
    "country": (_codes, _IN_COUNTRY),
    "kind": (_kind, f"one of {', '.join(sorted(KINDS))}"),
    "offices": (_offices, _IN_OFFICES),
    "active": (_flag, "true or false"),
    "prominence": (_fame, "a whole number from 0 to 3"),
    "dead_since": (_year, "the year of death, a number and not in the future"),
    "source": (_free_text, "a text"),
    "as_of": (_day, "a date such as 2026-11-21"),
    "licence": (_free_text, "a text"),
}
"""Each field, what reads it, and what it may hold."""
