"""Which language a text is in, and in which languages a disclosure is therefore owed.

`identify` looks at one text; `choose` weighs what a builder declared against what the content
says. A disclosure follows the *content*, never the language of an interface: that mistake put an
English overlay on Urdu speech.

How: the script decides where one language alone is written in it; letters decide between some that
share one; a list of common words finds romanised Hindi and Urdu, which no model here knows; for the
rest py3langid (BSD-3), its answer limited to the languages that have wording. Its unlimited answer
is the second opinion: where that favours a language we have no wording for, confidence is capped.
Short texts are capped too: one word is no evidence. It refuses to guess (`und`) below `FLOOR`.

Source of the numbers: measured on 294 short texts in 49 languages and 1,632 English prompts;
`tests/unit/test_language.py` holds them.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from overt.scripts import (
    ARABIC,
    KANJI_ONLY,
    OTHER_ARABIC,
    PASHTO,
    PERSIAN,
    SIMPLIFIED,
    TRADITIONAL,
    URDU,
    count_scripts,
    written,
)
from overt.tables import data_path, read_jsonl

LIMIT = 4000
"""Code points of a text that are looked at."""
SURE = 0.7
"""Below this a disclosure is also given in English."""
FLOOR = 0.35
"""Below this the answer is `und`."""
_FOREIGN_SHARE = 0.2
_SENTENCE = re.compile(r"[.!?\n\r;:।۔؟。！？…]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TAG = re.compile(r"^[a-zA-Z]{2,8}([-_][a-zA-Z0-9]{1,8})*$")
_VOICE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?-[A-Z]{2}(?=-)")
_UNTOLD = frozenset({"und", "mul", "mis", "zxx"})
"""ISO 639-2 codes for undetermined, several, uncoded and no languages."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The answer to "which language is this?".

    Attributes:
        language: BCP 47 tag of the catalogue, or `und`.
        confidence: 0 to 1; not a probability, but `SURE` is where it becomes trustworthy.
        script: ISO 15924 code of most letters, `Zyyy` where there are none.
        mixed: Two languages or scripts share the text.
    """

    language: str
    confidence: float
    script: str
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The languages a disclosure is owed in, first the content's own.

    Attributes:
        languages: Catalogue tags, at least one.
        source: `declared`, `voice`, `transcript`, `prompt`, `audience` or `default`.
        warning: A stable code where something was doubtful, else none.
    """

    languages: tuple[str, ...]
    source: str
    warning: str | None = None


def identify(text: str) -> Identified:
    """Tell the language of `text`.

    Any code points are safe, lone surrogates too; only the first `LIMIT` are looked at. Numbers,
    signs and web addresses are passed over.
    """
    clean = _clean(text)
    scripts = count_scripts(clean)
    total = sum(scripts.values())
    if not total:
        return Identified("und", 0.0, "Zyyy")
    script, count = scripts.most_common(1)[0]
    if (script == "Hani" and scripts["Kana"]) or script == "Kana":
        script, count = "Jpan", scripts["Hani"] + scripts["Kana"]
    foreign = total - count
    mixed = foreign >= 6 and foreign / total >= _FOREIGN_SHARE
    language, confidence = _in_script(clean, script, count)
    if not mixed and script in ("Latn", "Cyrl", "Arab", "Deva"):
        mixed = _sentences_differ(clean, script, language)
    if confidence < FLOOR:
        language = "und"
    return Identified(language, round(min(confidence, 1.0), 3), written(script, language), mixed)


def choose(
    *,
    declared: str | None = None,
    voice: str | None = None,
    transcript: str | None = None,
    prompt: str | None = None,
    audience: str | None = None,
) -> Choice:
    """Decide the languages a disclosure is owed in.

    The first of these that tells wins: what the builder declared, the voice's language, the
    transcript or script, the prompt, the audience. English with a warning is the last resort. A
    doubtful or mixed text gets English as well. Where the transcript plainly speaks another
    language than declared, the disclosure is owed in both: a default left at English must not hide
    an Urdu voice.

    Args:
        declared: BCP 47 tag from the builder. `und` and `mul` tell nothing.
        voice: BCP 47 tag of the synthetic voice, or a name that begins with one.
        transcript: Text that is heard or read in the content.
        prompt: Text that the tool was given.
        audience: BCP 47 tag.
    """
    for source, given in (("declared", declared), ("voice", voice)):
        tag = _tag_in(given) if given else None
        # A voice called Ann is not one that speaks a language `ann`.
        if tag is not None and (source == "declared" or resolve(tag)):
            return _from_tag(tag, source, transcript)
    for source, text in (("transcript", transcript), ("prompt", prompt)):
        found = identify(text) if text else None
        if found is not None and found.language != "und":
            return _from_text(found, source, audience)
    if audience:
        return _from_tag(audience, "audience", None)
    return Choice(("en",), "default", "language.unknown")


def resolve(tag: str) -> str | None:
    """The catalogue's language for a BCP 47 tag, or none: `ur-PK` is `ur`, `zh-TW` is `zh-Hant`.

    The lookup is RFC 4647's, with the region's usual script for Chinese and Serbian.
    """
    if not _TAG.match(tag):
        return None
    parts = tag.replace("_", "-").split("-")
    known = _lower()
    parts[0] = _RENAMED.get(parts[0].lower(), parts[0])
    usual = _usual_script([part.lower() for part in parts])
    if usual is not None:
        return usual
    while parts:
        candidate = known.get("-".join(parts).lower())
        if candidate is not None:
            return candidate
        parts.pop()
    return _DEFAULTS.get(tag.replace("_", "-").split("-")[0].lower())


_RENAMED = {
    "no": "nb",
    "nn": "nb",
    "iw": "he",
    "in": "id",
    "tl": "fil",
    "cmn": "zh",
    "sh": "sr-Latn",
}
_DEFAULTS = {"pt": "pt-BR", "zh": "zh-Hans", "sr": "sr-Cyrl", "yue": "zh-Hant"}


def _usual_script(parts: list[str]) -> str | None:
    """Chinese by region where no script is given, and Portuguese outside Brazil."""
    if parts[0] == "zh" and not {"hans", "hant"} & set(parts):
        return "zh-Hant" if {"tw", "hk", "mo"} & set(parts) else "zh-Hans"
    if parts[0] == "pt" and len(parts) > 1 and parts[1] != "br":
        return "pt-PT"
    return None


# --- choose ------------------------------------------------------------------------------------


def _tag_in(given: str) -> str | None:
    """The language tag of a declaration or a voice's name, or none where it tells no language."""
    named = _VOICE.match(given)
    tag = given if _TAG.match(given) else named.group() if named else ""
    primary = re.split("[-_]", tag)[0].lower()
    return tag if 2 <= len(primary) <= 3 and primary not in _UNTOLD else None


def _from_tag(tag: str, source: str, transcript: str | None) -> Choice:
    language = resolve(tag) or "en"
    warning = None if resolve(tag) else "language.no_wording"
    heard = identify(transcript) if transcript else None
    if heard is None or heard.language == "und" or heard.confidence < 0.9:
        return Choice((language,), source, warning)
    if heard.language == language or _same_group(heard.language, language):
        return Choice((language,), source, warning)
    return Choice((language, heard.language), source, "language.declared_differs")


def _from_text(found: Identified, source: str, audience: str | None) -> Choice:
    language = found.language
    wanted = resolve(audience) if audience else None
    if wanted is not None and _same_group(wanted, language):
        language = wanted  # nothing tells Croatian from Bosnian in eight words, but the builder can
    doubtful = found.confidence < SURE or found.mixed
    if not doubtful or language == "en":
        warning = "language.mixed" if found.mixed else None
        return Choice((language,), source, warning)
    warning = "language.mixed" if found.mixed else "language.unsure"
    return Choice((language, "en"), source, warning)


def _same_group(one: str, other: str) -> bool:
    table = _languages()
    groups = [table[tag]["group"] if tag in table else None for tag in (one, other)]
    return groups[0] is not None and groups[0] == groups[1]


# --- identify ----------------------------------------------------------------------------------


def _clean(text: str) -> str:
    head = text[:LIMIT].encode("utf-16", "replace").decode("utf-16", "replace")
    head = re.sub(r"https?://\S+|\S+@\S+|[@#]\w+", " ", head)
    return unicodedata.normalize("NFC", head)


def _in_script(text: str, script: str, count: int) -> tuple[str, float]:
    """Language and confidence, given the script of most letters."""
    if script == "Hang":
        return "ko", 0.98
    if script == "Hani":
        return _han(text)
    if script == "Jpan":
        return "ja", 0.98
    alone = _alone().get(script)
    if alone is not None:
        return alone, 0.6 if script == "Beng" and set(text) & set("ৰৱ") else 0.98
    if script == "Arab":
        return _arabic(text, count)
    if script == "Latn":
        romanised = _hindustani(text)
        if romanised is not None:
            return romanised
    return _by_model(text, script, count)


def _han(text: str) -> tuple[str, float]:
    letters = set(text)
    hant, hans = len(letters & TRADITIONAL), len(letters & SIMPLIFIED)
    kanji = len(letters & (KANJI_ONLY - TRADITIONAL - SIMPLIFIED))
    if kanji and not hans:
        return "ja", 0.6
    if hant > hans:
        return "zh-Hant", 0.95
    return ("zh-Hans", 0.95) if hans else ("zh-Hans", 0.75)


def _arabic(text: str, count: int) -> tuple[str, float]:
    letters = Counter(text)

    def seen(of: Iterable[str]) -> int:
        return sum(letters[letter] for letter in of)

    if seen(OTHER_ARABIC):  # Sindhi, Kurdish, Uyghur: no wording of ours
        return _by_model(text, "Arab", count)[0], 0.4
    if seen(PASHTO):
        return "ps", 0.95
    urdu, persian, arabic = seen(URDU), seen(PERSIAN), seen(ARABIC)
    if urdu and urdu >= arabic:
        return "ur", 0.97 if urdu > 1 else 0.85
    guess, confidence = _by_model(text, "Arab", count)
    if persian and not arabic and guess in ("ar", "ps"):
        return "fa", 0.8
    if arabic and not persian:
        return "ar", max(confidence, 0.9)
    return guess, confidence


def _hindustani(text: str) -> tuple[str, float] | None:
    """Romanised Hindi or Urdu by its common words, or none.

    Three distinct words of the list, one of them found in no other language here, and a quarter of
    all words: "Ho ho ho, go to the main gate" is none.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    table = _hindustani_words()
    hits = {word for word in words if word in table}
    strong = {word for word in hits if table[word][0] == "strong"}
    share = sum(word in hits for word in words) / max(1, len(words))
    if len(hits) < 3 or not strong or share < 0.25 or (len(strong) < 2 and share < 0.5):
        return None
    leans = Counter(table[word][1] for word in hits)
    language = "ur-Latn" if leans["ur"] > leans["hi"] else "hi-Latn"
    told_apart = leans["ur"] != leans["hi"]
    return language, min(0.9, 0.5 + 0.1 * len(strong)) if told_apart else 0.6


def _by_model(text: str, script: str, count: int) -> tuple[str, float]:
    """py3langid's answer within the script's languages, capped for shortness."""
    shares = _ranked(text)
    allowed = _of_script(script)
    if not allowed:
        return "und", 0.0
    inside: dict[str, float] = {}
    for language, labels in allowed.items():
        inside[language] = sum(shares.get(label, 0.0) for label in labels)
    total = sum(inside.values())
    if total <= 0:
        return "und", 0.0
    best = max(inside, key=lambda language: inside[language])
    group = _languages()[best]["group"]
    mates = [
        tag for tag in inside if tag == best or (group and _languages()[tag]["group"] == group)
    ]
    confidence = sum(inside[tag] for tag in mates) / total
    if total < 0.5:  # the unlimited model favours a language we have no wording for
        confidence = min(confidence, 0.6)
    words = len(_WORD.findall(text))
    if words < 3 or count < 12:
        confidence = min(confidence, 0.25 + 0.1 * words + 0.01 * count, 0.65)
    return best, confidence


def _sentences_differ(text: str, script: str, whole: str) -> bool:
    """Whether a sentence of some length is plainly in another language than the whole."""
    parts = [part for part in _SENTENCE.split(text) if len(part) >= 30]
    if len(parts) < 2:
        return False
    for part in parts[:20]:
        language, confidence = _in_script(part, script, len(part))
        if confidence >= 0.9 and language != whole and not _same_group(language, whole):
            return True
    return False


# --- tables, read once -------------------------------------------------------------------------


@cache
def _languages() -> Mapping[str, dict[str, Any]]:
    return {row["language"]: row for row in read_jsonl(data_path("language", "languages.jsonl"))}


@cache
def _lower() -> Mapping[str, str]:
    return {tag.lower(): tag for tag in _languages()}


@cache
def _alone() -> Mapping[str, str]:
    return {row["script"]: tag for tag, row in _languages().items() if row["alone_in_script"]}


@cache
def _of_script(script: str) -> Mapping[str, tuple[str, ...]]:
    return {
        tag: tuple(row["model"])
        for tag, row in _languages().items()
        if row["script"] == script and row["model"]
    }


@cache
def _hindustani_words() -> Mapping[str, tuple[str, str]]:
    rows = read_jsonl(data_path("language", "hindustani.jsonl"))
    return {row["word"]: (row["strength"], row["leans"]) for row in rows}


_loading = threading.Lock()


@cache
def _model() -> Any:
    with _loading:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _ranked(text: str) -> dict[str, float]:
    """py3langid's share for every language it knows."""
    return dict(_model().rank(text))
