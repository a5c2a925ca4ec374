"""Finds names of the registry in an analysed text.

Each word may be read in several ways: as it is, without a case ending, one letter off, in another
script, as look-alikes. The readings form a lattice over the text, and a walk down the word trie of
the index keeps those that spell a whole name. Work is bounded for each position, so it is linear
in the length of the text. rapidfuzz verifies candidates; it never scans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from overt.screening import index as ix
from overt.screening.forms import bare_handles
from overt.screening.index import Index
from overt.screening.initials import (
    INITIAL,
    bearers,
    initials,
    is_initial,
    middle_agrees,
    says_who,
    stands_alone,
)
from overt.screening.sounds import SOUND, runs
from overt.screening.spelling import Spellings
from overt.screening.text import Analysis, Reading, Token

_FUZZY_TOTAL = 8
_GLUED_ALONE = 9
_SOUND_TOTAL = 8
_SOUND_LITTLE_KNOWN = 10
_FRONTIER = 48
_MAX_WORDS = 24
_WINDOW = 4
_LONGEST_ENDING = 4
_SHORT_NICKNAME = 7

GUESSED = frozenset({"fuzzy", "slurred", "sound"})
ENCODED = frozenset({"rot13", "reversed"})
EVASIVE = frozenset({"leet", "spacing", "joined", "mixed_scripts", "emoji"}) | ENCODED
_SILENT = frozenset({"inflected", "loose", INITIAL})
_TYPOS = frozenset({"fuzzy", "slurred"})
_INSIDE = "inside"
"""How a word is read that another one of the name follows: at its end nothing need be read."""
INFLECTED_FLAG = 0x100
"""Of a hit: an ending was taken off."""
LOOSE_FLAG = 0x200
"""Of a hit: an ending was taken off that fits many words."""

_SINGLES = frozenset({ix.SURNAME, ix.SINGLE, ix.NICKNAME, ix.ROLE, ix.WORD})
_GROUPS = (
    (ix.CANONICAL, ix.ALIAS),
    (ix.SINGLE, ix.NICKNAME, ix.SURNAME),
    (ix.ROLE, ix.CATCHPHRASE),
    (ix.WORD,),
)
"""Tiers, those that say most first."""
_GROUP = {tier: at for at, group in enumerate(_GROUPS) for tier in group}
_ORDER = {tier: at for at, tier in enumerate(tier for group in _GROUPS for tier in group)}


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


class _Walk(NamedTuple):
    state: int
    at: int
    how: frozenset[str] = frozenset()
    steps: int = 0
    letters: int = 0


_Step = tuple[int, int, str, int]
"""State of the index, after which token, how the word was read, letters."""


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
        self._spellings = Spellings(index)
        self._reached = lru_cache(maxsize=65536)(self._reached_uncached)
        self._bearers = lru_cache(maxsize=4096)(self._bearers_uncached)
        self._joined_state = lru_cache(maxsize=65536)(self._joined_uncached)

    def find(self, analysis: Analysis) -> list[Hit]:
        """Names in the text, overlaps resolved, in order."""
        tokens = analysis.tokens
        readings: dict[int, list[Reading]] = {}
        for reading in (
            *analysis.readings,
            *_before_apostrophes(analysis),
            *runs(analysis),
            *initials(analysis),
        ):
            readings.setdefault(reading.first, []).append(reading)
        hits: list[Hit] = []
        for start in range(len(tokens)):
            hits.extend(self._from(tokens, start, readings))
        for reading in analysis.readings:
            hits.extend(self._inside(reading))
        hits = [h for h in hits if self._holds(h, tokens)]
        if "." in analysis.original:
            hits.extend([named for h in hits if (named := self._initialled(h, analysis))])
        return self._without_overlaps(hits)

    # --- the walk ------------------------------------------------------------------------------

    def _from(
        self, tokens: tuple[Token, ...], start: int, readings: dict[int, list[Reading]]
    ) -> Iterator[Hit]:
        frontier = [_Walk(0, start)]
        while frontier:
            following: list[_Walk] = []
            for walk in frontier:
                for state, after, how, letters in self._steps(tokens, walk, readings):
                    if how in _TYPOS and walk.how & _TYPOS:
                        continue  # one slip of the keyboard a name
                    inside = how in (_INSIDE, INITIAL)
                    used = walk.how | {"inflected" if how == _INSIDE else how} if how else walk.how
                    total = walk.letters + letters
                    if self.index.is_name(state) and not inside:
                        yield from self._ends(state, start, after, used, total)
                    if after < len(tokens) and walk.steps < _MAX_WORDS:
                        following.append(_Walk(state, after, used, walk.steps + 1, total))
            frontier = following[:_FRONTIER]
        yield from self._joined(tokens, start)

    def _steps(
        self, tokens: tuple[Token, ...], walk: _Walk, readings: dict[int, list[Reading]]
    ) -> Iterator[_Step]:
        """Where a walk may go on, whatever the words that follow are read as."""
        at = walk.at
        token = tokens[at]
        word, letters = token.text, 1 if token.unspaced else len(token.text)
        for state, how in self._reached(walk.state, word, token.unspaced):
            yield state, at + 1, how, letters
        if token.unspaced:
            yield from self._heard(walk, readings)
            return
        for reading in readings.get(at, ()):
            if reading.technique == INITIAL:
                if walk.steps and INITIAL not in walk.how and len(tokens[at - 1].text) > 1:
                    yield walk.state, reading.last, INITIAL, 0
                continue
            for hashed in self._spellings.of_reading(reading.text):
                if state := self.index.step(walk.state, hashed):
                    yield state, reading.last, reading.technique, len(reading.text)
        if not walk.steps or letters <= 3:
            for after, hashed, how, letters in self._glued(tokens, at):
                if state := self.index.step(walk.state, hashed):
                    yield state, after, how, letters

    def _heard(self, walk: _Walk, readings: dict[int, list[Reading]]) -> Iterator[_Step]:
        """A foreign name in Hangul, Katakana or Han, word by word."""
        for reading in readings.get(walk.at, ()):
            if reading.technique == SOUND and (not walk.steps or SOUND in walk.how):
                for hashed in self._spellings.of_sound(reading.text):
                    if state := self.index.step(walk.state, hashed):
                        yield state, reading.last, SOUND, 2 * len(reading.text)

    def _reached_uncached(
        self, state: int, word: str, unspaced: bool
    ) -> tuple[tuple[int, str], ...]:
        """States that a word leads to, each with how it was read."""
        spelled = ((ix.word_hash(word), ""),) if unspaced else self._spellings.of(word)
        steps = ((self.index.step(state, hashed), how) for hashed, how in spelled)
        return tuple((after, how) for after, how in steps if after)

    def _glued(self, tokens: tuple[Token, ...], at: int) -> Iterator[tuple[int, int, str, int]]:
        """Two or three pieces that together are one word of a name: `Bi den`."""
        piece = tokens[at].text
        for last in range(at + 2, min(at + 4, len(tokens) + 1)):
            token = tokens[last - 1]
            piece += token.text
            if token.unspaced or len(piece) > 16 or token.start - tokens[last - 2].end > 3:
                return
            if len(piece) < 4:
                continue
            if self._spellings.knows(piece):
                yield last, ix.word_hash(piece), "spacing", len(piece)
            elif last == at + 2 and token.start == tokens[at].end:  # parted at a capital only
                for hashed, how in self._spellings.of(piece):
                    yield last, hashed, how, len(piece)

    def _joined(self, tokens: tuple[Token, ...], start: int) -> Iterator[Hit]:
        """One word, or a few pieces, that hold a whole name without its spaces."""
        piece = ""
        for last in range(start + 1, min(start + 1 + _WINDOW, len(tokens) + 1)):
            token = tokens[last - 1]
            if token.unspaced or len(piece) > 40:
                return
            piece += token.text
            alone = last == start + 1
            if len(piece) >= 6 and (state := self._joined_state(piece, alone)):
                how = "joined" if alone else "spacing"
                yield from self._ends(state, start, last, frozenset({how}), len(piece))

    def _joined_uncached(self, piece: str, alone: bool = False) -> int:
        """State of a name written as one word; one word may be a handle or have an ending."""
        state = self.index.step(0, ix.word_hash(ix.JOINED + piece))
        if alone and not state:
            for bare in bare_handles(piece):
                state = state or self.index.step(0, ix.word_hash(ix.JOINED + bare))
        return state

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
        people = [
            (person, tier)
            for person, tier in self.index.people(state)
            if person not in self._removed
            and _enough(how, letters, tier & ix.TIER_MASK, self.index.prominence(person), tier)
        ]
        if not people:
            return
        best = min(people, key=self._rank)
        tier = best[1] & ix.TIER_MASK
        alike = _SINGLES if tier in _SINGLES else {tier}
        same = tuple({p: 0 for p, t in people if t & ix.TIER_MASK in alike and p != best[0]})
        flags = best[1] & (ix.REVERSED_FLAG | ix.JOINED_FLAG)
        flags |= INFLECTED_FLAG if how & _SILENT else 0
        flags |= LOOSE_FLAG if "loose" in how else 0
        yield Hit(best[0], tier, flags, first, last, how, same[:8])

    def _rank(self, entry: tuple[int, int]) -> tuple[int, int, int, int, int]:
        """Whole names first, then the best known person, then what was given as their name."""
        person, tier = entry[0], entry[1] & ix.TIER_MASK
        turned = entry[1] & ix.REVERSED_FLAG
        return _GROUP[tier], -self.index.prominence(person), turned, _ORDER[tier], person

    def _initialled(self, hit: Hit, analysis: Analysis) -> Hit | None:
        """The whole name that a surname with an initial before it counts as."""
        if hit.tier != ix.SURNAME or hit.how - _SILENT or not hit.first:
            return None
        at = hit.first - 1
        if not is_initial(analysis, at) or not stands_alone(analysis, at):
            return None
        named = self._bearers((hit.person, *hit.others), analysis.tokens[at].text)
        surname = analysis.tokens[hit.last - 1].text
        if len(named) != 1:
            return None
        known, size = self.index.prominence(named[0]), self.index.size
        if not says_who(surname, known, len(hit.others), size):
            return None
        return replace(hit, person=named[0], tier=ix.ALIAS, first=at, others=())

    def _bearers_uncached(self, people: tuple[int, ...], initial: str) -> list[int]:
        return bearers([(person, self.index.row(person)) for person in people], initial)

    def _without_overlaps(self, hits: list[Hit]) -> list[Hit]:
        """Keep the best of overlapping hits, among equals the better known person."""
        taken: list[Hit] = []
        covered: set[int] = set()
        for hit in sorted(hits, key=lambda h: (*rank_of(h), -self.index.prominence(h.person))):
            place = range(hit.first, hit.last)
            if not covered.intersection(place):
                covered.update(place)
                taken.append(replace(hit, how=_told(hit.how)))
        return sorted(taken, key=lambda h: h.first)

    def _holds(self, hit: Hit, tokens: tuple[Token, ...]) -> bool:
        """Names in unspaced scripts must not begin or end inside a longer foreign word."""
        first = tokens[hit.first].text
        if INITIAL in hit.how and not middle_agrees(
            self.index.row(hit.person), tokens[hit.first : hit.last]
        ):
            return False
        if first.isdigit() and (hit.how or not tokens[hit.last - 1].capital):
            return False  # a sum of money is no rapper: `50 cents`
        if hit.flags & LOOSE_FLAG and not hit.full and not tokens[hit.first].capital:
            return False  # an ending that fits many words, of what is not even written as a name
        if not tokens[hit.first].unspaced:
            return not (hit.tier in _SINGLES and "spacing" in hit.how) or _spelled_out(hit, tokens)
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


def _before_apostrophes(analysis: Analysis) -> Iterator[Reading]:
    """Words inside a name whose ending stands behind an apostrophe: `Bruce'a Lee`."""
    text, tokens = analysis.original, analysis.tokens
    if "'" not in text and "\u2019" not in text:
        return
    for at, (word, ending) in enumerate(pairwise(tokens)):
        close = ending.start == word.end + 1 and text[word.end] in "'\u2019"
        if close and len(ending.text) <= _LONGEST_ENDING and len(word.text) > 1:
            yield Reading(at, at + 2, word.text, _INSIDE)


def _spelled_out(hit: Hit, tokens: tuple[Token, ...]) -> bool:
    """Whether one word was put together from single letters, or is long: not `put in`."""
    pieces = [t.text for t in tokens[hit.first : hit.last]]
    return all(len(p) == 1 for p in pieces) or len("".join(pieces)) >= _GLUED_ALONE


def _told(how: frozenset[str]) -> frozenset[str]:
    """The readings that a finding tells of."""
    return frozenset("fuzzy" if h == "slurred" else h for h in how - _SILENT) if how else how


def _enough(how: frozenset[str], letters: int, tier: int, known: int, flags: int) -> bool:
    """Whether a path read in these ways is long and well known enough to be a name."""
    if not how:
        return True
    if INITIAL in how and (known < 2 or tier in _SINGLES):
        return False
    if how & _TYPOS and letters < _FUZZY_TOTAL - (known >= 2):
        return False
    if "sound" in how:
        if known < 2 and (known < 1 or letters < _SOUND_LITTLE_KNOWN):
            return False
        if letters < _SOUND_TOTAL or "loose" in how or (flags & ix.REVERSED_FLAG and known < 3):
            return False
    if how & ENCODED and letters < _FUZZY_TOTAL:
        return False
    if tier not in _SINGLES:
        return "loose" not in how or (known >= 2 and not flags & ix.REVERSED_FLAG)
    guessed_word = tier == ix.WORD and (how & (GUESSED | ENCODED) or known < 1)
    short = tier == ix.NICKNAME and how & _SILENT and letters <= _SHORT_NICKNAME
    unfit = "loose" in how and (known < 1 or tier in (ix.ROLE, ix.WORD))
    if guessed_word or short or unfit or "slurred" in how:
        return False
    if how & (GUESSED | ENCODED):
        return "fuzzy" in how and letters >= _FUZZY_TOTAL and known >= 3
    return True


def _is_katakana(char: str) -> bool:
    return "ァ" <= char <= "ヺ" or char == "ー"


def rank_of(hit: Hit) -> tuple[int, int, int, int, int]:
    """Sorts the best of overlapping hits first: plain before guessed, longer before shorter."""
    guessed = 2 if hit.how & (GUESSED | ENCODED) else 1 if hit.how - _SILENT else 0
    inflected = len(hit.how & _SILENT)
    weight = guessed + (0 if hit.full else 4 if hit.tier == ix.WORD else 3)
    return weight, -(hit.last - hit.first), inflected, _ORDER[hit.tier], hit.first
