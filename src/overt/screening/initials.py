"""Initials in names: `Radovan J. Belinsky`, `R. Belinsky`.

An initial between the words of a whole name changes nothing, unless the row knows another middle
name. An initial before a surname counts as the name where nobody else known has both; else the
surname stands alone, which is weak.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from overt.screening.index import OWN_LIST
from overt.screening.namesakes import common_surname
from overt.screening.text import Analysis, Reading, Token, words

INITIAL = "initial"
_EVERYWHERE = 3
_MOST_OTHERS = 7


def initials(analysis: Analysis) -> Iterator[Reading]:
    """Capital letters with a dot that a word follows: they may be passed over inside a name."""
    if "." not in analysis.original:
        return
    tokens = analysis.tokens
    for at in range(1, len(tokens) - 1):
        if is_initial(analysis, at):
            yield Reading(at, at + 1, "", INITIAL)


def is_initial(analysis: Analysis, at: int) -> bool:
    """Whether a token is one capital letter, then a dot and at most one space before a word."""
    token = analysis.tokens[at]
    if len(token.text) != 1 or not token.capital or token.unspaced:
        return False
    between = analysis.original[token.end : analysis.tokens[at + 1].start]
    return between in (".", ". ", ".\u00a0")


def middle_agrees(row: dict[str, Any], tokens: Sequence[Token]) -> bool:
    """Whether the row knows no middle name that the initials among these tokens contradict."""
    given = [t.text for t in tokens if len(t.text) == 1]
    known = [
        {part[0] for part in parts[1:-1]}
        for parts in _names(row)
        if len(parts) > 2 and _begin_alike(parts[-1], tokens[-1].text)
    ]
    return not known or any(set(given) <= middle for middle in known)


def bearers(rows: Sequence[tuple[int, dict[str, Any]]], initial: str) -> list[int]:
    """Of people with one surname, those with a given name that begins so."""
    return [n for n, row in rows if any(parts[0][0] == initial for parts in _names(row))]


def stands_alone(analysis: Analysis, at: int) -> bool:
    """Whether an initial is a first one: not the `J.` of `Ingrid J. Belinsky`."""
    if not at:
        return True
    before, token = analysis.tokens[at - 1], analysis.tokens[at]
    parted = analysis.original[before.end : token.start] != " "
    return parted or not (before.capital or is_initial(analysis, at - 1))


def says_who(surname: str, prominence: int, others: int, size: int) -> bool:
    """Whether a surname with an initial can be one person's: no common one, nobody else's known.

    A large registry says nothing about the many who are not in it, so that only people known
    everywhere are meant; a list of a builder's own is about its people.
    """
    if prominence < 2 or others > _MOST_OTHERS or common_surname(surname):
        return False
    return prominence == _EVERYWHERE or (not others and size <= OWN_LIST)


def _names(row: dict[str, Any]) -> Iterator[list[str]]:
    for text in (row["name"], *(n["text"] for n in row.get("names", ()))):
        parts = words(text)
        if len(parts) > 1:
            yield parts


def _begin_alike(one: str, other: str) -> bool:
    return one[:3] == other[:3]
