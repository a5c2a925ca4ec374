"""What a ledger may hold, and its exact bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from overt.errors import StageError
from overt.ledger.entries import encode

AT = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
GOOD: dict[str, Any] = {"type": "decision", "id": "d1", "at": AT}

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("a prompt", {"request": "a picture of the mayor"}),
    ("a name", {"subject": "Šimečka"}),
    ("an unknown field", {"prompt": "x"}),
    ("a fraction", {"count": 0.5}),
    ("a whole number that is a fraction", {"count": 1.0}),
    ("an object", {"code": {"a": "b"}}),
    ("bytes", {"digest": b"x"}),
    ("a number that JSON readers round", {"count": 2**53}),
    ("a long word", {"code": "a" * 161}),
    ("a newline", {"code": "a\nb"}),
    ("a final newline", {"code": "a\n"}),
    ("nothing", {"code": ""}),
    ("a list of lists", {"codes": [["a"]]}),
    ("a list with a sentence", {"codes": ["a", "b c"]}),
    ("a naive time", {"expires_at": datetime(2026, 3, 1)}),
    ("a type in capitals", {"type": "Decision"}),
    ("no type", {"type": None}),
    ("no id", {"id": None}),
    ("an id that is a number", {"id": 5}),
    ("no time", {"at": None}),
    ("a time without a zone", {"at": "2026-03-01T12:00:00"}),
    ("a time that is none", {"at": "yesterday"}),
    ("too many", {"codes": ["a"] * 513}),
]


@pytest.mark.parametrize(("name", "fields"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(StageError) as caught:
        encode({**GOOD, **fields})
    assert caught.value.code == "ledger.entry"
    for value in fields.values():
        assert not isinstance(value, str) or len(value) < 3 or value not in str(caught.value)


def test_bytes_are_canonical_and_the_order_of_fields_is_nothing() -> None:
    entry = {**GOOD, "rules": ("EL-004", "EL-001"), "count": 3, "code": None}
    expected = (
        b'{"at":"2026-03-01T12:00:00.000005Z","count":3,"id":"d1",'
        b'"rules":["EL-004","EL-001"],"type":"decision","v":1}'
    )
    assert encode(entry) == expected
    assert encode(dict(reversed(entry.items()))) == expected


def test_moments_are_written_in_utc() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5)))
    assert encode({**GOOD, "at": there}) == encode(GOOD)
    assert encode({**GOOD, "at": there.isoformat()}) == encode(GOOD)


def test_sets_are_sorted() -> None:
    assert b'"codes":["a","b","c"]' in encode({**GOOD, "codes": {"b", "c", "a"}})


def test_a_leaf_is_never_longer_than_its_length_can_say() -> None:
    with pytest.raises(StageError, match="length"):
        encode({**GOOD, "codes": ["a" * 160] * 500})
