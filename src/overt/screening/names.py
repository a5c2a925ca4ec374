"""Which word paths stand for a person: full names, orders, joined forms, surnames, nicknames.

A path is a run of folded words and a tier. Tiers say how much a hit on the path weighs: a surname
or a single word never acts alone, see `strength`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from overt.screening import index as ix
from overt.screening.everyday import everyday_words
from overt.screening.forms import greek_cases
from overt.screening.homes import surnames_tell
from overt.screening.latin import UNVOWELLED, has_latin, latin_paths
from overt.screening.namesakes import common_surname
from overt.screening.registry import Figure
from overt.screening.text import UNSPACED, fold, words

_QUOTED = re.compile(r'\s*["“(][^"”)]*["”)]')
_ARTICLE = re.compile(r"[ae]l-(\w{5,})$")
_SUFFIX = frozenset(["jr", "sr", "ii", "iii", "iv", "phd", "md", "mp"])
_PARTICLE_TEXT = (
    "de da do dos das del della di du la le van von der den ter ten bin ibn al el ben bint dit af "
    "av zu zur y e i abu al- st"
)
_PARTICLES = frozenset(_PARTICLE_TEXT.split())
_ORDERED_LAST = frozenset(["CN", "KR", "KP", "TW", "HK", "VN", "HU", "JP", "KH", "MO", "SG"])
_UNSPACED = re.compile(f"[{UNSPACED}]")
_MAX_WORDS = 8
_TITLE_TEXT = (
    "صاحب السادس الثاني الثالث الرابع الاول آغا جی جي خان السابق जी साहब खान ভাই খান সাহেব দিদি "
    "दीदी भाई 先生 さん"
)
_OUTSIDE_POLITICS = frozenset({"celebrity", "journalist", "business", "royal", "other"})
"""Kinds of people whom only great fame makes known by a surname: no office stands beside it."""
_NO_SURNAMES = frozenset(fold(w) for w in _TITLE_TEXT.split())
"""Last words of names that say nothing about who is meant."""
_LOAN_WORD_TEXT = """
マスク ファン ゴール ロビー クルーズ ゲイツ ジョブズ ウッズ ロス クック ベス スミス リー
キング
"""
_LOAN_WORDS = frozenset(_LOAN_WORD_TEXT.split())
"""Surnames in Kana that are loan words or many people's."""


_OWN_TIER = {
    "nickname": ix.NICKNAME, "word": ix.WORD, "role": ix.ROLE, "catchphrase": ix.CATCHPHRASE
}  # fmt: skip
"""Kinds of names that are taken as they are: no other order, no surname."""


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
        tier = _OWN_TIER.get(kind)
        if tier is not None:
            parts = tuple(words(text))
            yield Path(parts, tier)
            if tier == ix.NICKNAME and len(parts) > 1:
                yield _joined(parts, tier)
            continue
        yield from _full_name(figure, text, ix.CANONICAL if kind == "primary" else ix.ALIAS)
    yield from _in_latin(figure)


def _in_latin(figure: Figure) -> Iterator[Path]:
    """A name that no spelling of the row has in Latin letters: in the usual ones, whole only."""
    spelled = (figure.name, *(n.text for n in figure.names if n.kind not in _OWN_TIER))
    if has_latin(spelled):
        return
    for text in spelled:
        for parts in latin_paths(text, figure.country, figure.prominence):
            if any(part.startswith(UNVOWELLED) for part in parts):
                if figure.prominence:  # nobody little known is found by sound
                    yield Path(parts, ix.ALIAS)
            elif not any(part in everyday_words() for part in parts) or len("".join(parts)) >= 8:
                yield from _spoken_forms(parts, ix.ALIAS)


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
    if all(len(w) == 1 for w in parts):
        return  # initials with dots are any initials
    yield from _spoken_forms(parts, tier)
    for declined in greek_cases(parts):
        yield from _spoken_forms(declined, ix.ALIAS)
    yield from _long_surname_first(figure, text, parts, tier)
    bare = tuple(words(_QUOTED.sub(" ", text)))
    trimmed = tuple(w for w in bare if w not in _SUFFIX)
    without_initials = tuple(w for w in trimmed if len(w) > 1)
    for other in sorted({trimmed, without_initials} - {parts}):
        if len(other) >= 2:
            yield from _spoken_forms(other, ix.ALIAS)
    foreign = "\u0370" <= parts[-1][0] < "\u0590" and figure.prominence >= 2
    known = figure.prominence >= (2 if figure.kind in _OUTSIDE_POLITICS else 1)
    sure = (known and tier == ix.CANONICAL) or foreign
    if sure or (figure.prominence and tier == ix.CANONICAL):
        for surname in _surnames(figure, text, trimmed):
            if sure and _says_who(surname, foreign):
                yield Path(surname, ix.SURNAME)
            elif _may_mean(surname, figure):
                yield Path(surname, ix.WORD)


def _long_surname_first(
    figure: Figure, text: str, parts: tuple[str, ...], tier: int
) -> Iterator[Path]:
    surname = _surname(figure, parts)
    if 1 < len(surname) < len(parts) or "-" in text.rpartition(" ")[2]:
        family = surname if len(surname) > 1 else tuple(words(text.rpartition(" ")[2]))
        yield Path((*family, *parts[: -len(family)]), tier | ix.REVERSED_FLAG)


def _surnames(figure: Figure, text: str, parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The surname, a double one whole; an Arabic one without its article besides."""
    surname = _surname(figure, parts)
    if not surname:
        return
    last = text.rpartition(" ")[2]
    article = _ARTICLE.match(last)
    if article and figure.prominence >= 2:
        yield tuple(words(article.group(1)))
    double = tuple(words(last)) if "-" in last.strip("-") and not article else ()
    yield double if len(surname) < len(double) and double == parts[-len(double) :] else surname


def _says_who(surname: tuple[str, ...], foreign: bool) -> bool:
    """Whether a surname alone can stand for the person: no everyday word, not too short."""
    if surname[-1] in _NO_SURNAMES or (len(surname) == 1 and surname[0] in everyday_words()):
        return False
    return min(len(w) for w in surname) > 1 and len("".join(surname)) >= (4 if foreign else 2)


def _may_mean(surname: tuple[str, ...], figure: Figure) -> bool:
    """Whether a surname that is an everyday word may still mean the person among their own."""
    least = 3 if figure.prominence >= 2 else 4
    alone = len(surname) == 1 and len(surname[0]) >= least and surname[0] not in _NO_SURNAMES
    rare = figure.prominence >= 2 or not common_surname(surname[0])
    return alone and rare and surnames_tell(figure.country)


def _spoken_forms(parts: tuple[str, ...], tier: int) -> Iterator[Path]:
    yield Path(parts, tier)
    if len("".join(parts)) >= 6 and all(len(w) > 1 for w in parts):
        yield _joined(parts, tier)
    if any(len(w) == 1 for w in parts):
        return
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
    if "of" in parts:
        return ()  # `Michael of Romania`
    start = len(parts) - 1
    while start > 1 and parts[start - 1] in _PARTICLES:
        start -= 1
    return parts[start:]


def _unspaced_name(figure: Figure, text: str, parts: tuple[str, ...], tier: int) -> Iterator[Path]:
    """Names in Han, Kana, Hangul or Thai: their characters one by one, dots and spaces left out."""
    pieces = re.split(r"[・·.•=＝]+", text.strip())
    if len(parts) == 1:
        return
    if len(parts) <= 2 and parts[0][0] < "\uac00":
        yield Path(parts, ix.SINGLE)
        return
    one_piece_surname = len(pieces) == 1 and tier == ix.ALIAS and len(parts) == 2
    yield Path(parts, ix.SINGLE if one_piece_surname else tier)
    if len(pieces) > 1 and figure.prominence >= 2:
        last = tuple(words(pieces[-1]))
        if len(last) >= 2 and pieces[-1] not in _LOAN_WORDS:
            yield Path(last, ix.SURNAME)
