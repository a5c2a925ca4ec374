"""Text as the screens see it: folded tokens that know where they came from.

`analyse` never changes the prompt and never fails: any code points go in, and every token carries
the span of the original text it stands for (code points, end exclusive). Scripts written without
spaces give one token a character, so that a name inside them is found as a run of tokens.

The work is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from overt.screening.chars import LEET, LEET_CYRILLIC, LEET_SIGNS, fold_char

if TYPE_CHECKING:
    from overt.language import Identified

UNSPACED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\u0e01-\u0eff\u1780-\u17d3\u1000-\u104f\U00020000-\U0003ffff"
)
_INDIC = "\u0900-\u0963\u0966-\u0dff\u0f00-\u0fbc"
_TOKEN = re.compile(rf"[{UNSPACED}]|(?:[^\W_{UNSPACED}]|[{_INDIC}])+")
_LEET_SIGN = re.compile(rf"[{re.escape(LEET_SIGNS)}0-9]")
_LEET_CHUNK = re.compile(rf"[^\W_]*[{re.escape(LEET_SIGNS)}0-9][\w{re.escape(LEET_SIGNS)}]*")
_CAMEL = re.compile(r"(?<=[a-zà-öø-ÿа-я])(?=[A-ZÀ-ÖØ-ÞА-Я])")
_UNSPACED_ONE = re.compile(rf"[{UNSPACED}]")

MAX_JOIN, _OVERLAP = 64, 24
"""Longest run of single letters that is put together again; of a longer one, how much windows
share, so that no name falls between two."""


@dataclass(frozen=True, slots=True)
class Token:
    """One folded word, or one character of a script without spaces.

    Attributes:
        text: The folded word.
        start: Where it begins in the original.
        end: Where it ends there, exclusive.
        capital: Whether it begins with a capital there.
        unspaced: Whether it is one character of a script written without spaces.
    """

    text: str
    start: int
    end: int
    capital: bool = False
    unspaced: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read tokens `first` to `last` (exclusive), and the folding it took."""

    first: int
    last: int
    text: str
    technique: str


@dataclass(frozen=True)
class Analysis:
    """A text, its tokens, and the other readings of them."""

    original: str
    tokens: tuple[Token, ...]
    readings: tuple[Reading, ...] = field(default=())

    @cached_property
    def identified(self) -> Identified:
        """The language of the text, told once and only when it is asked for."""
        from overt.language import identify

        return identify(self.original)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Original span of tokens `first` to `last` (exclusive)."""
        return self.tokens[first].start, self.tokens[last - 1].end


def fold(text: str) -> str:
    """The folded text without its map: what index builders and lexicons store."""
    return _fold(text)[0]


def words(text: str) -> list[str]:
    """Folded tokens of a short text, such as a name or a phrase of a lexicon."""
    return _TOKEN.findall(fold(text))


def analyse(text: str) -> Analysis:
    """Fold and tokenise `text`, and find what else it may spell."""
    folded, starts = _fold(text)
    length = len(text)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(folded):
        first, last = match.span()
        start = starts[first] if starts is not None else first
        end = (starts[last - 1] if starts is not None else last - 1) + 1
        while end < length and unicodedata.combining(text[end]):
            end += 1
        original = text[start:end]
        if not original.islower() and len(original) > 5 and original != original.upper():
            tokens.extend(_camel(original, match.group(), start, end))
        else:
            word = match.group()
            unspaced = len(word) == 1 and _UNSPACED_ONE.match(word) is not None
            tokens.append(Token(word, start, end, original[:1].isupper(), unspaced))
    readings = [*_leet(folded, starts, tokens), *_runs(tokens, text)]
    return Analysis(text, tuple(tokens), tuple(readings))


def _fold(text: str) -> tuple[str, list[int] | None]:
    if text.isascii():
        folded = text.lower()
        if folded.isprintable():
            return folded, None
    if any("\u1100" <= c <= "\u11ff" for c in text):
        return _fold_composed(text)
    pieces: list[str] = []
    starts: list[int] = []
    for at, char in enumerate(text):
        piece = fold_char(char)
        if piece:
            pieces.append(piece)
            if len(piece) == 1:
                starts.append(at)
            else:
                starts.extend([at] * len(piece))
    return "".join(pieces), starts


def _fold_composed(text: str) -> tuple[str, list[int]]:
    """Hangul typed as single letters is put together first, cluster by cluster."""
    pieces: list[str] = []
    starts: list[int] = []
    at = 0
    for cluster in re.findall(r"[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.", text, re.S):
        for char in unicodedata.normalize("NFC", cluster):
            piece = fold_char(char)
            pieces.append(piece)
            starts.extend([at] * len(piece))
        at += len(cluster)
    return "".join(pieces), starts


def _camel(original: str, folded: str, start: int, end: int) -> list[Token]:
    """`JoeBiden` is two words; `McConnell`, `DeSantis` and `iPhone` are left to the joined form."""
    cuts = [m.start() for m in _CAMEL.finditer(original) if len(original) - m.start() > 1]
    if not cuts or len(original) != len(folded) or cuts[0] < 3:
        return [Token(folded, start, end, original[:1].isupper())]
    edges = [0, *cuts, len(original)]
    return [Token(folded[a:b], start + a, start + b, True) for a, b in pairwise(edges)]


def _leet(folded: str, starts: list[int] | None, tokens: list[Token]) -> list[Reading]:
    """Chunks that mix letters with digits or signs, read as letters."""
    if _LEET_SIGN.search(folded) is None:
        return []
    readings: list[Reading] = []
    by_start = {token.start: at for at, token in enumerate(tokens)}
    by_end = {token.end: at + 1 for at, token in enumerate(tokens)}
    for match in _LEET_CHUNK.finditer(folded):
        chunk = match.group().rstrip("!+|")
        if len(chunk) < 2 or len(chunk) > 32 or not any(c.isalpha() for c in chunk):
            continue
        first = starts[match.start()] if starts is not None else match.start()
        final = match.start() + len(chunk) - 1
        last = (starts[final] if starts is not None else final) + 1
        at, until = by_start.get(first), by_end.get(last)
        if until is None:
            until = _covering_end(tokens, last)
        if at is None:
            at = _covering_start(tokens, first)
        cyrillic = any("а" <= c <= "ӿ" for c in chunk)
        plain = chunk.translate(LEET_CYRILLIC if cyrillic else LEET)
        if plain.isalpha() and at is not None and until is not None and at < until:
            readings.append(Reading(at, until, plain, "leet"))
            if "1" in chunk or "!" in chunk or "|" in chunk or cyrillic:
                other = chunk.replace("1", "l").replace("|", "i").translate(LEET)
                readings.append(Reading(at, until, other, "leet"))
    return readings


def _covering_start(tokens: list[Token], start: int) -> int | None:
    low, high = 0, len(tokens)
    while low < high:
        middle = (low + high) // 2
        if tokens[middle].start < start:
            low = middle + 1
        else:
            high = middle
    return low if low < len(tokens) else None


def _covering_end(tokens: list[Token], end: int) -> int | None:
    low, high = 0, len(tokens)
    while low < high:
        middle = (low + high) // 2
        if tokens[middle].end <= end:
            low = middle + 1
        else:
            high = middle
    return low or None


def _runs(tokens: list[Token], text: str) -> list[Reading]:
    """Runs of three or more single letters, put together; wide gaps end a word inside a run."""
    readings: list[Reading] = []
    at, count = 0, len(tokens)
    while at < count:
        if not _single(tokens[at]):
            at += 1
            continue
        until = at + 1
        while until < count and _single(tokens[until]):
            until += 1
        if until - at >= 3:
            readings.extend(_split_run(tokens, text, at, until))
        at = until
    return readings


def _single(token: Token) -> bool:
    return len(token.text) == 1 and token.text.isalpha() and not token.unspaced


def _split_run(tokens: list[Token], text: str, first: int, last: int) -> list[Reading]:
    gaps = [tokens[i + 1].start - tokens[i].end for i in range(first, last - 1)]
    narrow = min(gaps)
    readings: list[Reading] = []
    if max(gaps) > narrow and last - first <= MAX_JOIN:
        whole = "".join(t.text for t in tokens[first:last])
        readings.append(Reading(first, last, whole, "spacing"))
    start = first
    for at in range(first, last):
        if at == last - 1 or gaps[at - first] > narrow:
            if at + 1 - start >= 3:
                readings.extend(_windows(tokens, start, at + 1))
            start = at + 1
    return readings


def _windows(tokens: list[Token], first: int, last: int) -> Iterator[Reading]:
    """A run of single letters, a long one in windows."""
    for start in range(first, last, MAX_JOIN - _OVERLAP):
        end = min(start + MAX_JOIN, last)
        yield Reading(start, end, "".join(t.text for t in tokens[start:end]), "spacing")
        if end == last:
            return
