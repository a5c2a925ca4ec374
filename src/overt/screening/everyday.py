"""Words that are names of figures and everyday words besides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from overt.screening.text import UNSPACED, words
from overt.tables import data_path

_LANGUAGE = re.compile(r"([a-z]{2}): ")
_UNSPACED = re.compile(f"[{UNSPACED}]")


@cache
def everyday_words() -> frozenset[str]:
    """Words of `data/figures/ordinary.txt`: alone they are never a figure."""
    return frozenset(word for language, word in _listed("ordinary.txt") if not language)


@cache
def everyday_only_in() -> dict[str, frozenset[str]]:
    """Words of a line `xx: ...` of `ordinary.txt`: in that language alone they are everyday."""
    return _by_word("ordinary.txt")


@cache
def common_words() -> frozenset[str]:
    """Words of `data/figures/common.txt`: a figure only with a capital letter."""
    return frozenset(word for language, word in _listed("common.txt") if not language)


@cache
def common_only_in() -> dict[str, frozenset[str]]:
    """Words of a line `xx: ...` of `common.txt`: common in that language alone.

    A word of a script without spaces is its characters, joined.
    """
    return _by_word("common.txt")


def _by_word(name: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language, word in _listed(name):
        if language:
            found.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


def _listed(name: str) -> Iterator[tuple[str, str]]:
    """Each word with the language that it is everyday in, or none where that is any."""
    for line in data_path("figures", name).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        language = _LANGUAGE.match(line)
        for piece in (line[language.end() :] if language else line).split():
            parts = words(piece)
            unspaced = _UNSPACED.search(piece) is not None
            for word in ["".join(parts)] if unspaced else parts:
                yield language.group(1) if language else "", word
