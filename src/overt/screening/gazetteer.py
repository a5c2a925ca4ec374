"""Finds names of the registry in an analysed text.

Each word may be read in several ways: as it is, without a case ending, one letter off, in another
script, as look-alikes. The readings form a lattice over the text, and a walk down the word trie of
the index keeps those that spell a whole name. Work is bounded for each position, so it is linear
in the length of the text. rapidfuzz verifies candidates; it never scans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from overt.screening import index as ix
from overt.screening.chars import LATIN_TO_CYRILLIC, LOOKALIKES
from overt.screening.forms import base_stems, deletions, rot13, without_prefix
from overt.screening.index import Index
from overt.screening.text import Analysis, Reading, Token
from overt.screening.translit import alike, is_script_change, skeleton

_FUZZY_LETTERS = 5
_FUZZY_TOTAL = 8
_SOUND_TOTAL = 7
_ALIKE = 0.74
_FRONTIER = 48
_LONGEST_WORD = 40
_MAX_WORDS = 24
_WINDOW = 4

PLAIN = frozenset({"", "inflected"})
GUESSED = frozenset({"fuzzy", "sound"})
ENCODED = frozenset({"rot13", "reversed"})
EVASIVE = frozenset({"leet", "spacing", "joined", "mixed_scripts", "emoji"}) | ENCODED


@dataclass(frozen=True, slots=True)
class Hit:
    """A name found: who, how sure the path is, over which tokens, and how the words were read."""

    person: int
    tier: int
    flags: int
    first: int
    last: int
    how: frozenset[str]
    others: tuple[int, ...] = ()

    @property
    def full(self) -> bool:
        """Whether a whole name of two words or more was found."""
        return self.tier in (ix.CANONICAL, ix.ALIAS)


@dataclass(frozen=True, slots=True)
class _Walk:
    state: int
    at: int
    how: frozenset[str]
    steps: int
    letters: int


class Gazetteer:
    """Searches one index.

    Args:
        index: Where the names are.
        removed: Ids of people a builder has taken out.
    """

    def __init__(self, index: Index, removed: frozenset[str] = frozenset()) -> None:
        self.index = index
        numbers = (index.find(identifier) for identifier in removed)
        self._removed = frozenset(n for n in numbers if n is not None)
        self._candidates = lru_cache(maxsize=32768)(self._candidates_uncached)
        self._knows = lru_cache(maxsize=65536)(index.knows)
        self._root_step = lru_cache(maxsize=65536)(lambda hashed: index.step(0, hashed))
        self._joined_state = lru_cache(maxsize=65536)(self._joined_uncached)

    def find(self, analysis: Analysis) -> list[Hit]:
        """Names in the text, overlaps resolved, in order."""
        tokens = analysis.tokens
        readings: dict[int, list[Reading]] = {}
        for reading in analysis.readings:
            readings.setdefault(reading.first, []).append(reading)
        hits: list[Hit] = []
        for start in range(len(tokens)):
            hits.extend(self._from(tokens, start, readings))
        for reading in analysis.readings:
            hits.extend(self._inside(reading))
        return _without_overlaps([self._resolved(h) for h in hits if self._holds(h, tokens)])

    # --- the walk ------------------------------------------------------------------------------

    def _from(
        self, tokens: tuple[Token, ...], start: int, readings: dict[int, list[Reading]]
    ) -> Iterator[Hit]:
        frontier = [_Walk(0, start, frozenset(), 0, 0)]
        while frontier:
            following: list[_Walk] = []
            for walk in frontier:
                for after, hashed, how, letters in self._edges(tokens, walk, readings):
                    state = (
                        self.index.step(walk.state, hashed)
                        if walk.state
                        else self._root_step(hashed)
                    )
                    if not state:
                        continue
                    used = walk.how | {how} if how else walk.how
                    total = walk.letters + letters
                    yield from self._ends(state, start, after, used, total)
                    if after < len(tokens) and walk.steps < _MAX_WORDS:
                        following.append(_Walk(state, after, used, walk.steps + 1, total))
            frontier = following[:_FRONTIER]
        yield from self._joined(tokens, start)

    def _edges(
        self, tokens: tuple[Token, ...], walk: _Walk, readings: dict[int, list[Reading]]
    ) -> Iterator[tuple[int, int, str, int]]:
        at = walk.at
        if at >= len(tokens):
            return
        word = tokens[at].text
        if tokens[at].unspaced:
            yield at + 1, ix.word_hash(word), "", 1
            return
        for hashed, how in self._candidates(word):
            yield at + 1, hashed, how, len(word)
        for reading in readings.get(at, ()):
            yield reading.last, ix.word_hash(reading.text), reading.technique, len(reading.text)
        if walk.steps == 0 or len(word) <= 3:
            yield from self._glued(tokens, at)

    def _glued(self, tokens: tuple[Token, ...], at: int) -> Iterator[tuple[int, int, str, int]]:
        """Two or three pieces that together are one word of a name: `Bi den`."""
        piece = tokens[at].text
        for last in range(at + 2, min(at + 4, len(tokens) + 1)):
            token = tokens[last - 1]
            piece += token.text
            if token.unspaced or len(piece) > 16 or token.start - tokens[last - 2].end > 3:
                return
            if len(piece) >= 4 and self._knows(piece):
                yield last, ix.word_hash(piece), "spacing", len(piece)

    def _joined(self, tokens: tuple[Token, ...], start: int) -> Iterator[Hit]:
        """One word, or a few pieces, that hold a whole name without its spaces."""
        piece = ""
        for last in range(start + 1, min(start + 1 + _WINDOW, len(tokens) + 1)):
            token = tokens[last - 1]
            if token.unspaced or len(piece) > 40:
                return
            piece += token.text
            if len(piece) >= 6 and (state := self._joined_state(piece)):
                how = "joined" if last == start + 1 else "spacing"
                yield from self._ends(state, start, last, frozenset({how}), len(piece))

    def _joined_uncached(self, piece: str) -> int:
        return self.index.step(0, ix.word_hash(ix.JOINED + piece))

    def _inside(self, reading: Reading) -> Iterator[Hit]:
        """Whole names inside a run of single letters or one leet chunk."""
        text = reading.text
        lengths = (
            range(6, 25) if reading.technique == "spacing" else range(len(text), len(text) + 1)
        )
        for start in range(len(text)):
            for length in lengths:
                piece = text[start : start + length]
                if len(piece) != length:
                    break
                state = self._joined_state(piece)
                if state:
                    first, last = reading.first, reading.last
                    if reading.technique == "spacing" and last - first == len(text):
                        first, last = first + start, first + start + length
                    how = frozenset({reading.technique})
                    yield from self._ends(state, first, last, how, length)

    def _ends(
        self, state: int, first: int, last: int, how: frozenset[str], letters: int
    ) -> Iterator[Hit]:
        people = [(p, t) for p, t in self.index.people(state) if p not in self._removed]
        if not people:
            return
        if how & GUESSED and letters < (_FUZZY_TOTAL if "fuzzy" in how else _SOUND_TOTAL):
            return
        best = min(people, key=lambda e: (e[1] & ix.TIER_MASK, -self.index.prominence(e[0]), e[0]))
        tier = best[1] & ix.TIER_MASK
        single = tier in (ix.SURNAME, ix.SINGLE, ix.NICKNAME, ix.ROLE)
        long = letters >= 7 and self.index.prominence(best[0]) >= 2
        if single and how & (GUESSED | ENCODED) and not ("fuzzy" in how and long):
            return
        same = tuple(p for p, t in people if t & ix.TIER_MASK == tier and p != best[0])
        flags = best[1] & (ix.REVERSED_FLAG | ix.JOINED_FLAG)
        yield Hit(best[0], tier, flags, first, last, how - {"inflected"}, same[:8])

    def _resolved(self, hit: Hit) -> Hit:
        """Of namesakes on one path, the best known one."""
        people = (hit.person, *hit.others)
        best = max(people, key=lambda p: (self.index.prominence(p), -p))
        others = tuple(p for p in people if p != best)
        return Hit(best, hit.tier, hit.flags, hit.first, hit.last, hit.how, others)

    # --- readings of one word ----------------------------------------------------------------

    def _candidates_uncached(self, word: str) -> tuple[tuple[int, str], ...]:
        found: dict[str, str] = {}
        if self.index.knows(word):
            found[word] = ""
        if not word.isdigit() and len(word) <= _LONGEST_WORD:
            for other, how in self._guesses(word):
                found.setdefault(other, how)
        return tuple((ix.word_hash(other), how) for other, how in list(found.items())[:64])

    def _guesses(self, word: str) -> Iterator[tuple[str, str]]:
        yield from self._inflected(word)
        for bare in without_prefix(word):
            if self.index.knows(bare):
                yield bare, "inflected"
        if not word.isascii():
            yield from self._unmixed(word)
        if len(word) >= _FUZZY_LETTERS:
            yield from self._misspelt(word)
        yield from self._other_script(word)
        if word.isascii() and len(word) >= 3:
            for other, how in ((rot13(word), "rot13"), (word[::-1], "reversed")):
                if self.index.knows(other):
                    yield other, how

    def _inflected(self, word: str) -> Iterator[tuple[str, str]]:
        for stem in base_stems(word):
            for name in self.index.stems(stem):
                if name != word and name[:3] == word[:3] and _same_stem(name, stem):
                    yield name, "inflected"

    def _unmixed(self, word: str) -> Iterator[tuple[str, str]]:
        latin = word.translate(LOOKALIKES)
        mixed = any("a" <= c <= "z" for c in word)
        if latin.isascii() and self.index.knows(latin) and (mixed or not self.index.knows(word)):
            yield latin, "mixed_scripts"
        if mixed:
            cyrillic = word.translate(LATIN_TO_CYRILLIC)
            if self.index.knows(cyrillic):
                yield cyrillic, "mixed_scripts"

    def _misspelt(self, word: str) -> Iterator[tuple[str, str]]:
        from rapidfuzz.distance import OSA

        for key in deletions(word):
            for name in self.index.near(key):
                ends_agree = name[0] == word[0] or name[-1] == word[-1]
                if name != word and ends_agree and OSA.distance(name, word, score_cutoff=1) <= 1:
                    yield name, "fuzzy"

    def _other_script(self, word: str) -> Iterator[tuple[str, str]]:
        sound = skeleton(word)
        if not sound or len(word) < 3:
            return
        for name in self.index.sounding(sound):
            if name == word:
                continue
            if (is_script_change(name, word) and alike(name, word) >= _ALIKE) or (
                name.isascii() and word.isascii() and alike(name, word) >= 0.9
            ):
                yield name, "sound"

    def _holds(self, hit: Hit, tokens: tuple[Token, ...]) -> bool:
        """Names in unspaced scripts must not begin or end inside a longer foreign word."""
        first = tokens[hit.first].text
        if not tokens[hit.first].unspaced:
            return True
        before = tokens[hit.first - 1] if hit.first else None
        after = tokens[hit.last] if hit.last < len(tokens) else None
        if before is not None and before.end != tokens[hit.first].start:
            before = None
        if after is not None and after.start != tokens[hit.last - 1].end:
            after = None
        if _is_katakana(first):
            final = tokens[hit.last - 1].text
            return not (before and _is_katakana(before.text)) and not (
                after and _is_katakana(after.text) and _is_katakana(final)
            )
        if "가" <= first <= "힣":
            return before is None or not "가" <= before.text <= "힣"
        return True


def _same_stem(name: str, stem: str) -> bool:
    """Whether the stem is the name but for its last vowel, or the last two of an adjective."""
    return len(name) - len(stem) <= (2 if name.endswith(("ии", "ыи", "іи")) else 1)


def _is_katakana(char: str) -> bool:
    return "ァ" <= char <= "ヺ" or char == "ー"


def _without_overlaps(hits: list[Hit]) -> list[Hit]:
    """Keep the best of overlapping hits: plain before guessed, longer before shorter."""

    def rank(hit: Hit) -> tuple[int, int, int, int]:
        guessed = 2 if hit.how & (GUESSED | ENCODED) else 1 if hit.how else 0
        return (guessed + (0 if hit.full else 3), -(hit.last - hit.first), hit.tier, hit.first)

    taken: list[Hit] = []
    covered: set[int] = set()
    for hit in sorted(hits, key=rank):
        place = range(hit.first, hit.last)
        if not covered.intersection(place):
            covered.update(place)
            taken.append(hit)
    return sorted(taken, key=lambda h: h.first)
