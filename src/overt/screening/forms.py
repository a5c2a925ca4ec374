"""Forms of a word: case endings, glued particles, one-letter deletions.

`stems_of` is for words of names, when the index is written; `base_forms` is for words of a text.
They meet in the middle: `Šimečku` gives the stem `simeck`, and so does `Šimečka`. Which ending
may follow which stem is not checked, for a wrong pair only matters where a whole name fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_VOWELS = "aeiouyаеиоуыэюяіьαειουω"
_FLEETING = re.compile(r"[eoеоєи]([bcdfghjklmnpqrstvwxzбвгджзклмнпрстфхцчш])$")

_LATIN_ENDING_TEXT = (
    # Slavic
    "a u e i y o em om am im ym ovi ou ej uj eho ego emu omu ho mu ov ova ovo ove ovou ovej ovu "
    "och ach ech ich ych ami imi ymi iem iom ie mi owi owie ow owa owe owej owego owym "
    "oj ija ije iju ijou iji ta te tem tovi ti tom la le lem lovi ka ku kem kovi ke kom kou "
    # Hungarian
    "t at et ot nak nek val vel nal nel ban ben bol tol rol ert hoz hez ra re ek ja je tal sal sel "
    "kal kel lal lel ral rel bal bel dal del nal zal zel gal gel sal mal mel ul kent "
    # Turkish and Azerbaijani
    "in un nin nun yi yu ni ya ye ne na da de dan den ta te tan ten la le yla yle lar ler "
    "dir in i u "
    # Romanian, Germanic, English, Finnish, Baltic, Indonesian
    "ul ului lui ei s es ssa lla lle lta sta ta n in an en ille as is us ui aus ą ams nya "
    "si ille ista"
)
_LATIN_ENDINGS = frozenset(_LATIN_ENDING_TEXT.split())
_CYRILLIC_ENDINGS = frozenset(
    "а у ом ем е ы и ым им ого его ому ему ою ой ую юю ю я ей ею ова ову ове овой овым овых "
    "ові еві ів ев ам ами ах ям ями ях ість ський ського ському ським ьо ко ої ії ією".replace(
        "й", "и"
    )
    .replace("ї", "і")
    .split()
)
_GREEK_ENDINGS = frozenset(["ς", "ου", "ο", "η", "ησ", "ης", "ας", "α", "ε", "ι"])
_BENGALI_ENDINGS = frozenset(["র", "ের", "কে", "ে", "তে", "য়ের", "এর", "রা", "দের", "টি"])
_INDIC_ENDINGS = frozenset(["ने", "ला", "चा", "ची", "चे"])
_ARABIC_PREFIXES = ("وال", "بال", "فال", "لل", "ال", "و", "ب", "ل", "ف", "ک")
_HEBREW_PREFIXES = ("וה", "שה", "ה", "ב", "ל", "ו", "מ", "ש", "כ")
_LONGEST = 5


@lru_cache(maxsize=32768)
def stems_of(word: str) -> frozenset[str]:
    """Stems under which a word of a name is stored; empty for short words."""
    if len(word) < 3 or (not word.isalpha() and word[:1] < "\u0900"):
        return frozenset()
    stem = word.rstrip(_VOWELS)
    if len(stem) < 2:
        stem = word[:-1]
    found = {word, stem} if len(stem) >= 2 else {word}
    fleeting = _FLEETING.sub(r"\1", word)
    if fleeting != word and len(fleeting) >= 3:
        found.add(fleeting)
    return frozenset(found)


def base_stems(word: str) -> Iterator[str]:
    """Stems that a word of a text may have once an ending is taken off."""
    if len(word) < 4:
        return
    endings = _endings(word[-1])
    if not endings:
        return
    for cut in range(1, min(_LONGEST, len(word) - 2) + 1):
        if word[-cut:] in endings:
            yield word[:-cut]
    yield word


def without_prefix(word: str) -> Iterator[str]:
    """Arabic and Hebrew words without glued particles."""
    if not word or not "\u0590" <= word[0] <= "\u06ff":
        return
    prefixes = _HEBREW_PREFIXES if word[0] < "\u0600" else _ARABIC_PREFIXES
    for prefix in prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            yield word[len(prefix) :]


def _endings(last: str) -> frozenset[str]:
    if last < "\u0250":
        return _LATIN_ENDINGS
    if "\u0370" <= last <= "\u03ff":
        return _GREEK_ENDINGS
    if "\u0400" <= last <= "\u052f":
        return _CYRILLIC_ENDINGS
    if "\u0980" <= last <= "\u09ff":
        return _BENGALI_ENDINGS
    if "\u0900" <= last <= "\u097f":
        return _INDIC_ENDINGS
    return frozenset()


def deletions(word: str) -> set[str]:
    """The word and every form with one letter left out."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


_ROT13 = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")


def rot13(word: str) -> str:
    """Letters moved by thirteen places."""
    return word.translate(_ROT13)
