"""Turns a settled scene into findings: the only thing other parts of overt see of a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from overt.models import (
    POSSIBLE,
    Cue,
    FigureRef,
    Finding,
    FindingKind,
    MatchKind,
    Signal,
    Strength,
)
from overt.screening import index as ix
from overt.screening.chars import LETTERLIKE
from overt.screening.gazetteer import ENCODED, EVASIVE, Hit
from overt.screening.rules import Harm
from overt.screening.scene import Person, Scene

_SIGNALS = {
    Signal.SATIRE: ("SATIRE",),
    Signal.NEWS_REPORT: ("NEWS",),
    Signal.EDUCATION: ("EDU", "DEBUNK"),
    Signal.ACCESSIBILITY: ("ACCESS",),
    Signal.CIVIC_INFORMATION: ("CIVIC",),
    Signal.FICTION: ("FICTION",),
}
_CUES = {
    Cue.VOICE: ("VOICE",),
    Cue.REALISTIC: ("REAL", "LEAK"),
    Cue.STYLISED: ("STYLISED",),
    Cue.STAGED: ("STAGED",),
    Cue.CONCEAL: ("CONCEAL",),
    Cue.CLAIMED_CONSENT: ("CONSENT",),
    Cue.CAMPAIGN: ("CAMPAIGN",),
    Cue.ELECTION: ("ELECTION", "VOTE", "VOTER", "CANDIDATE", "POLLPLACE", "STAY_VOTE"),
    Cue.PROCEDURE_CHANGE: ("DATE_SHIFT", "PLACE_CLOSED", "METHOD_FALSE", "ELIGIBILITY"),
    Cue.PERSONAL_CALL: ("CALL",),
    Cue.MINOR: ("MINOR",),
    Cue.OWN_NOTICE: ("OWN_NOTICE",),
    Cue.PRIVATE_PERSON: ("PRIVATE",),
}
_SCORE = 0.9
_STRONG_EVASIONS = frozenset({"mixed_scripts", "base64", "hex", "escaped"}) | ENCODED
_NEEDS_CONCEPT = {"PROCEDURE_CHANGE": ("VOTE", "VOTER", "ELECTION", "POLLPLACE")}


def findings_of(scene: Scene, harms: list[Harm]) -> Iterator[Finding]:
    """Findings of a scene, unsorted."""
    for person in scene.people:
        yield _figure(scene, person)
        yield from _evasions(scene, person)
    for harm in harms:
        if harm.score >= POSSIBLE:
            yield Finding(
                kind=FindingKind.INTENT,
                code=harm.intent.value,
                score=harm.score,
                span=_harm_span(scene, harm),
                evidence=tuple(e.lower() for e in harm.evidence),
            )
    calls = scene.at_once("VIOLENCE", "GROUP") and any("GROUP" in h.evidence for h in harms)
    # A call to burn a place down teaches nothing, whatever school the place is in.
    table = {s: names for s, names in _SIGNALS.items() if not (calls and s is Signal.EDUCATION)}
    yield from _marks(scene, FindingKind.SIGNAL, table)
    yield from _marks(scene, FindingKind.CUE, _CUES)
    yield from _endorsement_cues(scene)
    if harms:
        yield from _hidden_words(scene)


def _figure(scene: Scene, person: Person) -> Finding:
    hit = person.hit
    match = _match(scene, hit)
    return Finding(
        kind=FindingKind.FIGURE,
        code=person.id,
        score=_score(person, match),
        span=scene.analysis.span(hit.first, hit.last),
        strength=person.strength,
        figure=FigureRef(
            id=person.id,
            name=person.name,
            kind=person.kind,
            country=person.country,
            match=match,
            role=person.role,
            dead_since=person.dead_since,
        ),
        evidence=tuple(sorted(hit.how)),
    )


def _match(scene: Scene, hit: Hit) -> MatchKind:
    if hit.how & EVASIVE or _disguises(scene, hit):
        return MatchKind.OBFUSCATED
    if "fuzzy" in hit.how:
        return MatchKind.FUZZY
    if "sound" in hit.how:
        return MatchKind.TRANSLITERATION
    if hit.tier == ix.CANONICAL and not hit.flags & ix.REVERSED_FLAG:
        return MatchKind.EXACT
    return {
        ix.NICKNAME: MatchKind.NICKNAME,
        ix.CATCHPHRASE: MatchKind.NICKNAME,
        ix.ROLE: MatchKind.ROLE,
    }.get(hit.tier, MatchKind.ALIAS)


def _score(person: Person, match: MatchKind) -> float:
    if person.hit.tier == ix.CATCHPHRASE:
        return 0.5
    score = {MatchKind.EXACT: 0.99, MatchKind.FUZZY: 0.86, MatchKind.TRANSLITERATION: 0.82}.get(
        match, 0.95
    )
    return score if person.strength is Strength.STRONG else min(score, 0.5)


def _evasions(scene: Scene, person: Person) -> Iterator[Finding]:
    hit = person.hit
    span = scene.analysis.span(hit.first, hit.last)
    for technique in sorted((hit.how & EVASIVE) | _disguises(scene, hit)):
        yield _evasion(technique, span)


def _evasion(technique: str, span: tuple[int, int]) -> Finding:
    strong = technique in _STRONG_EVASIONS
    return Finding(
        kind=FindingKind.EVASION,
        code=technique,
        score=_SCORE,
        span=span,
        strength=Strength.STRONG if strong else Strength.WEAK,
    )


def _disguises(scene: Scene, hit: Hit) -> frozenset[str]:
    """Foldings that normalisation undid silently inside the name: width, zero width, emoji."""
    start, end = scene.analysis.span(hit.first, hit.last)
    text = scene.analysis.original[start:end]
    if text.isascii():
        return frozenset()
    found: set[str] = set()
    for char in text:
        category = unicodedata.category(char)
        if (
            category == "Cf" and not (char in "\u200c\u200d" and _joins_script(text))
        ) or category == "Cs":
            found.add("zero_width")
        elif char in LETTERLIKE:
            found.add("width")
        elif category == "So":
            found.add("emoji")
        elif category[0] == "L" and unicodedata.normalize("NFKC", char) != unicodedata.normalize(
            "NFC", char
        ):
            found.add("width")
    return frozenset(found)


def _joins_script(text: str) -> bool:
    return any("\u0600" <= c <= "\u0dff" for c in text)


def _harm_span(scene: Scene, harm: Harm) -> tuple[int, int] | None:
    concepts = [c for name in harm.evidence for c in scene.concepts.get(name, ())[:1]]
    if not concepts:
        return None
    first, last = min(c.first for c in concepts), max(c.last for c in concepts)
    return scene.analysis.span(first, last)


def _marks(
    scene: Scene,
    kind: FindingKind,
    table: dict[Signal, tuple[str, ...]] | dict[Cue, tuple[str, ...]],
) -> Iterator[Finding]:
    for code, names in table.items():
        needed = _NEEDS_CONCEPT.get(code.name)
        if needed and not scene.has(*needed, "METHOD_FALSE"):
            continue
        concept = scene.first(*names)
        if concept is not None:
            yield Finding(
                kind=kind,
                code=code.value,
                score=_SCORE,
                span=scene.analysis.span(concept.first, concept.last),
                evidence=tuple(n.lower() for n in names if scene.has(n)),
            )


def _endorsement_cues(scene: Scene) -> Iterator[Finding]:
    if not scene.has("ENDORSE"):
        return
    for cue, names in (
        (Cue.FINANCIAL, ("FINANCE",)),
        (Cue.POLITICAL, ("CANDIDATE", "ELECTION", "VOTE", "CAMPAIGN")),
    ):
        concept = scene.first(*names)
        if concept is not None:
            span = scene.analysis.span(concept.first, concept.last)
            yield Finding(kind=FindingKind.CUE, code=cue.value, score=_SCORE, span=span)


def _hidden_words(scene: Scene) -> Iterator[Finding]:
    """Evasions that were needed to read a concept, reported only beside a harm."""
    spans = {(c.first, c.last) for held in scene.concepts.values() for c in held}
    for reading in scene.analysis.readings:
        if any(first <= reading.first and reading.last <= last for first, last in spans):
            yield _evasion(reading.technique, scene.analysis.span(reading.first, reading.last))
