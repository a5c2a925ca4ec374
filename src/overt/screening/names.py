"""Which word paths stand for a person: full names, orders, joined forms, surnames, nicknames.

A path is a run of folded words and a tier. Tiers say how much a hit on the path weighs: a surname
or a single word never acts alone, see `strength`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from overt.screening import index as ix
from overt.screening.registry import Figure
from overt.screening.text import UNSPACED, words

_QUOTED = re.compile(r'\s*["“(][^"”)]*["”)]')
_SUFFIX = frozenset(["jr", "sr", "ii", "iii", "iv", "phd", "md", "mp"])
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "di",
        "du",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "bin",
        "ibn",
        "al",
        "el",
        "ben",
        "bint",
        "dit",
        "af",
        "av",
        "zu",
        "zur",
        "y",
        "e",
        "i",
        "abu",
        "al-",
        "st",
    ]
)
_ORDERED_LAST = frozenset(["CN", "KR", "KP", "TW", "HK", "VN", "HU", "JP", "KH", "MO", "SG"])
_UNSPACED = re.compile(f"[{UNSPACED}]")
_MAX_WORDS = 8


@dataclass(frozen=True, slots=True)
class Path:
    """Folded words in order, and the tier with flags."""

    words: tuple[str, ...]
    tier: int


def paths_of(figure: Figure) -> Iterator[Path]:
    """All paths of a person, without repeats."""
    seen: set[tuple[tuple[str, ...], int]] = set()
    for path in _all_paths(figure):
        key = (path.words, path.tier & ix.TIER_MASK)
        if path.words and len(path.words) <= _MAX_WORDS * 3 and key not in seen:
            seen.add(key)
            yield path


def _all_paths(figure: Figure) -> Iterator[Path]:
    for text, kind in [(figure.name, "primary"), *((n.text, n.kind) for n in figure.names)]:
        if kind in ("nickname", "role", "catchphrase"):
            tier = {"nickname": ix.NICKNAME, "role": ix.ROLE}.get(kind, ix.CATCHPHRASE)
            parts = tuple(words(text))
            yield Path(parts, tier)
            if tier == ix.NICKNAME and len(parts) > 1:
                yield _joined(parts, tier)
            continue
        yield from _full_name(figure, text, ix.CANONICAL if kind == "primary" else ix.ALIAS)


def _full_name(figure: Figure, text: str, tier: int) -> Iterator[Path]:
    parts = tuple(words(text))
    if not parts:
        return
    if _UNSPACED.search(parts[0]):
        yield from _unspaced_name(figure, text, parts, tier)
        return
    if len(parts) == 1:
        yield Path(parts, ix.SINGLE)
        return
    yield from _spoken_forms(parts, tier)
    bare = tuple(words(_QUOTED.sub(" ", text)))
    trimmed = tuple(w for w in bare if w not in _SUFFIX)
    without_initials = tuple(w for w in trimmed if len(w) > 1)
    for other in {trimmed, without_initials} - {parts}:
        if len(other) >= 2:
            yield from _spoken_forms(other, ix.ALIAS)
    foreign = parts[-1][0] >= "\u0370" and figure.prominence >= 2
    if (figure.prominence >= 1 and tier == ix.CANONICAL) or foreign:
        surname = _surname(figure, trimmed)
        if surname and len("".join(surname)) > 1:
            yield Path(surname, ix.SURNAME)


def _spoken_forms(parts: tuple[str, ...], tier: int) -> Iterator[Path]:
    yield Path(parts, tier)
    if len("".join(parts)) >= 6 and all(len(w) > 1 for w in parts):
        yield _joined(parts, tier)
    if len(parts) == 2:
        yield Path(parts[::-1], tier | ix.REVERSED_FLAG)
    elif len(parts) <= 4:
        yield Path((parts[-1], *parts[:-1]), tier | ix.REVERSED_FLAG)
    if any(w in ("al", "el") for w in parts) and len(parts) > 2:
        yield Path(tuple(w for w in parts if w not in ("al", "el")), ix.ALIAS)


def _joined(parts: tuple[str, ...], tier: int) -> Path:
    return Path((ix.JOINED + "".join(parts),), tier | ix.JOINED_FLAG)


def _surname(figure: Figure, parts: tuple[str, ...]) -> tuple[str, ...]:
    if len(parts) < 2:
        return ()
    if set(figure.country) & _ORDERED_LAST and not set(figure.country) & {"JP", "HU"}:
        return ()  # Kim, Lee, Wang: no surname of these says who is meant
    start = len(parts) - 1
    while start > 1 and parts[start - 1] in _PARTICLES:
        start -= 1
    return parts[start:]


def _unspaced_name(figure: Figure, text: str, parts: tuple[str, ...], tier: int) -> Iterator[Path]:
    """Names in Han, Kana, Hangul or Thai: their characters one by one, dots and spaces left out."""
    pieces = re.split(r"[\s・·.•=＝]+", text.strip())
    if len(parts) <= 2 and parts[0][0] < "\uac00":
        yield Path(parts, ix.SINGLE)
        return
    one_piece_surname = len(pieces) == 1 and tier == ix.ALIAS and len(parts) == 2
    yield Path(parts, ix.SINGLE if one_piece_surname else tier)
    if len(pieces) > 1 and figure.prominence >= 2:
        last = tuple(words(pieces[-1]))
        if len(last) >= 2 and not set(figure.country) & {"KR", "KP"}:
            yield Path(last, ix.SURNAME)
