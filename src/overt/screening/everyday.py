"""Words that are names of figures and everyday words besides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from overt.screening.text import words
from overt.tables import data_path

_LANGUAGE = re.compile(r"([a-z]{2}): ")


@cache
def everyday_words() -> frozenset[str]:
    """Words of `data/figures/ordinary.txt`: alone they are never a figure."""
    return frozenset(word for language, word in _listed("ordinary.txt") if not language)


@cache
def everyday_only_in() -> dict[str, frozenset[str]]:
    """Words of a line `xx: ...` of `ordinary.txt`: in that language alone they are everyday."""
    found: dict[str, set[str]] = {}
    for language, word in _listed("ordinary.txt"):
        if language:
            found.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


@cache
def common_words() -> frozenset[str]:
    """Words of `data/figures/common.txt`: a figure only with a capital letter."""
    return frozenset(word for _, word in _listed("common.txt"))


def _listed(name: str) -> Iterator[tuple[str, str]]:
    """Each word with the language that it is everyday in, or none where that is any."""
    for line in data_path("figures", name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            language = _LANGUAGE.match(line)
            for word in words(line[language.end() :] if language else line):
                yield language.group(1) if language else "", word
