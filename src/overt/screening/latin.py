"""Spellings in Latin letters of names that a row gives in another script only.

Cyrillic as English writes it and as Slavic languages with Latin letters do, Greek by ELOT 743 and
as people write it, Hangul by the Revised Romanization, McCune-Reischauer and custom, Kana by
Hepburn, Han by `pinyin`. Arabic does not write its short vowels, so its names have no one spelling:
their words are marked instead, and compared with Latin words as they are read, see `fits`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product

from overt.screening.pinyin import pinyin
from overt.screening.text import fold, words
from overt.screening.translit import skeleton

UNVOWELLED = "\x01"
"""Before an Arabic word of a path that Latin words are compared with."""

_MOST = 24
_LATIN = re.compile("[A-Za-z]{2}")
_HAN_READ_OTHERWISE = frozenset(["JP", "KR", "KP"])


def has_latin(texts: Iterable[str]) -> bool:
    """Whether one of the spellings is in Latin letters."""
    return any(_LATIN.search(text) for text in texts)


def latin_paths(text: str, country: tuple[str, ...], prominence: int) -> Iterator[tuple[str, ...]]:
    """Folded words of the name in Latin letters, in each usual spelling; marked ones of Arabic."""
    found: dict[tuple[str, ...], None] = {}
    for path in _paths(text.strip(), country, prominence):
        if len(path) >= 2:
            found.setdefault(path)
    yield from islice(found, _MOST)


def _paths(text: str, country: tuple[str, ...], prominence: int) -> Iterator[tuple[str, ...]]:
    lower = text.lower()
    if re.search("[а-яіїєґ]", lower):
        for spelled in _cyrillic(lower, country):
            yield tuple(words(spelled))
    elif re.search("[α-ωά-ώ]", lower):
        for spelled in _greek(fold(text)):
            yield tuple(words(spelled))
    elif re.search("[\u0620-\u06ff]", text):
        yield from _arabic(words(text))
    elif re.fullmatch("[가-힣]{2,4}", text):
        if len(text) > 2 or prominence >= 2:
            yield from _korean(text)
    elif re.fullmatch("[ぁ-ゖァ-ヺー]+([・\\s][ぁ-ゖァ-ヺー]+)+", text):
        for doubled in (False, True):
            yield tuple(_hepburn(piece, doubled) for piece in re.split("[・\\s]", text))
    elif not _HAN_READ_OTHERWISE.intersection(country) and (len(text) > 2 or prominence >= 2):
        yield tuple(words(pinyin(text) or ""))


# --- Cyrillic --------------------------------------------------------------------------------

_COMMON = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "з": "z", "и": "i", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "ъ": "", "ы": "y", "ь": "", "э": "e", "і": "i", "ґ": "g", "ў": "u", "ј": "j",
    "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz", "ѓ": "gj", "ќ": "kj", "ѕ": "dz",
    "қ": "k", "ң": "n", "ү": "u", "ұ": "u", "ө": "o", "һ": "h", "ә": "a", "ғ": "g",
}  # fmt: skip
_ENGLISH = {
    "ё": "yo", "ж": "zh", "й": "y", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ю": "yu", "я": "ya", "є": "ye", "ї": "yi",
}  # fmt: skip
_SLAVIC = {
    "ё": "jo", "ж": "z", "й": "j", "х": "ch", "ц": "c", "ч": "c", "ш": "s", "щ": "sc", "ю": "ju",
    "я": "ja", "є": "je", "ї": "ji",
}  # fmt: skip
_UKRAINIAN = {"г": "h", "и": "y"}
_BULGARIAN = {"щ": "sht", "ъ": "a"}
_PATRONYMIC = re.compile("(вич|вна|ична)$")


def _cyrillic(text: str, country: tuple[str, ...]) -> Iterator[str]:
    own: dict[str, str] = {}
    if "UA" in country or (re.search("[іїєґ]", text) and "BY" not in country):
        own = _UKRAINIAN
    elif "BG" in country:
        own = _BULGARIAN
    parts = text.split()
    forms = [text]
    if len(parts) == 3 and any(_PATRONYMIC.search(p) for p in parts[1:]):
        forms.append(" ".join(p for p in parts if p is parts[0] or not _PATRONYMIC.search(p)))
    systems = (_ENGLISH, _ENGLISH | {"х": "h"}, _SLAVIC, _SLAVIC | {"х": "h"})
    for form, system in product(forms, systems):
        table = {ord(k): v for k, v in (_COMMON | system | own).items()}
        adjective = re.sub(r"(ий|ый|ій)\b", "y", form)
        if adjective != form:
            yield adjective.translate(table)
        yield form.translate(table)


# --- Greek -----------------------------------------------------------------------------------

_ELOT = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_GREEK_GROUPS = (
    ("ου", "ou"), (r"\bμπ", "b"), ("γγ", "ng"), ("γξ", "nx"), ("γχ", "nch"),
    (r"(?<=[αεη])υ(?=[θκξπστφχψς]|\b)", "f"), (r"(?<=[αεη])υ", "v"),
)  # fmt: skip
_AS_SPOKEN = ((r"μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("χ", "h"))


def _greek(folded: str) -> Iterator[str]:
    for groups in (_GREEK_GROUPS, (*_GREEK_GROUPS, *_AS_SPOKEN), (*_GREEK_GROUPS, ("χ", "h"))):
        plain = folded
        for pattern, to in groups:
            plain = re.sub(pattern, to, plain)
        yield plain.translate({ord(k): v for k, v in _ELOT.items()})


# --- Hangul ----------------------------------------------------------------------------------

_LEAD_TEXT = "g kk n d tt r m b pp s ss - j jj ch k t p h"
_VOWEL_TEXT = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
_TAIL_TEXT = "- k k k n n n t l k m p l l p l m p p t t ng t t k t p t"
_LEADS, _VOWELS, _TAILS = (
    part.replace("-", "").split(" ") for part in (_LEAD_TEXT, _VOWEL_TEXT, _TAIL_TEXT)
)
_MR_LEADS = {"g": "k", "d": "t", "b": "p", "j": "ch"}
_MR_VOWELS = {"eo": "o", "yeo": "yo", "eu": "u"}
_CUSTOM = {
    "현": "hyun", "영": "young", "성": "sung", "정": "jung", "승": "seung", "은": "eun",
    "준": "jun", "우": "woo", "주": "joo", "수": "soo", "경": "kyung", "혁": "hyuk",
    "훈": "hoon", "건": "kun", "국": "kook", "근": "keun", "기": "ki", "구": "koo",
    "광": "kwang", "규": "kyu", "균": "kyun", "선": "sun", "연": "yeon", "용": "yong",
    "원": "won", "철": "chul", "순": "soon", "진": "jin", "희": "hee", "미": "mi", "명": "myung",
    "병": "byung", "석": "seok", "숙": "sook", "춘": "choon", "문": "moon", "일": "il",
    "운": "woon", "욱": "wook", "률": "ryul", "열": "yeol", "형": "hyung", "강": "kang",
    "권": "kwon", "길": "kil", "걸": "gul", "언": "un", "헌": "hun", "지": "ji",
}  # fmt: skip
_SURNAMES = {
    "김": "kim", "이": "lee yi rhee", "박": "park pak", "최": "choi choe",
    "정": "jung chung jeong", "강": "kang", "조": "cho jo", "윤": "yoon yun", "장": "jang chang",
    "임": "lim im", "한": "han", "오": "oh o", "서": "seo suh", "신": "shin sin", "권": "kwon",
    "황": "hwang", "안": "ahn an", "송": "song", "류": "ryu", "유": "yoo yu", "전": "jeon chun",
    "홍": "hong", "고": "ko go", "문": "moon mun", "양": "yang", "손": "son sohn", "배": "bae",
    "백": "baek paik", "허": "heo hur", "남": "nam", "심": "shim sim", "노": "roh noh no",
    "하": "ha", "곽": "kwak", "성": "sung seong", "차": "cha", "주": "joo ju", "우": "woo",
    "구": "koo gu", "나": "na", "민": "min", "진": "jin", "지": "ji", "엄": "um eom",
    "채": "chae", "원": "won", "천": "cheon", "방": "bang", "공": "kong", "현": "hyun",
    "함": "ham", "변": "byun", "염": "yeom", "여": "yeo", "추": "choo chu", "도": "do",
    "소": "so", "석": "seok", "선": "sun", "설": "seol", "마": "ma", "길": "gil", "연": "yeon",
    "남궁": "namgung namkoong", "황보": "hwangbo", "제갈": "jegal", "선우": "sunwoo seonu",
    "독고": "dokgo", "사공": "sagong", "서문": "seomun",
}  # fmt: skip


def _korean(text: str) -> Iterator[tuple[str, ...]]:
    length = 2 if text[:2] in _SURNAMES and len(text) > 2 else 1
    family, given = text[:length], text[length:]
    spelled = list(dict.fromkeys(_SURNAMES.get(family, "").split()))
    plain = "".join(_syllable(c)[0] for c in family)
    if plain not in spelled:
        spelled.append(plain)
    forms: dict[tuple[str, ...], None] = {}
    for chosen in product(*(_syllable(c) for c in given)):
        forms.setdefault(chosen)
    # The usual surname with every form of the given name before the rarer surnames.
    for surname, form in product(spelled[:3], list(forms)[:9]):
        yield (surname, "".join(form))
    if len(given) > 1:
        for form in list(forms)[:9]:
            yield (spelled[0], *form)
            yield (*form, spelled[0])


def _syllable(syllable: str) -> tuple[str, ...]:
    """Revised Romanization, McCune-Reischauer, and how people write it."""
    code = ord(syllable) - 0xAC00
    lead, vowel, tail = _LEADS[code // 588], _VOWELS[code % 588 // 28], _TAILS[code % 28]
    reischauer = _MR_LEADS.get(lead, lead) + _MR_VOWELS.get(vowel, vowel) + tail
    custom = _CUSTOM.get(syllable, lead + vowel + tail)
    return tuple(dict.fromkeys((lead + vowel + tail, custom, reischauer)))


# --- Kana ------------------------------------------------------------------------------------

_SYLLABLE_TEXT = (
    "あ a い i う u え e お o か ka き ki く ku け ke こ ko さ sa し shi す su せ se そ so た ta  "
    "ち chi つ tsu て te と to な na に ni ぬ nu ね ne の no は ha ひ hi ふ fu へ he ほ ho ま ma  "
    "み mi む mu め me も mo や ya ゆ yu よ yo ら ra り ri る ru れ re ろ ro わ wa を o ん n  "
    "が ga ぎ gi ぐ gu げ ge ご go ざ za じ ji ず zu ぜ ze ぞ zo だ da ぢ ji づ zu で de ど do  "
    "ば ba び bi ぶ bu べ be ぼ bo ぱ pa ぴ pi ぷ pu ぺ pe ぽ po ゔ vu ぁ a ぃ i ぅ u ぇ e ぉ o  "
    "ゃ ya ゅ yu ょ yo"
)
_SYLLABLES = dict(zip(_SYLLABLE_TEXT.split()[::2], _SYLLABLE_TEXT.split()[1::2], strict=True))
_TO_HIRAGANA = {code: chr(code - 0x60) for code in range(0x30A1, 0x30F7)}


def _hepburn(piece: str, doubled: bool) -> str:
    """A word of Kana; long vowels once, as passports do, or twice."""
    out, small_tsu = "", False
    for char in piece.translate(_TO_HIRAGANA):
        sound = _SYLLABLES.get(char, "")
        if char == "っ":
            small_tsu = True
            continue
        if char in "ゃゅょぁぃぅぇぉ" and out[-1:] in ("i", "u", "e", "o"):
            soft = char in "ゃゅょ" and out[-3:-1] in ("sh", "ch")
            bare = soft or out[-2:-1] == "j"
            out, sound = out[:-1], sound[1:] if bare and char in "ゃゅょ" else sound
        if small_tsu:
            sound, small_tsu = ("t" if sound.startswith("ch") else sound[:1]) + sound, False
        out += sound
    return out if doubled else re.sub("ou|oo", "o", out.replace("uu", "u"))


# --- Arabic ----------------------------------------------------------------------------------

_ARTICLE = "ال"
_LITERAL = {
    "بن": ("bin", "ben", "ibn"), "ابن": ("ibn", "bin", "ben"), "ابو": ("abu", "abou"),
    "ام": ("um", "umm"), "بنت": ("bint",), "عبدالله": ("abdullah", "abdallah", "abdulla"),
    "الله": ("allah",), "اللہ": ("allah",),
}  # fmt: skip
_SERVANT = "عبد"


def _arabic(parts: list[str]) -> Iterator[tuple[str, ...]]:
    """Paths of marked words; the article alone, in one with the word, or left out."""
    choices: list[tuple[tuple[str, ...], ...]] = []
    at = 0
    while at < len(parts):
        word = parts[at]
        bare = word[2:] if word.startswith(_ARTICLE) and len(word) > 4 else ""
        following = parts[at + 1] if at + 1 < len(parts) else ""
        if word == _SERVANT and following.startswith(_ARTICLE):
            name = following[2:]
            if following == "الله":
                choices.append((("abdullah",), ("abdallah",), ("abdulla",), ("abd", "allah")))
            else:
                last = UNVOWELLED + name
                fore = (("abdul",), ("abdel",), ("abd", "al"), ("abd", "el"))
                choices.append(tuple((*words_, last) for words_ in fore))
            at += 1
        elif word in _LITERAL:
            choices.append(tuple((spelled,) for spelled in _LITERAL[word]))
        elif bare:
            mark = UNVOWELLED + bare
            choices.append((("al", mark), ("el", mark), (UNVOWELLED + word,), (mark,)))
        else:
            choices.append(((UNVOWELLED + word,),))
        at += 1
    for chosen in product(*choices):
        yield tuple(word for group in chosen for word in group)


_MANY = {"ض": "dz", "ظ": "zd", "ذ": "zd", "ث": "st", "ج": "jg"}
_UNREAD = str.maketrans({"ا": "", "ع": "", "ی": "", "ه": "", "ح": ""})


def sound_keys(word: str) -> set[str]:
    """Keys under which a marked Arabic word is kept: its consonants, in each way to read them."""
    bare = word.removeprefix(UNVOWELLED)
    readings = {bare}
    for letter, sounds in _MANY.items():
        readings |= {r.replace(letter, sound) for r in readings for sound in sounds}
    readings |= {r[:1] + r[1:].replace("و", "") for r in readings}
    found = {skeleton(r.translate(_UNREAD)) for r in sorted(readings)[:_MOST]}
    return {UNVOWELLED, *(UNVOWELLED + key for key in found if len(key) >= 2)}


def sound_key(latin: str) -> str:
    """Key of a Latin word, to look marked words up by."""
    return UNVOWELLED + skeleton(latin)


_LONG = {"ا": "a", "و": "u", "ی": "i", "ع": "", "ه": "", "ح": ""}
_LATIN_LONG = (
    (re.compile("ee"), "i"), (re.compile("oo|ou"), "u"), (re.compile("y"), "i"),
    (re.compile("e"), "a"), (re.compile("o|w"), "u"), (re.compile("[^aiu]+"), "-"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def _long_vowels(word: str) -> str:
    inner = word.removeprefix(UNVOWELLED)[1:]
    return "".join(_LONG.get(char, "-") for char in inner)


def fits(marked: str, latin: str) -> bool:
    """Whether a Latin word has the long vowels of an Arabic one, in order, where Arabic has them.

    Both have the same consonants already. One that begins with a vowel is no word that begins with
    a consonant: `Ahmed` is not `محمد`.
    """
    first = marked[1]
    if latin[0] in "aeiou":
        if first not in "اعوی":
            return False
    elif first == "ا" or (latin[0] == "h") != (first in "هح"):
        return False
    plain = latin[1:]
    for pattern, to in _LATIN_LONG:
        plain = pattern.sub(to, plain)
    wanted = re.sub("-+", "", _long_vowels(marked))
    vowels = iter(plain.replace("-", ""))
    return all(vowel in vowels for vowel in wanted)
