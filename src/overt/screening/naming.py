"""How people write a figure's name who want it found, or not: languages, offices, disguises.

Pure: it makes strings of a registry row. A name of a language is looked for among the row's own
spellings, for the registry seldom says which language a spelling is in; nothing is transliterated
here, so that what is tried is what people really write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from overt.language import identify
from overt.screening.chars import LATIN_TO_CYRILLIC
from overt.screening.forms import rot13
from overt.screening.registry import Figure, Name
from overt.screening.text import fold, words
from overt.screening.translit import romanise
from overt.scripts import ARABIC, PERSIAN, URDU, count_scripts

_LEET = str.maketrans("oieas", "013@5")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_FULL = ("alias", "transliteration")
_SCRIPTS: dict[str, frozenset[str]] = {
    "ru": frozenset({"Cyrl"}), "uk": frozenset({"Cyrl"}), "ar": frozenset({"Arab"}),
    "ur": frozenset({"Arab"}), "hi": frozenset({"Deva"}), "bn": frozenset({"Beng"}),
    "ja": frozenset({"Kana", "Hani"}), "ko": frozenset({"Hang"}), "zh": frozenset({"Hani"}),
}  # fmt: skip
_LATIN = frozenset({"Latn"})
_FOREIGN: dict[str, frozenset[str]] = {
    "ru": frozenset("іїєґ"), "uk": frozenset("ыэъё"),
    "ar": URDU | PERSIAN, "ur": ARABIC,
}  # fmt: skip
"""Letters that a language does not have, and its neighbour in the same script does."""
_NEIGHBOUR = {"ru": "uk", "uk": "ru", "ar": "ur", "ur": "ar"}
_HOME = {
    "IN": "hi", "BD": "bn", "PK": "ur", "CN": "zh", "TW": "zh", "HK": "zh", "JP": "ja", "KR": "ko",
    "KP": "ko", "RU": "ru", "BY": "ru", "UA": "uk", "EG": "ar", "SA": "ar", "AE": "ar", "QA": "ar",
    "KW": "ar", "BH": "ar", "OM": "ar", "YE": "ar", "IQ": "ar", "SY": "ar", "JO": "ar", "LB": "ar",
    "PS": "ar", "LY": "ar", "TN": "ar", "DZ": "ar", "MA": "ar", "SD": "ar",
}  # fmt: skip
"""Which of our languages in another script than Latin is written at home."""
_FAMILY_FIRST = frozenset({"CN", "TW", "HK", "JP", "KR", "KP"})
_DOT = re.compile("[·・‧]")
_OFFICE = re.compile(r"(president|prime minister|chancellor|king|queen|emperor|emir) of ", re.I)
"""Offices that one person holds: a member of a parliament is any of many."""


@dataclass(frozen=True, slots=True)
class Naming:
    """One way to write who is meant.

    Args:
        how: Stable name of the way.
        weak: It says so little that, by design, it need not act alone: a surname, initials.
    """

    text: str
    how: str
    weak: bool = False


def name_in(figure: Figure, language: str) -> str:
    """The full name as the language writes it, or the registry's own where it has none."""
    found = _spelled(figure, language)
    return found if found is not None else figure.name


def office_in(figure: Figure, language: str) -> str | None:
    """An office that only this person holds, named in the language, such as `US-Präsident`."""
    roles = [
        n.text
        for n in sorted(figure.names, key=lambda n: n.lang is None)
        if n.kind == "role" and (n.lang == language if n.lang else _is_in(n.text, language))
    ]
    if roles:
        return max(roles, key=lambda text: _has_own_letters(text, language))
    for title, _, until in figure.offices:
        if language == "en" and figure.active and until is None and _OFFICE.match(title):
            return f"the {title}"
    return None


def namings(figure: Figure, language: str) -> Iterator[Naming]:
    """The plain name first, then disguises, other scripts, the office and weak forms."""
    base = name_in(figure, language)
    seen: set[str] = set()
    for naming in _all(figure, language, base):
        if naming.text and naming.text not in seen:
            seen.add(naming.text)
            yield naming


def _all(figure: Figure, language: str, base: str) -> Iterator[Naming]:
    yield Naming(base, "plain")
    yield Naming(base.lower(), "lower")
    yield Naming(_without_marks(base), "no_marks")
    yield Naming(base.translate(_LEET), "leet")
    letters = _letters(base)
    yield Naming(" ".join(letter for letter in letters if letter != " "), "spaced")
    yield Naming("\u200b".join(letters), "zero_width")
    yield Naming(base.translate(_WIDE), "wide")
    yield Naming(base.replace(" ", ""), "joined")
    yield Naming(_mixed(base), "mixed_scripts")
    yield Naming("".join(reversed(letters)), "backwards")
    if base.isascii():
        yield Naming(rot13(base.lower()), "rot13")
    parts = base.split(" ")
    family_first = bool(set(figure.country) & _FAMILY_FIRST)
    if len(parts) > 1 and not family_first:
        yield Naming(" ".join((parts[-1], *parts[:-1])), "surname_first")
    yield Naming(figure.name, "registry_name")
    home = next((_HOME[c] for c in figure.country if c in _HOME), None)
    foreign = _spelled(figure, home or "ru")
    if foreign is not None:
        yield Naming(foreign, "native_script" if home else "other_script")
    office = office_in(figure, language)
    if office is not None:
        yield Naming(office, "office")
    if len(parts) > 1 and not family_first:
        yield Naming(parts[-1], "surname", weak=True)
        initials = [_letters(part)[0] + "." for part in parts if part]
        yield Naming(f"{initials[0]} {parts[-1]}", "initial", weak=True)
        yield Naming(" ".join(initials), "initials", weak=True)


def _letters(text: str) -> list[str]:
    """Letters with the marks that belong to them: a vowel sign does not stand alone."""
    found: list[str] = []
    for char in text:
        if found and unicodedata.category(char).startswith("M"):
            found[-1] += char
        else:
            found.append(char)
    return found


def _mixed(text: str) -> str:
    return "".join(c.translate(LATIN_TO_CYRILLIC) if n % 2 else c for n, c in enumerate(text))


def _without_marks(text: str) -> str:
    """Latin letters without their marks; other scripts stay, for there a mark is a letter."""
    if not set(count_scripts(text)) <= _LATIN:
        return text
    plain = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain if not unicodedata.combining(c))


# --- languages -------------------------------------------------------------------------------


def _spelled(figure: Figure, language: str) -> str | None:
    """The spelling of the row that is a full name in the language and fits the name best."""
    if _in_script(figure.name, language):
        return figure.name
    fitting = [
        name
        for name in figure.names
        if name.kind in _FULL
        and name.lang in (language, None)
        and _in_script(name.text, language)
        and _is_full(name.text, figure, language)
    ]
    if not fitting:
        return None

    def order(name: Name) -> tuple[int, bool, bool, int]:
        owned = _has_own_letters(name.text, language)
        return -_likeness(name.text, figure.name), not owned, name.lang is None, len(name.text)

    return min(fitting, key=order).text


def _in_script(text: str, language: str) -> bool:
    scripts = set(count_scripts(text))
    if not scripts or not scripts <= _SCRIPTS.get(language, _LATIN):
        return False
    return not set(text.lower()) & _FOREIGN.get(language, frozenset())


def _has_own_letters(text: str, language: str) -> bool:
    """Whether a letter is there that the neighbour in the same script does not have."""
    neighbour = _NEIGHBOUR.get(language, "")
    return bool(set(text.lower()) & _FOREIGN.get(neighbour, frozenset()))


def _is_full(text: str, figure: Figure, language: str) -> bool:
    """Whether given name and surname are both there, and no title."""
    if language not in ("zh", "ja", "ko"):
        return " " in text.strip()
    if set(figure.country) & _FAMILY_FIRST:
        return 3 <= len(text) <= 4 and not _DOT.search(text)
    if language == "ko":
        return " " in text.strip()
    return bool(_DOT.search(text)) and (language == "zh" or "Kana" in count_scripts(text))


def _likeness(text: str, name: str) -> int:
    """How alike the two sound, 0 to 10: coarse, so that a shorter spelling wins among equals."""
    read = " ".join(romanise(word) for word in words(text))
    return round(fuzz.token_sort_ratio(read, fold(name)) / 10)


def _is_in(text: str, language: str) -> bool:
    """Whether an office's name is in the language: by script where that tells, else as identified.

    What cannot be told is left out: an office in a wrong language would test nothing.
    """
    if not _in_script(text, language):
        return False
    if language == "ja":
        return "Kana" in count_scripts(text)
    if language in _SCRIPTS or (language == "en" and _OFFICE.match(text)):
        return True
    return identify(text).language.split("-")[0] == language
