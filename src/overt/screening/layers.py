"""The names found in the registry and in an overlay, as if both were one list.

A person whom an overlay adds to is in both: in the registry with the names known there, in the
overlay with all of them. What is found of them counts as found in the registry, once a place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from overt.screening.gazetteer import Gazetteer, Hit, rank_of

Found = tuple[int, Hit]
"""Number of the gazetteer, and the name found: 0 is the registry, 1 the overlay."""


def together(
    hits: Sequence[Found], layers: Sequence[Gazetteer], joined: Mapping[int, int]
) -> list[Found]:
    """Names of a registry and an overlay with overlaps resolved, in order.

    Of two that overlap the better one stays, as within one gazetteer, and over the same words the
    better known person. Somebody new in the overlay is found beside a namesake in the registry.

    Args:
        hits: Names found.
        layers: The registry, and the overlay.
        joined: Number in the overlay -> number in the registry, of people who are in both.
    """

    def order(found: Found) -> tuple[object, ...]:
        source, hit = found
        return (*rank_of(hit), -layers[source].index.prominence(hit.person), source)

    def is_new(found: Found) -> bool:
        return found[0] == 1 and found[1].person not in joined

    taken: dict[int, list[Found]] = {}
    for found in sorted(hits, key=order):
        hit = found[1]
        words = range(hit.first, hit.last)
        in_the_way = [one for at in words for one in taken.get(at, ())]
        if all(
            (one[1].first, one[1].last) == (hit.first, hit.last) and is_new(one) != is_new(found)
            for one in in_the_way
        ):
            for at in words:
                taken.setdefault(at, []).append(found)
    kept = {id(found): found for held in taken.values() for found in held}.values()
    placed = sorted(kept, key=lambda found: (found[0], found[1].first))
    return [_in_registry(found, joined) for found in placed]


def _in_registry(found: Found, joined: Mapping[int, int]) -> Found:
    source, hit = found
    person = joined.get(hit.person) if source else None
    return found if person is None else (0, replace(hit, person=person, others=()))
