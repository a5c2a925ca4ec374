"""Settles what needs names and concepts together: who counts, how surely, and as what.

A whole name of somebody known acts by itself. A surname, a nickname, an office or a name that is an
everyday word besides needs context, and without it is weak evidence, or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from overt.models import Modality, Role, Strength
from overt.screening import index as ix
from overt.screening.everyday import common_words, everyday_only_in, everyday_words
from overt.screening.gazetteer import ENCODED, GUESSED, INFLECTED_FLAG, Hit
from overt.screening.homes import at_home
from overt.screening.lexicon import NEGATIONS
from overt.screening.negation import denials
from overt.screening.quotes import examples
from overt.screening.scene import Person, Scene

_PARTICLES = frozenset({"de", "van", "von", "del", "di", "da"})
_SMALL_TEXT = (
    "al el ad an ar as at ash bin bint ibn ben ur ul uz der den ten ter dos das e y la le du "
    "d zu et und i og och en do af av til vom zum ap the of"
)
_SMALL = _PARTICLES | frozenset(_SMALL_TEXT.split())
"""Words inside names that are written small."""
_POLITICAL = (
    "ELECTION", "VOTE", "VOTER", "CANDIDATE", "POLLPLACE", "RESIGN", "BRIBE", "RIGGING",
    "STAY_VOTE", "RESULT", "LEAK", "CALL", "SCANDAL", "CONFESS", "GRAVE", "CAMPAIGN", "FAKE",
    "CONCEAL", "FACESWAP", "INTIMATE", "NEWSFORM", "FINANCE", "DISCREDIT", "VOICE",
)  # fmt: skip
_PERSONAL = (
    "SATIRE", "STAGED", "SAY", "ENDORSE", "REAL", "AS_PERSON", "NEWS", "REPORT", "MONEY", "IMAGE",
    "STYLISED",
)  # fmt: skip
_TURKISH = frozenset({"TR", "CY"})
_PUBLIC = ("SATIRE", "ENDORSE", "AS_PERSON", "STYLISED", "SAY")
_SPEAKERS = {
    "PRESIDENT": ("office:president", "a president", "head_of_state"),
    "PRIME_MINISTER": ("office:prime_minister", "a prime minister", "head_of_government"),
    "GOVERNOR": ("office:governor", "a governor", "other"),
    "MAYOR": ("office:mayor", "a mayor", "other"),
}
"""Ids, names and kinds of offices that speak for themselves: `this is your governor`."""


def settle(scene: Scene) -> Scene:
    """The scene without what it denies, each figure's strength and role decided."""
    scene = _without_denials(scene)
    sure = [p for p in scene.people if _full_strength(scene, p.hit, p.prominence)]
    known = {p.id for p in sure}
    political = any(p.political for p in sure)
    raised = [p.id in known or _raised(scene, p, political, known) for p in scene.people]
    named = [p for p, acts in zip(scene.people, raised, strict=True) if acts]
    at_work = {c for p in named if p.political and not _is_short_nickname(p.hit) for c in p.country}
    kept: list[Person] = []
    for person, strong in zip(scene.people, raised, strict=True):
        if not strong and not _worth_reporting(scene, person) and not _beside(person, at_work):
            continue
        strength = Strength.STRONG if strong else Strength.WEAK
        kept.append(replace(person, strength=strength, role=_role(scene, person)))
    if not political:
        kept.extend(_speakers(scene))
    return replace(scene, people=tuple(kept))


def _speakers(scene: Scene) -> Iterator[Person]:
    """Holders of an office who speak in a script, whoever they are: weak, for nobody is named."""
    if scene.modality is Modality.IMAGE:
        return
    role = Role.AUTHORED if scene.modality is Modality.TEXT else Role.VOICED
    for concept, (identifier, name, kind) in _SPEAKERS.items():
        for c in scene.concepts.get(concept, ())[:1]:
            hit = Hit(-1, ix.ROLE, 0, c.first, c.last, frozenset())
            yield Person(hit, identifier, name, kind, (), 0, None, Strength.WEAK, role)


def _without_denials(scene: Scene) -> Scene:
    """The scene without words of grammar, and without harm that is negated or refuted."""
    denied = denials(scene.analysis, scene.concepts)
    gone = {concept for concept, _, _ in denied}
    if scene.modality in (Modality.TEXT, Modality.IMAGE):  # read aloud, an example is a recording
        gone.update(examples(scene.analysis, scene.concepts))
    kept = {
        name: left
        for name, held in scene.concepts.items()
        if name not in NEGATIONS and (left := [c for c in held if c not in gone])
    }
    spans = tuple(sorted({(first, last) for _, first, last in denied}))
    return replace(scene, concepts=kept, denied=spans)


def _full_strength(scene: Scene, hit: Hit, prominence: int) -> bool:
    if hit.tier == ix.ROLE:
        tokens = scene.analysis.tokens[hit.first : hit.last]
        return any(t.text[0].isdigit() for t in tokens) or _has_context(scene, hit)
    if not hit.full:
        return False
    guessed = bool(hit.how & (GUESSED | ENCODED))
    if prominence == 0 or (guessed and prominence < 2):
        return _has_context(scene, hit)
    return prominence >= 2 or _capitals(scene, hit) or _has_context(scene, hit)


def _has_context(scene: Scene, hit: Hit) -> bool:
    adjacent = any(scene.before_hit(hit, n, 2) for n in ("AS", "SELF_INTRO"))
    title = scene.before_hit(hit, "OFFICE", 2) or scene.after_hit(hit, "OFFICE", 2)
    return adjacent or title or scene.near_hit(hit, "VOICE", 4) or scene.has(*_POLITICAL)


def _raised(scene: Scene, person: Person, political: bool, known: set[str]) -> bool:
    """Whether context makes a surname, single word, nickname or catchphrase act."""
    hit = person.hit
    if hit.tier in (ix.CATCHPHRASE, ix.WORD) or hit.how & (ENCODED | GUESSED):
        return False
    if hit.full or _ordinary(scene, hit):
        return False
    if hit.tier == ix.SURNAME and _of_somebody_else(scene, hit):
        return False
    titled = scene.before_hit(hit, "OFFICE", 1) or (
        scene.after_hit(hit, "OFFICE", 1) and _written_as_name(scene, hit, person.prominence)
    )
    if titled and person.political:
        return True
    fame = person.prominence
    if not _written_as_name(scene, hit, fame) and (fame < 3 or _common(scene, hit, fame)):
        return False
    spoken = scene.before_hit(hit, "SELF_INTRO", 0) or scene.before_hit(hit, "AS", 0)
    if spoken and scene.has("VOICE", "CALL", "SAY", "AS_PERSON", "TEXTMAKE", "ELECTION", "VOTE"):
        return person.prominence >= 2
    if not _famed(person):
        return False
    if _is_short_nickname(hit):
        return scene.has("ELECTION", "VOTE", "CAMPAIGN", "OFFICE")
    if person.prominence == 3 and scene.has(*_PERSONAL):
        return True
    return political or scene.has(*_POLITICAL)


def _famed(person: Person) -> bool:
    return person.prominence >= 2 and (person.political or person.prominence == 3)


def _ordinary(scene: Scene, hit: Hit) -> bool:
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
    from overt.language import identify

    return identify(scene.analysis.original).language.split("-")[0] in languages


def _capitals(scene: Scene, hit: Hit) -> bool:
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


def _worth_reporting(scene: Scene, person: Person) -> bool:
    hit = person.hit
    if _named_by_apostrophe(scene, person):
        return True
    if hit.tier == ix.WORD:
        named = person.prominence >= 2 and _is_name_here(scene, hit)
        return named and _among_their_own(scene, person)
    if _ordinary(scene, hit) or (hit.tier == ix.SURNAME and _of_somebody_else(scene, hit)):
        return False
    if hit.tier in (ix.CATCHPHRASE, ix.ROLE):
        return True
    if hit.full:
        plain = not hit.how & (GUESSED | ENCODED)
        written = _capitals(scene, hit) or (plain and _careless(scene))
        return person.prominence >= 2 or written
    if hit.how & GUESSED and person.prominence < 3:
        return False
    if _is_short_nickname(hit) and not (_famed(person) and scene.has("VOICE", "CALL")):
        # A call in the voice of `Rahul` may be anybody's, or his.
        return _written_as_name(scene, hit, 0) and _among_their_own(scene, person)
    return person.prominence >= 2 and _written_as_name(scene, hit, person.prominence)


def _is_name_here(scene: Scene, hit: Hit) -> bool:
    """Whether an everyday word is a name here: a capital amid small ones, nobody else's name.

    Where the script has no capitals, the company it keeps has to do.
    """
    tokens, text = scene.analysis.tokens, scene.analysis.original
    if not _has_case(text[tokens[hit.first].start]):
        return True
    if not tokens[hit.first].capital or _begins_sentence(scene, hit):
        return False
    beside = [tokens[at] for at in (hit.first - 1, hit.last) if 0 <= at < len(tokens)]
    return not any(token.capital for token in beside)


def _has_case(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _among_their_own(scene: Scene, person: Person) -> bool:
    """Whether the text is of politics or publicity, in a language of the person's country."""
    if person.prominence < 1 or not scene.has(*_POLITICAL, *_PUBLIC):
        return False
    return _at_home(scene, person)


def _at_home(scene: Scene, person: Person) -> bool:
    from overt.language import identify

    return at_home(identify(scene.analysis.original).language, person.country)


def _named_by_apostrophe(scene: Scene, person: Person) -> bool:
    """Whether one word is marked as a name by how its ending is written: `ince'nin`.

    Turkish parts the endings of names, and of nothing else, whatever the case of the letters.
    """
    hit, tokens, text = person.hit, scene.analysis.tokens, scene.analysis.original
    if _TURKISH.isdisjoint(person.country) or not person.prominence:
        return False
    if hit.full or hit.how & (ENCODED | GUESSED):
        return False
    mark = tokens[hit.last - 1].end
    parted = text[mark : mark + 1] in ("'", "\u2019") and text[mark + 1 : mark + 2].isalpha()
    alone = hit.last - hit.first == 1 and not (hit.first and tokens[hit.first - 1].capital)
    return parted and alone and _at_home(scene, person)


def _beside(person: Person, at_work: set[str]) -> bool:
    """Whether a nickname stands beside a compatriot in office: `Modi and Rahul`."""
    return (
        _is_short_nickname(person.hit)
        and person.political
        and not person.hit.how & (ENCODED | GUESSED)
        and not at_work.isdisjoint(person.country)
    )


def _is_short_nickname(hit: Hit) -> bool:
    return hit.tier == ix.NICKNAME and hit.last - hit.first == 1


def _of_somebody_else(scene: Scene, hit: Hit) -> bool:
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


def _written_as_name(scene: Scene, hit: Hit, fame: int) -> bool:
    """Capital letters where the script has them and the writer uses them."""
    titled = hit.tier == ix.NICKNAME and hit.last - hit.first > 1  # `prezident Pavel`
    token = scene.analysis.tokens[hit.last - 1 if titled else hit.first]
    if not _has_case(scene.analysis.original[token.start]):
        return True
    return (token.capital or _careless(scene)) and not _common(scene, hit, fame)


def _begins_sentence(scene: Scene, hit: Hit) -> bool:
    """Whether the capital may be that of a sentence."""
    if not hit.first:
        return True
    tokens = scene.analysis.tokens
    gap = scene.analysis.original[tokens[hit.first - 1].end : tokens[hit.first].start]
    return any(mark in gap for mark in '.!?:\n"„“«»-')


def _careless(scene: Scene) -> bool:
    """Whether the text begins without a capital, as people type in a hurry."""
    first = next((t for t in scene.analysis.tokens if t.text[0].isalpha()), None)
    return first is not None and not first.capital


def _common(scene: Scene, hit: Hit, fame: int) -> bool:
    """Whether a name of one word may be a common word, by its case, length and place."""
    token = scene.analysis.tokens[hit.first]
    if hit.last - hit.first != 1:
        return False
    if token.capital:
        short = bool(hit.flags & INFLECTED_FLAG) and len(token.text) <= 5
        return short and _begins_sentence(scene, hit)
    if scene.near_hit(hit, "VOICE", 1):
        return False
    shortest = 3 if hit.tier == ix.SINGLE else 4
    if hit.flags & INFLECTED_FLAG:
        shortest = 6 if fame == 3 else 7
    return len(token.text) < shortest or token.text in common_words()


def _role(scene: Scene, person: Person) -> Role:
    hit = person.hit
    if scene.before_hit(hit, "MENTION", 1) or scene.after_hit(hit, "MENTION_AFTER", 0):
        return Role.MENTIONED
    speaks = scene.near_hit(hit, "VOICE", 6) or scene.before_hit(hit, "SELF_INTRO", 2)
    if scene.has("REPORT") and not (speaks and scene.has("CALL", "CONCEAL")):
        return Role.TOPIC
    if scene.modality is Modality.TEXT:
        as_them = scene.before_hit(hit, "AS", 2) or scene.before_hit(hit, "SELF_INTRO", 1)
        if as_them or scene.has("AS_PERSON"):
            return Role.AUTHORED
        return Role.VOICED if speaks else Role.TOPIC
    if speaks:
        return Role.VOICED
    if scene.modality is Modality.AUDIO:
        if scene.has("NEWS", "EDU") and not scene.has("LEAK", "CALL"):
            return Role.TOPIC
        asked = scene.has("VOICE", "LEAK", "CALL", "SAY", "SELF_INTRO", "AS_PERSON", "IMAGE")
        return Role.VOICED if asked or len(scene.analysis.tokens) <= 40 else Role.TOPIC
    return Role.DEPICTED
