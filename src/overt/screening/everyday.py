"""Words that are names of figures and everyday words besides."""

from __future__ import annotations

from functools import cache

from overt.screening.text import words
from overt.tables import data_path


@cache
def everyday_words() -> frozenset[str]:
    """Words of `data/figures/ordinary.txt`: alone they are never a figure."""
    return _listed("ordinary.txt")


@cache
def common_words() -> frozenset[str]:
    """Words of `data/figures/common.txt`: a figure only with a capital letter."""
    return _listed("common.txt")


def _listed(name: str) -> frozenset[str]:
    lines = data_path("figures", name).read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in words(line))
