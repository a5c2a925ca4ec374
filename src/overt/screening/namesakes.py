"""Names that very many people bear: alone they do not say who is meant."""

from __future__ import annotations

from functools import cache

from overt.screening.text import words
from overt.tables import data_path

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def everyones(name: str) -> bool:
    """Whether a name is a very common given name with a very common surname, in either order."""
    given, family, whole = _listed()
    parts = [word for word in words(name) if word not in _SUFFIXES]
    full = [word for word in parts if len(word) > 1 or not word.isascii()]
    if "".join(parts) in whole:
        return True
    if len(full) != 2:
        return False
    first, last = full
    return (first in given and last in family) or (last in given and first in family)


@cache
def _listed() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    found: dict[str, set[str]] = {"given": set(), "family": set(), "whole": set()}
    for line in data_path("figures", "namesakes.txt").read_text("utf-8").splitlines():
        kind, _, names = line.partition(" ")
        if kind != "#":
            found[kind].update("".join(words(name)) for name in names.split())
    return frozenset(found["given"]), frozenset(found["family"]), frozenset(found["whole"])


def common_surname(word: str) -> bool:
    """Whether a folded word is a surname of very many people."""
    return word in _listed()[1]
