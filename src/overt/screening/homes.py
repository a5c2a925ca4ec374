"""Where a language is at home, for names that mean somebody only among their own.

A Czech sentence about elections means a politician by `Pavel`; an English one means anybody.
English says nothing of the country, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

_COUNTRIES = {
    "ar": "AE BH DZ EG IQ JO KW LB LY MA OM PS QA SA SD SY TN YE",
    "bn": "BD IN",
    "cs": "CZ",
    "de": "AT CH DE LI LU",
    "es": "AR BO CL CO CR CU DO EC ES GT HN MX NI PA PE PR PY SV UY VE",
    "fr": "BE BF BI BJ CA CD CF CG CH CI CM DJ FR GA GN HT LU MC MG ML NE RW SN TD TG",
    "hi": "IN",
    "hu": "HU",
    "id": "ID",
    "it": "IT SM",
    "ja": "JP",
    "ko": "KR",
    "ms": "ID MY SG BN",  # a short text in Indonesian is often taken for Malay
    "pl": "PL",
    "pt": "AO BR CV GW MZ PT ST TL",
    "ro": "MD RO",
    "ru": "BY KG KZ RU",
    "sk": "SK",
    "tr": "CY TR",
    "uk": "UA",
    "ur": "PK",
    "zh": "CN HK MO MY SG TW",
}
_HOMES = {language: frozenset(countries.split()) for language, countries in _COUNTRIES.items()}
_SPOKEN_TEXT = "AU CA GB GH IE KE NG NZ US ZA"
_SPOKEN = frozenset(_SPOKEN_TEXT.split())
"""Countries of English."""
_PLACES = ("de", "es", "ja", "ko", "pt", "zh")
"""Languages whose surnames that are words besides are places, nouns, or half of the country."""
_TELLING = frozenset().union(*(held for name, held in _HOMES.items() if name not in _PLACES))


def surnames_tell(countries: Iterable[str]) -> bool:
    """Whether in one of the countries a surname that is a word, too, may say who is meant."""
    return not _TELLING.isdisjoint(countries)


def may_be_home(language: str, countries: Iterable[str]) -> bool:
    """The same as `at_home`, and for English in a country that speaks it."""
    if language.split("-")[0].lower() == "en":
        return not _SPOKEN.isdisjoint(countries)
    return at_home(language, countries)


def at_home(language: str, countries: Iterable[str]) -> bool:
    """Whether a language (BCP 47) is at home in one of the countries."""
    return not _HOMES.get(language.split("-")[0].lower(), frozenset()).isdisjoint(countries)
