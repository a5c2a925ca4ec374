"""What one word of a text may be a spelling of: the words of names that it can be read as.

A word is read as it is, without a case ending, one letter off, in another script, as look-alikes,
backwards. Every reading says how it was made, because a guess weighs less than a plain word:

    ""             as it is           inflected      an ending taken off
    loose          an ending that fits many words: good inside a whole name only
    fuzzy          one letter off     slurred        that with an ending
    sound          alike in another script
    mixed_scripts  look-alikes        rot13, reversed
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from overt.screening.chars import LATIN_TO_CYRILLIC, LOOKALIKES
from overt.screening.forms import base_stems, deletions, is_loose, is_womans, rot13, without_prefix
from overt.screening.index import OWN_LIST, Index, word_hash
from overt.screening.latin import UNVOWELLED, fits, sound_key
from overt.screening.sounds import heard, keys, likeness
from overt.screening.translit import alike, is_script_change, other_readings, skeleton

_FUZZY_LETTERS = 5
_FUZZY_STEM = 6
_ALIKE = 0.78
_ALIKE_LATIN = 0.9
_ALIKE_STEM = 0.85
_SOUND_STEM = 4
_HEARD = 0.85
_HEARD_OWN = 0.78
_LONGEST_WORD = 40
_MOST = 64
_TWO_VOWELS = ("ии", "ыи", "іи", "ия", "ія", "ья", "ая", "ia", "ya", "ie")

Spelling = tuple[int, str]
"""Hash of a word of a name, and how the text's word was read."""


class Spellings:
    """Readings of single words against the words of one index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._heard_least = _HEARD_OWN if index.size <= OWN_LIST else _HEARD
        self._has_unvowelled = any(True for _ in index.sounding(UNVOWELLED))
        self.knows = lru_cache(maxsize=65536)(index.knows)
        self.of = lru_cache(maxsize=32768)(self._of)
        self.of_reading = lru_cache(maxsize=4096)(self._of_reading)
        self.of_sound = lru_cache(maxsize=4096)(self._of_sound)

    def _of(self, word: str) -> tuple[Spelling, ...]:
        found: dict[str, str] = {}
        if self._index.knows(word):
            found[word] = ""
        if not word.isdigit() and len(word) <= _LONGEST_WORD:
            for other, how in self._guesses(word):
                found.setdefault(other, how)
        return tuple((word_hash(other), how) for other, how in list(found.items())[:_MOST])

    def _of_reading(self, text: str) -> tuple[int, ...]:
        """Words that a run of letters or a leet chunk spells, without guessing further."""
        found = {text: None}
        for other, how in (*self._inflected(text), *self._unmixed(text)):
            if how != "loose":
                found.setdefault(other)
        return tuple(word_hash(other) for other in list(found)[:_MOST])

    def _of_sound(self, run: str) -> tuple[int, ...]:
        """Words in Latin letters that a word in Hangul, Katakana or Han may stand for."""
        found: dict[str, None] = {}
        for sound in heard(run):
            for key in keys(sound):
                for name in self._index.sounding(key):
                    if (
                        len(name) > 1
                        and name.isascii()
                        and likeness(sound, name) >= self._heard_least
                    ):
                        found.setdefault(name)
        return tuple(word_hash(name) for name in list(found)[:_MOST])

    def _guesses(self, word: str) -> Iterator[tuple[str, str]]:
        yield from self._inflected(word)
        for bare in without_prefix(word):
            if self._index.knows(bare):
                yield bare, "inflected"
        if not word.isascii():
            yield from self._unmixed(word)
        if len(word) >= _FUZZY_LETTERS and not self._index.knows(word):  # `Sanches` is no slip
            yield from self._misspelt(word, word, "fuzzy")
            if len(word) > _FUZZY_STEM and word.isascii() and word[-1] == "s":
                yield from self._misspelt(word[:-1], word, "slurred")
        yield from self._other_script(word)
        if not word.isascii():
            yield from self._in_latin(word)
        elif self._has_unvowelled and len(word) >= 3:
            yield from self._vowelled(word)
        if word.isascii() and len(word) >= 3:
            for other, how in ((rot13(word), "rot13"), (word[::-1], "reversed")):
                if self._index.knows(other):
                    yield other, how

    def _inflected(self, word: str) -> Iterator[tuple[str, str]]:
        later = []
        for stem, ending in base_stems(word):
            for name in self._index.stems(stem):
                if name == word or name[:3] != word[:3] or not _same_stem(name, stem):
                    continue
                if is_womans(name, ending):
                    continue
                if is_loose(name, stem, ending):
                    later.append((name, "loose"))
                else:
                    yield name, "inflected"
        yield from later

    def _unmixed(self, word: str) -> Iterator[tuple[str, str]]:
        if len(word) < 3:
            return
        latin = word.translate(LOOKALIKES)
        mixed = any("a" <= c <= "z" for c in word)
        if latin.isascii() and (mixed or not self._index.knows(word)):
            if self._index.knows(latin):
                yield latin, "mixed_scripts"
            if mixed:
                for name, how in self._inflected(latin):
                    yield name, "loose" if how == "loose" else "mixed_scripts"
        if mixed:
            cyrillic = word.translate(LATIN_TO_CYRILLIC)
            if self._index.knows(cyrillic):
                yield cyrillic, "mixed_scripts"

    def _misspelt(self, stem: str, word: str, how: str) -> Iterator[tuple[str, str]]:
        from rapidfuzz.distance import OSA

        for key in deletions(stem):
            for name in self._index.near(key):
                ends_agree = name[0] == stem[0] or name[-1] == stem[-1]
                if name != word and ends_agree and OSA.distance(name, stem, score_cutoff=1) <= 1:
                    yield name, how

    def _other_script(self, word: str) -> Iterator[tuple[str, str]]:
        sound = skeleton(word)
        if not sound or len(word) < 3:
            return
        for name in self._index.sounding(sound):
            if name == word:
                continue
            if (is_script_change(name, word) and alike(name, word) >= _ALIKE) or (
                name[0] == word[0]
                and len(word) > 3
                and name.isascii()
                and word.isascii()
                and alike(name, word) >= _ALIKE_LATIN
            ):
                yield name, "sound"

    def _in_latin(self, word: str) -> Iterator[tuple[str, str]]:
        """Names in Latin letters that a word of another script spells with an ending."""
        for form in other_readings(word):
            yield from self._heard(form, _ALIKE_STEM)
        for stem, ending in base_stems(word):
            if ending and len(stem) >= _SOUND_STEM:
                for form in (stem, *other_readings(stem)):
                    yield from self._heard(form, _ALIKE_STEM)

    def _heard(self, form: str, least: float) -> Iterator[tuple[str, str]]:
        sound = skeleton(form)
        for name in self._index.sounding(sound) if sound else ():
            if name.isascii() and len(name) > 2 and alike(name, form) >= least:
                yield name, "sound"

    def _vowelled(self, word: str) -> Iterator[tuple[str, str]]:
        """Arabic words that a Latin one writes with all vowels."""
        for name in self._index.sounding(sound_key(word)):
            if name.startswith(UNVOWELLED) and fits(name, word):
                yield name, "sound"


def _same_stem(name: str, stem: str) -> bool:
    """Whether the stem is the name but for its last vowel, or the last two of an adjective."""
    return len(name) - len(stem) <= (2 if name.endswith(_TWO_VOWELS) else 1)
