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
    "oj ija ije iju ijou iji iej ta te tem tovi ti tom la le lem lovi ka ku kem kovi ke kom kou "
    # Hungarian
    "t at et ot nak nek val vel nal nel ban ben bol tol rol ert hoz hez ra re ek ja je tal sal sel "
    "os kal kel lal lel ral rel bal bel dal del nal zal zel gal gel sal mal mel pal pel jal jel ul "
    "kent "
    # Turkish and Azerbaijani
    "in un nin nun yi yu ni ya ye ne na da de dan den ta te tan ten la le yla yle lar ler "
    "dir in i u "
    # Romanian, Germanic, English, Finnish, Baltic, Indonesian
    "ul ului lui ei s es ssa lla lle lta sta ta n in an en ille as is us ui aus ą ams nya "
    "si ille uv "
    # of adjectives made from names: Fico's, Zemanov hlas, Korčokovho tímu
    "ovy ovym ovho ovmu ovymi ovych ovcov ovci inho inym inu ina ine inej inou ini iny ino inych"
)
_LATIN_ENDINGS = frozenset(_LATIN_ENDING_TEXT.split())
_SHORT_NAME_ENDING_TEXT = (
    "a u y om em iem ovi owi ou ho ego mu emu ova ovo ove ovu ovy ovym ovho owa owy nak nek t at "
    "ot val vel rol tol nal hoz kent ert s ov uv"
)
_SHORT_NAME_ENDINGS = frozenset(_SHORT_NAME_ENDING_TEXT.split())
_BACK_ENDINGS = frozenset(["ra", "ban", "bol", "os"])
_FRONT_ENDINGS = frozenset(["re", "ben", "bol", "nel", "rel", "hez", "nek"])
"""Hungarian endings of names of five letters that keep all of theirs, by the name's vowels."""
_CHANGES = (
    # Hungarian: the consonant of -val and -vá becomes the last one of the name
    (re.compile(r"n?ny[ae]l$"), "ny"), (re.compile(r"s?sz[ae]l$"), "sz"),
    (re.compile(r"g?gy[ae]l$"), "gy"), (re.compile(r"c?cs[ae]l$"), "cs"),
    (re.compile(r"z?zs[ae]l$"), "zs"),
    # Polish, Czech and Slovak: consonants before a soft ending
    (re.compile(r"dzie$"), "d"), (re.compile(r"cie$"), "t"), (re.compile(r"rze$"), "r"),
    (re.compile(r"ce$"), "k"), (re.compile(r"dze$"), "g"), (re.compile(r"sze$"), "ch"),
    # Ukrainian and Russian feminine names in the dative
    (re.compile(r"ці$"), "к"), (re.compile(r"зі$"), "г"), (re.compile(r"сі$"), "х"),
)  # fmt: skip
_CYRILLIC_ENDINGS = frozenset(
    "а у ом ем е і ы и ым им ого его ому ему ою ой ую юю ю я ей ею ова ову ове овой овым "
    "овых ові еві ів ев ам ами ах ям ями ях ість ський ського ському ським ьо ко ої ії ією".replace(
        "й", "и"
    )
    .replace("ї", "і")
    .split()
)
_GREEK_ENDINGS = frozenset(["ς", "ου", "ο", "η", "ησ", "ης", "ας", "α", "ε", "ι"])
_BENGALI_ENDINGS = frozenset(
    ["র", "ের", "কে", "ে", "তে", "য়ের", "এর", "রা", "দের", "টি", "কেই", "ও", "ই", "য়"]
)
_INDIC_ENDINGS = frozenset(["ने", "ला", "चा", "ची", "चे"])
_ARABIC_PREFIXES = ("وال", "بال", "فال", "لل", "ال", "ول", "وب", "و", "ب", "ل", "ف", "ک", "ع", "ه")
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


def base_stems(word: str) -> Iterator[tuple[str, str]]:
    """Stems that a word of a text may have, each with the ending taken off."""
    if len(word) < 4:
        return
    endings = _endings(word[-1])
    if not endings:
        return
    for cut in range(1, min(_LONGEST, len(word) - 2) + 1):
        if word[-cut:] in endings:
            yield word[:-cut], word[-cut:]
    for pattern, base in _CHANGES:
        changed = pattern.sub(base, word)
        if changed != word:
            yield changed, word[-2:]
    yield word, ""


_GENITIVES = (("οσ", "ου"), ("ος", "ου"), ("ησ", "η"), ("ης", "η"), ("ασ", "α"), ("ας", "α"),
              ("ισ", "ι"), ("ις", "ι"), ("α", "ας"), ("η", "ης"))  # fmt: skip
_ACCUSATIVES = (("οσ", "ο"), ("ος", "ο"), *_GENITIVES[2:8])


def greek_cases(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A Greek name in its genitive and accusative, all words together: `Νίκου Παπαδάκη`.

    A woman's surname is a genitive already, so a first name in -α or -η leaves it as it is.
    """
    if not all("α" <= part[:1] <= "ω" for part in parts):
        return
    womans = parts[0][-1] in "αη"
    for endings in (_GENITIVES, _ACCUSATIVES):
        declined = tuple(
            part if womans and at else _with_ending(part, endings) for at, part in enumerate(parts)
        )
        if declined != parts:
            yield declined


def _with_ending(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for old, new in endings:
        if word.endswith(old):
            return word[: -len(old)] + new
    return word


def is_loose(name: str, stem: str, ending: str) -> bool:
    """Whether the ending says little: short names, and names without their vowel, fit too much."""
    if len(name) <= 3 or (not ending and stem != name):
        return name.isascii()
    if len(name) > 5 or not name.isascii():
        return False
    if ending[:1] == name[-1:] and ending[1:] in ("al", "el"):
        return False  # Hungarian doubles the last consonant of a name, and of that only
    if name == stem and len(ending) > 3 and ending[:2] in ("ov", "ow"):
        return False
    if name == stem and len(name) == 5:
        back = any(vowel in name for vowel in "aou")
        if ending in (_BACK_ENDINGS if back else _FRONT_ENDINGS):
            return False
    return ending not in _SHORT_NAME_ENDINGS and not (ending == "e" and name == stem)


_MASCULINE = ("ии", "ыи", "іи")
_FEMININE_ENDINGS = frozenset(["ои", "ою", "оі", "ую", "ая", "а", "у"])


def is_womans(name: str, ending: str) -> bool:
    """Whether a man's surname that is an adjective cannot have this ending: `Навальной`."""
    return ending in _FEMININE_ENDINGS and name.endswith(_MASCULINE)


def without_prefix(word: str) -> Iterator[str]:
    """Arabic and Hebrew words without glued particles."""
    if not word or not "\u0590" <= word[0] <= "\u06ff":
        return
    prefixes = _HEBREW_PREFIXES if word[0] < "\u0600" else _ARABIC_PREFIXES
    for prefix in prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= 2:
            yield word[len(prefix) :]
    if word.startswith(("لل", "ولل", "فلل")) and len(word) >= 5:
        yield "ال" + word[word.index("لل") + 2 :]  # the article after the particle loses its alif


_JOINING = ("و", "ف")
_LEADING = ("ب", "ل", "ك")
_ARTICLE = "ال"
_AFTER_JOINING = frozenset("لا لن لم ما من في لو إن".replace("إ", "ا").split())
_LEAST = 4
"""Letters that must stay, so that no root loses its first."""


@lru_cache(maxsize=8192)
def without_arabic_particles(word: str) -> tuple[str, ...]:
    """An Arabic word of a text without `and`, `in`, `for`, `like` and the article.

    `وبالانتخابات` gives `بالانتخابات`, `الانتخابات` and `انتخابات`.
    """
    found: dict[str, None] = {}
    joined = word[:1] in _JOINING and (len(word) > _LEAST or word[1:] in _AFTER_JOINING)
    forms = [word, word[1:]] if joined else [word]
    for form in forms:
        found.setdefault(form)
        for bare in _without_leading(form):
            found.setdefault(bare)
            if bare.startswith(_ARTICLE) and len(bare) >= _LEAST + 1:
                found.setdefault(bare[2:])
    found.pop(word, None)
    return tuple(found)


def _without_leading(word: str) -> Iterator[str]:
    if word.startswith(_ARTICLE):
        yield word  # as it is: only the article goes
    elif word.startswith("لل") and len(word) > _LEAST:
        yield _ARTICLE + word[2:]  # the article after the particle loses its alif
    elif word[:1] in _LEADING and len(word) > _LEAST:
        yield word[1:]


_HANDLE_STARTS = ("real", "official", "the", "its", "iam", "team", "president", "pm", "ask")
_HANDLE_ENDS = (
    "official",
    "real",
    "fans",
    "fan",
    "live",
    "news",
    "tv",
    "s",
    "em",
    "nak",
    "ek",
    "a",
    "e",
)


def bare_handles(piece: str) -> Iterator[str]:
    """A name written as one word without what accounts and endings add: `realdonaldtrump`."""
    if len(piece) < 9:
        return
    for start in _HANDLE_STARTS:
        if piece.startswith(start):
            yield piece[len(start) :]
    for end in _HANDLE_ENDS:
        if piece.endswith(end):
            yield piece[: -len(end)]


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
