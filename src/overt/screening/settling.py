"""Settles what needs names and concepts together: who counts, how surely, and as what.

A whole name of somebody known acts by itself. A surname, a nickname, an office or a name that is an
everyday word besides needs context, and without it is weak evidence, or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from overt.models import Modality, Role, Strength
from overt.screening import index as ix
from overt.screening.compatriots import (
    ONE_WORD,
    is_at_home,
    is_given_name,
    named_by_apostrophe,
    somebodys,
    told_at_home,
)
from overt.screening.gazetteer import ENCODED, GUESSED, LOOSE_FLAG, Hit
from overt.screening.homes import may_be_home
from overt.screening.lexicon import NEGATIONS
from overt.screening.negation import denials
from overt.screening.offices import is_of_another
from overt.screening.quotes import examples
from overt.screening.scene import Person, Scene
from overt.screening.written import (
    begins_text,
    capital_word,
    capitals,
    careless,
    everyday_word,
    foreign_ending,
    is_cased,
    is_name_here,
    may_be_word,
    maybe_common,
    of_somebody_else,
    written_as_name,
)

_POLITICAL = (
    "ELECTION", "VOTE", "VOTER", "CANDIDATE", "POLLPLACE", "RESIGN", "BRIBE", "RIGGING",
    "STAY_VOTE", "RESULT", "LEAK", "CALL", "SCANDAL", "CONFESS", "GRAVE", "CAMPAIGN", "FAKE",
    "CONCEAL", "FACESWAP", "INTIMATE", "NEWSFORM", "FINANCE", "DISCREDIT", "VOICE",
)  # fmt: skip
_PERSONAL = (
    "SATIRE", "STAGED", "SAY", "ENDORSE", "REAL", "AS_PERSON", "NEWS", "REPORT", "MONEY", "IMAGE",
    "STYLISED",
)  # fmt: skip
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
    unsure: list[Person] = []
    for person, strong in zip(scene.people, raised, strict=True):
        if not strong and not _worth_reporting(scene, person) and not _beside(person, at_work):
            unsure.append(person)
            continue
        strength = Strength.STRONG if strong else Strength.WEAK
        kept.append(replace(person, strength=strength, role=_role(scene, person)))
    if not political:
        kept.extend(_speakers(scene))
    return replace(scene, people=tuple(kept), unsure=tuple(unsure))


def with_suspects(scene: Scene) -> Scene:
    """A scene of harm with those whom it may be about, where nobody else is named.

    Harm is done to somebody: it is context enough for a nickname, a single name or a surname that
    is a word besides, of somebody well known in the country of the text's language.
    """
    if any(p.hit.person >= 0 for p in scene.people):
        return scene
    meant = tuple(replace(p, role=_role(scene, p)) for p in scene.unsure if _suspect(scene, p))
    return replace(scene, people=(*scene.people, *meant)) if meant else scene


def _suspect(scene: Scene, person: Person) -> bool:
    hit = person.hit
    if hit.tier not in ONE_WORD or person.prominence < 1 or hit.how & (ENCODED | GUESSED):
        return False
    if somebodys(scene, hit) or of_somebody_else(scene, hit):
        return False
    if not (is_name_here(scene, hit) or begins_text(scene, hit)):
        return False
    if hit.tier == ix.WORD or everyday_word(scene, hit):
        return is_at_home(scene, person)
    language = scene.analysis.identified.language
    if language.split("-")[0] == "en" and is_given_name(scene, person):
        return False
    return may_be_home(language, person.country)


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
    return prominence >= 2 or capitals(scene, hit) or _has_context(scene, hit)


def _has_context(scene: Scene, hit: Hit) -> bool:
    adjacent = any(scene.before_hit(hit, n, 2) for n in ("AS", "SELF_INTRO"))
    title = scene.before_hit(hit, "OFFICE", 2) or scene.after_hit(hit, "OFFICE", 2)
    return adjacent or title or scene.near_hit(hit, "VOICE", 4) or scene.has(*_POLITICAL)


def _raised(scene: Scene, person: Person, political: bool, known: set[str]) -> bool:
    """Whether context makes a surname, single word, nickname or catchphrase act."""
    hit = person.hit
    if hit.tier in (ix.CATCHPHRASE, ix.WORD) or hit.how & (ENCODED | GUESSED):
        return False
    if hit.flags & LOOSE_FLAG and not hit.full:
        return False
    if hit.full or everyday_word(scene, hit) or somebodys(scene, hit):
        return False
    if hit.tier == ix.SURNAME and of_somebody_else(scene, hit):
        return False
    titled = scene.before_hit(hit, "OFFICE", 1) or (
        scene.after_hit(hit, "OFFICE", 1) and written_as_name(scene, hit, person.prominence)
    )
    if titled and person.political:
        return not foreign_ending(scene, hit)
    fame = person.prominence
    if not written_as_name(scene, hit, fame) and (fame < 3 or maybe_common(scene, hit, fame)):
        return False
    if foreign_ending(scene, hit):
        return False
    spoken = scene.before_hit(hit, "SELF_INTRO", 0) or scene.before_hit(hit, "AS", 0)
    if spoken and scene.has("VOICE", "CALL", "SAY", "AS_PERSON", "TEXTMAKE", "ELECTION", "VOTE"):
        return person.prominence >= 2
    if not _famed(person):
        return False
    if _is_short_nickname(hit):
        return scene.has("ELECTION", "VOTE", "CAMPAIGN", "OFFICE")
    if person.prominence == 3 and scene.has(*_PERSONAL) and not may_be_word(scene, hit):
        return True
    return political or scene.has(*_POLITICAL)


def _famed(person: Person) -> bool:
    return person.prominence >= 2 and (person.political or person.prominence == 3)


def _worth_reporting(scene: Scene, person: Person) -> bool:
    hit = person.hit
    return _says_who(scene, person) and (hit.full or not foreign_ending(scene, hit))


def _says_who(scene: Scene, person: Person) -> bool:
    hit = person.hit
    if named_by_apostrophe(scene, person):
        return True
    if hit.flags & LOOSE_FLAG and not hit.full:
        return told_at_home(scene, person)
    if hit.tier == ix.WORD or everyday_word(scene, hit):
        named = person.prominence >= 2 and is_name_here(scene, hit)
        return (named and _among_their_own(scene, person)) or told_at_home(scene, person)
    if hit.tier == ix.SURNAME and of_somebody_else(scene, hit):
        return False
    if hit.tier in (ix.CATCHPHRASE, ix.ROLE):
        return True
    if not hit.full and somebodys(scene, hit):
        return False
    if hit.full:
        plain = not hit.how & (GUESSED | ENCODED)
        written = capitals(scene, hit) or (plain and careless(scene))
        return person.prominence >= 2 or written
    if hit.how & GUESSED and person.prominence < 3:
        return False
    if hit.tier == ix.NICKNAME and hit.last - hit.first > 1 and not hit.how:
        return _any_capital(scene, hit)
    if _is_short_nickname(hit) and not (_famed(person) and scene.has("VOICE", "CALL")):
        # A call in the voice of `Rahul` may be anybody's, or his.
        known = written_as_name(scene, hit, 0) and _among_their_own(scene, person)
        return known or told_at_home(scene, person)
    known = person.prominence >= 2 and written_as_name(scene, hit, person.prominence)
    return known or told_at_home(scene, person)


def _any_capital(scene: Scene, hit: Hit) -> bool:
    """Whether a title with a name has a capital where the script has them and the writer does."""
    tokens = scene.analysis.tokens[hit.first : hit.last]
    return not is_cased(scene, hit) or careless(scene) or any(t.capital for t in tokens)


def _among_their_own(scene: Scene, person: Person) -> bool:
    """Whether the text is of politics or publicity, in a language of the person's country."""
    if person.prominence < 1 or not scene.has(*_POLITICAL, *_PUBLIC):
        return False
    if capital_word(scene, person.hit):
        return False
    language = scene.analysis.identified.language
    if language.split("-")[0] == "en" and is_given_name(scene, person):
        return False
    return may_be_home(language, person.country)


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


def _role(scene: Scene, person: Person) -> Role:
    hit = person.hit
    if hit.tier == ix.ROLE and is_of_another(scene.analysis, hit):
        return Role.MENTIONED
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
