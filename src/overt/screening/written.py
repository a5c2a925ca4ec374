"""Whether words are written as a name here: by their case, their place and what stands beside.

Scripts without case tell nothing of it, and people who type in a hurry write no capitals at all.
"""

from __future__ import annotations

from overt.screening import index as ix
from overt.screening.everyday import (
    common_only_in,
    common_words,
    everyday_only_in,
    everyday_words,
)
from overt.screening.gazetteer import INFLECTED_FLAG, Hit
from overt.screening.scene import Scene

_PARTICLES = frozenset({"de", "van", "von", "del", "di", "da"})
_WITHOUT_MARK = frozenset({"de", "ja", "ko", "zh"})
_WITHOUT_CASES = frozenset({"en", "es", "fr", "it", "pt"})
"""Languages that put no ending after a name, but English an `s`."""
_SMALL_TEXT = (
    "al el ad an ar as at ash bin bint ibn ben ur ul uz der den ten ter dos das e y la le du "
    "d zu et und i og och en do af av til vom zum ap the of"
)
_SMALL = _PARTICLES | frozenset(_SMALL_TEXT.split())
"""Words inside names that are written small."""


def everyday_word(scene: Scene, hit: Hit) -> bool:
    """Whether a single word is an everyday word besides: context must not make it a name."""
    if hit.last - hit.first != 1:
        return False
    token = scene.analysis.tokens[hit.first]
    if token.text in everyday_words():
        return True
    languages = everyday_only_in().get(token.text)
    if languages is None:
        return False
    written = scene.analysis.original[token.start : token.end]
    if token.capital and written.isascii():  # `Putin` in Romanian; a `puțin` it never is
        return False
    return scene.analysis.identified.language.split("-")[0] in languages


def capitals(scene: Scene, hit: Hit) -> bool:
    """Whether each word of the name begins with a capital where the script has them.

    Not what is joined to the word before, as in `Yong-beom` and `Ar'yev`, and no particle.
    """
    text = scene.analysis.original
    return all(
        not text[token.start].islower()
        or text[token.start : token.end].lower() in _SMALL
        or (at > hit.first and text[token.start - 1] in "-\u2010\u2011'\u2019\u02bc")
        for at, token in enumerate(scene.analysis.tokens[hit.first : hit.last], hit.first)
    )


def is_name_here(scene: Scene, hit: Hit) -> bool:
    """Whether an everyday word is a name here: a capital amid small ones, nobody else's name.

    Where the script has no capitals, the company it keeps has to do.
    """
    tokens, text = scene.analysis.tokens, scene.analysis.original
    if not _has_case(text[tokens[hit.first].start]):
        return True
    if not tokens[hit.first].capital or begins_sentence(scene, hit):
        return False
    return stands_alone(scene, hit)


def capital_tells(scene: Scene, hit: Hit) -> bool:
    """Whether a capital sets a name apart from a word: in no German, and in no script without."""
    if not is_cased(scene, hit):
        return False
    return scene.analysis.identified.language.split("-")[0] not in _WITHOUT_MARK


def stands_alone(scene: Scene, hit: Hit) -> bool:
    """Whether no capital word stands right before or after it, with nothing but a space between."""
    tokens, text = scene.analysis.tokens, scene.analysis.original
    for left, right in ((hit.first - 1, hit.first), (hit.last - 1, hit.last)):
        if left < 0 or right >= len(tokens):
            continue
        beside = tokens[left if right == hit.first else right]
        if beside.capital and not text[tokens[left].end : tokens[right].start].strip("- "):
            return False
    return True


def foreign_ending(scene: Scene, hit: Hit) -> bool:
    """Whether an ending was taken off that the text's language does not have: `Camille`."""
    token = scene.analysis.tokens[hit.last - 1]
    if not hit.flags & INFLECTED_FLAG or not token.text.isascii():
        return False
    language = scene.analysis.identified.language.split("-")[0]
    return language in _WITHOUT_CASES and not (language == "en" and token.text.endswith("s"))


def capital_word(scene: Scene, hit: Hit) -> bool:
    """Whether it is a common word of a language in which a capital sets no name apart from it.

    Every noun has one in German, and no letter in the languages that run their words together.
    """
    if not is_common(scene, hit):
        return False
    return scene.analysis.identified.language.split("-")[0] in _WITHOUT_MARK


def is_cased(scene: Scene, hit: Hit) -> bool:
    """Whether the name is in a script that has capitals."""
    return _has_case(scene.analysis.original[scene.analysis.tokens[hit.first].start])


def _has_case(letter: str) -> bool:
    return letter.lower() != letter.upper()


def of_somebody_else(scene: Scene, hit: Hit) -> bool:
    """Whether a capital word that is no concept stands before the surname, or a particle after."""
    tokens = scene.analysis.tokens
    if hit.last + 1 < len(tokens) and tokens[hit.last].text in _PARTICLES:
        return tokens[hit.last + 1].capital
    if hit.first == 0:
        return False
    before = tokens[hit.first - 1]
    gap = scene.analysis.original[before.end : tokens[hit.first].start]
    if not before.capital or gap.strip() or len(before.text) < 3 or not before.text.isalpha():
        return False
    if hit.first == 1 or not before.text.isascii():
        return False
    at = hit.first - 1
    return not any(c.first <= at < c.last for held in scene.concepts.values() for c in held)


def written_as_name(scene: Scene, hit: Hit, fame: int) -> bool:
    """Capital letters where the script has them and the writer uses them."""
    titled = hit.tier == ix.NICKNAME and hit.last - hit.first > 1  # `prezident Pavel`
    token = scene.analysis.tokens[hit.last - 1 if titled else hit.first]
    if not _has_case(scene.analysis.original[token.start]):
        return True
    return (token.capital or careless(scene)) and not maybe_common(scene, hit, fame)


def may_be_word(scene: Scene, hit: Hit) -> bool:
    """Whether a capital may be that of a sentence and the name a word: `Bush with red berries`."""
    word = scene.analysis.tokens[hit.first].text
    return word in common_words() and begins_sentence(scene, hit)


def is_common(scene: Scene, hit: Hit) -> bool:
    """Whether the word is a common one besides, in any language or in the text's."""
    tokens = scene.analysis.tokens[hit.first : hit.last]
    word = "".join(token.text for token in tokens) if tokens[0].unspaced else tokens[0].text
    if word in common_words():
        return True
    languages = common_only_in().get(word)
    return languages is not None and (scene.analysis.identified.language.split("-")[0] in languages)


def begins_sentence(scene: Scene, hit: Hit) -> bool:
    """Whether the capital may be that of a sentence."""
    if not hit.first:
        return True
    tokens = scene.analysis.tokens
    gap = scene.analysis.original[tokens[hit.first - 1].end : tokens[hit.first].start]
    return any(mark in gap for mark in '.!?:\n"„“«»-')


def begins_text(scene: Scene, hit: Hit) -> bool:
    """Whether a text begins with the name, as it stands, and no other name goes on from it."""
    if hit.first or hit.flags & INFLECTED_FLAG:
        return False
    tokens = scene.analysis.tokens
    goes_on = hit.last < len(tokens) and tokens[hit.last].capital
    return not goes_on and (tokens[0].capital or careless(scene))


def careless(scene: Scene) -> bool:
    """Whether the text begins without a capital, as people type in a hurry."""
    first = next((t for t in scene.analysis.tokens if t.text[0].isalpha()), None)
    return first is not None and not first.capital


def maybe_common(scene: Scene, hit: Hit, fame: int) -> bool:
    """Whether a name of one word may be a common word, by its case, length and place."""
    token = scene.analysis.tokens[hit.first]
    if hit.last - hit.first != 1:
        return False
    if token.capital:
        short = bool(hit.flags & INFLECTED_FLAG) and len(token.text) <= 5
        return short and begins_sentence(scene, hit)
    if scene.near_hit(hit, "VOICE", 1):
        return False
    shortest = 3 if hit.tier == ix.SINGLE else 4
    if hit.flags & INFLECTED_FLAG:
        shortest = 6 if fame == 3 else 7
    return len(token.text) < shortest or token.text in common_words()
