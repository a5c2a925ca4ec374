"""Importer of Popolo JSON: people, and the offices that memberships and posts give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

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
from overt.screening.streams import Gathered, sections

_ARRAYS = frozenset({"persons", "memberships", "posts", "organizations"})
_PARTY = "party"
_PLAIN = frozenset({"member", "mp", "representative"})
"""Roles that say no more than that somebody belongs to an organization."""


def popolo(
    stream: BinaryIO, source: str, as_of: str, prominence: int = KNOWN_AT_HOME
) -> Iterator[Figure | Problem | None]:
    """Popolo JSON, as EveryPolitician wrote it.

    Offices come from `memberships`, in the person or beside `persons`: the label or role of the
    post, else the role, and the organization. A plain member of a party has no office by it. The
    parts stand in any order, so they wait on disk until all are read.
    """
    with Gathered() as persons, Gathered() as seats, Gathered() as named:
        number = 0
        for part, row in sections(stream, _ARRAYS):
            number += part == "persons"
            try:
                if part == "persons":
                    persons.add(_id(row), number, _person(row))
                elif part == "memberships":
                    seats.add(_id(row, "person_id"), 0, _seat(row))
                else:
                    named.add(f"{part} {_id(row)}", 0, _named(row))
            except ROW_FAULTS as fault:
                if part == "persons":
                    yield Problem(number, why(fault))

        def read(group: tuple[str, dict[str, Any]]) -> Figure:
            identifier, person = group
            held = (_office(one, named) for one in (*person["seats"], *seats.of(identifier)))
            offices = list(dict.fromkeys(office for office in held if office))
            return figure_of(
                person["id"], [tuple(name) for name in person["names"]], set(), offices, source,
                as_of, None, prominence,
            )  # fmt: skip

        for first, identifier, rows in persons.groups():
            yield from each([(first, (identifier, rows[0]))], read)
            yield from (Problem(again, REPEATED) for again in persons.numbers(identifier)[1:])


def _id(row: Any, key: str = "id") -> str:
    text = str(row[key])
    text.encode()  # a lone surrogate is no id
    return text


def _person(person: Any) -> dict[str, Any]:
    identifier = str(person["id"])
    for known in person.get("identifiers") or ():
        if known.get("scheme") == "wikidata":
            identifier = str(known["identifier"])
    if not isinstance(person["name"], str):
        raise UnusableError("its name is no text")
    names = [(person["name"], None)]
    names += [(str(n["name"]), n.get("lang")) for n in person.get("other_names") or ()]
    return {
        "id": identifier,
        "names": names,
        "seats": [_seat(one) for one in person.get("memberships") or ()],
    }


def _seat(row: Any) -> dict[str, str | None]:
    keys = ("role", "label", "organization_id", "post_id", "start_date", "end_date")
    return {key: str(row[key]) if row.get(key) else None for key in keys}


def _named(row: Any) -> dict[str, str]:
    keys = ("label", "name", "role", "classification", "organization_id")
    return {key: str(row[key]) for key in keys if row.get(key)}


def _office(
    seat: dict[str, str | None], named: Gathered
) -> tuple[str, str | None, str | None] | None:
    """The office of a membership with its days; none where it says no more than a party."""

    def of(part: str, identifier: str | None) -> dict[str, str]:
        found = named.of(f"{part} {identifier}") if identifier else ()
        return dict(found[0]) if found else {}

    post = of("posts", seat["post_id"])
    body = of("organizations", seat["organization_id"] or post.get("organization_id"))
    role = post.get("label") or post.get("role") or seat["label"] or seat["role"]
    plain = (role or "member").casefold() in _PLAIN
    if plain and (not body or body.get("classification", "").casefold() == _PARTY):
        return None
    name = body.get("name")
    title = f"{role or 'member'}, {name}" if name and name not in (role or "") else str(role)
    return title, seat["start_date"], seat["end_date"]
