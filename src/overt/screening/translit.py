"""Rough romanisation, for telling that two spellings may be one name.

`romanise` writes a folded word of Cyrillic, Greek, Arabic, Devanagari, Bengali, Hangul or Kana in
plain Latin letters; `skeleton` reduces a Latin or romanised word to the consonants that survive
the trip between scripts. Equal skeletons propose; `alike` decides on the romanised words. Han
characters have no romanisation here: names in them come from the registry.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y",
    "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i", "є": "ye", "ј": "j", "љ": "lj", "њ": "nj",
    "ћ": "c", "ђ": "dj", "џ": "dz", "ѓ": "g", "ќ": "k", "ѕ": "dz", "қ": "k", "ң": "n", "ү": "u",
    "ұ": "u", "ө": "o", "һ": "h", "ә": "a", "ғ": "g",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_ARABIC = {
    "ا": "a", "ب": "b", "پ": "p", "ت": "t", "ٹ": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h",
    "خ": "kh", "د": "d", "ڈ": "d", "ذ": "z", "ر": "r", "ڑ": "r", "ز": "z", "ژ": "zh", "س": "s",
    "ش": "sh", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "a", "غ": "g", "ف": "f", "ڤ": "v",
    "ق": "q", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "و": "w", "ه": "h", "ی": "y",
}  # fmt: skip
_DEVANAGARI = {
    "अ": "a", "आ": "a", "इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ऋ": "ri", "ए": "e", "ऐ": "ai",
    "ऑ": "o", "ओ": "o", "औ": "au", "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n", "च": "ch",
    "छ": "chh", "ज": "j", "झ": "jh", "ञ": "n", "ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n",
    "त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n", "प": "p", "फ": "f", "ब": "b", "भ": "bh",
    "म": "m", "य": "y", "र": "r", "ल": "l", "ळ": "l", "व": "v", "श": "sh", "ष": "sh", "स": "s",
    "ह": "h", "ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri", "ॅ": "e", "े": "e",
    "ै": "ai", "ॉ": "o", "ो": "o", "ौ": "au", "ं": "n", "ः": "h", "्": "",
}  # fmt: skip
_BENGALI = {
    "অ": "a", "আ": "a", "ই": "i", "ঈ": "i", "উ": "u", "ঊ": "u", "ঋ": "ri", "এ": "e", "ঐ": "oi",
    "ও": "o", "ঔ": "ou", "ক": "k", "খ": "kh", "গ": "g", "ঘ": "gh", "ঙ": "ng", "চ": "ch",
    "ছ": "chh", "জ": "j", "ঝ": "jh", "ঞ": "n", "ট": "t", "ঠ": "th", "ড": "d", "ঢ": "dh", "ণ": "n",
    "ত": "t", "থ": "th", "দ": "d", "ধ": "dh", "ন": "n", "প": "p", "ফ": "f", "ব": "b", "ভ": "bh",
    "ম": "m", "য": "y", "র": "r", "ল": "l", "শ": "sh", "ষ": "sh", "স": "s", "হ": "h", "ৎ": "t",
    "া": "a", "ি": "i", "ী": "i", "ু": "u", "ূ": "u", "ৃ": "ri", "ে": "e", "ৈ": "oi", "ো": "o",
    "ৌ": "ou", "ং": "ng", "ঃ": "h", "্": "",
}  # fmt: skip
_KANA_LETTERS = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴァィゥェォャュョッー"
)
_KANA_SOUNDS = (
    "a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho "
    "ma mi mu me mo ya yu yo ra ri ru re ro wa o n ga gi gu ge go za ji zu ze zo da ji zu de do "
    "ba bi bu be bo pa pi pu pe po v a i u e o ya yu yo - -"
)
_KANA = dict(zip(_KANA_LETTERS, _KANA_SOUNDS.replace("-", "").split(" "), strict=True))
_TABLE = str.maketrans(_CYRILLIC | _GREEK | _ARABIC | _DEVANAGARI | _BENGALI | _KANA)
_LEADS = "g kk n d tt r m b pp s ss - j jj ch k t p h"
_VOWELS_HANGUL = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
_TAILS = "- k k k n n n t l k m p t t p l m p p t t ng t t k t p t"
_LEAD, _VOWEL, _TAIL = (
    part.replace("-", "").split(" ") for part in (_LEADS, _VOWELS_HANGUL, _TAILS)
)
_HIRAGANA = {code: chr(code + 0x60) for code in range(0x3041, 0x3097)}

_SAME_SOUND = (
    (re.compile(r"shch|sch|sh|ch|zh|cz|sz|tch|tsch|dzh|dj|dz|ts|tz"), "s"),
    (re.compile(r"ph|v|w"), "f"), (re.compile(r"th"), "t"), (re.compile(r"kh|gh|ck|q|c|x|g"), "k"),
    (re.compile(r"bh"), "b"), (re.compile(r"dh"), "d"), (re.compile(r"j|z"), "s"),
    (re.compile(r"b"), "p"), (re.compile(r"d"), "t"), (re.compile(r"r"), "l"),
    (re.compile(r"[aeiouyh']"), ""),
)  # fmt: skip
_REPEAT = re.compile(r"(.)\1+")


@lru_cache(maxsize=32768)
def romanise(word: str) -> str:
    """A folded word in plain Latin letters; characters without a reading stay."""
    if word.isascii():
        return word
    out = word.translate(_HIRAGANA).translate(_TABLE)
    return "".join(_hangul(c) if "가" <= c <= "힣" else c for c in out)


_GREEK_PAIRS = (("μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("τζ", "j"), ("ου", "u"))
_GREEK_F = re.compile("(?<=[αε])υ")


def other_readings(word: str) -> tuple[str, ...]:
    """How else a folded word of Greek or Bengali may be read, where two letters are one sound.

    Greek writes `b`, `d` and `g` of foreign names as `μπ`, `ντ` and `γκ` (ELOT 743 keeps `b` at
    the beginning only), Bengali their `v` as `ভ`.
    """
    if not word:
        return ()
    if "α" <= word[0] <= "ω":
        plain = _GREEK_F.sub("v", word)
        for pair, letter in _GREEK_PAIRS:
            plain = plain.replace(pair, letter)
        return (romanise(plain),) if plain != word else ()
    return (romanise(word.replace("ভ", "v")),) if "ভ" in word else ()


def _hangul(syllable: str) -> str:
    code = ord(syllable) - 0xAC00
    return _LEAD[code // 588] + _VOWEL[code % 588 // 28] + _TAIL[code % 28]


@lru_cache(maxsize=32768)
def skeleton(word: str) -> str:
    """Consonants that survive a change of script, or an empty text when none do."""
    plain = romanise(word)
    if not plain.isascii():
        return ""
    for pattern, to in _SAME_SOUND:
        plain = pattern.sub(to, plain)
    return _REPEAT.sub(r"\1", plain)


def is_script_change(one: str, other: str) -> bool:
    """Whether the two words are in different scripts, of which one may be Latin."""
    return one.isascii() != other.isascii()


_VOWELS = str.maketrans({"w": "u", "v": "u", "y": "i", "e": "a", "o": "u", "h": None, "'": None})


def alike(one: str, other: str) -> float:
    """Likeness 0 to 1 of two words after romanisation, loose about vowels."""
    from rapidfuzz.distance import Indel

    first = _REPEAT.sub(r"\1", romanise(one).translate(_VOWELS))
    second = _REPEAT.sub(r"\1", romanise(other).translate(_VOWELS))
    return float(Indel.normalized_similarity(first, second))
