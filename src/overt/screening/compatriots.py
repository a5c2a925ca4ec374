"""Whether one word alone names somebody of the country whose language the text is in.

`Prodi cammina sotto i portici` does, `Piano di ripasso` does not: how the word is written, where it
stands, what its ending is and how well known its bearer is decide. What is told so is weak.
"""

from __future__ import annotations

from overt.screening import index as ix
from overt.screening.gazetteer import ENCODED, GUESSED, INFLECTED_FLAG, LOOSE_FLAG, Hit
from overt.screening.homes import at_home
from overt.screening.namesakes import common_surname
from overt.screening.scene import Person, Scene
from overt.screening.text import words
from overt.screening.translit import skeleton
from overt.screening.written import (
    begins_sentence,
    begins_text,
    capital_tells,
    capital_word,
    everyday_word,
    is_cased,
    is_common,
    is_name_here,
    of_somebody_else,
    stands_alone,
    written_as_name,
)

ONE_WORD = frozenset({ix.NICKNAME, ix.SINGLE, ix.WORD, ix.SURNAME})
"""Tiers of names of one word."""
_SOUNDS = 3
"""Consonants that tell a part of a name in another script."""
_MISTER_TEXT = (
    "pan pani pana panu panem herr frau mr mrs ms monsieur madame mme signor signora sig senor "
    "senora sr sra senhor senhora domnul doamna dl dna pak bu bapak ibu"
)
_MISTER = frozenset(_MISTER_TEXT.split())
"""What is said before anybody's surname, folded."""
_STEM = 4
"""Letters that an ending leaves of a surname."""
_INFLECTING = frozenset({"cs", "hu", "pl", "ru", "sk", "uk"})
"""Languages whose names have endings enough for `Rúfusa` to be nothing else."""
_TURKISH = frozenset({"TR", "CY"})


def told_at_home(scene: Scene, person: Person) -> bool:
    """Whether a compatriot's surname or initials stand alone, and are no word besides."""
    hit = person.hit
    if person.prominence < 1 or hit.tier not in ONE_WORD or hit.how or hit.full:
        return False
    if everyday_word(scene, hit) and not _well_known_here(scene, person):
        return False
    if somebodys(scene, hit) or of_somebody_else(scene, hit):
        return False
    if not written_as_name(scene, hit, 0) or not _surname_or_initials(scene, person):
        return False
    if person.prominence < 2 and common_surname(scene.analysis.tokens[hit.first].text):
        return False
    if _accents_missing(scene, person):
        return False
    if is_cased(scene, hit):
        if hit.flags & INFLECTED_FLAG and not _may_be_inflected(scene, hit):
            return False
        alone = _starts(scene, person) or is_name_here(scene, hit)
    else:
        alone = hit.tier not in (ix.WORD, ix.NICKNAME) or (
            person.prominence >= 2 and not is_common(scene, hit) and not _runs_together(scene)
        )
    if capital_word(scene, hit):
        return False
    return alone and is_at_home(scene, person)


def named_by_apostrophe(scene: Scene, person: Person) -> bool:
    """Whether one word is marked as a name by how its ending is written: `ince'nin`.

    Turkish parts the endings of names, and of nothing else, whatever the case of the letters.
    """
    hit, tokens, text = person.hit, scene.analysis.tokens, scene.analysis.original
    if _TURKISH.isdisjoint(person.country) or not person.prominence:
        return False
    if person.prominence < 2 and everyday_word(scene, hit):
        return False
    if hit.full or hit.how & (ENCODED | GUESSED):
        return False
    mark = tokens[hit.last - 1].end
    parted = text[mark : mark + 1] in ("'", "\u2019") and text[mark + 1 : mark + 2].isalpha()
    alone = hit.last - hit.first == 1 and not (hit.first and tokens[hit.first - 1].capital)
    return parted and alone and is_at_home(scene, person)


def somebodys(scene: Scene, hit: Hit) -> bool:
    """Whether the writer's own people are named: `my friend Harris`, `my boss Duda`."""
    return any(scene.before_hit(hit, name, 1) for name in ("PRIVATE", "FAMILY"))


def is_given_name(scene: Scene, person: Person) -> bool:
    """Whether it is the first part of the name."""
    spelled = scene.analysis.tokens[person.hit.first].text
    return any(_alike(part, spelled) for part in words(person.name)[:-1])


def is_at_home(scene: Scene, person: Person) -> bool:
    """Whether the text is in a language of the person's country."""
    return at_home(scene.analysis.identified.language, person.country)


def _well_known_here(scene: Scene, person: Person) -> bool:
    """Whether an everyday word is written as the name of somebody well known."""
    hit, tokens = person.hit, scene.analysis.tokens
    if person.prominence < 2 or not tokens[hit.first].capital:
        return False
    if hit.first and tokens[hit.first - 1].text in _MISTER:
        return False  # `pan Turek` next door is anybody
    written = is_name_here(scene, hit) or _starts(scene, person)
    return written and capital_tells(scene, hit)


def _starts(scene: Scene, person: Person) -> bool:
    """Whether the name begins a sentence, and is no common word of the language."""
    hit = person.hit
    if scene.analysis.tokens[hit.first].capital:
        starts = begins_sentence(scene, hit) and stands_alone(scene, hit)
        starts = starts and not hit.flags & INFLECTED_FLAG
    else:
        starts = begins_text(scene, hit) and (person.prominence >= 2 or not _romanised(scene))
    return starts and not is_common(scene, hit)


def _runs_together(scene: Scene) -> bool:
    """Whether the language's words have no spaces, so that a name may be a part of one."""
    return scene.analysis.identified.language.split("-")[0] in ("ja", "zh")


def _romanised(scene: Scene) -> bool:
    """Whether a language that has a script of its own is written in Latin letters."""
    language = scene.analysis.identified.language.split("-")[0]
    return language in ("bn", "hi", "ur", "ar", "ru", "uk") and scene.analysis.original.isascii()


def _accents_missing(scene: Scene, person: Person) -> bool:
    """Whether a text with accents writes the name without its own: `Banki` is no `Bánki`."""
    start, end = scene.analysis.span(person.hit.first, person.hit.last)
    text = scene.analysis.original
    if not text[start:end].isascii() or text.isascii():
        return False
    spelled = scene.analysis.tokens[person.hit.first].text[:_STEM]
    parts = [part for part in person.name.split() if "".join(words(part))[:_STEM] == spelled]
    return bool(parts) and not any(part.isascii() for part in parts)


def _may_be_inflected(scene: Scene, hit: Hit) -> bool:
    """Whether the text's language has endings for surnames, and they leave a name that is one."""
    word = hit.tier == ix.WORD
    if not word and not hit.flags & LOOSE_FLAG:
        return True
    language = scene.analysis.identified.language.split("-")[0]
    return language in _INFLECTING or (language == "ro" and not word)


def _surname_or_initials(scene: Scene, person: Person) -> bool:
    """Whether it is no given name or nickname: those are everybody's."""
    hit = person.hit
    if hit.tier not in (ix.WORD, ix.NICKNAME):
        return True
    start, end = scene.analysis.span(hit.first, hit.last)
    if hit.tier == ix.NICKNAME and scene.analysis.original[start:end].isupper():
        return True
    if person.prominence >= 2 and not is_common(scene, hit) and not _somebody_told(scene, hit):
        return True
    if hit.tier == ix.NICKNAME:
        return not is_given_name(scene, person)
    return _alike(words(person.name)[-1], scene.analysis.tokens[hit.first].text)


def _somebody_told(scene: Scene, hit: Hit) -> bool:
    """Whether it is told after the name whose it is: `Nusret, my grandfather`."""
    return any(scene.after_hit(hit, name, 1) for name in ("PRIVATE", "FAMILY"))


def _alike(part: str, spelled: str) -> bool:
    """Whether a word begins as a part of a name does; in another script, by its consonants."""
    if part.isascii() == spelled.isascii():
        return part[:_STEM] == spelled[:_STEM]
    return skeleton(part)[:_SOUNDS] == skeleton(spelled)[:_SOUNDS]
